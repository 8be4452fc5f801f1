# Disjoint sets: components of random edges, a smallest spanning tree, percolation on a grid.
class Sets:
    def __init__(self, n):
        self.parent = list(range(n))
        self.size = [1] * n
        self.count = n

    def find(self, x):
        parent = self.parent
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    def join(self, a, b):
        a, b = self.find(a), self.find(b)
        if a == b:
            return False
        if self.size[a] < self.size[b]:
            a, b = b, a
        self.parent[b] = a
        self.size[a] += self.size[b]
        self.count -= 1
        return True


def randoms(seed):
    while True:
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        yield seed >> 7


def spanning_tree(n, edges):
    sets = Sets(n)
    return sum(weight for weight, a, b in sorted(edges) if sets.join(a, b)), sets.count


def percolate(size, numbers):
    sets = Sets(size * size + 2)
    is_open = [False] * (size * size)
    top, bottom = size * size, size * size + 1
    opened = 0
    while sets.find(top) != sets.find(bottom):
        at = next(numbers) % (size * size)
        if is_open[at]:
            continue
        is_open[at] = True
        opened += 1
        row, column = divmod(at, size)
        if row == 0:
            sets.join(at, top)
        if row == size - 1:
            sets.join(at, bottom)
        for other, inside in ((at - size, row > 0), (at + size, row < size - 1), (at - 1, column > 0), (at + 1, column < size - 1)):
            if inside and is_open[other]:
                sets.join(at, other)
    return opened


numbers = randoms(7)
n = 40000
edges = [(next(numbers) % 1000, next(numbers) % n, next(numbers) % n) for _ in range(3 * n)]
sets = Sets(n)
for _, a, b in edges[:n]:
    sets.join(a, b)
print(sets.count, max(sets.size), spanning_tree(n, edges), percolate(120, numbers))
