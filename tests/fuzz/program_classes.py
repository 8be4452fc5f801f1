# SPDX-License-Identifier: MIT
"""Classes: inheritance, operators and their reflected forms, attribute hooks, descriptors, slots, metaclasses, data classes, enumerations."""
from program_functions import Functions

BINARY = {"+": "add", "-": "sub", "*": "mul", "/": "truediv", "//": "floordiv", "%": "mod", "&": "and", "|": "or", "^": "xor", "<<": "lshift", ">>": "rshift", "**": "pow", "@": "matmul"}
COMPARE = {"<": "lt", "<=": "le", "==": "eq", "!=": "ne", ">": "gt", ">=": "ge"}
OTHER = {  # special method: (parameters, uses of an object o)
    "__len__": ("", ("len(o)", "bool(o)", "list(reversed(o))")), "__bool__": ("", ("bool(o)", "not o", "1 if o else 2")), "__getitem__": ("key", ("o[1]", "o['k']", "o[1:2]", "list(zip(range(3), o))", "1 in o")),
    "__setitem__": ("key, value", ("o.__setitem__(1, 2)", "exec('o[0] = 1', {'o': o})")), "__delitem__": ("key", ("exec('del o[0]', {'o': o})",)), "__contains__": ("item", ("1 in o", "'x' not in o")),
    "__iter__": ("", ("list(o)", "[*o]", "sum(o)", "max(o)", "dict(o)")), "__next__": ("", ("next(o)",)), "__call__": ("*args, **more", ("o()", "o(1, k=2)", "list(map(o, [1]))")),
    "__index__": ("", ("[1, 2, 3][o]", "hex(o)", "range(o)", "'ab' * o", "'%x' % o", "bin(o)")), "__int__": ("", ("int(o)", "'%d' % o")), "__float__": ("", ("float(o)", "'%.1f' % o", "__import__('math').sqrt(o)")),
    "__neg__": ("", ("-o",)), "__abs__": ("", ("abs(o)",)), "__invert__": ("", ("~o",)), "__round__": ("*n", ("round(o)", "round(o, 1)")), "__hash__": ("", ("hashed(o)", "{o: 1}[o]", "len({o, o})")),
    "__str__": ("", ("str(o)", "f'{o}'", "'%s' % o", "print(o)")), "__format__": ("spec", ("f'{o:x}'", "format(o)", "'{:>4}'.format(o)")), "__getattr__": ("name", ("o.missing", "getattr(o, 'x', 1)", "hasattr(o, 'y')")),
    "__getattribute__": ("name", ("o.field", "o.other")), "__setattr__": ("name, value", ("setattr(o, 'z', 1)",)), "__delattr__": ("name", ("delattr(o, 'field')",)), "__dir__": ("", ("dir(o)",)),
    "__reversed__": ("", ("list(reversed(o))",)), "__divmod__": ("other", ("divmod(o, 2)",)), "__rdivmod__": ("other", ("divmod(2, o)",)), "__missing__": ("key", ("o['none']",)), "__enter__": ("", ("exec('with o: pass', {'o': o})",)),
    "__bytes__": ("", ("bytes(o)",)), "__length_hint__": ("", ("__import__('operator').length_hint(o)",)), "__trunc__": ("", ("__import__('math').trunc(o)", "int(o)")), "__repr__": ("", ("repr(o)", "[o]", "f'{o!r:>5}'")),
    "__copy__": ("", ("__import__('copy').copy(o)",)), "__instancecheck__": ("o", ()), "__class_getitem__": ("key", ("type(o)[1]",)),
}
RESULTS = ("NotImplemented", "1", "'text'", "None", "True", "0", "-1", "3.5", "[1, 2]", "self", "iter([1, 2])", "2**70", "(1, 2)", "b'b'", "'x'", "super().{name}({args})", "raise KeyError('told')", "raise AttributeError('told')",
           "raise IndexError(1)", "raise StopIteration", "('{name}', {args})")


