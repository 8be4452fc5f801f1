# The spectral norm of an infinite matrix's corner: a function of two indices in nested loops of generator expressions.
from math import sqrt


def element(i, j):
    return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)


def times(vector):
    n = range(len(vector))
    return [sum(element(i, j) * vector[j] for j in n) for i in n]


def times_transposed(vector):
    n = range(len(vector))
    return [sum(element(j, i) * x for j, x in enumerate(vector)) for i in n]


n = 240
u = [1.0] * n
for _ in range(8):
    v = times_transposed(times(u))
    u = times_transposed(times(v))
print("%0.9f" % sqrt(sum(a * b for a, b in zip(u, v)) / sum(b * b for b in v)))
