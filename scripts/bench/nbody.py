# Planets that attract each other: floats in attributes, and the same in lists.
import math


class Body:
    def __init__(self, mass, x, y, z, vx, vy, vz):
        self.mass = mass
        self.x, self.y, self.z = x, y, z
        self.vx, self.vy, self.vz = vx, vy, vz


def pairs(items):
    return [(a, b) for i, a in enumerate(items) for b in items[i + 1:]]


def advance(bodies, both, dt):
    for a, b in both:
        dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
        square = dx * dx + dy * dy + dz * dz
        force = dt / (square * math.sqrt(square))
        a.vx -= dx * b.mass * force
        a.vy -= dy * b.mass * force
        a.vz -= dz * b.mass * force
        b.vx += dx * a.mass * force
        b.vy += dy * a.mass * force
        b.vz += dz * a.mass * force
    for body in bodies:
        body.x += dt * body.vx
        body.y += dt * body.vy
        body.z += dt * body.vz


def energy(bodies, both):
    total = sum(0.5 * b.mass * (b.vx ** 2 + b.vy ** 2 + b.vz ** 2) for b in bodies)
    return total - sum(a.mass * b.mass / math.dist((a.x, a.y, a.z), (b.x, b.y, b.z)) for a, b in both)


def advance_lists(bodies, dt):
    for i, ([x, y, z], v, mass) in enumerate(bodies):
        for [x2, y2, z2], v2, mass2 in bodies[i + 1:]:
            dx, dy, dz = x - x2, y - y2, z - z2
            force = dt * (dx * dx + dy * dy + dz * dz) ** -1.5
            v[0] -= dx * mass2 * force
            v[1] -= dy * mass2 * force
            v[2] -= dz * mass2 * force
            v2[0] += dx * mass * force
            v2[1] += dy * mass * force
            v2[2] += dz * mass * force
    for place, v, _ in bodies:
        for axis in range(3):
            place[axis] += dt * v[axis]


bodies = [Body(40.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)] + [
    Body(0.05 / i, 3.0 * i, 0.1 * i, -0.2 * i, 0.05 * i, 3.6 / math.sqrt(i), 0.01) for i in range(1, 5)]
lists = [([b.x, b.y, b.z], [b.vx, b.vy, b.vz], b.mass) for b in bodies]
both = pairs(bodies)
before = energy(bodies, both)
for _ in range(32000):
    advance(bodies, both, 0.001)
for _ in range(20000):
    advance_lists(lists, 0.001)
print("%.9f %.9f %.9f %.9f" % (before, energy(bodies, both), bodies[2].x, lists[3][0][1]))