class Classes(Functions):
    def method_line(self, indent, name, parameters):
        arguments = parameters.replace("**more", "").rstrip(", ")
        result = self.pick(*RESULTS).format(name=name, args=arguments)
        if name in ("__iter__", "__reversed__") and self.maybe(0.7):
            result = "iter([1, 2])"
        if name == "__next__" and self.maybe(0.7):
            result = "raise StopIteration"  # most others never end
        if name == "__getitem__" and self.maybe(0.8):
            result = self.pick("[5, 6, 7][key]", "key", "{'k': 1, 0: 2}[key]", "(1, key)[1 if key == 3 else key]")
        if name == "__getattribute__" and self.maybe(0.7):
            result = "object.__getattribute__(self, name)"
        if name == "__setattr__" and self.maybe(0.6):
            result = "super().__setattr__(name, (value,))"
        if name == "__repr__":
            result = self.pick("'shown ' + type(self).__name__", "'r'", "5", "raise KeyError('no repr')" if self.maybe(0.3) else "'again'")
        if name in ("__str__", "__format__", "__bytes__", "__dir__") and self.maybe(0.5):
            result = {"__bytes__": "b'B'", "__dir__": "['b', 'a']"}.get(name, "'as text'")
        if name == "__hash__" and self.maybe(0.7):
            result = self.pick("7", "2**70", "-1")
        if result.startswith("self") and name in ("__next__", "__index__", "__int__", "__float__", "__len__"):
            result = "2"
        self.line(indent, f"def {name}(self{', ' + parameters if parameters else ''}): {result if result.startswith('raise') else 'return ' + result}")

    def operators(self, indent):
        """Two classes, one perhaps derived from the other or from a built-in type, that define random operators."""
        first, second = self.fresh("C"), self.fresh("D")
        base = self.pick("", "", "", "(int)", "(str)", "(list)", "(dict)", "(float)", "(tuple)", "(Exception)", "(bytes)", "(set)")
        uses = []
        for name, parent in ((first, base), (second, self.pick("", f"({first})", f"({first})"))):
            self.line(indent, f"class {name}{parent}:")
            self.line(indent + 1, f"field = {self.pick('1', repr('f'), '[0]')}")
            for symbol in self.random.sample(list(BINARY), self.number(0, 3)):
                for prefix in self.random.sample(["", "r", "i"], self.number(1, 3)):
                    self.method_line(indent + 1, f"__{prefix}{BINARY[symbol]}__", "other")
                uses += [f"a {symbol} b", f"b {symbol} a", f"a {symbol} {self.atom('any')}", f"{self.atom('any')} {symbol} a", f"[a, a := a {symbol} 2]" if self.maybe(0.1) else f"exec('a {symbol}= b', {{'a': a, 'b': b}})"]
            for symbol in self.random.sample(list(COMPARE), self.number(0, 2)):
                self.method_line(indent + 1, f"__{COMPARE[symbol]}__", "other")
                uses += [f"a {symbol} b", f"b {symbol} a", f"{self.atom('any')} {symbol} a", "sorted([a, b, a]) and 1", "max(a, b) is a", "[a] == [b]", "a in [b, 1]"]
            for special in self.random.sample(list(OTHER), self.number(1, 4)):
                parameters, shown = OTHER[special]
                self.method_line(indent + 1, special, parameters)
                uses += [use.replace("o", "\0").replace("\0", self.pick("a", "b")) if use in ("len(o)", "-o", "~o") else self.renamed(use) for use in shown]
        self.line(indent, f"a = b = None")
        self.guarded(indent, lambda i: self.raw(i, f"a = {first}()\nb = {second}()"))
        for use in self.random.sample(uses, min(len(uses), 7)):
            self.show(indent, use)

    def renamed(self, use):
        """`use` of the object o, told about a or b."""
        import re
        return re.sub(r"(?<![\w'.])o(?![\w'])", self.pick("a", "b"), use).replace("{'o': a}", "{'o': a}")

    def hierarchy(self, indent):
        """Several bases, super() chains, class attributes and where they are found."""
        names = [self.fresh("K") for _ in range(self.number(3, 5))]
        for place, name in enumerate(names):
            bases = self.random.sample(names[:place], min(place, self.number(0, 2)))
            keyword = ", flag=1" if self.maybe(0.05) else ""
            self.line(indent, "try:")
            self.line(indent + 1, f"class {name}({(', '.join(bases) + keyword).removeprefix(', ')}):")
            body = indent + 2
            self.line(body, f"{self.pick('x', 'y')} = {name!r}")
            if self.maybe(0.6):
                self.line(body, f"def who(self): return [{name!r}] + {self.pick('super().who()', '[]', 'super(' + name + ', self).who()', 'getattr(super(), ' + repr('who') + ', list)()')}")
            if self.maybe(0.3):
                self.raw(body, f"@property\ndef size(self): return {self.value('any', 0)}" + self.pick("", "\n@size.setter\ndef size(self, value): self.x = value", "\n@size.deleter\ndef size(self): print('deleted')"))
            if self.maybe(0.2):
                self.line(body, "def __init_subclass__(cls, **more): print('sub', cls.__name__, more); super().__init_subclass__()")
            if self.maybe(0.2):
                self.line(body, f"__slots__ = {self.pick('()', '(' + repr('s') + ',)', '[' + repr('s') + ', ' + repr('t') + ']', repr('s'), '(1,)' if not bases else '()', '(' + repr('x') + ',)' if not bases else '()')}")
            if self.maybe(0.2):
                self.line(body, "def __new__(cls, *args): print('new', cls.__name__); return super().__new__(cls)")
            self.line(indent, "except Exception as e:")
            self.raw(indent + 1, f"print(type(e).__name__, e)\nclass {name}: pass")
        last = names[-1]
        self.line(indent, "o = None")
        self.guarded(indent, lambda i: self.line(i, f"o = {self.pick(last, self.random.choice(names))}()"))
        for use in self.random.sample(["o.who()", "o.x", "o.y", "o.size", "setattr(o, 'size', 5)", "delattr(o, 'size')", "setattr(o, 's', 1) or o.s", "setattr(o, 'new', 1) or vars(o)", "o.s", "delattr(o, 'x')", "o.x", "vars(o)",
                                       f"[c.__name__ for c in {last}.__mro__]", f"[c.__name__ for c in {names[0]}.__subclasses__() if globals().get(c.__name__) is c]", f"isinstance(o, {names[0]})", f"issubclass({last}, {names[1]})", f"{last}.x", f"{last}.zz",
                                       f"super({last}, o).x", f"{names[0]}.who(o)", f"{names[1]}.who()", f"sorted(k for k in {last}.__dict__ if not k.startswith('__'))", f"setattr({last}, 'late', 1) or o.late", f"{last}(1)", "o()", "o[0]", "len(o)", "o + o",
                                       f"({last}.__name__, {last}.__qualname__, {last}.__bases__)", "setattr(o, '__class__', int)", f"{last}.mro()[-1]"], 7):
            self.show(indent, use)

    def hooks(self, indent):
        """Descriptors, attribute hooks, metaclasses."""
        form = self.number(0, 3)
        if form == 0:
            kind = self.fresh("D")
            self.line(indent, f"class {kind}:")
            for name, parameters in self.random.sample([("__get__", "o, owner=None"), ("__set__", "o, value"), ("__delete__", "o"), ("__set_name__", "owner, name")], self.number(1, 4)):
                self.line(indent + 1, f"def {name}(self, {parameters}): " + self.pick(f"print({name!r}); return 5", "raise AttributeError('told')", "o.__dict__['d'] = 9" if name != "__set_name__" else "self.name = name", "return (type(self).__name__, o is None)" if name == "__get__" else "print('done')"))
            holder = self.fresh("C")
            self.guarded(indent, lambda i: self.raw(i, f"class {holder}:\n    d = {kind}()\n    {self.pick('e = d', 'pass', 'def __getattr__(self, name): return name', 'def __getattribute__(self, name): return super().__getattribute__(name)')}\no = {holder}()"))
            for use in ("o.d", "setattr(o, 'd', 1)", "o.d", "delattr(o, 'd')", f"{holder}.d", "vars(o)", "hasattr(o, 'd')", f"setattr({holder}, 'd', 3) or o.d"):
                if self.maybe(0.7):
                    self.show(indent, use)
        elif form == 1:
            meta, name = self.fresh("M"), self.fresh("C")
            self.line(indent, f"class {meta}(type):")
            for row in self.random.sample(["def __call__(cls, *args): print('call', args); return super().__call__(*args)", "def __new__(m, name, bases, body, **more): print(name, sorted(k for k in body if k != '__qualname__'), more); return super().__new__(m, name, bases, body)",
                                           "def __init__(cls, name, bases, body, **more): print('init', name)", "def __getattr__(cls, name): return 'meta ' + name", "def __len__(cls): return 4", "def __iter__(cls): return iter('meta')",
                                           "def __getitem__(cls, key): return (cls.__name__, key)", "def __instancecheck__(cls, o): return o == 1", "def __subclasscheck__(cls, c): return c is int", "def __repr__(cls): return 'META'", "def __contains__(cls, v): return v > 2",
                                           "@classmethod\n    def __prepare__(m, name, bases, **more): return {'prepared': 1}", "def __add__(cls, other): return 'sum'", "def __setattr__(cls, name, value): print('set', name); super().__setattr__(name, value)",
                                           "@property\n    def prop(cls): return 'meta property'", "def mro(cls): return super().mro()", "def __bool__(cls): return False", "def __eq__(cls, other): return True"], self.number(2, 5)):
                self.raw(indent + 1, row.replace("\n    ", "\n"))
            self.guarded(indent, lambda i: self.raw(i, f"class {name}(metaclass={meta}{self.pick('', ', extra=2')}):\n    a = 1\n    def __init__(self, *n): print('made', n)\nclass {name}b({name}): b = 2"))
            for use in self.random.sample([f"{name}()", f"{name}b(1)", f"len({name})", f"list({name})", f"{name}[3]", f"{name}.nothing", f"isinstance(1, {name})", f"issubclass(int, {name})", f"repr({name})", f"5 in {name}", f"{name} + 1", f"setattr({name}, 'q', 1) or {name}.q",
                                           f"{name}.prop", f"{name}().prop", f"bool({name})", f"{name} == 2", f"type({name}b).__name__", f"{name}.prepared", f"{meta}('X', (), {{}})", f"type('Y', ({name},), {{'z': 1}}).z", f"type('Z', (int, str), {{}})", f"hash({name}) == 1"], 6):
                self.show(indent, use)
        elif form == 2:
            name = self.fresh("P")
            options = self.pick("", "(frozen=True)", "(order=True)", "(eq=False, repr=False)", "(order=True, frozen=True)", "(slots=True)", "(kw_only=True)")
            rows = self.random.sample(["x: int", "y: str = 'y'", "z: list = field(default_factory=list)", "w: int = field(default=3, repr=False)", "v: float = field(default=1.5, compare=False)", "u: list = []", "t: int = field(init=False, default=0)"], self.number(1, 4))
            self.line(indent, "from dataclasses import dataclass, field, replace, asdict, astuple, fields")
            self.guarded(indent, lambda i: self.raw(i, f"@dataclass{options}\nclass {name}:\n" + "\n".join("    " + row for row in rows) + self.pick("", "\n    def __post_init__(self): print('post')")))
            for use in self.random.sample([f"{name}(1)", f"{name}()", f"{name}(1, 'b')", f"{name}(x=2)", f"{name}(1) == {name}(1)", f"{name}(1) < {name}(2)", f"isinstance(hash({name}(1)), int)", f"replace({name}(1), x=5)", f"asdict({name}(1))", f"astuple({name}(1))",
                                           f"setattr({name}(1), 'x', 3)", f"[f.name for f in fields({name})]", f"{name}.__match_args__", f"{name}(1, 2, 3, 4, 5, 6)", f"setattr({name}(1), 'new', 3)", f"repr({name}(1))", f"{name}(q=1)"], 5):
                self.show(indent, use)
        else:
            name = self.fresh("E")
            kind = self.pick("Enum", "IntEnum", "Flag", "IntFlag", "StrEnum")
            values = "'a' 'b' 'c'".split() if kind == "StrEnum" else self.pick("1 2 3", "1 2 1", "auto() auto() auto()", "1 2 4").split()
            if kind == "Enum" and self.maybe(0.3):
                values = ["(1, 2)", "'text'", "None"]
            self.line(indent, f"from enum import {kind}, auto, unique")
            self.guarded(indent, lambda i: self.raw(i, f"class {name}({kind}):\n    A = {values[0]}\n    B = {values[1]}\n    C = {values[2]}\n    " + self.pick("", "def hi(self): return self.name", "@property\n    def low(self): return self.name.lower()", "@classmethod\n    def _missing_(cls, value): return cls.A")))
            for use in self.random.sample([f"list({name})", f"{name}(1)", f"{name}(9)", f"{name}['A']", f"{name}['Z']", f"({name}.A.value, {name}.A.name)", f"{name}.A | {name}.B", f"{name}.A < {name}.B", f"{name}.A == 1", f"{name}.B in {name}", f"f'{{{name}.A}}'", f"(str({name}.C), repr({name}.C))",
                                           f"setattr({name}, 'A', 3)", f"{name}.A is {name}.C", f"{name}.__members__", f"~{name}.A", f"{name}(3)", f"{name}.A.hi()", f"{name}.nothing", f"len({name})", f"{name}.A + 1", f"isinstance({name}.A, {name})", f"{name}.A & {name}.C", f"format({name}.B, '>5')", f"type({name}.A)",
                                           f"{name}('Fun', 'X Y')", f"class_ if (class_ := {name}) else 0", f"1 in {name}", f"{{{name}.A: 1}}[{name}.A]"], 6):
                self.show(indent, use)
