# SPDX-License-Identifier: MIT
"""Functions: signatures with right and wrong calls, closures, scopes of names, and uncaught errors whose tracebacks are compared."""
from program_control import Control


class Functions(Control):
    def signature(self):
        """A parameter list, and the names in it."""
        positional_only, plain, keyword_only = self.number(0, 2), self.number(0, 2), self.number(0, 2)
        parts, names, has_default = [], [], False
        for place in range(positional_only + plain):
            name = f"p{place}"
            names.append(name)
            has_default = has_default or self.maybe(0.3)
            parts.append(name + self.pick("", "", ": int") + (f"={self.atom('any')}" if has_default else ""))
            if place + 1 == positional_only:
                parts.append("/")
        star = self.pick("", "*rest", "*rest", "")
        if star:
            names.append("rest")
        if star or keyword_only:
            parts.append(star or "*")
        for place in range(keyword_only):
            names.append(f"k{place}")
            parts.append(f"k{place}" + self.pick("", f"={self.atom('any')}"))
        if self.maybe(0.3):
            names.append("more")
            parts.append("**more")
        return ", ".join(parts), names

    def call_arguments(self):
        parts = [self.pick("", "", "", "*") + self.value("any", 0) for _ in range(self.number(0, 4))]
        parts = [part if not part.startswith("*") else "*" + self.pick("(1, 2)", "[3]", "''", "range(2)", "5") for part in parts]
        for name in self.random.sample(["k0", "k1", "p0", "p1", "p2", "other"], self.pick(0, 0, 1, 1, 2)):
            parts.append(f"{name}={self.value('any', 0)}")
        if self.maybe(0.2):
            parts.append("**" + self.pick("{'k0': 1}", "{'z': 2}", "{}", "{'p0': 3}", "None"))
        return ", ".join(parts)

    def called(self, indent):
        name = self.fresh("f")
        with self.scope():
            self.names = []
            signature, names = self.signature()
            kind = self.pick("def", "def", "def", "lambda", "method", "class", "partial")
            shown = ", ".join(names) + ("," if names else "")
            if kind == "lambda":
                signature = signature.replace(": int", "")
                self.line(indent, f"{name} = lambda {signature}: ({shown})")
            elif kind in ("method", "class"):
                holder = self.fresh("C")
                self.line(indent, f"class {holder}:")
                how = self.pick("", "@staticmethod", "@classmethod") if kind == "method" else ""
                if how:
                    self.line(indent + 1, how)
                first = "" if how == "@staticmethod" else "self, "
                self.line(indent + 1, f"def {'m' if kind == 'method' else self.pick('__init__', '__call__', '__new__')}({(first + signature).rstrip(', ')}):")
                self.line(indent + 2, f"print(({shown}))")
                self.line(indent, f"{name} = {holder if kind == 'class' else self.pick(holder + '()', holder) + '.m'}")
            else:
                self.line(indent, f"def {name}({signature}):")
                self.line(indent + 1, f"return ({shown})")
                if kind == "partial":
                    self.line(indent, f"import functools; {name} = functools.partial({name}, {self.call_arguments() or '1'})" if self.maybe(0.5) else f"print({name}.__defaults__, {name}.__kwdefaults__, {name}.__annotations__)")
            for _ in range(self.number(1, 4)):
                self.show(indent, f"{name}({self.call_arguments()})")

    def closures(self, indent):
        """Functions in functions that share names, read them too early, or delete them."""
        outer = self.fresh("f")
        self.line(indent, f"def {outer}(a, b=2):")
        inner = indent + 1
        with self.scope():
            self.names = [("a", "int"), ("b", "int")]
            self.line(inner, f"kept, made = [], []")
            for _ in range(self.number(1, 3)):
                which = self.number(0, 7)
                if which == 0:
                    self.raw(inner, f"def step(n=1):\n    nonlocal a\n    a {self.pick('+=', '-=', '*=')} n\n    return a, b\nmade.append(step)")
                elif which == 1:
                    self.raw(inner, f"for i in range(3):\n    made.append(lambda{self.pick('', ' i=i')}: (i, a))")
                elif which == 2:
                    self.raw(inner, f"class Inner:\n    a = {self.value('any', 1)}\n    c = [b for _ in range(2)]\n    def get(self): return a\nmade.append(lambda: (Inner.a, Inner().get(), Inner.c))")
                elif which == 3:
                    self.raw(inner, "def late(): return unset\nmade.append(late)" + self.pick("\nunset = 1", "\nif a > 1: unset = 2", "\nunset = 3\ndel unset"))
                elif which == 4:
                    self.raw(inner, f"made.append(lambda: [(a := a0) for a0 in range(2)] if {self.condition(0)} else b)" if self.maybe(0.3) else f"kept.append([c + a for c in range(2) if (d := c) or b]); made.append(lambda: {self.value('any', 1)})")
                elif which == 5:
                    self.raw(inner, f"def deep(x):\n    def deeper(y):\n        nonlocal x, b\n        x, b = y, x\n        return a, b, x, y\n    return deeper(x + 1), x, deeper(7)\nmade.append(lambda: deep(1))")
                elif which == 6:
                    self.raw(inner, "def counted():\n    global shared_count\n    shared_count = globals().get('shared_count', 0) + 1\n    return shared_count\nmade.append(counted)")
                else:
                    self.raw(inner, f"made.append(lambda: {self.pick('sorted(locals())', 'eval(' + repr('1 + 1') + ')', 'b', 'a.x', 'missing', '[x for x in (a, b)]', '{a: b}', '(lambda: (lambda: a)())()')})")
            self.raw(inner, "if b: " + self.pick("b = b + 1", "pass", "a = 'changed'", "del b"))
            self.line(inner, "return kept, made")
        got = self.fresh("r")
        self.line(indent, f"{got} = []")
        self.guarded(indent, lambda deeper: self.line(deeper, f"{got}.extend({outer}({self.value('int', 0)}{self.pick('', ', 3', ', 0', ', b=5')})[1])"))
        self.line(indent, f"for made in {got} * 2: show('closure', made)")

    def scoped(self, indent):
        """Names of a class body, of comprehensions, of except clauses and of exec."""
        form = self.number(0, 6)
        if form == 0:
            self.guarded(indent, lambda i: self.raw(i, f"x = 'global'\nclass {self.fresh('C')}:\n    print(x)\n    x = {self.value('any', 1)}\n    y = [x for _ in range(2)]\n    z = {self.pick('[q for q in [x]]', '(lambda: x)()', '{x: 1 for x in range(2)}')}\n    print(text(x), text(y), text(z))"))
        elif form == 1:
            self.guarded(indent, lambda i: self.raw(i, f"e2 = 1\ntry:\n    {self.pick('1 // 0', 'pass', '{}[1]')}\nexcept ZeroDivisionError as e2: print(e2)\nprint(e2)"))
        elif form == 2:
            self.guarded(indent, lambda i: self.raw(i, f"box = {{'n': 1}}\nexec({self.pick(repr('n = n + 1; m = [n for _ in range(2)]'), repr('def f(): return n'), repr('del n'), repr('global q; q = 1'), repr('n = (1,'))}, box)\nprint(sorted(box.keys() - {{'__builtins__'}}), box.get('n'))"))
        elif form == 3:
            self.guarded(indent, lambda i: self.raw(i, f"print([last := i for i in range(3)], last)\nprint({self.pick('any((hit := n) > 1 for n in range(4)), hit', '[(y := x, x ** y) for x in range(3)], y', '{(k := i): k for i in range(2)}, k')})"))
        elif form == 4:
            self.show(indent, f"eval({self.value('any', 1)!r})")
        elif form == 5:
            self.guarded(indent, lambda i: self.raw(i, f"print([(i, j) for i in range(3) for j in range(i) if {self.pick('i + j', 'i > 1', 'not j')}], [[i * j for i in range(3)] for j in range(2)], {{i: [j for j in range(i)] for i in range(3)}})"))
        else:
            self.guarded(indent, lambda i: self.raw(i, f"def f(): \n    {self.pick('print(x9)', 'x9 += 1', 'del x9', 'x9 = 1')}\n    {self.pick('x9 = 2', 'pass', 'return x9')}\nf()\nprint({self.pick('f.__code__.co_varnames', 'f.__name__', 'f.__qualname__', 'f.__code__.co_argcount', 'x9')})"))

    # --- Errors that are shown whole ---

    def traced(self, indent):
        """A chain of calls that ends in an error; its traceback is printed."""
        depth = self.number(1, 3)
        names = [self.fresh("f") for _ in range(depth)]
        for place, name in enumerate(names):
            with self.scope():
                self.names = [("a", "int")]
                call = f"{names[place - 1]}({self.value('int', 1)})" if place else self.value("any", 3)
                self.failing(indent, name, call)
        self.guarded_trace(indent, f"{names[-1]}({self.value('int', 0)})")

    def guarded_trace(self, indent, call):
        self.raw(indent, f"try:\n    print(text({call}))\nexcept Exception as e:\n    trace(e)")

    def failing(self, indent, name, call):
        """A function whose body evaluates `call` somewhere."""
        form = self.number(0, 11)
        inner = indent + 1
        if form == 0:
            return self.line(indent, f"{name} = lambda a: {call}")
        self.line(indent, f"def {name}(a):")
        odd = self.pick("", "", "'\u00e9\u4e2d', ", "1 + 2, ")
        if form == 1:
            self.raw(inner, f"return ({odd}\n        {call},\n        2)")
        elif form == 2:
            self.raw(inner, f"try:\n    return [{call} for _ in range(2)]\nexcept Exception as error:\n    {self.pick('raise', 'raise ValueError(a) from error', 'raise KeyError(a)', 'raise RuntimeError() from None', 'raise error', 'error.add_note(' + repr('a note') + '); raise')}")
        elif form == 3:
            self.raw(inner, f"try:\n    {call}\nfinally:\n    {self.pick('pass', '{}[a]', 'print(a)')}\nraise ExceptionGroup('several', [ValueError(1), KeyError('k')])")
        elif form == 4:
            self.raw(inner, f"x = {odd}{call}; y = a\nreturn x + y")
        elif form == 5:
            self.raw(inner, f"for x in [{call}]:\n    assert not x, (x, {self.atom('str')})\nreturn x.missing")
        elif form == 6:
            self.raw(inner, f"with open(__file__) as f, ({call}) as g:\n    pass")
        elif form == 7:
            self.raw(inner, f"class Local:\n    field = {call}\n    @property\n    def p(self): return self.nothing\nreturn Local().p")
        elif form == 8:
            self.raw(inner, f"def gen():\n    yield 1\n    yield {call}\n    yield a[0]\nreturn list(gen())")
        elif form == 9:
            self.raw(inner, f"x = {{}}\nx[{call}][1] = {self.value('any', 1)}\nx.y.z = 1\nreturn x")
        elif form == 10:
            self.raw(inner, f"if {call}:\n    a.b(1)(2)\nelif a < [1]: pass\nreturn a @ 1")
        else:
            self.raw(inner, f"return {call} {self.pick('+', '-', '*', '/', '%', '//', '@', '<', 'in', 'and')} a{self.pick('', '[0]', '.x', '(1)', '.real.nothing')}")

    def uncaught(self):
        """The last statement of some programs: an error that ends them."""
        self.traced(0)
        with self.scope():
            self.names = []
            self.line(0, self.pick(f"{self.value('any', 2)} + {self.value('any', 2)}", "raise ExceptionGroup('end', [ValueError(1), ExceptionGroup('in', [KeyError(2)])])", f"print({self.value('any', 2)}.nothing)",
                                   "import sys; sys.exit(3)", "raise SystemExit('bye')", f"({self.value('list', 2)})[99]", "import no_such_module_at_all", "from math import no_such_name", f"assert not {self.atom('list')}, 'last'",
                                   "exec('1 +')", "exec('x = (\\n')", "int('x' * 50)", "raise KeyError('k') from ValueError('v')", "def f(): f()\nf()"))
