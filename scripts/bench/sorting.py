# Sorting with key functions, by several keys, of objects with __lt__, and a merge sort by hand.
from operator import attrgetter, itemgetter


class Person:
    def __init__(self, name, age):
        self.name = name
        self.age = age

    def __lt__(self, other):
        return (self.age, self.name) < (other.age, other.name)


def merge_sort(a):
    if len(a) < 2:
        return a
    middle = len(a) // 2
    left, right = merge_sort(a[:middle]), merge_sort(a[middle:])
    out = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            out.append(left[i])
            i += 1
        else:
            out.append(right[j])
            j += 1
    out.extend(left[i:])
    out.extend(right[j:])
    return out


numbers = [i * 7919 % 100003 for i in range(150000)]
people = [Person("p%d" % (n % 1000), n % 90) for n in numbers[:20000]]
rows = [(n % 17, -n, str(n)) for n in numbers]
a = sorted(numbers, key=lambda n: (n % 100, n))
b = sorted(rows, key=itemgetter(0, 2))
c = sorted(people)
d = sorted(people, key=attrgetter("age"), reverse=True)
e = sorted(numbers, key=str)
f = merge_sort(numbers)
g = sorted(rows, key=lambda row: row[2].lower(), reverse=True)
print(a[5], b[7], c[3].name, d[9].name, e[11], f[13], g[0], min(rows, key=lambda r: r[1]), max(people, key=lambda p: p.age).name)
