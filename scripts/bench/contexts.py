# Context managers: classes with __enter__ and __exit__, contextlib's generators, stacks of them, exceptions that are swallowed.
from contextlib import ExitStack, contextmanager, nullcontext, suppress


class Account:
    def __init__(self):
        self.depth = self.entered = self.failed = 0

    def __enter__(self):
        self.depth += 1
        self.entered += 1
        return self

    def __exit__(self, kind, error, traceback):
        self.depth -= 1
        if kind is not None:
            self.failed += 1
        return kind is KeyError


class Undo:
    def __init__(self, values):
        self.values = values

    def __enter__(self):
        self.saved = self.values[:]
        return self.values

    def __exit__(self, kind, error, traceback):
        if kind is not None:
            self.values[:] = self.saved
        return kind is not None and issubclass(kind, ArithmeticError)


@contextmanager
def swapped(values, i, j):
    values[i], values[j] = values[j], values[i]
    try:
        yield values[i]
    finally:
        values[i], values[j] = values[j], values[i]


def run(n):
    account, values, total = Account(), list(range(10)), 0
    for i in range(n):
        with account as entered, Undo(values) as numbers:
            numbers[i % 10] += 1
            if i % 4 == 0:
                total += numbers[0] // (i % 3)
            total += entered.depth
        with account:
            if i % 5 == 0:
                raise KeyError(i)
        with swapped(values, i % 10, 3) as first:
            total += first
        with suppress(ZeroDivisionError):
            total += 1 // (i & 1)
        with account if i & 2 else nullcontext():
            total += 1
        if i % 20 == 0:
            with ExitStack() as stack:
                for k in range(3):
                    stack.enter_context(account)
                    stack.callback(values.append, k)
                total += account.depth
            del values[10:]
    return total, account.entered, account.failed, account.depth, sum(values)


print(run(45000))
