# Exceptions in hot paths: asking forgiveness, own classes, re-raising, finally, context managers.
class Invalid(ValueError):
    def __init__(self, line, reason):
        super().__init__(f"{line}: {reason}")
        self.line = line


class Overdrawn(Exception):
    pass


class Account:
    def __init__(self):
        self.balance = 100
        self.depth = 0

    def __enter__(self):
        self.depth += 1
        return self

    def __exit__(self, kind, value, traceback):
        self.depth -= 1
        return kind is Overdrawn

    def take(self, amount):
        if amount > self.balance:
            raise Overdrawn(amount)
        self.balance -= amount


def number(text):
    try:
        return int(text)
    except ValueError:
        return None


def check(line, value):
    if value < 0:
        raise Invalid(line, "negative")
    return value


def lookup(table, key):
    try:
        return table[key]
    except KeyError:
        table[key] = len(table)
        return -1


def run(n):
    table, good, bad, closed, lines = {}, 0, 0, 0, 0
    account = Account()
    for i in range(n):
        if number("x" if i % 4 == 0 else str(i)) is None:
            bad += 1
        try:
            good += check(i, -1 if i % 5 == 0 else 1)
        except Invalid as e:
            lines += e.line
        finally:
            closed += 1
        lookup(table, i % 1000 if i % 2 else i)
        with account as a:
            a.take(i % 60)
        if account.balance < 20:
            account.balance += 150
        try:
            try:
                [][i]
            except IndexError:
                if i % 3 == 0:
                    raise
        except LookupError:
            bad += 1
    return good, bad, closed, lines, len(table), account.balance


print(run(250000))
