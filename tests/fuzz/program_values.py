# SPDX-License-Identifier: MIT
"""Random expressions. Each is asked for by the kind of value that it should have; now and then it gets another kind on purpose."""
from program_writer import Writer

KINDS = ("int", "int", "float", "bool", "str", "str", "bytes", "bytearray", "list", "list", "tuple", "dict", "set", "frozenset", "range", "none", "slice", "function")

ATOMS = {
    "int": ("0", "1", "-1", "2", "3", "7", "10", "255", "-128", "(2**31)", "(-2**31)", "2**63", "(-2**63)", "(2**63-1)", "(2**64+1)", "(10**20)", "(-10**25)", "True", "0xff", "1_000"),
    "float": ("0.5", "-1.5", "1e10", "1e-7", "0.1", "-0.0", "3.0", "1e300", "2.5", "-7.25", "1e16", "123456.789", "5e-324", "(2.0**53)"),
    "bool": ("True", "False"),
    "str": ("''", "'a'", "'hello world'", "'aXbXc'", "'\u00e9t\u00e9'", "'\u4e2d\u6587'", "'\\U0001F600'", "' pad '", "'12'", "'-3.5'", "'Line\\nbreak\\r\\nend'", "'ABC' * 3",
            "'x' * 10", "'\\t tab'", "'\u00df\u0130'", "'a,b,,c'", "'0x1f'", "'\\x00'", "'it\\'s \"so\"'", "'\\ud800'", "'na\u00efve Stra\u00dfe'", "'1_0'", "'\u0663'"),
    "bytes": ("b''", "b'abc'", "b'a b  c'", "b'\\x00\\xff'", "b'12'", "b'aXbXc'", "b'\\n\\r\\t'", "bytes(3)", "b'Hello World'", "b\"it's\""),
    "bytearray": ("bytearray()", "bytearray(b'xyz')", "bytearray(b'a,b,c')", "bytearray(4)", "bytearray(b'\\x80 Z')"),
    "list": ("[]", "[3, 1, 2]", "[1]", "[1.5, 2, True]", "['b', 'a']", "[[1], [2, 3]]", "[None, 0, '']", "list(range(6))", "[(1, 'x'), (0, 'y')]", "['a', 'b', 'c']", "[0, 0.0, False]"),
    "tuple": ("()", "(1, 2, 3)", "('a',)", "(1, (2, 3))", "(0.5, 'x', None)", "('k', 'v')", "(b'z', 1)"),
    "dict": ("{}", "{'a': 1, 'b': 2}", "{1: 'x', 2.5: 'y'}", "{(1, 2): [3]}", "{None: None}", "dict(x=1, y=2)", "{True: 'yes', 0: 'no'}", "{'k': {'n': 1}}"),
    "set": ("set()", "{1, 2, 3}", "{'a', 'b'}", "{1, 'one', 2.0}", "{(1, 2), (3,)}", "set('hello')", "set(range(0, 60, 7))", "{-1, -2, 2**61}"),
    "frozenset": ("frozenset()", "frozenset((1, 2))", "frozenset('abc')", "frozenset([frozenset([1])])"),
    "range": ("range(5)", "range(10, 0, -3)", "range(0)", "range(2, 20, 4)", "range(2**65, 2**65 + 3)", "range(-3, 3)"),
    "none": ("None",),
    "slice": ("slice(1, 3)", "slice(None, None, -1)", "slice(-2, None)", "slice(0, 10, 3)", "slice(None)"),
    "function": ("len", "str", "repr", "int", "abs", "(lambda v: v)", "(lambda *a: a)", "type", "list", "(lambda: 1)", "bool", "(lambda v: v * 2)", "float", "tuple"),
    "iterator": ("iter([1, 2, 3])", "iter('ab')", "(q for q in range(3))", "map(str, [1, 2])", "zip('ab', [1, 2])", "enumerate('xy')", "reversed([1, 2])"),
    # Hashable, and in the same order in every set.
    "key": ("1", "0", "10**20", "-10**25", "'a'", "'b'", "2.5", "(1, 2)", "b'k'", "True", "'zz'", "-1", "()", "frozenset((1, 2))"),
    # Arguments with a meaning of their own.
    "small": ("0", "1", "2", "3", "5", "-1", "-2", "-5", "8", "100", "-100", "True"),
    "bound": ("0", "1", "2", "-1", "-2", "4", "100", "-100", "None", "2**70"),
    "width": ("0", "1", "5", "8", "12", "-3", "20"),
    "shift": ("0", "1", "5", "31", "63", "64", "65", "100", "-1", "True"),
    # No fractions: their powers of negative numbers are complex.
    "exponent": ("0", "1", "2", "3", "7", "-1", "-2", "10", "True", "2.0", "-3", "-1.0", "0.0"),
    "char": ("' '", "'*'", "'0'", "'\u00e9'", "'ab'", "''", "b'*'"),
    "bytechar": ("b' '", "b'*'", "b'0'", "b'ab'", "b''", "'*'"),
    "codec": ("'utf-8'", "'ascii'", "'latin-1'", "'utf8'", "'UTF-8'", "'no-such'"),
    "handler": ("'strict'", "'ignore'", "'replace'", "'backslashreplace'", "'surrogateescape'", "'xmlcharrefreplace'", "'bogus'"),
    "strings": ("['a', 'b', 'c']", "('x', 'y')", "'abc'", "[]", "['only']", "map(str, range(3))", "{'k': 1}", "['a', 1]", "(s for s in 'xy')"),
    "bytestrings": ("[b'a', b'b']", "(b'x', bytearray(b'y'))", "[]", "[b'a', 'b']", "[1]"),
    "affix": ("'a'", "''", "('a', 'h')", "()", "'hello'", "['a']", "('a', 1)"),
    "byteaffix": ("b'a'", "b''", "(b'a', b'x')", "()", "'a'", "bytearray(b'x')"),
    "integers": ("[1, 2, 3]", "range(4)", "(255, 0)", "[256]", "[-1]", "[]", "b'ab'", "[1.5]", "['a']"),
    "order": ("'big'", "'little'", "'other'"),
    "digits": ("'12'", "'-0x1F'", "' 42 '", "'1_000'", "'0b101'", "'0o17'", "'zz'", "''", "'1__0'", "'+7'", "b'12'", "'\u0663\u0664'", "'12.5'", "'9' * 25", "'- 1'", "'077'"),
    "decimal": ("'1.5'", "' -2e3 '", "'nan'", "'inf'", "'-Infinity'", "'1e400'", "'1_0.5'", "'.5'", "'5.'", "'1e'", "''", "b'2.5'", "'0x1p3'", "'1e-400'", "'\u0661.5'"),
    "base": ("0", "2", "8", "10", "16", "36", "1", "37", "-1"),
    "ndigits": ("0", "1", "2", "-1", "-2", "20", "-30", "None", "400", "-400"),
    "table": ("{97: 'x'}", "{97: None, 98: 99}", "str.maketrans('ab', 'xy')", "str.maketrans('ab', 'xy', 'c')", "{}", "['q'] * 128", "None"),
    "bytetable": ("bytes(range(256))", "None", "b'short'", "bytes.maketrans(b'ab', b'xy')"),
    "predicate": ("None", "bool", "(lambda v: v)", "(lambda v: v > 1)", "callable", "(lambda v: not v)", "str"),
    "sortkey": ("None", "str", "repr", "(lambda v: -v)", "len", "(lambda v: v[0])", "abs", "type", "(lambda: 0)"),
    "pairs": ("[(1, 2), ('a', 'b')]", "{'p': 0}", "[(1, 2, 3)]", "['ab', 'cd']", "[1]", "zip('ab', [1, 2])", "()", "None"),
    "special": ("0", "1", "-1", "0.0", "-0.0", "0.5", "1e308", "float('inf')", "float('-inf')", "float('nan')", "(2**64)", "(-2**63)", "1e-308", "(2**1024)", "True", "3", "1e22", "7", "-7", "(2**53 + 1)",
                "0.1", "1.5", "-2.5", "(10**400)"),
}


