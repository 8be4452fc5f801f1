# Sorting in many orders: cmp_to_key, reverse, stable passes, tuples, nearly sorted data, own algorithms, merging, ranks.
import heapq
from functools import cmp_to_key


def natural(a, b):
    if a[0] != b[0]:
        return -1 if a[0] < b[0] else 1
    return b[1] - a[1]


def quick(items):
    if len(items) < 2:
        return items
    pivot = items[len(items) // 2]
    return quick([x for x in items if x < pivot]) + [x for x in items if x == pivot] + quick([x for x in items if x > pivot])


def shell(items):
    gap = len(items) // 2
    while gap:
        for i in range(gap, len(items)):
            item, j = items[i], i
            while j >= gap and items[j - gap] > item:
                items[j] = items[j - gap]
                j -= gap
            items[j] = item
        gap //= 2
    return items


def radix(items):
    shift = 0
    while max(items) >> shift:
        buckets = [[] for _ in range(256)]
        for item in items:
            buckets[item >> shift & 255].append(item)
        items = [item for bucket in buckets for item in bucket]
        shift += 8
    return items


def ranks(items):
    order = sorted(range(len(items)), key=items.__getitem__)
    result = [0] * len(items)
    for rank, i in enumerate(order):
        result[i] = rank
    return result


numbers = [(i * 7919 + i * i * 31) % 131101 for i in range(40000)]
pairs = [(n % 50, n // 50) for n in numbers[:16000]]
a = sorted(pairs, key=cmp_to_key(natural))
b = sorted(pairs, key=lambda pair: (pair[0], -pair[1]))
c = sorted(sorted(pairs, key=lambda pair: pair[1], reverse=True), key=lambda pair: pair[0])
expected = sorted(numbers)
assert a == b == c and quick(numbers) == shell(numbers[:]) == radix(numbers) == expected
nearly = expected[:]
for i in range(0, 40000, 100):
    nearly[i], nearly[i - 37] = nearly[i - 37], nearly[i]
nearly.sort()
names = sorted((str(n) for n in numbers), key=lambda text: (len(text), text), reverse=True)
print(nearly == expected, names[:3], a[100], ranks(numbers)[:5], list(heapq.merge(expected[::2], expected[1::2])) == expected)
print(sum(i * int(name) for i, name in enumerate(names)) % 1000003, heapq.nlargest(3, pairs))
