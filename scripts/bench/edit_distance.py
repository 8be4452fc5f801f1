# Distances between words by rows of a table, with the steps of the best alignment, and suggestions for misspelt words.
def distance(a, b):
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        current = [i]
        for j, y in enumerate(b, 1):
            if x == y:
                current.append(previous[j - 1])
            else:
                current.append(1 + min(previous[j], current[j - 1], previous[j - 1]))
        previous = current
    return previous[-1]


def alignment(a, b):
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            if a[i - 1] == b[j - 1]:
                table[i][j] = table[i - 1][j - 1] + 1
            else:
                table[i][j] = max(table[i - 1][j], table[i][j - 1])
    i, j, common = len(a), len(b), []
    while i and j:
        if a[i - 1] == b[j - 1]:
            common.append(a[i - 1])
            i, j = i - 1, j - 1
        elif table[i - 1][j] >= table[i][j - 1]:
            i -= 1
        else:
            j -= 1
    return "".join(reversed(common))


words = ["interpreter", "compiler", "generator", "iterator", "exception", "dictionary", "attribute", "descriptor", "coroutine", "container"]
wrong = [word[:i] + "xyz"[i % 3] + word[i + 1:] for word in words for i in range(1, len(word), 2)]
found = [min(words, key=lambda word: distance(word, each)) for each in wrong]
print(sum(each[:2] == word[:2] for each, word in zip(wrong, found)), len(wrong))
dna = ["".join("acgt"[(i * i + k * i // 3) % 4] for i in range(480)) for k in (1, 2, 5)]
print([distance(a, b) for a in dna for b in dna if a < b], [len(alignment(a, b)) for a in dna for b in dna if a < b], alignment(*words[:2]))
