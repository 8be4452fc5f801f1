# SPDX-License-Identifier: MIT
"""Statements: assignment and unpacking, branches, loops, try in all its forms, with, match, del; the bodies of functions, generators and coroutines.

A body writes into the list `log` what it passes, and asks `dice()` for every decision: a cycle of bits, the same for both interpreters.
"""
from program_formats import Formats

CONTROL_HEAD = '''\
log = []
BITS = %r
at = 0
def dice():
    global at
    at += 1
    return BITS[at %% len(BITS)] == "1"

class Manager:
    def __init__(self, name, swallow=False, fail=None):
        self.name, self.swallow, self.fail = name, swallow, fail
    def __enter__(self):
        log.append(f"enter {self.name}")
        if self.fail == "enter": raise LookupError(self.name)
        return self.name
    def __exit__(self, kind, value, tb):
        log.append(f"exit {self.name} {kind and kind.__name__} {value}")
        if self.fail == "exit": raise OSError(self.name)
        return self.swallow
    async def __aenter__(self): return self.__enter__()
    async def __aexit__(self, *about): return self.__exit__(*about)

class Pause:
    def __init__(self, value): self.value = value
    def __await__(self): return (yield self.value)
'''

ERRORS = ("ValueError", "KeyError", "TypeError", "ZeroDivisionError", "LookupError", "OSError", "StopIteration", "RuntimeError", "AttributeError", "IndexError")


class Body:
    """What the statements being written stand in."""

    def __init__(self, function="", loop=False, star=False):
        self.function, self.loop, self.star = function, loop, star  # function: "", plain, generator, inner (delegates to no other), coroutine, stream

    def inside(self, **changes):
        return Body(**{"function": self.function, "loop": self.loop, "star": self.star, **changes})


