# Recursion: Ackermann, towers of Hanoi, Takeuchi, Fibonacci, mutual recursion, flood fill, partitions, subsets.
import sys

sys.setrecursionlimit(10000)


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


def hanoi(n, source, target, spare, pegs):
    if n == 0:
        return 0
    moves = hanoi(n - 1, source, spare, target, pegs)
    pegs[target].append(pegs[source].pop())
    return moves + 1 + hanoi(n - 1, spare, target, source, pegs)


def tak(x, y, z):
    if y >= x:
        return z
    return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def is_even(n):
    return True if n == 0 else is_odd(n - 1)


def is_odd(n):
    return False if n == 0 else is_even(n - 1)


def fill(grid, y, x):
    if not (0 <= y < len(grid) and 0 <= x < len(grid[0])) or grid[y][x] != ".":
        return 0
    grid[y][x] = "#"
    return 1 + fill(grid, y + 1, x) + fill(grid, y - 1, x) + fill(grid, y, x + 1) + fill(grid, y, x - 1)


def partitions(n, largest):
    if n == 0:
        return 1
    return sum(partitions(n - part, part) for part in range(min(n, largest), 0, -1))


def subsets(items):
    if not items:
        return [[]]
    rest = subsets(items[1:])
    return rest + [[items[0]] + each for each in rest]


pegs = [list(range(16, 0, -1)), [], []]
grid = [["." if (x * y) % 5 else "o" for x in range(60)] for y in range(50)]
print(ackermann(2, 200), ackermann(3, 7), hanoi(16, 0, 2, 1, pegs), len(pegs[2]), tak(18, 12, 6), fib(26))
print(sum(is_even(n) for n in range(300)), fill(grid, 1, 1), partitions(34, 34), len(subsets(list(range(14)))))
