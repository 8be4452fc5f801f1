# Loops over numbers: mandelbrot, collatz, Simpson's rule, a spectral norm, bits.
import math


def mandelbrot(size, limit):
    inside = 0
    for row in range(size):
        ci = 2.0 * row / size - 1.0
        for column in range(size):
            cr = 2.0 * column / size - 1.5
            zr = zi = 0.0
            for _ in range(limit):
                zr2, zi2 = zr * zr, zi * zi
                if zr2 + zi2 > 4.0:
                    break
                zi = 2.0 * zr * zi + ci
                zr = zr2 - zi2 + cr
            else:
                inside += 1
    return inside


def collatz(n):
    longest = 0
    for start in range(1, n):
        steps, x = 0, start
        while x != 1:
            x = x // 2 if x % 2 == 0 else 3 * x + 1
            steps += 1
        longest = max(longest, steps)
    return longest


def simpson(f, a, b, n):
    h = (b - a) / n
    total = f(a) + f(b)
    for i in range(1, n):
        total += f(a + i * h) * (4 if i % 2 else 2)
    return total * h / 3


def norm(n):
    a = lambda i, j: 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1)
    u = [1.0] * n
    for _ in range(4):
        v = [sum([a(i, j) * u[j] for j in range(n)]) for i in range(n)]
        u = [sum([a(j, i) * v[j] for j in range(n)]) for i in range(n)]
    return math.sqrt(sum(x * y for x, y in zip(u, v)) / sum(x * x for x in v))


def bits(n):
    total = 0
    for x in range(n):
        x = (x ^ (x >> 3)) & 0xFFFF
        while x:
            x &= x - 1
            total += 1
    return total


print(mandelbrot(200, 80), collatz(40000), round(simpson(lambda x: math.sin(x) * x, 0.0, 3.0, 400000), 9), round(norm(160), 9), bits(200000))
