# Deep class hierarchies: an expression tree with virtual methods, super(), operators, class attributes, isinstance.
class Node:
    precedence = 0
    created = 0

    def __init__(self):
        Node.created += 1

    def value(self, env):
        raise NotImplementedError

    def __add__(self, other):
        return Add(self, other)

    def __mul__(self, other):
        return Mul(self, other)

    def simplified(self):
        return self


class Constant(Node):
    def __init__(self, number):
        super().__init__()
        self.number = number

    def value(self, env):
        return self.number


class Variable(Node):
    def __init__(self, name):
        super().__init__()
        self.name = name

    def value(self, env):
        return env[self.name]


class Binary(Node):
    def __init__(self, left, right):
        super().__init__()
        self.left = left
        self.right = right

    def value(self, env):
        return self.apply(self.left.value(env), self.right.value(env))

    def simplified(self):
        left, right = self.left.simplified(), self.right.simplified()
        if isinstance(left, Constant) and isinstance(right, Constant):
            return Constant(self.apply(left.number, right.number))
        return type(self)(left, right)


class Add(Binary):
    precedence = 1

    def apply(self, a, b):
        return a + b


class Mul(Binary):
    precedence = 2

    def apply(self, a, b):
        return a * b

    def simplified(self):
        simple = super().simplified()
        if isinstance(simple, Mul) and isinstance(simple.left, Constant) and simple.left.number == 0:
            return Constant(0)
        return simple


class Base:
    def visit(self, n):
        return n


def deepen(cls, depth):
    for i in range(depth):
        class Level(cls):
            def visit(self, n):
                return super().visit(n) + 1
        cls = Level
    return cls


def build(depth, n):
    if depth == 0:
        return Variable("xyz"[n % 3]) if n % 2 else Constant(n % 5)
    node = build(depth - 1, 2 * n + 1)
    return node + build(depth - 1, 2 * n) if depth % 2 else node * build(depth - 1, 2 * n)


tree = build(11, 1)
total = 0
for i in range(200):
    total = (total + tree.value({"x": i, "y": 2, "z": 1})) % 1000003
for i in range(60):
    tree.simplified()
deep = deepen(Base, 12)()
for i in range(50000):
    total += deep.visit(i)
print(total, Node.created, tree.precedence)