class Values(Writer):
    """Expressions by kind. `depth` is how deep they may still nest."""

    def atom(self, kind):
        if self.names and kind != "exponent" and self.maybe(0.4):
            fitting = [name for name, its in self.names if its == kind or kind == "any"]
            if fitting:
                return self.random.choice(fitting)
            if self.maybe(0.1):
                return self.random.choice(self.names)[0]
        if kind == "any":
            kind = self.random.choice(KINDS)
        if kind == "int" and self.maybe(0.3):
            return str(self.number(-1000, 1000))
        if kind == "float" and self.maybe(0.3):
            return f"{self.random.uniform(-100, 100):.{self.number(0, 6)}f}"
        if kind == "iterable":
            kind = self.pick("list", "tuple", "str", "dict", "set", "range", "iterator", "bytes")
        return self.random.choice(ATOMS[kind])

    def value(self, kind, depth=2):
        if self.maybe(0.04):
            kind = "any"
        if kind == "any":
            kind = self.random.choice(KINDS)
        if kind == "iterable":
            kind = self.pick("list", "tuple", "str", "dict", "set", "range", "iterator", "bytes")
        maker = getattr(self, "make_" + kind, None)
        if depth <= 0 or maker is None or self.maybe(0.25):
            return self.atom(kind)
        if self.maybe(0.2):
            return self.of_any_kind(kind, depth - 1)
        return maker(depth - 1)

    def of_any_kind(self, kind, depth):
        """Forms that pass a value of any kind through."""
        form = self.number(0, 9)
        inner = self.value(kind, depth)
        if form == 0:
            return f"({inner} if {self.condition(depth)} else {self.value(kind, depth)})"
        if form == 1:
            return f"({inner} {self.pick('and', 'or')} {self.value(kind, depth)})"
        if form == 2:
            name = self.fresh("p")
            with self.scope((name, kind)):
                body = self.value(kind, depth)
            return self.pick(f"(lambda {name}: {body})({inner})", f"(lambda {name}={inner}: {body})()", f"(lambda *, {name}: {body})({name}={inner})")
        if form == 3:
            return f"[{inner}, {self.value(kind, depth)}][{self.pick('0', '-1', '1', 'True', self.condition(depth))}]"
        if form == 4:
            name = self.fresh("w")
            with self.scope((name, kind)):
                return f"[{name} := {inner}, {self.value(kind, depth)}][1]"
        if form == 5:
            return f"{{1: {inner}}}[1]"
        if form == 6:
            name = self.fresh("c")
            with self.scope((name, self.pick("int", "any"))):
                return f"[{self.value(kind, depth)} for {name} in {self.value(self.pick('range', 'list'), depth)}][{self.pick('0', '-1')}]"
        if form == 7:
            return f"next(iter([{inner}]), None)"
        if form == 8:
            return f"({inner})"
        return self.method_of(kind, depth) if self.maybe(0.5) else f"max({inner}, {self.value(kind, depth)})"

    def condition(self, depth):
        form = self.number(0, 6)
        if form <= 2:
            kind = self.pick("int", "float", "str", "list", "any", "tuple", "set", "dict", "bytes")
            operators = [self.pick("<", "<=", "==", "!=", ">", ">=", "in", "not in", "==") for _ in range(self.pick(1, 1, 1, 2))]
            return "(" + self.value(kind, depth) + "".join(f" {op} {self.value(self.pick(kind, kind, 'any'), depth)}" for op in operators) + ")"
        if form == 3:
            return f"(not {self.value('any', depth)})"
        if form == 4:
            return f"isinstance({self.value('any', depth)}, {self.pick('int', 'str', '(list, tuple)', 'float', 'object', '(bytes, (set, dict))', 'int | str', '1')})"
        if form == 5:
            return f"({self.value('any', depth)} is {self.pick('', 'not ')}None)"
        return self.atom("bool")

    def make_bool(self, depth):
        return self.pick(self.condition, self.condition, lambda d: f"bool({self.value('any', d)})", lambda d: f"{self.pick('any', 'all')}({self.value('iterable', d)})")(depth)

    def make_int(self, depth):
        form = self.number(0, 11)
        if form <= 3:
            return self.arithmetic("int", "int", depth)
        if form == 4:
            return f"({self.pick('-', '+', '~')}{self.value('int', depth)})"
        if form == 5:
            return f"len({self.value('iterable', depth)})"
        if form == 6:
            return f"int({self.pick(self.value('float', depth), self.atom('digits'), self.atom('digits') + ', ' + self.atom('base'), self.value('int', depth))})"
        if form == 7:
            return f"sum({self.value(self.pick('range', 'list', 'tuple'), depth)})"
        if form == 8:
            return f"ord({self.value('str', depth)}[:1])"
        if form == 9:
            return f"divmod({self.value('int', depth)}, {self.value('int', depth)})[{self.pick('0', '1')}]"
        if form == 10:
            return f"({self.value(self.pick('list', 'range', 'bytes', 'tuple'), depth)})[{self.atom('small')}]"
        return self.method_of("int", depth)

    def arithmetic(self, left, right, depth):
        operator = self.pick("+", "-", "*", "//", "%", "&", "|", "^", "<<", ">>", "**", "+", "*", "/")
        first = self.value(left, depth)
        if operator == "**":
            return f"(limit({first}, 1000) ** {self.atom('exponent')})"
        if operator in ("<<", ">>"):
            return f"(limit({first}) {operator} {self.atom('shift')})"
        return f"(limit({first}) {operator} limit({self.value(right, depth)}, 60))"

    def make_float(self, depth):
        form = self.number(0, 7)
        if form <= 2:
            return self.arithmetic("float", self.pick("float", "int"), depth)
        if form == 3:
            return f"({self.value('int', depth)} / {self.value(self.pick('int', 'float'), depth)})"
        if form == 4:
            return f"round({self.value('float', depth)}, {self.atom('ndigits')})"
        if form == 5:
            return f"float({self.pick(self.value('int', depth), self.atom('decimal'), self.value('float', depth))})"
        if form == 6:
            return f"({self.pick('-', '+')}{self.value('float', depth)})"
        return self.method_of("float", depth)

    def make_str(self, depth):
        form = self.number(0, 11)
        if form == 0:
            return f"({self.value('str', depth)} + {self.value('str', depth)})"
        if form == 1:
            return f"(limit({self.value('str', depth)}) * {self.atom('small')})"
        if form <= 3:
            return f"({self.value('str', depth)})[{self.subscript()}]"
        if form == 4:
            return f"{self.pick('str', 'repr', 'ascii', 'str', 'repr')}({self.value('any', depth)})"
        if form == 5:
            return f"chr(limit({self.value('int', depth)}, 60000))"
        if form <= 7:
            return self.formatted(depth)
        if form == 8:
            return f"{self.pick('hex', 'bin', 'oct')}({self.value('int', depth)})"
        return self.method_of("str", depth)

    def make_bytes(self, depth):
        form = self.number(0, 6)
        if form == 0:
            return f"({self.value('bytes', depth)} + {self.value(self.pick('bytes', 'bytearray'), depth)})"
        if form == 1:
            return f"(limit({self.value('bytes', depth)}) * {self.atom('small')})"
        if form == 2:
            return f"({self.value('bytes', depth)})[{self.subscript()}]"
        if form == 3:
            return f"bytes({self.pick(self.atom('integers'), self.atom('small'), self.value('bytearray', depth), self.value('str', depth) + ', ' + self.atom('codec'))})"
        if form == 4:
            return f"({self.atom('bytes')} % ({self.value('any', depth)},))" if self.maybe(0.2) else f"(b'{self.pick('%d', '%s', '%5r', '%x', '%a', '%c', '%b', '%.2f')}' % ({self.value('any', depth)},))"
        return self.method_of("bytes", depth)

    def make_bytearray(self, depth):
        return self.pick(lambda: f"bytearray({self.value('bytes', depth)})", lambda: f"({self.value('bytearray', depth)})[{self.subscript()}]",
                         lambda: f"({self.value('bytearray', depth)} + {self.value('bytes', depth)})", lambda: self.method_of("bytearray", depth))()

    def items(self, depth, most=4):
        return [self.pick("", "", "", "", "", "*") + self.value("any", depth) for _ in range(self.number(0, most))]

    def make_list(self, depth):
        form = self.number(0, 9)
        if form <= 1:
            return "[" + ", ".join(self.items(depth)) + "]"
        if form <= 3:
            return self.comprehension("[]", depth)
        if form == 4:
            return f"({self.value('list', depth)})[{self.span()}]"
        if form == 5:
            return f"sorted({self.value('iterable', depth)}{self.pick('', ', key=' + self.atom('sortkey'), ', reverse=' + self.atom('bool'))})"
        if form == 6:
            return f"list({self.value('iterable', depth)})"
        if form == 7:
            return f"({self.value('list', depth)} {self.pick('+ ' + self.value('list', depth), '* ' + self.atom('small'))})"
        if form == 8:
            return self.pick(lambda: f"list(map({self.atom('function')}, {self.value('iterable', depth)}))", lambda: f"list(filter({self.atom('predicate')}, {self.value('iterable', depth)}))",
                             lambda: f"list(zip({self.value('iterable', depth)}, {self.value('iterable', depth)}{self.pick('', ', strict=True')}))",
                             lambda: f"list(enumerate({self.value('iterable', depth)}, {self.value('int', 0)}))", lambda: f"list(reversed({self.value('iterable', depth)}))")()
        return self.method_of("str", depth)

    def make_tuple(self, depth):
        form = self.number(0, 4)
        if form <= 1:
            return "(" + "".join(item + ", " for item in self.items(depth)) + ")"
        if form == 2:
            return f"tuple({self.value('iterable', depth)})"
        if form == 3:
            return f"({self.value('tuple', depth)} {self.pick('+ ' + self.value('tuple', depth), '* ' + self.atom('small'))})"
        return f"({self.value('tuple', depth)})[{self.span()}]"

    def make_dict(self, depth):
        form = self.number(0, 5)
        if form <= 1:
            rows = [f"**{self.value('dict', depth)}" if self.maybe(0.15) else f"{self.atom('key')}: {self.value('any', depth)}" for _ in range(self.number(0, 4))]
            return "{" + ", ".join(rows) + "}"
        if form == 2:
            return self.comprehension("{:}", depth)
        if form == 3:
            return f"dict({self.pick(self.atom('pairs'), self.value('dict', depth), self.value('iterable', depth))}{self.pick('', ', z=1')})"
        if form == 4:
            return f"({self.value('dict', depth)} | {self.value('dict', depth)})"
        return f"dict.fromkeys({self.value('str', depth)}, {self.value('any', depth)})"

    def make_set(self, depth):
        form = self.number(0, 3)
        if form == 0:
            return "{" + ", ".join([self.atom("key") for _ in range(self.number(1, 5))]) + "}"
        if form == 1:
            return f"({self.value('set', depth)} {self.pick('|', '&', '-', '^')} {self.value(self.pick('set', 'frozenset'), depth)})"
        if form == 2:
            return f"set({self.value(self.pick('str', 'range', 'bytes'), depth)})"
        return self.comprehension("{}", depth)

    def make_frozenset(self, depth):
        return self.pick(f"frozenset({self.value(self.pick('str', 'range', 'set'), depth)})", f"({self.value('frozenset', depth)} {self.pick('|', '&', '-', '^')} {self.value('set', depth)})")

    def make_range(self, depth):
        return self.pick(f"range({self.atom('small')}, {self.atom('small')}, {self.atom('small')})", f"range({self.atom('small')})", f"({self.atom('range')})[{self.span()}]",
                         f"range({self.value('int', depth)} % 50)")

    def make_slice(self, depth):
        return f"slice({self.atom('bound')}, {self.atom('bound')}, {self.atom('bound')})"

    def make_iterator(self, depth):
        return self.pick(lambda: f"iter({self.value('iterable', depth)})", lambda: self.comprehension("()", depth), lambda: f"map({self.atom('function')}, {self.value('iterable', depth)})",
                         lambda: f"zip({self.value('iterable', depth)}, {self.value('iterable', depth)})", lambda: f"reversed({self.value(self.pick('list', 'dict', 'range'), depth)})",
                         lambda: f"enumerate({self.value('iterable', depth)})")()

    def make_function(self, depth):
        name = self.fresh("p")
        with self.scope((name, "any")):
            body = self.value("any", depth)
        return f"(lambda {name}{self.pick('', '=1', '=None', ', *more', ', k=2')}: {body})"

    def subscript(self):
        return self.pick(self.span(), self.span(), self.atom("small"))

    def span(self):
        part = lambda: self.pick("", self.atom("bound"), self.atom("small"))
        return f"{part()}:{part()}{self.pick('', '', ':' + part(), ':-1', ':2')}"

    def comprehension(self, form, depth):
        """Up to two loops; the second may use the first's name, and either may have conditions."""
        name, second = self.fresh("c"), self.fresh("c")
        source = self.pick("range(4)", "'abc'", "[1, 2, 3]", self.value("iterable", depth))
        with self.scope((name, self.pick("int", "any"))):
            test = f" if {self.condition(depth)}" if self.maybe(0.3) else ""
            if self.maybe(0.25):
                test += f" for {second} in {self.pick('range(2)', name, f'({name}, 1)', self.value('iterable', depth))}"
                with self.scope((second, "any")):
                    if self.maybe(0.3):
                        test += f" if {self.condition(depth)}"
                    inner = self.value("any", depth)
            else:
                inner = self.value("any", depth)
        if form == "{:}":
            return f"{{{self.pick(name, f'str({name})', f'({name}, 1)')}: {inner} for {name} in {source}{test}}}"
        if form == "{}":
            return f"{{{self.pick(name, f'str({name})', f'({name}, 1)')} for {name} in {self.pick('range(4)', repr('abca'))}{test}}}"
        return f"{form[0]}{inner} for {name} in {source}{test}{form[1]}"
