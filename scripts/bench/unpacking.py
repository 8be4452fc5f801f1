# Calls and assignments of every shape: tuples unpacked, stars, keywords, defaults, star arguments, swaps, nested targets.
def plain(a, b, c):
    return a + b * c


def defaults(a, b=2, *, scale=1, offset=0):
    return (a + b) * scale + offset


def gather(first, *rest, **options):
    return first + len(rest) + sum(rest) + options.get("more", 0) + len(options)


def forward(*args, **kwargs):
    return gather(*args, **kwargs)


def several(n):
    return n, n + 1, (n + 2, [n + 3])


class Call:
    def __call__(self, *args):
        return len(args)

    def method(self, a, b=1, *rest, key=0):
        return a + b + len(rest) + key


def run(n):
    a, b = 0, 1
    total = 0
    call = Call()
    options = {"more": 5, "other": 1}
    triple = (1, 2, 3)
    for i in range(n):
        a, b = b, (a + b) % 1000003
        x, y, (z, [w]) = several(i)
        first, *middle, last = i, x, y, z, w
        total += plain(a & 7, *triple[:2]) + plain(*triple) + plain(c=1, a=i, b=2)
        total += defaults(i) + defaults(1, 2, scale=3) + defaults(1, offset=i)
        total += forward(*middle) + forward(i, *triple, **options) + gather(last, more=first)
        total += call(*triple, i) + call.method(1, *triple, key=i) + call.method(i, b=3)
        merged = {**options, "i": i}
        total += len([*triple, *middle]) + merged["i"]
    return total, a


def pairs(n):
    total = 0
    for i, (a, b) in enumerate(zip(range(n), range(n, 0, -1))):
        (c, d), e = (b, a), i
        c, d, e = e, c, d
        total += c * 2 - d + e
    return total


print(run(60000), pairs(300000), max(*range(10), key=lambda n: n % 7), dict(zip("abc", range(3)), d=4))
