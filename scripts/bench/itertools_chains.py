# Chains of itertools: product, combinations, groupby, accumulate, islice, tee, zip_longest, starmap, cycle, and the like.
from functools import reduce
from itertools import (accumulate, chain, combinations, compress, count, cycle, dropwhile, filterfalse, groupby, islice, pairwise,
                       permutations, product, repeat, starmap, takewhile, tee, zip_longest)
from operator import add, itemgetter, mul


def windows(items, size):
    copies = tee(items, size)
    for skip, each in enumerate(copies):
        next(islice(each, skip, skip), None)
    return zip(*copies)


def chunks(items, size):
    items = iter(items)
    while chunk := tuple(islice(items, size)):
        yield chunk


def rounds(*iterables):
    missing = object()
    return (x for row in zip_longest(*iterables, fillvalue=missing) for x in row if x is not missing)


numbers = range(220000)
total = sum(a * b for a, b in windows(numbers, 2)) + sum(map(max, chunks(numbers, 7)))
total += sum(1 for a, b, c in product(range(70), repeat=3) if a + b == c) + sum(a ^ b ^ c for a, b, c in combinations(range(90), 3))
total += sum(starmap(mul, zip(numbers, cycle((1, -1, 2))))) + sum(islice(accumulate(numbers, lambda a, b: (a * 3 + b) % 1009), 0, None, 5))
total += sum(compress(numbers, cycle((0, 1, 1)))) + len(list(takewhile(lambda n: n * n < 10**9, count(0, 3))))
total += sum(dropwhile(lambda n: n < 30000, numbers)) + sum(filterfalse(lambda n: n % 3, numbers)) + sum(rounds(numbers, "", numbers[::2]))
runs = [(key, sum(1 for _ in group)) for key, group in groupby(sorted(numbers, key=lambda n: n % 101), key=lambda n: n % 101)]
rising = sum(1 for a, b in pairwise(map(itemgetter(0), permutations(range(8)))) if a < b)
print(total, len(runs), runs[7], rising, reduce(add, chain.from_iterable(repeat((1, 2, 3), 9000))))
