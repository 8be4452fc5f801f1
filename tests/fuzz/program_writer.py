# SPDX-License-Identifier: MIT
"""What every part of the generator of random programs stands on: dice, names in scope, lines, and the head of each program.

A program prints what each of its statements did, or the exception that it raised, and goes on. Only texts that are the same everywhere may be
printed: `text` in the head takes addresses out, and hashes that come from an address (None's, a class's) must not order a printed set.
"""
import random

HEAD = '''\
import re, traceback

def text(value):
    kind = type(value)
    if kind.__name__ in ITERATORS:
        value = [item for item, count in zip(value, range(20))]
    found = re.sub(r"0x[0-9a-f]{6,}", "0x", repr(value))
    if kind.__name__ == "mappingproxy":
        found = ""
    if kind in (set, frozenset) and not all(type(item) in PLAIN for item in value):
        found = f"{sorted(map(repr, value))}"
    return kind.__name__ + " " + (found if len(found) < 800 else f"{len(found)} {found[:300]}")

PLAIN = int, bool, float, str, bytes

def hashed(value):
    """The hash of what has the same one everywhere; one that a class made up is a small number."""
    found = hash(value)
    return found if type(value) in PLAIN or -1000 < found < 1000 else "hashable"

ITERATORS = set("""map filter zip enumerate reversed list_iterator list_reverseiterator tuple_iterator range_iterator longrange_iterator
str_ascii_iterator str_iterator bytes_iterator bytearray_iterator dict_keyiterator dict_valueiterator dict_itemiterator
dict_reversekeyiterator dict_reversevalueiterator dict_reverseitemiterator callable_iterator iterator generator chain
islice accumulate starmap takewhile dropwhile filterfalse compress zip_longest product permutations combinations
combinations_with_replacement groupby count cycle repeat pairwise _deque_iterator _deque_reverse_iterator""".split())

def show(label, thunk):
    try:
        print(label, text(thunk()))
    except RecursionError:
        print(label, "recursion")
    except BaseException as e:
        print(label, type(e).__name__, re.sub(r"0x[0-9a-f]{6,}", "0x", str(e)))
        if TRACEBACKS:
            trace(e)

def trace(e):
    found = re.sub(r"0x[0-9a-f]{6,}", "0x", "".join(traceback.format_exception(e)))
    print(re.sub(r'(?m)^[ |]*File "(?!%s).*\\n(?:[ |]*    .*\\n)*' % re.escape(__file__), "", found))

def limit(value, most=10**30):
    if isinstance(value, int) and not -most < value < most:
        return value % 1000003
    if isinstance(value, (str, bytes, bytearray, list, tuple)) and len(value) > 200:
        return value[:50]
    return value
'''


class Writer:
    """The dice and the page. Subclasses add what can be written; `statements` of each says how often it wants to be asked."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.names = []  # (name, kind) of what an expression may use here
        self.lines = []
        self.needed = []  # imports and classes that stand before the lines
        self.count = 0

    def pick(self, *choices):
        return self.random.choice(choices)

    def maybe(self, chance):
        return self.random.random() < chance

    def number(self, low, high):
        return self.random.randrange(low, high + 1)

    def fresh(self, stem):
        self.count += 1
        return f"{stem}{self.count}"

    def weighted(self, rows):
        """One of ((weight, choice), ...)."""
        return self.random.choices([choice for _, choice in rows], [weight for weight, _ in rows])[0]

    def line(self, indent, text):
        self.lines.append("    " * indent + text)

    def need(self, text):
        if text not in self.needed:
            self.needed.append(text)

    def raw(self, indent, block):
        """Several lines, as a text that begins in column 0."""
        for text in block.strip("\n").split("\n"):
            self.line(indent, text)

    def show(self, indent, expression):
        label = self.fresh("s")
        if self.maybe(0.1):
            # Broken lines move the marks in tracebacks.
            expression = expression.replace(", ", ",\n        ", 1)
        self.line(indent, f"show({label!r}, lambda: {expression})")

    def scope(self, *names):
        """With these names (name, kind) in scope and, at the end, the ones before it again."""
        return Scope(self, names)


class Scope:
    def __init__(self, writer, names):
        self.writer, self.names = writer, list(names)

    def __enter__(self):
        self.kept = self.writer.names
        self.writer.names = self.kept + self.names

    def __exit__(self, *exc):
        self.writer.names = self.kept
