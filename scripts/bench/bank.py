# A bank with enums, match statements on orders of several shapes, own exceptions, a journal that is replayed.
from dataclasses import dataclass
from enum import Enum, IntEnum, auto


class Kind(Enum):
    GIRO = "giro"
    SAVINGS = "savings"


class Level(IntEnum):
    LOW = auto()
    MIDDLE = auto()
    HIGH = auto()


class Refused(Exception):
    pass


@dataclass
class Transfer:
    source: int
    target: int
    amount: int


class Account:
    def __init__(self, number, kind):
        self.number, self.kind, self.balance = number, kind, 0

    def change(self, amount):
        if self.balance + amount < (-100 if self.kind is Kind.GIRO else 0):
            raise Refused(self.number)
        self.balance += amount


class Bank:
    def __init__(self, count):
        self.accounts = [Account(i, Kind.SAVINGS if i % 3 == 0 else Kind("giro")) for i in range(count)]
        self.journal = []
        self.refused = {level: 0 for level in Level}

    def level(self, amount):
        return Level.LOW if amount < 50 else Level.MIDDLE if amount < 150 else Level.HIGH

    def perform(self, order):
        match order:
            case ("deposit", int(number), amount) if amount > 0:
                self.accounts[number].change(amount)
            case ["withdraw", int(number), amount]:
                self.accounts[number].change(-amount)
            case Transfer(source=a, target=b) if a == b:
                return
            case Transfer(a, b, amount):
                self.accounts[a].change(-amount)
                self.accounts[b].change(amount)
            case {"fee": fee, "of": [first, *_]}:
                self.accounts[first].change(-fee)
            case "interest" | "bonus":
                for account in self.accounts[:5]:
                    account.change(account.balance // 100)
            case _:
                raise Refused(order)
        self.journal.append(order)

    def run(self, orders):
        for order in orders:
            try:
                self.perform(order)
            except Refused:
                self.refused[self.level(order.amount if isinstance(order, Transfer) else 0)] += 1
        return self


def orders(count, accounts):
    for i in range(count):
        a, b, amount = i * 7 % accounts, i * i % accounts, i * 13 % 200 + 1
        yield (("deposit", a, amount), Transfer(a, b, amount), ["withdraw", b, amount // 3], Transfer(b, a, amount // 2), {"fee": 1, "of": [a, b]},
               "interest" if i % 5 == 0 else ("deposit", b, 3), Transfer(b, b, 1), ("unknown", i))[i % 8]


bank = Bank(50).run(orders(80000, 50))
again = Bank(50).run(bank.journal)
print(sum(a.balance for a in bank.accounts), [a.balance for a in again.accounts] == [a.balance for a in bank.accounts], len(bank.journal))
print(bank.refused[Level.LOW], bank.refused[Level.HIGH], bank.refused, Kind.GIRO.name, Kind("savings"))
