# Counting in dicts: words, pairs, groups, an index.
from collections import Counter, defaultdict

TEXT = """the sea the land and the sky were one until the wind came over the hills and cut them apart with a knife of cold air
so the people of the land built walls and the people of the sea built boats and neither of them looked up at the sky"""


def words(n):
    base = TEXT.split()
    return [base[i * 7 % len(base)] + ("" if i % 3 else str(i % 50)) for i in range(n)]


def count(all_words):
    counts = {}
    for word in all_words:
        if word in counts:
            counts[word] += 1
        else:
            counts[word] = 1
    return counts


def pairs(all_words):
    counts = defaultdict(int)
    for a, b in zip(all_words, all_words[1:]):
        counts[a, b] += 1
    return counts


def group(all_words):
    groups = {}
    for i, word in enumerate(all_words):
        groups.setdefault(len(word), []).append(i)
    return groups


def letters(all_words):
    seen = {}
    for word in all_words:
        for c in word:
            seen[c] = seen.get(c, 0) + 1
    return seen


all_words = words(600000)
counts = count(all_words)
both = pairs(all_words)
groups = group(all_words)
common = Counter(all_words).most_common(3)
print(len(counts), len(both), sum(map(len, groups.values())), common, letters(all_words)["e"],
      max(counts.items(), key=lambda kv: (kv[1], kv[0])))
