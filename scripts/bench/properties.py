# Attributes that compute: properties, descriptors, __slots__, __getattr__, __setattr__, class methods, cached values.
class Celsius:
    def __init__(self, degrees):
        self._degrees = degrees

    @property
    def degrees(self):
        return self._degrees

    @degrees.setter
    def degrees(self, value):
        if value < -273.15:
            raise ValueError("too cold")
        self._degrees = value

    @property
    def fahrenheit(self):
        return self.degrees * 9 / 5 + 32


class Between:
    def __init__(self, low, high):
        self.low, self.high = low, high

    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, instance, owner=None):
        return self if instance is None else getattr(instance, self.name)

    def __set__(self, instance, value):
        setattr(instance, self.name, min(max(value, self.low), self.high))


class Once:
    def __init__(self, function):
        self.function = function
        self.name = function.__name__

    def __get__(self, instance, owner=None):
        value = instance.__dict__[self.name] = self.function(instance)
        return value


class Player:
    health = Between(0, 100)
    speed = Between(1, 9)
    made = 0

    def __init__(self, name, health, speed):
        self.name, self.health, self.speed = name, health, speed
        Player.made += 1

    @classmethod
    def parse(cls, text):
        name, health, speed = text.split()
        return cls(name, int(health), int(speed))

    @staticmethod
    def power(health, speed):
        return health * speed

    @Once
    def strength(self):
        return self.power(self.health, self.speed)


class Point:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y


class Proxy:
    def __init__(self, target):
        self.__dict__["target"] = target

    def __getattr__(self, name):
        return getattr(self.target, name)

    def __setattr__(self, name, value):
        setattr(self.target, name, value)


heat, total = Celsius(20.0), 0.0
players = [Player.parse("p%d %d %d" % (i, i * 3, i % 12)) for i in range(500)]
points = [Point(i, -i) for i in range(500)]
proxy = Proxy(points[7])
for i in range(130000):
    heat.degrees = i % 50
    total += heat.fahrenheit
    player, point = players[i % 500], points[i % 500]
    player.health -= 1
    total += player.health + player.speed + player.strength
    point.x += point.y & 3
    proxy.y = proxy.x + i
print(round(total, 3), sum(p.health for p in players), sum(p.x for p in points), proxy.y, Player.made, Player.speed.high)
