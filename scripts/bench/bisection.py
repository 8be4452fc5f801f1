# Searching in sorted lists: bisect and insort, binary search by hand, on answers and on floats, intervals, longest runs.
from bisect import bisect, bisect_left, bisect_right, insort


def find(items, x):
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        if items[middle] < x:
            low = middle + 1
        else:
            high = middle
    return low


def root(f, low, high):
    while high - low > 1e-12:
        middle = (low + high) / 2
        if (f(middle) > 0) == (f(high) > 0):
            high = middle
        else:
            low = middle
    return low


def longest_rising(items):
    ends = []
    for x in items:
        at = bisect_left(ends, x)
        if at == len(ends):
            ends.append(x)
        else:
            ends[at] = x
    return len(ends)


class Intervals:
    def __init__(self):
        self.starts, self.ends = [], []

    def add(self, start, end):
        first, last = bisect_left(self.ends, start), bisect_right(self.starts, end)
        if first < last:
            start, end = min(start, self.starts[first]), max(end, self.ends[last - 1])
        self.starts[first:last] = [start]
        self.ends[first:last] = [end]


numbers = [(i * 7919 + 13) % 100003 for i in range(15000)]
kept = []
for n in numbers:
    insort(kept, n)
assert kept == sorted(numbers)
total = sum(find(kept, n) for n in range(0, 100003, 5)) - sum(bisect_left(kept, n) for n in range(0, 100003, 5))
grades = "".join("FDCBA"[bisect((60, 70, 80, 90), n % 101)] for n in numbers)
intervals = Intervals()
for n in numbers:
    intervals.add(n * 11, n * 11 + n % 97)
print(total, {g: grades.count(g) for g in "ABCDF"}, longest_rising(numbers), len(intervals.starts), sum(intervals.ends) % 10007)
print("%.9f" % sum(root(lambda x: x * x * x - x - k, 0.0, 10.0) for k in range(1, 300)))
