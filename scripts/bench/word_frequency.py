# Words of a text: lower, strip, split by hand and by str.split, counted, ranked, indexed by letter, with their longest anagrams.
SYLLABLES = ["ka", "ro", "mi", "tel", "su", "nor", "pa", "lim", "der", "o"]


def text_of(count):
    words, state = [], 12345
    for _ in range(count):
        word = ""
        for _ in range(1 + state % 3):
            state = (state * 69069 + 1) & 0xFFFFFFFF
            word += SYLLABLES[(state >> 16) % 10]
        words.append(word.capitalize() + "," if state & 64 else word)
        if state % 11 == 0:
            words.append("-\n")
    return " ".join(words)


def by_hand(text):
    counts, word = {}, []
    for c in text + " ":
        if c.isalpha():
            word.append(c.lower())
        elif word:
            key = "".join(word)
            counts[key] = counts.get(key, 0) + 1
            word.clear()
    return counts


def by_split(text):
    counts = {}
    for line in text.splitlines():
        for word in line.split():
            word = word.strip(",.-").lower()
            if word:
                counts[word] = counts.get(word, 0) + 1
    return counts


def anagrams(counts):
    groups = {}
    for word in counts:
        groups.setdefault("".join(sorted(word)), []).append(word)
    return max(groups.values(), key=lambda words: (len(words), words))


text = text_of(150000)
first, second = by_hand(text), by_split(text)
ranked = sorted(second.items(), key=lambda item: (-item[1], item[0]))
letters = {c: text.count(c) + text.count(c.upper()) for c in "aeiou"}
print(first == second, len(ranked), ranked[:3], ranked[500], letters)
print(anagrams(second), sum(len(line) for line in text.replace(" -", ";").split(";")), text.find("derolim"), text.rfind("Su"))
