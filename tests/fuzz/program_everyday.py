# SPDX-License-Identifier: MIT
"""Ordinary programs: functions that count, search, sort and print records, with few errors in them."""
from program_classes import Classes

RECORDS = ("[('ann', 31, 2.5), ('bob', 25, -1.0), ('eve', 31, 0.125), ('zoe', 4, 1e3), ('bob', 9, 3.75)]", "[(w, len(w), i / 4) for i, w in enumerate('the quick brown fox jumps over the lazy dog'.split())]",
           "[(chr(97 + i * 7 % 26), i * i % 11, (-1) ** i / (i + 1)) for i in range(8)]")
TEXTS = ("'to be, or not to be: that is the question'", "'a1b22c333 -- \u00e9t\u00e9 '", "'x=1;y=2;;z=three'", "'The Zen of Python, by Tim Peters\\nBeautiful is better than ugly.'", "'abracadabra'", "''")
PATTERNS = (r"[a-z]+", r"\d+", r"(\w)(\w)", r"\b\w", r"[^ ,]+", r"(?i)the")


class Everyday(Classes):
    def number_of(self, *names):
        """An expression of small ints over these names."""
        leaf = lambda: self.pick(*names, *names, "1", "2", "3", "7", "10")
        text = leaf()
        for _ in range(self.number(1, 3)):
            text = f"({text} {self.pick('+', '-', '*', '//', '%', '&', '|', '^', '+', '*')} {leaf()})"
        return text

    def test_of(self, *names):
        return self.pick(f"{self.number_of(*names)} {self.pick('<', '>', '==', '!=', '<=')} {self.number_of(*names)}", f"{self.number_of(*names)} % {self.pick('2', '3', '5')} {self.pick('== 0', '!= 1', '')}",
                         f"not {self.number_of(*names)}", f"{self.pick(*names)} in ({self.number(0, 5)}, {self.number(5, 20)}, {self.number(-5, 0)})", f"0 < {self.number_of(*names)} <= {self.number(5, 50)}")

    def computing(self, indent):
        """Loops over ints with running results."""
        name = self.fresh("f")
        body, inner = indent + 1, indent + 2
        self.line(indent, f"def {name}(n, k={self.number(1, 9)}):")
        self.raw(body, "total, seen, steps = 0, [], 0")
        self.line(body, self.pick(f"for i in range({self.pick('n', '1, n', 'n, 0, -1', '0, n * 2, 3')}):", "for i, c in enumerate(str(n * 7919)):", "i = n\nwhile i > 0:".replace("\n", "\n" + "    " * body)))
        is_while = self.lines[-1].strip().startswith("i = n") or "while" in self.lines[-1]
        self.line(inner, f"steps += 1")
        if is_while:
            self.line(inner, self.pick("i -= 1", "i //= 2", "i = i * 3 // 4"))
        for _ in range(self.number(1, 4)):
            self.raw(inner, self.pick(f"total {self.pick('+=', '-=', '^=')} {self.number_of('i', 'k', 'n', 'total')}", f"if {self.test_of('i', 'k', 'total')}: {self.pick('continue', 'break', 'seen.append(i)', 'total = -total')}",
                                      f"total = ({self.number_of('i', 'total')}) % {self.pick('97', '1009', '-13')}", f"seen.append({self.number_of('i', 'k')})", "seen[-3:] = sorted(seen[-3:], reverse=i % 2 == 0)",
                                      f"for j in range(abs(i) % 5):\n    if {self.test_of('i', 'j')}: total += j\n    elif {self.test_of('j', 'k')}: break\nelse:\n    seen.append(-i)", "k, n = (n, k) if i % 3 == 0 and k > 1 else (k, n)",
                                      "try:\n    total += 100 // (i % 4)\nexcept ZeroDivisionError as e:\n    seen.append(str(e)[:7])\nfinally:\n    total += 1"))
        self.line(body, self.pick("return total, seen[:12], steps", "return f'{total:>8}|{len(seen):03d}|{steps!r:<4}|' + ','.join(map(str, seen[:9]))", "return {'total': total, 'kinds': sorted({type(s).__name__ for s in seen}), 'steps': steps}"))
        for argument in self.random.sample(["0", "1", "2", "7", "10", "33", "50", "12, 3", "20, k=2"], 4):
            self.show(indent, f"{name}({argument})")

    def records(self, indent):
        """Rows that are sorted, grouped, selected and printed."""
        rows = self.fresh("rows")
        self.line(indent, f"{rows} = {self.pick(*RECORDS)}")
        key = lambda: self.pick("lambda r: r[1]", "lambda r: (-r[1], r[0])", "lambda r: r[2]", "lambda r: (len(r[0]), r)", "lambda r: r[0][::-1]", "lambda r: (r[1] % 3, -r[2])")
        for _ in range(self.number(3, 6)):
            self.show(indent, self.pick(
                f"sorted({rows}, key={key()}{self.pick('', ', reverse=True')})", f"[r[0] for r in {rows} if r[{self.pick('1', '2')}] > {self.number(0, 20)}]", f"{self.pick('max', 'min')}({rows}, key={key()})",
                f"{{name: [b for a, b, *_ in {rows} if a == name] for name in dict.fromkeys(r[0] for r in {rows})}}", f"sum(r[1] * r[2] for r in {rows})", f"[f'{{n:<6}}|{{a:>4d}}|{{f:{self.spec()}}}' for n, a, f in {rows}]",
                f"list(zip(*{rows}))[{self.number(0, 2)}]", f"{{k: len(list(g)) for k, g in __import__('itertools').groupby(sorted(r[1] % 3 for r in {rows}))}}", f"dict(sorted(((a, b) for a, b, _ in {rows}), key=lambda p: p[1]))",
                f"__import__('collections').Counter(r[1] for r in {rows}).most_common({self.number(1, 3)})", f"'\\n'.join('%-5s %3d %6.2f' % r for r in {rows})", f"{rows}[{self.span()}]", f"[*map(lambda r: r[:2], {rows})][-1:]",
                f"any(b < 5 for _, b, _ in {rows}), all(c for *_, c in {rows})", f"__import__('functools').reduce(lambda a, r: a * 31 % 1009 + r[1], {rows}, 7)", f"[(i, r[0].title()) for i, r in enumerate({rows}, start=1)][::{self.pick('1', '2', '-1')}]",
                f"set(r[1] for r in {rows}) {self.pick('&', '-', '|', '^')} set(range({self.number(3, 32)}))", f"sorted({{r[0] for r in {rows}}}, key=str.swapcase)"))

    def texts(self, indent):
        """Words, letters and numbers of a text."""
        text = self.fresh("text")
        self.line(indent, f"{text} = {self.pick(*TEXTS)}")
        for _ in range(self.number(3, 6)):
            self.show(indent, self.pick(
                f"{{c: {text}.count(c) for c in sorted(set({text}))}}", f"[w.strip('.,:;').{self.pick('upper', 'title', 'capitalize', 'swapcase', 'casefold')}() for w in {text}.split({self.pick('', repr(' '), repr(';'), repr('e'))})]",
                f"''.join(c for c in {text} if c.{self.pick('isalpha', 'isdigit', 'isalnum', 'isspace', 'isupper')}())", f"{text}.replace({self.atom('str')}, '-', {self.number(-1, 3)})", f"{text}.{self.pick('partition', 'rpartition', 'split', 'rsplit')}({self.pick(repr('e'), repr(' '), repr('='), repr('be'))})",
                f"' '.join(sorted({text}.split(), key=lambda w: (len(w), w)))", f"[{text}[i:i + 3] for i in range(0, len({text}), {self.number(2, 5)})]", f"dict(part.split('=') for part in {text}.split(';') if '=' in part)", f"{text}[{self.span()}]",
                f"[int(c) for c in {text} if c.isdigit()]", f"{text}.translate(str.maketrans('aeiou', '12345'))", f"{text}.encode().hex({self.pick(repr('-'), repr(':'))}, {self.number(1, 4)})", f"max({text}.split(), key=len, default='')",
                f"__import__('re').findall(r'{self.pick(*PATTERNS)}', {text})", f"__import__('re').sub(r'(\\w+)', lambda m: m[1][::-1], {text})", f"{text}.center({self.number(10, 60)}, '*')",
                f"f'{{{text}!r:.{self.number(3, 12)}}}|{{len({text}):{self.pick('04', '>5', '<5', '+', 'x', 'b')}}}'", f"'|'.join(reversed({text}.split()))", f"{text}.{self.pick('find', 'rfind', 'count', 'startswith', 'endswith')}({self.pick(repr('t'), repr('be'), repr(''))}, {self.number(-4, 8)})"))

    def objects(self, indent):
        """A small class with state, and a derived one."""
        name = self.fresh("Account")
        self.raw(indent, f"class {name}:\n    made = 0\n    def __init__(self, owner, *amounts, limit={self.number(5, 50)}):\n        self.owner, self.amounts, self.limit = owner, list(amounts), limit\n        {self.pick('type(self)', name)}.made += 1\n"
                         f"    @property\n    def total(self): return {self.pick('sum(self.amounts)', 'sum(a for a in self.amounts if a > 0)', 'round(sum(self.amounts), 1)')}\n"
                         f"    def put(self, amount):\n        if amount > self.limit: raise ValueError(f'{{amount}} is more than {{self.limit}}')\n        self.amounts.append(amount)\n        return self\n"
                         f"    def __repr__(self): return f'{{type(self).__name__}}({{self.owner!r}}, {{self.total}})'\n    def __eq__(self, other): return isinstance(other, {name}) and self.total == other.total\n"
                         f"    def __lt__(self, other): return self.total < other.total\n    def __iter__(self): return iter(self.amounts)\n    def __len__(self): return len(self.amounts)\n    def __add__(self, other): return type(self)(self.owner, *self, *other)\n"
                         f"class {name}Plus({name}):\n    def put(self, amount): return super().put(amount {self.pick('+ 1', '* 2', '- 0.5')})\n    def __getitem__(self, i): return self.amounts[i]\n    @classmethod\n    def of(cls, text): return cls(text, *map(len, text.split()))")
        self.line(indent, f"a, b, c = {name}('ann', 3, {self.number(-5, 20)}), {name}Plus('bob', 2.5), {name}Plus.of('some more words here')")
        for _ in range(self.number(4, 7)):
            self.show(indent, self.pick("a.put(5).put(1)", f"b.put({self.number(0, 60)})", "sorted([a, b, c])", "max(a, b, c, key=len)", "a + b", "b + a", "a == b", "a != c", "a > b", "list(c), len(c)", "c[0], c[-1]", "a[0]", f"({name}.made, {name}Plus.made)", "[x for x in a]",
                                        "a.total", "setattr(a, 'total', 1)", "a.nothing", "hash(a)", "3 in a", "b.put('x')", "sum(map(lambda x: x.total, (a, b, c)))", "{x.owner: x for x in (c, b, a)}", "[*a, *b]", "vars(a)", "f'{a} {b!s:>20} {c!r:.9}'", "a.__add__(c)"))

    def pipelines(self, indent):
        """Generators that feed each other."""
        source, step = self.fresh("source"), self.fresh("step")
        self.raw(indent, f"def {source}(n):\n    got = None\n    for i in range(n):\n        {self.pick('got = yield i', 'yield i; yield -i', 'if i % 3: yield i * i', 'got = yield (i, got)')}\n    return {self.pick('n', 'got', repr('end'))}\n"
                         f"def {step}(items, k={self.number(2, 4)}):\n    kept = []\n    try:\n        for item in items:\n            kept.append(item)\n            if len(kept) == k:\n                yield tuple(kept)\n                kept.clear()\n    finally:\n        print('closed with', kept)\n"
                         f"    {self.pick('if kept: yield tuple(kept)', 'yield from kept', 'return kept')}\n"
                         f"def whole{source}(n):\n    result = yield from {source}(n)\n    yield ('result', result)")
        for _ in range(self.number(3, 5)):
            self.show(indent, self.pick(f"list({step}({source}({self.number(0, 9)})))", f"list(whole{source}({self.number(0, 6)}))", f"list({step}([]))", f"dict(enumerate({step}('abcdefg')))",
                                        f"(lambda g: [next(g), g.send('x'), list(g)])({source}(5))", f"[*zip({source}(4), whole{source}(3))]", f"sum(len(str(x)) for x in {step}(range(11)))", f"max({step}({source}(8)), default=None)", f"(lambda a, *b: (a, b))(*whole{source}(4))",
                                        f"[x for x in {step}(x * x for x in range({self.number(3, 12)}))]", f"''.join(map(str, {source}(6)))"))
