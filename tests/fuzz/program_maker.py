# SPDX-License-Identifier: MIT
"""One random program: a few themes are drawn, then statements of these themes."""
from program_everyday import Everyday
from program_writer import HEAD


class Program(Everyday):
    def __init__(self, seed):
        super().__init__(seed)
        self.control_head = None

    def themes(self):
        return {
            "calls": [(8, self.calling), (1, self.assignment)],
            "arithmetic": [(8, self.arithmetic_shown), (1, self.assignment), (1, self.augmented)],
            "formats": [(8, self.formatting), (1, self.assignment)],
            "expressions": [(3, self.assignment), (5, self.shown), (2, self.augmented), (2, self.unpacking)],
            "changes": [(4, self.mutation), (1, self.assignment), (1, self.augmented)],
            "control": [(3, self.controlled), (1, self.unpacking)],
            "matching": [(4, self.matching), (1, self.assignment)],
            "functions": [(3, self.called), (2, self.closures), (2, self.scoped)],
            "generators": [(3, self.generating), (1, self.controlled)],
            "coroutines": [(2, self.awaiting), (1, self.scheduled)],
            "classes": [(3, self.operators), (2, self.hierarchy), (2, self.hooks)],
            "everyday": [(2, self.computing), (2, self.records), (2, self.texts), (1, self.objects), (1, self.pipelines)],
            "errors": [(4, self.traced), (1, self.assignment)],
        }

    def write(self):
        themes = self.themes()
        rows = [row for theme in self.random.sample(list(themes), self.pick(1, 1, 2, 3)) for row in themes[theme]]
        for _ in range(self.number(5, 12)):
            self.attempt(lambda: self.weighted(rows)(0))
        if self.maybe(0.25):
            self.attempt(self.uncaught)
        return self.whole_text()

    def attempt(self, write):
        """Writes a statement; one that Python's many rules about where a name may be bound or a loop be left do not allow is taken back."""
        start, names = len(self.lines), self.names
        write()
        try:
            compile("\n".join(self.lines[start:]), "statement", "exec")
        except (SyntaxError, ValueError):
            del self.lines[start:]
            self.names = names

    def whole_text(self):
        parts = ["# Program of tests/fuzz", f"TRACEBACKS = {self.maybe(0.15)}", HEAD, *self.needed]
        if self.control_head is not None:
            parts.append(self.control_head)
        return "\n".join(parts + self.lines) + "\n"


def make_program(seed, number):
    """Program `number` of `seed`: always the same text."""
    return Program(f"{seed}/{number}").write()
