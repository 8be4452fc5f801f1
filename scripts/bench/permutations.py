# Permutations and combinations, written as recursive generators and as loops in place.
def permutations(items):
    if len(items) <= 1:
        yield items
        return
    for i in range(len(items)):
        for rest in permutations(items[:i] + items[i + 1:]):
            yield [items[i]] + rest


def combinations(items, k):
    if k == 0:
        yield ()
        return
    for i in range(len(items) - k + 1):
        for rest in combinations(items[i + 1:], k - 1):
            yield (items[i],) + rest


def next_permutation(a):
    i = len(a) - 2
    while i >= 0 and a[i] >= a[i + 1]:
        i -= 1
    if i < 0:
        return False
    j = len(a) - 1
    while a[j] <= a[i]:
        j -= 1
    a[i], a[j] = a[j], a[i]
    a[i + 1:] = a[:i:-1]
    return True


count = sum(1 for p in permutations(list(range(9))) if p[0] < p[-1])
total = sum(sum(c) for c in combinations(tuple(range(16)), 5))
a = list(range(9))
steps = 1
while next_permutation(a):
    steps += 1
print(count, total, steps, a)
