#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random valid programs, run under mini and under python3, which must print the same.

    tests/fuzz/programs.py [--mini PATH] [--python PATH] [--seed N] [--count N] [--keep FOLDER] [--show N]

Program n of seed s is always the same text, so a difference is found again with the seed that is printed. Every statement prints what it
did, or the exception that it raised, and goes on; only texts that are the same everywhere are printed (no addresses, no sets of
strings). --show N prints one program and runs nothing.
"""
import argparse
import os
import random
import subprocess
import sys
import tempfile

HEAD = '''\
import functools, itertools

def show(label, thunk):
    try:
        value = thunk()
    except RecursionError:
        print(label, "recursion")
    except Exception as e:
        print(label, type(e).__name__, e)
    else:
        text = repr(value)
        print(label, type(value).__name__, text if len(text) < 2000 else (len(text), text[:200]))
    return None

def limit(value, most=10**30):
    if isinstance(value, int) and not -most < value < most:
        return value % 1000003
    if isinstance(value, (str, bytes, list, tuple)) and len(value) > 200:
        return value[:50]
    return value
'''


class Writer:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.names = []
        self.lines = [HEAD]
        self.count = 0

    def pick(self, *choices):
        return self.random.choice(choices)

    def fresh(self, stem):
        self.count += 1
        return f"{stem}{self.count}"

    # --- Expressions: `depth` is what may still be nested ---

    def integer(self):
        return self.pick("0", "1", "-1", "2", "3", "7", "10", "255", "-128", "2**31", "-2**63", "2**63-1", "2**64", "10**20", "True", "False",
                         str(self.random.randrange(-1000, 1000)))

    def number(self):
        return self.pick(self.integer(), self.integer(), "0.5", "-1.5", "1e10", "1e-7", "0.1", "-0.0", "3.0", "float('inf')", "float('nan')",
                         f"{self.random.uniform(-100, 100):.3f}")

    def text(self):
        return self.pick("''", "'a'", "'hello world'", "'aXbXc'", "'\\u00e9t\\u00e9'", "'\\u4e2d\\u6587'", "'\\U0001F600'", "' pad '", "'12'", "'-3.5'",
                         "'Line\\nbreak'", "'ABC' * 3", "'%s-%s'", "'{}:{}'", "'x' * 10")

    def atom(self):
        if self.names and self.random.random() < 0.45:
            return self.random.choice(self.names)
        return self.pick(self.number, self.number, self.text, lambda: "None", lambda: self.pick("b'abc'", "b''", "bytearray(b'xyz')"),
                         lambda: self.pick("[]", "()", "{}", "range(5)", "range(10, 0, -3)", "(1, 2, 3)", "[3, 1, 2]", "{'a': 1, 'b': 2}", "{1, 2, 3}",
                                           "frozenset((1, 2))", "slice(1, 3)"))()

    def expression(self, depth=3):
        if depth <= 0 or self.random.random() < 0.1:
            return self.atom()
        maker = self.random.choice([self.binary] * 4 + [self.comparison, self.boolean, self.unary, self.conditional, self.container, self.container,
                                    self.comprehension, self.subscript, self.subscript, self.method, self.method, self.method, self.builtin,
                                    self.builtin, self.formatted, self.called_lambda, self.walrus])
        return maker(depth - 1)

    def binary(self, depth):
        op = self.pick("+", "-", "*", "/", "//", "%", "&", "|", "^", "<<", ">>", "**", "+", "*")
        left, right = self.expression(depth), self.expression(depth)
        if op == "**":
            return f"(limit({left}, 1000) ** limit({self.pick('2', '3', '0', '-1', '0.5', self.integer())}, 20))"
        if op == "<<":
            return f"(limit({left}) << {self.pick('0', '1', '5', '64', '-1')})"
        if op == "*":
            return f"(limit({left}) * limit({right}, 50))"
        return f"(limit({left}) {op} limit({right}))"

    def comparison(self, depth):
        ops = [self.pick("<", "<=", "==", "!=", ">", ">=", "in", "not in", "==") for _ in range(self.pick(1, 1, 1, 2))]
        return "(" + self.expression(depth) + "".join(f" {op} {self.expression(depth)}" for op in ops) + ")"

    def boolean(self, depth):
        return f"({self.expression(depth)} {self.pick('and', 'or')} {self.expression(depth)})"

    def unary(self, depth):
        return f"({self.pick('-', '+', '~', 'not ')}{self.expression(depth)})"

    def conditional(self, depth):
        return f"({self.expression(depth)} if {self.expression(depth)} else {self.expression(depth)})"

    def container(self, depth):
        items = [self.pick("*", "", "", "", "", "") + self.expression(depth) for _ in range(self.random.randrange(4))]
        plain = [i.lstrip("*") for i in items]
        form = self.random.randrange(4)
        if form == 0:
            return "[" + ", ".join(items) + "]"
        if form == 1:
            return "(" + "".join(i + ", " for i in items) + ")"
        if form == 2:
            return "{" + ", ".join(f"{self.pick(repr('k'), '1', '2.0', 'True', 'None', '(1, 2)')}: {i}" for i in plain) + "}"
        return f"sorted({{{self.integer()}, {self.integer()}, {self.integer()}}})"

    def comprehension(self, depth):
        name = self.fresh("c")
        source = self.pick("range(4)", "'abc'", "[1, 2, 3]", self.expression(depth))
        self.names.append(name)
        inner = self.expression(depth)
        test = f" if {self.expression(depth - 1)}" if self.random.random() < 0.4 else ""
        self.names.remove(name)
        return self.pick(f"[{inner} for {name} in {source}{test}]", f"list({inner} for {name} in {source}{test})",
                         f"{{{name}: {inner} for {name} in range(3){test}}}", f"tuple({inner} for {name} in {source}{test})",
                         f"[({name}, y) for {name} in {source}{test} for y in range(2)]")

    def bound(self):
        return self.pick("", "", "0", "1", "-1", "2", "-3", "100", "-100", "None")

    def subscript(self, depth):
        base = self.expression(depth)
        if self.random.random() < 0.5:
            step = self.pick("", "", ":", ":2", ":-1", ":-2", ":3", ":0")
            return f"({base})[{self.bound()}:{self.bound()}{step}]"
        return f"({base})[{self.pick('0', '-1', '1', repr('a'), self.expression(depth))}]"

    def method(self, depth):
        arg = lambda: self.expression(depth - 1)
        call = self.pick(
            lambda: f"split({self.pick('', repr('X'), 'None, 1', arg())})", lambda: f"rsplit({self.pick('', 'None, 1', repr(' ') + ', 1')})",
            lambda: f"join({arg()})", lambda: f"find({arg()})", lambda: f"count({arg()})", lambda: f"index({arg()})", lambda: f"replace({arg()}, {arg()})",
            lambda: self.pick("upper()", "lower()", "title()", "swapcase()", "capitalize()", "casefold()", "strip()", "isdigit()", "isalpha()", "split()"),
            lambda: f"{self.pick('ljust', 'rjust', 'center', 'zfill')}({self.pick('0', '5', '12')})", lambda: f"startswith({arg()})",
            lambda: f"partition({arg()})", lambda: f"encode({self.pick('', repr('ascii'), repr('latin-1'), repr('ascii') + ', ' + repr('replace'))})",
            lambda: "copy()", lambda: f"get({arg()}, {arg()})", lambda: "items()", lambda: "keys()", lambda: "values()", lambda: f"union({arg()})",
            lambda: f"pop({self.pick('', '0', '-1', arg())})", lambda: f"append({arg()})", lambda: f"extend({arg()})", lambda: f"insert(1, {arg()})",
            lambda: f"remove({arg()})", lambda: "reverse()", lambda: "sort()", lambda: f"setdefault({arg()}, {arg()})", lambda: f"update({arg()})",
            lambda: "bit_length()", lambda: "is_integer()", lambda: "as_integer_ratio()", lambda: "hex()", lambda: f"to_bytes(8, {self.pick(repr('big'), repr('little'))}, signed=True)",
            lambda: "conjugate()", lambda: "bit_count()", lambda: f"intersection({arg()})", lambda: f"difference({arg()})", lambda: f"isdisjoint({arg()})",
            lambda: f"format({arg()}, {arg()})", lambda: f"expandtabs({self.pick('', '4')})", lambda: "splitlines()", lambda: f"removeprefix({arg()})",
            lambda: f"indices({self.pick('5', '0')})", lambda: f"decode({self.pick('', repr('ascii'))})", lambda: f"issubset({arg()})")
        value = f"({self.expression(depth)}).{call()}"
        return value

    def builtin(self, depth):
        arg = lambda: self.expression(depth - 1)
        return self.pick(
            lambda: f"len({arg()})", lambda: f"sum({arg()})", lambda: f"min({arg()}, {arg()})", lambda: f"max({arg()})", lambda: f"abs({arg()})",
            lambda: f"int({arg()})", lambda: f"float({arg()})", lambda: f"str({arg()})", lambda: f"repr({arg()})", lambda: f"bool({arg()})",
            lambda: f"list({arg()})", lambda: f"tuple({arg()})", lambda: f"dict({arg()})", lambda: f"len(set({arg()}))", lambda: f"sorted({arg()}, key=repr)",
            lambda: f"sorted({arg()})", lambda: f"list(reversed({arg()}))", lambda: f"list(enumerate({arg()}, {self.integer()}))",
            lambda: f"list(zip({arg()}, {arg()}))", lambda: f"list(map({self.pick('str', 'repr', 'type', 'bool', 'lambda v: v')}, {arg()}))",
            lambda: f"list(filter(None, {arg()}))", lambda: f"any({arg()})", lambda: f"all({arg()})", lambda: f"round({arg()}{self.pick('', ', 1', ', -1')})",
            lambda: f"divmod({arg()}, {arg()})", lambda: f"hash({self.number()})", lambda: f"isinstance({arg()}, ({self.pick('int', 'str', 'list', 'float')}, bytes))",
            lambda: f"chr(limit({arg()}, 50000))", lambda: f"ord({arg()})", lambda: f"hex({arg()})", lambda: f"bin({arg()})", lambda: f"bytes({self.container(depth - 1)})",
            lambda: f"type({arg()}).__name__", lambda: f"ascii({arg()})", lambda: f"pow({arg()}, 2, 97)", lambda: f"callable({arg()})",
            lambda: f"functools.reduce(lambda a, b: limit(a + b), {arg()})", lambda: f"list(itertools.islice({arg()}, 3))",
            lambda: f"list(itertools.accumulate({arg()}))", lambda: f"getattr({arg()}, {self.pick(repr('real'), repr('none'))}, 'no')",
            lambda: f"next(iter({arg()}), 'end')", lambda: f"format({arg()}, {self.pick(repr(''), repr('>8'), repr('.2f'), repr('x'), repr(','), repr('08d'), repr('e'), repr('^6s'), repr('%'))})")()

    def formatted(self, depth):
        name = self.random.choice(self.names) if self.names else self.number()
        spec = self.pick("", "!r", ":>10", ":.3f", ":,", ":<5", "!s:^9", ":x", ":+d", "!a", "=", ":g")
        return self.pick(f"f'<{{{name}{spec}}}>'", f"({self.pick(repr('%d'), repr('%s'), repr('%5.1f'), repr('%r'), repr('%x'), repr('%-6s|'))} % ({self.expression(depth - 1)},))",
                         f"{self.pick(repr('{}'), repr('{0!r:>5}'), repr('{:.2f}'), repr('{:>8}'), repr('{0}{0}'))}.format({self.expression(depth - 1)})")

    def called_lambda(self, depth):
        name = self.fresh("p")
        outer = self.expression(depth)
        self.names.append(name)
        inner = self.expression(depth)
        self.names.remove(name)
        return self.pick(f"(lambda {name}: {inner})({outer})", f"(lambda {name}, *rest, k=1: ({inner}, rest, k))({outer}, 2, 3)",
                         f"(lambda {name}={outer}: {inner})()")

    def walrus(self, depth):
        name = self.fresh("w")
        return f"[({name} := {self.expression(depth)}), {name}]"

    # --- Statements ---

    def line(self, indent, text):
        self.lines.append("    " * indent + text)

    def guarded(self, indent, body):
        label = self.fresh("s")
        self.line(indent, "try:")
        body(indent + 1)
        self.line(indent, "except Exception as e:")
        self.line(indent + 1, f"print({label!r}, type(e).__name__, e)")
        if self.random.random() < 0.3:
            self.line(indent, "else:")
            self.line(indent + 1, f"print({label!r}, 'fine')")
        if self.random.random() < 0.3:
            self.line(indent, "finally:")
            self.line(indent + 1, f"print({label!r}, 'finally')")

    def assignment(self, indent):
        name = self.fresh("v")
        self.line(indent, f"{name} = None")
        def body(inner):
            self.line(inner, f"{name} = limit({self.expression()})")
            self.line(inner, f"print({name!r}, repr({name})[:300])")
        self.guarded(indent, body)
        self.names.append(name)
        if len(self.names) > 8:
            self.names.pop(0)

    def shown(self, indent):
        self.line(indent, f"show({self.fresh('e')!r}, lambda: {self.expression(4)})")

    def mutation(self, indent):
        if not self.names:
            return self.assignment(indent)
        name = self.random.choice(self.names)
        def body(inner):
            self.line(inner, self.pick(
                f"{name} {self.pick('+=', '-=', '*=', '//=', '%=', '|=', '&=')} limit({self.expression(2)}, 50)", f"{name}[{self.pick('0', '-1', repr('k'), '1:2', '::2')}] = {self.expression(2)}",
                f"del {name}[{self.pick('0', '-1', repr('a'), '1:', '::2')}]", f"{self.fresh('u')}, *{self.fresh('u')} = {name}",
                f"for {self.fresh('i')} in {name}: pass", f"{name} = limit({name})"))
            self.line(inner, f"print(repr({name})[:300])")
        self.guarded(indent, body)

    def loop(self, indent, depth):
        name = self.fresh("i")
        self.line(indent, f"for {name} in {self.pick('range(4)', repr('abc'), '[1, 2.5, None]', '{1: 2, 3: 4}', 'zip(range(3), ' + repr('xyz') + ')')}:")
        self.names.append(name)
        self.line(indent + 1, f"if {self.pick(name + ' == 2', 'not ' + name, 'isinstance(' + name + ', str)')}:")
        self.line(indent + 2, self.pick("continue", "break", "print('in if')"))
        self.block(indent + 1, depth - 1, 2)
        self.names.remove(name)
        self.line(indent, "else:")
        self.line(indent + 1, "print('no break')")

    def function(self, indent, depth):
        name, first, second = self.fresh("f"), self.fresh("a"), self.fresh("a")
        kept, self.names = self.names, [first, second]
        self.line(indent, f"def {name}({first}, {second}={self.atom_without_names()}, *args, **kwargs):")
        self.block(indent + 1, depth - 1, 2)
        if self.random.random() < 0.4:
            self.line(indent + 1, f"for x in range(3):")
            self.line(indent + 2, f"got = yield {self.expression(2)}")
            self.line(indent + 2, f"print('got', got)")
        self.line(indent + 1, f"return {self.expression(2)}")
        self.names = kept
        call = f"{name}({self.expression(1)}, {self.pick('', '1', '2, 3', 'k=4', '*[1, 2]')})"
        is_generator = any(l.strip().startswith("got = yield") for l in self.lines[-4:])
        if is_generator:
            self.line(indent, "try:")
            self.line(indent + 1, f"g = {call}")
            self.line(indent + 1, "print(next(g), g.send(5))")
            self.line(indent + 1, self.pick("print(g.throw(ValueError('thrown')))", "print(list(g))", "g.close()", "print(next(g), next(g))"))
            self.line(indent, "except Exception as e:")
            self.line(indent + 1, "print('generator', type(e).__name__, e)")
        else:
            self.line(indent, f"show({name!r}, lambda: {call})")

    def atom_without_names(self):
        kept, self.names = self.names, []
        try:
            return self.atom()
        finally:
            self.names = kept

    def klass(self, indent, depth):
        name = self.fresh("C")
        base = self.pick("", "", "(int)", "(str)", "(list)", "(dict)", "(Exception)")
        self.line(indent, f"class {name}{base}:")
        kept, self.names = self.names, ["self", "other"]
        self.line(indent + 1, f"field = {self.atom_without_names()}")
        for method in self.random.sample(["__add__", "__eq__", "__lt__", "__len__", "__getitem__", "__bool__", "__call__", "__contains__", "__iter__",
                                          "__radd__", "__mul__", "__getattr__", "__enter__"], 4):
            one = method in ("__len__", "__bool__", "__iter__")
            self.line(indent + 1, f"def {method}(self{'' if one else ', other=0'}):")
            self.line(indent + 2, {"__len__": "return 3", "__bool__": "return False", "__iter__": "return iter([1, 2])"}.get(method,
                      self.pick("return NotImplemented", "return other", "return (type(self).__name__, 1)", "raise KeyError('from method')")))
        if base in ("", "(list)"):
            self.line(indent + 1, "def __repr__(self): return 'object of ' + type(self).__name__")
        self.names = kept
        made = self.fresh("o")
        self.line(indent, f"{made} = {name}({self.pick('', '') if base else ''})")
        for use in self.random.sample([f"{made} + 1", f"1 + {made}", f"{made} == 3", f"{made} < 2", f"len({made})", f"{made}[0]", f"bool({made})", f"{made}()", f"1 in {made}",
                                       f"list({made})", f"{made} * 2", f"{made}.missing", f"{made}.field", f"[{made}] == [3]", f"isinstance({made}, {name})", f"{name}.__mro__[1].__name__",
                                       f"sorted([{made}, {made}])", f"max({made}, {made}) is {made}"], 5):
            self.line(indent, f"show({use!r}, lambda: {use})")

    def matching(self, indent, depth):
        def body(inner):
            self.line(inner, f"match {self.expression(2)}:")
            for pattern in self.random.sample(["0 | 1", "[]", "[x]", "[x, *rest]", "{'a': x}", "str(x)", "int() as x if x > 2", "(1, 2, x)", "float()", "None", "{**rest}"], 4):
                self.line(inner + 1, f"case {pattern}:")
                self.line(inner + 2, f"print('matched', {pattern!r})")
            self.line(inner + 1, "case _:")
            self.line(inner + 2, "print('no match')")
        self.guarded(indent, body)

    def block(self, indent, depth, size):
        for _ in range(size):
            self.statement(indent, depth)

    def statement(self, indent, depth):
        choices = [self.assignment, self.assignment, self.shown, self.shown, self.shown, self.mutation]
        if depth > 0:
            choices += [lambda i: self.loop(i, depth), lambda i: self.function(i, depth), lambda i: self.klass(i, depth), lambda i: self.matching(i, depth)]
        self.random.choice(choices)(indent)

    def program(self, size):
        self.block(0, 2, size)
        return "\n".join(self.lines) + "\n"


def make_program(seed, number, size=14):
    return Writer(f"{seed}/{number}").program(size)


def run(command, path):
    environment = dict(os.environ, PYTHONHASHSEED="0", PYTHONWARNINGS="ignore", PYTHONDONTWRITEBYTECODE="1")
    try:
        done = subprocess.run([command, path], stdin=subprocess.DEVNULL, capture_output=True, timeout=10, env=environment)
    except subprocess.TimeoutExpired:
        return "timeout", [], ""
    return done.returncode, done.stdout.decode("utf-8", "replace").split("\n"), done.stderr.decode("utf-8", "replace")


def compare(mini, python, path):
    """What differs, or None."""
    expected, got = run(python, path), run(mini, path)
    if "SyntaxError" in expected[2] and "SyntaxError" in got[2]:
        return None
    for number, pair in enumerate(zip(expected[1] + ["<end>"], got[1] + ["<end>"]), 1):
        if pair[0] != pair[1]:
            return f"line {number} of stdout\n  python3: {pair[0][:300]}\n  mini:    {pair[1][:300]}\n  {got[2][-300:]}"
    if expected[0] != got[0]:
        return f"exit status {got[0]}, python3's is {expected[0]}\n  python3: {expected[2][-200:]}\n  mini:    {got[2][-200:]}"
    return None


def main():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--mini", default=os.path.join(root, "build/release/bin/mini"))
    parser.add_argument("--python", default="python3")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="number of the first program")
    parser.add_argument("--keep", help="folder for the programs that differ")
    parser.add_argument("--show", type=int, help="print this program and stop")
    options = parser.parse_args()
    if options.show is not None:
        print(make_program(options.seed, options.show), end="")
        return 0
    differing = 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "program.py")
        for number in range(options.first, options.first + options.count):
            text = make_program(options.seed, number)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            difference = compare(options.mini, options.python, path)
            if difference is None:
                continue
            differing += 1
            print(f"seed {options.seed} program {number} differs (--seed {options.seed} --show {number}): {difference}")
            if options.keep:
                os.makedirs(options.keep, exist_ok=True)
                with open(os.path.join(options.keep, f"{options.seed}_{number}.py"), "w", encoding="utf-8") as file:
                    file.write(text)
    print(f"{differing} of {options.count} programs differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
