# Records: dataclasses (ordered, frozen, with defaults and factories), named tuples, plain tuples and dicts, replaced and compared.
from collections import namedtuple
from dataclasses import asdict, dataclass, field, replace
from typing import NamedTuple

Point = namedtuple("Point", "x y", defaults=(0,))


class Colour(NamedTuple):
    red: int
    green: int = 0
    blue: int = 0

    def grey(self):
        return (self.red * 3 + self.green * 6 + self.blue) // 10


@dataclass(order=True)
class Version:
    major: int
    minor: int = 0
    tags: list = field(default_factory=list, compare=False)

    def bump(self):
        self.minor += 1
        return self


@dataclass(frozen=True)
class Key:
    name: str
    number: int


@dataclass
class Shape:
    centre: Point
    colour: Colour
    area: float = field(init=False, repr=False)

    def __post_init__(self):
        self.area = abs(self.centre.x * self.centre.y) * 0.5


total = 0
counts = {}
versions = []
for i in range(30000):
    point = Point(i, i % 7)
    colour = Colour(i & 255, blue=i % 9)
    shape = Shape(point._replace(y=3), colour)
    version = Version(i * 37 % 101, i % 5)
    version.tags.append(i)
    versions.append(version.bump())
    key = Key("key%d" % (i % 10), i % 30)
    counts[key] = counts.get(key, 0) + 1
    x, y = point
    total += x + y + point.x + colour.grey() + int(shape.area) + (point == (i, i % 7))
versions.sort()
fourth = replace(versions[3], major=9)
dicts = [asdict(version) for version in versions[:300]]
print(total, len(counts), versions[5000], fourth > versions[3], Shape(Point(2, 3), Colour(1)), sum(d["minor"] for d in dicts))
print(max(counts.items(), key=lambda item: (item[1], item[0].name, -item[0].number)), Point(1)._asdict(), Colour._fields)
