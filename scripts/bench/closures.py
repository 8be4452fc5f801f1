# Closures and higher-order functions: counters, composition, decorators, currying, church numerals.
def counter(step):
    total = 0

    def add(n=1):
        nonlocal total
        total += n * step
        return total
    return add


def compose(*functions):
    def composed(x):
        for f in functions:
            x = f(x)
        return x
    return composed


def logged(f):
    calls = []

    def wrapper(*args, **kwargs):
        calls.append(len(args))
        return f(*args, **kwargs)
    wrapper.calls = calls
    return wrapper


@logged
def area(width, height=2, *, scale=1):
    return width * height * scale


def curry(a):
    return lambda b: lambda c: a + b * c


zero = lambda f: lambda x: x
succ = lambda n: lambda f: lambda x: f(n(f)(x))


def church(n):
    result = zero
    for _ in range(n):
        result = succ(result)
    return result


adders = [counter(i) for i in range(10)]
pipeline = compose(lambda x: x + 1, lambda x: x * 2, lambda x: x % 1009)
x = total = 0
for i in range(500000):
    total += adders[i % 10](2)
    x = pipeline(x + i)
for i in range(200000):
    total += area(i) + area(i, 3) + area(i, height=4, scale=2) + curry(i)(2)(3)
number = church(150)
for _ in range(100):
    total += number(lambda n: n + 1)(0)
print(total, x, len(area.calls), sum(map(lambda n: n & 3, filter(lambda n: n % 3, range(200000)))))
