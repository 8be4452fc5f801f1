# Flips of a pile of pancakes until the first is 1, over all permutations: list slices and in-place rotations.
def flips(pile):
    pile = pile[:]
    count = 0
    while pile[0] != 1:
        n = pile[0]
        pile[:n] = pile[n - 1::-1] if n < len(pile) else pile[::-1]
        count += 1
    return count


def permutations(n):
    pile, turns = list(range(1, n + 1)), [0] * n
    while True:
        yield pile
        i = 1
        while True:
            if i == n:
                return
            first = pile[0]
            for k in range(i):
                pile[k] = pile[k + 1]
            pile[i] = first
            turns[i] += 1
            if turns[i] <= i:
                break
            turns[i] = 0
            i += 1


most = checksum = 0
for number, pile in enumerate(permutations(8)):
    count = flips(pile)
    most = max(most, count)
    checksum += -count if number & 1 else count
for number, pile in enumerate(permutations(8)):
    checksum += flips(pile[::-1]) ^ number
print(most, checksum)
