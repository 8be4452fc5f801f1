# Recursion with memo dicts: edit distance, partitions, coins, paths.
from functools import lru_cache
import sys

sys.setrecursionlimit(5000)


def edit_distance(a, b):
    memo = {}

    def distance(i, j):
        if i == 0 or j == 0:
            return i + j
        key = (i, j)
        if key in memo:
            return memo[key]
        if a[i - 1] == b[j - 1]:
            result = distance(i - 1, j - 1)
        else:
            result = 1 + min(distance(i - 1, j), distance(i, j - 1), distance(i - 1, j - 1))
        memo[key] = result
        return result

    return distance(len(a), len(b))


def partitions(n, memo={}):
    def count(n, most):
        if n == 0:
            return 1
        if n < 0 or most == 0:
            return 0
        if (n, most) not in memo:
            memo[n, most] = count(n - most, most) + count(n, most - 1)
        return memo[n, most]
    return count(n, n)


@lru_cache(maxsize=None)
def coins(amount, kinds):
    if amount == 0:
        return 1
    if amount < 0 or not kinds:
        return 0
    return coins(amount - kinds[0], kinds) + coins(amount, kinds[1:])


class Fibonacci:
    def __init__(self):
        self.known = {0: 0, 1: 1}

    def __call__(self, n):
        if n not in self.known:
            self.known[n] = self(n - 1) + self(n - 2)
        return self.known[n]


a = "the quick brown fox jumps over the lazy dog " * 11
b = "a quack browned fog jumped over two lazy dots " * 11
print(edit_distance(a, b), partitions(300), coins(400, (50, 20, 10, 5, 2, 1)), sum(Fibonacci()(n) for n in range(800)) % 1000007)