class Control(Formats):
    def need_control(self):
        if self.control_head is None:
            self.control_head = CONTROL_HEAD % "".join(self.pick("0", "1") for _ in range(self.number(7, 40)))

    def logged(self, indent, extra=""):
        self.line(indent, f"log.append({self.fresh('at')!r})" if not extra else f"log.append(({self.fresh('at')!r}, {extra}))")

    # --- One statement of a body ---

    def flow(self, indent, depth, body):
        rows = [(3, self.flow_step), (2, self.flow_raise), (1, self.flow_error)]
        if depth > 0:
            rows += [(2, self.flow_if), (2, self.flow_for), (1, self.flow_while), (5, self.flow_try), (2, self.flow_with)]
            if not body.star:
                rows += [(1, self.flow_star)]
        if body.loop and not body.star:
            rows += [(2, self.flow_break)]
        if body.function and not body.star:
            rows += [(1, self.flow_return)]
        if body.function in ("generator", "inner", "stream"):
            rows += [(5, self.flow_yield)]
        if body.function in ("coroutine", "stream"):
            rows += [(4, self.flow_await)]
        self.weighted(rows)(indent, depth, body)

    def flow_block(self, indent, depth, body, most=3):
        for _ in range(self.number(1, most)):
            self.flow(indent, depth, body)

    def flow_step(self, indent, depth, body):
        self.logged(indent, self.value("any", 0) if self.maybe(0.2) else "")

    def error(self):
        return f"{self.pick(*ERRORS)}({self.pick('', repr(self.fresh('e')), '1', '1, 2')})"

    def flow_raise(self, indent, depth, body):
        guard = "if dice(): " if self.maybe(0.7) else ""
        group = f"ExceptionGroup({self.fresh('g')!r}, [{self.error()}, {self.error()}])"
        self.line(indent, guard + "raise" + self.pick("", " " + self.error(), " " + self.error(), " " + self.error(), " " + self.error() + " from " + self.pick("None", self.error()), " " + group))

    def flow_error(self, indent, depth, body):
        self.line(indent, self.pick("1 // 0", "{}['no']", "[][1]", "None.field", "int('x')", "len(5)", "unknown_name", "'a' + 1", "a, b = 1, 2, 3", "next(iter([]))", "assert dice(), 'told'", "del unbound"))

    def flow_if(self, indent, depth, body):
        self.line(indent, "if dice():")
        self.flow_block(indent + 1, depth - 1, body)
        if self.maybe(0.5):
            self.line(indent, "elif dice():")
            self.flow_block(indent + 1, depth - 1, body, 1)
        if self.maybe(0.5):
            self.line(indent, "else:")
            self.flow_block(indent + 1, depth - 1, body, 2)

    def flow_for(self, indent, depth, body):
        name = self.fresh("i")
        prefix = ""
        source = self.pick("range(3)", "'ab'", "[1, None]", "{'k': 1}")
        if body.function in ("coroutine", "stream") and self.maybe(0.4):
            prefix, source = "async ", "ticks(2)"
        self.line(indent, f"{prefix}for {name} in {source}:")
        with self.scope((name, "any")):
            self.flow_block(indent + 1, depth - 1, body.inside(loop=True, star=False) if not body.star else body)
        if self.maybe(0.4):
            self.line(indent, "else:")
            self.flow_block(indent + 1, depth - 1, body, 1)

    def flow_while(self, indent, depth, body):
        name = self.fresh("n")
        self.line(indent, f"{name} = 0")
        self.line(indent, f"while ({name} := {name} + 1) < {self.number(2, 4)}{self.pick('', ' and dice()')}:")
        self.flow_block(indent + 1, depth - 1, body.inside(loop=True) if not body.star else body)
        if self.maybe(0.4):
            self.line(indent, "else:")
            self.flow_block(indent + 1, depth - 1, body, 1)

    def flow_try(self, indent, depth, body):
        self.line(indent, "try:")
        self.flow_block(indent + 1, depth - 1, body)
        handlers = self.number(0, 2)
        for _ in range(handlers):
            name = self.fresh("x")
            self.line(indent, f"except {self.pick('Exception', self.pick(*ERRORS), '(' + self.pick(*ERRORS) + ', ' + self.pick(*ERRORS) + ')')} as {name}:")
            self.line(indent + 1, f"log.append(({name}, {name}.__context__, {name}.__cause__))")
            self.flow_block(indent + 1, depth - 1, body, 2)
        # A generator that yields or goes on from here overlooks GeneratorExit and is dropped half-way; when it ends then depends on when that is noticed.
        last = body.inside(function="plain", loop=False) if body.function in ("generator", "inner", "stream") else body
        if handlers == 0 and self.maybe(0.5):
            handlers = 1
            self.line(indent, "except:")
            self.flow_block(indent + 1, depth - 1, last, 2)
        if handlers and self.maybe(0.4):
            self.line(indent, "else:")
            self.flow_block(indent + 1, depth - 1, body, 2)
        if not handlers or self.maybe(0.5):
            self.line(indent, "finally:")
            self.logged(indent + 1)
            self.flow_block(indent + 1, depth - 1, last, 2)

    def flow_star(self, indent, depth, body):
        self.line(indent, "try:")
        self.flow_block(indent + 1, depth - 1, body)
        for _ in range(self.number(1, 2)):
            name = self.fresh("x")
            self.line(indent, f"except* {self.pick('Exception', self.pick(*ERRORS), self.pick(*ERRORS))} as {name}:")
            self.line(indent + 1, f"log.append(({name}, {name}.exceptions))")
            self.flow_block(indent + 1, depth - 1, body.inside(star=True), 1)
        if self.maybe(0.3):
            self.line(indent, "finally:")
            self.logged(indent + 1)

    def flow_with(self, indent, depth, body):
        swallows = "" if body.function in ("generator", "inner", "stream") else ", True"   # see flow_try()
        managers = [f"Manager({self.fresh('m')!r}{self.pick('', swallows, '', ', fail=' + repr('exit'), ', fail=' + repr('enter') if self.maybe(0.3) else '')})" for _ in range(self.pick(1, 1, 2))]
        if self.maybe(0.4):
            managers[-1] += f" as {self.fresh('w')}"
        prefix = "async " if body.function in ("coroutine", "stream") and self.maybe(0.5) else ""
        inner = ", ".join(managers)
        self.line(indent, f"{prefix}with {f'({inner})' if self.maybe(0.3) else inner}:")
        self.flow_block(indent + 1, depth - 1, body)

    def flow_break(self, indent, depth, body):
        self.line(indent, self.pick("", "if dice(): ") + self.pick("break", "continue"))

    def flow_return(self, indent, depth, body):
        self.line(indent, self.pick("", "if dice(): ", "if dice(): ") + ("return" if body.function == "stream" else f"return {self.value('any', 0)}"))

    def flow_yield(self, indent, depth, body):
        value = self.pick(repr(self.fresh("y")), self.value("any", 0))
        forms = [f"yield {value}", f"log.append(('got', (yield {value})))", f"log.append(('got', (yield {value})))"]
        if body.function == "generator":
            forms += [f"log.append(('from', (yield from {self.pick('inner()', 'inner()', '[1, 2]', 'range(2)', repr('xy'), '(inner(), 1)', '5')})))"]
        self.line(indent, self.random.choice(forms))

    def flow_await(self, indent, depth, body):
        self.line(indent, self.pick(f"log.append(await Pause({self.fresh('p')!r}))", f"await Pause({self.number(0, 9)})", "log.append(await nested())", "log.append([q async for q in ticks(2)])",
                                    "log.append([await Pause(q) for q in range(2)])", "await 5" if self.maybe(0.1) else "await Pause(None)"))

    # --- Whole statements of a program ---

    def controlled(self, indent):
        """A function full of control flow, called a few times."""
        self.need_control()
        name = self.fresh("f")
        self.line(indent, f"def {name}():")
        with self.scope():
            self.names = []
            self.flow_block(indent + 1, 3, Body("plain"), 4)
        for _ in range(self.number(1, 3)):
            self.line(indent, "log.clear()")
            self.show(indent, f"{name}()")
            self.line(indent, "print(log)")

    def generating(self, indent):
        self.need_control()
        name, inner = self.fresh("f"), "inner"
        for which in (inner, name):
            self.line(indent, f"def {which}():")
            with self.scope():
                self.names = []
                self.flow_block(indent + 1, 2, Body("inner" if which == inner else "generator"), 4 if which == name else 2)
            self.line(indent + 1, "yield 'last'")
        made = self.fresh("g")
        self.line(indent, f"log.clear(); {made} = {name}()")
        for _ in range(self.number(3, 7)):
            self.show(indent, self.pick(f"next({made})", f"next({made})", f"{made}.send(None)", f"{made}.send({self.number(1, 9)})", f"{made}.throw({self.error()})", f"{made}.throw({self.pick(*ERRORS)})",
                                        f"{made}.close()" if self.maybe(0.5) else f"next({made}, 'end')", f"list({made})" if self.maybe(0.5) else f"next({made})", f"{made}.throw(GeneratorExit)"))
        self.line(indent, "print(log)")

    def awaiting(self, indent):
        """Coroutines and asynchronous generators, driven by hand or by asyncio."""
        self.need_control()
        name = self.fresh("f")
        self.raw(indent, "async def ticks(n):\n    for q in range(n):\n        await Pause(('tick', q))\n        yield q")
        for which, kind in (("nested", "coroutine"), (name, self.pick("coroutine", "coroutine", "stream"))):
            self.line(indent, f"async def {which}():")
            with self.scope():
                self.names = []
                body = Body(kind)
                if which == "nested":
                    self.raw(indent + 1, "log.append(await Pause('n'))\nif dice(): raise KeyError('nested')\nreturn 'nested'")
                    continue
                self.flow_block(indent + 1, 2, body, 4)
                if kind == "stream":
                    self.line(indent + 1, "yield 'last'")
        self.line(indent, "log.clear()")
        made = self.fresh("g")
        if kind == "coroutine":
            self.line(indent, f"{made} = {name}()")
            for _ in range(self.number(2, 6)):
                self.show(indent, self.pick(f"{made}.send(None)", f"{made}.send(None)", f"{made}.throw({self.error()})", f"{made}.close()" if self.maybe(0.4) else f"{made}.send(None)"))
            self.line(indent, f"{made}.close() if dice() else log.append('left')")
        else:
            self.line(indent, f"{made} = {name}()")
            for _ in range(self.number(2, 5)):
                step = self.fresh("k")
                self.line(indent, f"{step} = {made}.{self.pick('__anext__()', '__anext__()', 'asend(None)', 'asend(3)', 'athrow(' + self.error() + ')', 'aclose()')}")
                for _ in range(self.number(1, 3)):
                    self.show(indent, self.pick(f"{step}.send(None)", f"{step}.send(None)", f"{step}.throw({self.error()})"))
                self.line(indent, f"{step}.close()")
        self.line(indent, "print(log)")

    def scheduled(self, indent):
        """Tasks under asyncio, which switch at known places only."""
        self.need_control()
        main, count = self.fresh("main"), self.number(2, 4)
        self.line(indent, "import asyncio")
        self.raw(indent, "class Tick:\n    def __await__(self): return (yield from asyncio.sleep(0, 'slept').__await__())")
        for which in range(count):
            self.line(indent, f"async def job{which}(n, shared):")
            for _ in range(self.number(2, 5)):
                self.line(indent + 1, self.pick(f"log.append(({which}, n)); await asyncio.sleep(0)", "await Tick()", "shared.set()", "await asyncio.wait_for(shared.wait(), None)" if which == 0 else "log.append(shared.is_set())",
                                                "if dice(): raise ValueError(n)", "if dice(): return n", f"log.append(({which}, 'step'))", "asyncio.current_task().cancel() if dice() and dice() else None",
                                                "try:\n    {0}    await asyncio.sleep(0)\n{0}except asyncio.CancelledError:\n    {0}log.append('cancelled'); raise".format("    " * (indent + 1))))
            self.line(indent + 1, f"return ({which}, n)")
        self.line(indent, f"async def {main}():")
        inner = indent + 1
        self.line(inner, "shared = asyncio.Event(); shared.set()")
        jobs = ", ".join(f"job{which}({self.number(0, 9)}, shared)" for which in range(count))
        form = self.number(0, 3)
        if form <= 1:
            self.line(inner, f"return await asyncio.gather({jobs}, return_exceptions={self.pick('True', 'False')})")
        elif form == 2:
            self.raw(inner, f"async with asyncio.TaskGroup() as group:\n    tasks = [group.create_task(job) for job in [{jobs}]]\nreturn [task.result() for task in tasks]")
        else:
            self.raw(inner, f"tasks = [asyncio.create_task(job) for job in [{jobs}]]\nawait asyncio.sleep(0)\ntasks[0].cancel({self.pick('', repr('why'))})\ndone, pending = await asyncio.wait(tasks, "
                            f"return_when=asyncio.{self.pick('ALL_COMPLETED', 'ALL_COMPLETED', 'FIRST_COMPLETED')})\nlog.append((len(done), len(pending)))\n"
                            "return [repr(t.exception()) if t.done() and not t.cancelled() else t.cancelled() for t in tasks]")
        self.line(indent, "log.clear()")
        self.show(indent, f"asyncio.run({main}())")
        self.line(indent, "print(log)")

    # --- Simple statements at the top ---

    def guarded(self, indent, write):
        self.line(indent, "try:")
        write(indent + 1)
        self.line(indent, "except Exception as e:")
        self.line(indent + 1, f"print({self.fresh('s')!r}, type(e).__name__, e)")
        if self.maybe(0.2):
            self.line(indent, "else:")
            self.line(indent + 1, "print('fine')")

    def assignment(self, indent):
        name, kind = self.fresh("v"), self.pick("int", "float", "str", "list", "tuple", "dict", "set", "bytes", "any", "bytearray")
        self.line(indent, f"{name} = None")
        self.guarded(indent, lambda inner: self.raw(inner, f"{name} = limit({self.value(kind, 3)})\nprint({name!r}, text({name}))"))
        self.names = self.names[-9:] + [(name, kind)]

    def shown(self, indent):
        self.show(indent, self.value("any", 4))

    def unpacking(self, indent):
        target = self.pick("a, b", "a, *b", "*a, b", "a, (b, *c)", "[a, b, *c]", "a, b, c", "*a,", "(a, b), c", "a[0], b", "a.x, b", "a, b[:1], *c", "a = b", "x, x")
        names = [letter for letter in "abc" if letter in target]
        self.line(indent, f"{' = '.join(names or ['a'])} = {self.pick('None', '[9, 9]')}")
        source = self.pick(self.value("list", 1), self.value("tuple", 1), self.value("any", 1), "(1, (2, 3, 4))", "[(1, 2), 3]", "range(3)", "'abc'", "{1: 2, 3: 4}", "iter([1, 2])")
        if self.maybe(0.2):
            self.guarded(indent, lambda inner: self.line(inner, f"for {target.split(' = ')[0]} in [{source}, {source}]: print({', '.join(f'text({n})' for n in names)})"))
        else:
            self.guarded(indent, lambda inner: self.line(inner, f"{target} = {source}"))
            self.line(indent, f"print({', '.join(f'text({n})' for n in names)})" if "x, x" not in target else "print('x')")

    def augmented(self, indent):
        if not self.names:
            return self.assignment(indent)
        name, kind = self.random.choice(self.names)
        operator = self.pick("+=", "-=", "*=", "//=", "%=", "|=", "&=", "^=", "/=", "<<=", ">>=", "**=", "@=")
        right = self.value(self.pick(kind, kind, "int", "any"), 1)
        right = f"limit({right}, 60)" if operator not in ("<<=", ">>=", "**=") else self.pick("0", "1", "2", "3", "7") if operator == "**=" else self.atom("small")
        self.guarded(indent, lambda inner: self.raw(inner, f"{name} = limit({name}, 10**10)\n{name} {operator} {right}\n{name} = limit({name})\nprint(text({name}))"))

    def matching(self, indent):
        subject = self.pick(self.value("any", 1), "[1, 2, 3]", "{'a': 1, 'b': [2]}", "('x', 4)", "Point(1, 2)", "(Point(0, 0), [Point(1, 'y')])", "2", "'text'", "[[1, 2], [3]]", "None", "1.0", "b'x'")
        self.need("class Point:\n    __match_args__ = ('x', 'y')\n    def __init__(self, x, y): self.x, self.y = x, y\n    def __repr__(self): return f'Point({self.x}, {self.y})'")
        self.line(indent, "k = rest = x = y = 'unset'")
        def write(inner):
            self.line(inner, f"match {subject}:")
            for _ in range(self.number(2, 4)):
                pattern = self.pattern(2)
                guard = self.pick("", "", " if x", f" if {self.condition(0)}")
                self.line(inner + 1, f"case {pattern}{guard}:")
                self.line(inner + 2, f"print({self.fresh('case')!r})")
            if self.maybe(0.5):
                self.line(inner + 1, "case _:")
                self.line(inner + 2, "print('no match')")
        self.guarded(indent, write)
        self.line(indent, "print(text(k), text(rest), text(x), text(y))")

    def pattern(self, depth, bindable=("x", "y", "k", "rest")):
        """A pattern; one that binds any name, or matches everything, stands inside another only, so that it does not hide the next cases."""
        free = list(bindable)
        self.random.shuffle(free)
        def one(depth):
            form = self.number(0, 10)
            if form <= 2 or depth < 0:
                return self.pick("1", "2", "'x'", "None", "True", "1.0", "-1", "b'x'", "'te' 'xt'", "0")
            if form == 3 and free:
                return free.pop()
            if form == 4:
                return f"({one(-1)} | {one(-1)})"
            if form == 5:
                parts = [one(depth - 1) for _ in range(self.number(0, 3))]
                if free and self.maybe(0.4):
                    parts.insert(self.number(0, len(parts)), "*" + self.pick("_", free.pop()))
                return "[" + ", ".join(parts) + "]"
            if form == 6:
                parts = [f"{key}: {one(depth - 1)}" for key in self.random.sample(["'a'", "'b'", "1", "None"], self.number(0, 2))]
                if free and self.maybe(0.3):
                    parts.append("**" + free.pop())
                return "{" + ", ".join(parts) + "}"
            if form == 7:
                return self.pick("int()", "str()", "list()", "float()", "bool()", "dict()", "tuple()", "object()") if not free else self.pick(f"int({free.pop()})", "str()", f"list() as {free.pop()}", "(int() | str())") if len(free) > 1 else "int()"
            if form == 8:
                return self.pick(f"Point({one(depth - 1)}, {one(depth - 1)})", f"Point(x={one(depth - 1)})", f"Point({one(depth - 1)}, y={one(depth - 1)})", "Point(1, 2, 3)", "Point()", "Point(z=1)")
            if form == 9 and free:
                name = free.pop()
                return f"({one(-1)} | {one(-1)}) as {name}"
            return "_" if depth < 2 else "int()"
        found = one(depth)
        return found if found not in bindable else f"[{found}]"
