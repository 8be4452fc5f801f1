# Comprehensions, unpacking, slices and the built-in functions that take iterables.
def primes(n):
    composite = {j for i in range(2, int(n ** 0.5) + 1) for j in range(i * i, n, i)}
    return [i for i in range(2, n) if i not in composite]


def transpose(rows):
    return [list(column) for column in zip(*rows)]


def statistics(values):
    first, *middle, last = values
    low, high = min(values), max(values)
    return first + last, low, high, sum(middle), any(v > 990 for v in values), all(v >= 0 for v in values)


total = 0
grid = [[(x * y) % 11 for x in range(60)] for y in range(60)]
for n in range(30):
    grid = transpose(grid)
    total += sum(sum(row) for row in grid)
    total += len({(a, b): a * b for a, b in zip(grid[0], grid[1])})
    total += sum(i * v for i, v in enumerate(grid[n]))
    total += len([x for row in grid for x in row if x % 2])
for n in range(15000):
    values = [(n * k) % 997 for k in range(1, 30)]
    summary = statistics(values)
    total += summary[0] + summary[2] + len(sorted(values)) + sum(values[::2]) - sum(values[-5:])
    total += len(list(map(str, values))) + len(set(values)) + sum(reversed(values)) + round(sum(values) / len(values))
    lookup = dict(zip(values, range(len(values))))
    total += sum(lookup.values()) + sum(1 for k in lookup if isinstance(k, int)) + abs(min(lookup) - max(lookup))
print(total, len(primes(300000)), [*range(3), *"ab"], {**{"a": 1}, "b": 2})
