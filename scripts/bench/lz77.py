# Compression with references into the text before: a dict of places by three letters, and a move-to-front coder over it.
def compress(data):
    out, places, i = [], {}, 0
    while i < len(data):
        best_length, best_at = 0, 0
        key = data[i:i + 3]
        for at in reversed(places.get(key, [])[-8:]):
            length = 3
            while i + length < len(data) and length < 60 and data[at + length] == data[i + length]:
                length += 1
            if length > best_length:
                best_length, best_at = length, at
        if len(key) == 3 and best_length >= 3:
            out.append((i - best_at, best_length))
            step = best_length
        else:
            out.append(data[i])
            step = 1
        for k in range(i, i + step):
            places.setdefault(data[k:k + 3], []).append(k)
        i += step
    return out


def expand(codes):
    out = []
    for code in codes:
        if isinstance(code, tuple):
            distance, length = code
            for _ in range(length):
                out.append(out[-distance])
        else:
            out.append(code)
    return "".join(out)


def move_to_front(text):
    alphabet = sorted(set(text))
    out = []
    for c in text:
        at = alphabet.index(c)
        out.append(at)
        if at:
            del alphabet[at]
            alphabet.insert(0, c)
    return out


words = ["stone", "river", "and", "the", "of", "a", "bird", "over", "under", "mountain"]
text = " ".join(words[(i * i + i // 3) % 10] + ("s" if i % 4 == 0 else "") for i in range(75000))
codes = compress(text)
assert expand(codes) == text
fronts = move_to_front(text)
print(len(text), len(codes), sum(code[1] for code in codes if type(code) is tuple), sum(fronts), fronts.count(0))
