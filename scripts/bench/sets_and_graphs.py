# Sets and graphs: sieve, breadth-first search, components, set algebra, game of life.
from collections import deque


def sieve(n):
    flags = [True] * n
    flags[0] = flags[1] = False
    for i in range(2, int(n ** 0.5) + 1):
        if flags[i]:
            flags[i * i::i] = [False] * len(range(i * i, n, i))
    return [i for i, is_prime in enumerate(flags) if is_prime]


def neighbours(node, n):
    x, y = node
    for dx, dy in ((1, 0), (0, 1), (-1, 0), (0, -1)):
        if 0 <= x + dx < n and 0 <= y + dy < n and (x + dx) * (y + dy) % 7 != 3:
            yield x + dx, y + dy


def breadth_first(start, n):
    distance = {start: 0}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for other in neighbours(node, n):
            if other not in distance:
                distance[other] = distance[node] + 1
                queue.append(other)
    return distance


def generation(cells):
    counts = {}
    for x, y in cells:
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                if dx or dy:
                    key = x + dx, y + dy
                    counts[key] = counts.get(key, 0) + 1
    return {cell for cell, n in counts.items() if n == 3 or (n == 2 and cell in cells)}


primes = sieve(400000)
reached = breadth_first((0, 0), 300)
cells = {(0, 1), (1, 0), (2, 1), (2, 2), (2, 3), (7, 7), (7, 8), (8, 7)}
for _ in range(600):
    cells = generation(cells)
evens, threes = set(range(0, 60000, 2)), {n for n in range(60000) if n % 3 == 0}
total = 0
for _ in range(40):
    total += len(evens & threes) + len(evens | threes) + len(evens - threes) + len(evens ^ threes)
print(len(primes), max(reached.values()), len(cells), total)
