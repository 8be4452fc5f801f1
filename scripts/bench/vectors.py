# Operator overloading: vectors, fractions, polynomials and matrices that are classes with special methods.
from math import gcd, sqrt


class Vector:
    __slots__ = ("x", "y", "z")

    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y, self.z + other.z)

    def __sub__(self, other):
        return Vector(self.x - other.x, self.y - other.y, self.z - other.z)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor, self.z * factor)

    __rmul__ = __mul__

    def __matmul__(self, other):
        return self.x * other.x + self.y * other.y + self.z * other.z

    def __neg__(self):
        return Vector(-self.x, -self.y, -self.z)

    def __abs__(self):
        return sqrt(self @ self)


class Ratio:
    def __init__(self, top, bottom=1):
        common = gcd(top, bottom)
        self.top, self.bottom = top // common, bottom // common

    def __add__(self, other):
        return Ratio(self.top * other.bottom + other.top * self.bottom, self.bottom * other.bottom)

    def __mul__(self, other):
        return Ratio(self.top * other.top, self.bottom * other.bottom)

    def __lt__(self, other):
        return self.top * other.bottom < other.top * self.bottom

    def __eq__(self, other):
        return self.top == other.top and self.bottom == other.bottom

    def __hash__(self):
        return hash((self.top, self.bottom))

    def __float__(self):
        return self.top / self.bottom


class Polynomial:
    def __init__(self, *parts):
        self.parts = parts

    def __add__(self, other):
        a, b = sorted((self.parts, other.parts), key=len)
        return Polynomial(*(x + (a[i] if i < len(a) else 0) for i, x in enumerate(b)))

    def __mul__(self, other):
        out = [0] * (len(self.parts) + len(other.parts) - 1)
        for i, a in enumerate(self.parts):
            for j, b in enumerate(other.parts):
                out[i + j] += a * b
        return Polynomial(*out)

    def __call__(self, x):
        value = 0
        for part in reversed(self.parts):
            value = value * x + part
        return value

    def __getitem__(self, i):
        return self.parts[i]

    def __len__(self):
        return len(self.parts)


place, speed = Vector(0.0, 10.0, 0.0), Vector(1.0, 0.0, 0.5)
for i in range(70000):
    pull = -place * (1.0 / (1.0 + abs(place)))
    speed = (speed + 0.01 * pull) * 0.9999
    place += speed * 0.01
ratios = {Ratio(a, b) for a in range(1, 160) for b in range(1, 160)}
total = Ratio(0)
for i in range(1, 30000):
    total = total + Ratio(i % 7, 1 + i % 12) * Ratio(1, 3)
line = power = Polynomial(1, 2, 3)
for _ in range(60):
    power = power * line + Polynomial(1)
print("%.9f %.9f" % (abs(place), abs(speed)), len(ratios), float(min(ratios)), float(total), power(1) % 1000003, len(power), power[3])
