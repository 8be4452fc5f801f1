# Generator pipelines: sources, filters, windows, merging; and a few itertools.
from itertools import chain, count, islice, takewhile


def numbers(n, step):
    value = 1
    for _ in range(n):
        yield value
        value = (value * step + 11) % 10007


def keep(source, divisor):
    for n in source:
        if n % divisor:
            yield n


def squared(source):
    for n in source:
        yield n * n


def window(source, size):
    held = []
    for n in source:
        held.append(n)
        if len(held) == size:
            yield tuple(held)
            del held[0]


def merge(a, b):
    a, b = iter(a), iter(b)
    x, y = next(a, None), next(b, None)
    while x is not None and y is not None:
        if x <= y:
            yield x
            x = next(a, None)
        else:
            yield y
            y = next(b, None)
    if x is not None:
        yield x
        yield from a
    if y is not None:
        yield y
        yield from b


def averages():
    total = n = 0
    value = yield 0
    while True:
        total += value
        n += 1
        value = yield total // n


total = 0
for w in window(squared(keep(numbers(6000000, 7), 3)), 4):
    total += w[0] - w[3]
merged = sum(n for n in merge(range(0, 600000, 2), range(1, 600000, 3)) if n & 1)
average = averages()
next(average)
last = 0
for n in islice(chain(numbers(400000, 5), count(3)), 600000):
    last = average.send(n)
print(total, merged, last, sum(takewhile(lambda n: n < 30000, (n * 2 for n in count()))))
