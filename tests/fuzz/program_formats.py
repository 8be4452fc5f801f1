# SPDX-License-Identifier: MIT
"""Formatted text in its four forms: f-strings, str.format, % and format()."""
from program_calls import Calls


class Formats(Calls):
    def spec(self):
        """A format specification, mostly valid for some kind of value."""
        if self.maybe(0.05):
            return self.pick("q", "5.", ".d", ">>5", "0=5d", "<08", ",_d", "_,d", "99999999999999999999", ".3x", "#", " s", "-s", ",s", "z.1f", "c", "=10")
        fill = self.pick("", "", "", self.pick("*", "0", " ", "\u00e9", "x", "<", ">") + self.pick("<", ">", "^", "="))
        if not fill:
            fill = self.pick("", "", "<", ">", "^", "=")
        sign, other = self.pick("", "", "", "+", "-", " "), self.pick("", "", "", "", "#")
        width = self.pick("", "", "0", "5", "10", "010", "1", "20")
        grouping = self.pick("", "", "", ",", "_")
        precision = self.pick("", "", ".0", ".1", ".3", ".10", ".30")
        kind = self.pick("", "d", "b", "o", "x", "X", "e", "E", "f", "F", "g", "G", "n", "%", "s", "s", "c", "f")
        if kind in "sc":
            return fill.replace("=", "^") + width.lstrip("0") + (precision if kind == "s" else "") + kind
        if kind in "dboxXc":
            return fill + sign + other + width + (grouping if kind == "d" or grouping != "," else "") + kind
        return fill + sign + other + width + (grouping if kind != "n" else "") + precision + kind

    def percent(self):
        flags = "".join(self.random.sample(["-", "+", " ", "#", "0"], self.pick(0, 0, 1, 1, 2)))
        return "%" + flags + self.pick("", "", "3", "8", "12", "*") + self.pick("", "", ".0", ".2", ".5", ".*", ".") + self.pick("", "", "", "l") + self.pick(*"diouxXeEfFgGcrsa", "d", "s", "f", "s", "d", "%", "y")

    def formatted(self, depth):
        return self.pick(self.format_string, self.percent_string, self.format_method, self.format_call)(depth)

    def any_number(self, depth):
        return self.pick(lambda: self.atom("special"), lambda: self.value("int", depth), lambda: self.value("float", depth))()

    def format_call(self, depth):
        return f"format({self.pick(self.any_number(depth), self.value('str', depth), self.any_number(depth), self.value('any', depth))}, {self.spec()!r})"

    def format_string(self, depth):
        parts = []
        for _ in range(self.number(1, 3)):
            if self.maybe(0.4):
                value = self.random.choice(self.names)[0] if self.names else self.any_number(0)
            else:
                value = self.value(self.pick("int", "float", "str", "any"), depth)
            if any(character in value for character in "\\'#\"{}:!=\n") or "lambda" in value:
                value = self.pick("1", "2.5", "-3", "10**20", "None", "True", "(1, 2)", "[1]")
            spec = self.spec().replace("'", "")
            if any(character in spec for character in "{}"):
                spec = ""
            nested = self.pick("{5}", "{3}.{1}", "{2 + 3}", ">{10}", "{0}", "{'<'}8") if self.maybe(0.1) else spec
            parts.append(self.pick("", "x", "{{", "}}", "\u00e9", " ") + "{" + self.pick("", " ") + value + self.pick("", " ", "", "=", " = ") + self.pick("", "", "!r", "!s", "!a") + self.pick("", ":" + nested) + "}")
        return 'f"' + "".join(parts) + '"'

    def percent_string(self, depth):
        pieces, values = [], []
        for _ in range(self.number(1, 3)):
            piece = self.percent()
            values += [self.pick("0", "6", "-9", "3", "'w'" if self.maybe(0.1) else "12") for _ in range(piece.count("*"))]
            pieces.append(piece)
            if not piece.endswith("%"):
                values.append(self.pick(self.any_number(depth), self.any_number(depth), self.value("str", depth), self.value("any", depth)))
        text = self.pick("", "x", "\u00e9 ") + "|".join(pieces)
        if self.maybe(0.1):
            return f"({text.replace('%', '%(k)', 1)!r} % {{'k': {self.value('any', depth)}}})"
        if len(values) == 1 and self.maybe(0.3):
            return f"({text!r} % {values[0]})"
        if self.maybe(0.05):
            values.append("1")
        return f"({text!r} % ({''.join(value + ', ' for value in values)}))"

    def format_method(self, depth):
        values = [self.pick(self.any_number(depth), self.value("str", depth), self.value("any", depth)) for _ in range(self.number(1, 3))]
        fields = []
        numbered = self.maybe(0.4)
        for place in range(self.number(1, 3)):
            name = str(self.number(0, 2)) if numbered else ""
            if self.maybe(0.2):
                name += self.pick("[0]", ".real", "[a]", "[-1]", ".x.y", "[", "[0", ".")
            if self.maybe(0.1):
                name = self.pick("k", "k[0]", "k.imag", "missing", "-1", " ")
            conversion = self.pick("", "", "", "!r", "!s", "!a", "!z" if self.maybe(0.2) else "")
            spec = ":" + self.spec() if self.maybe(0.6) else self.pick("", ":{}", ":>{}", ":") if not numbered else ""
            fields.append(self.pick("", "", "{{", "}}", " ") + "{" + name + conversion + spec + "}")
        if self.maybe(0.03):
            fields.append(self.pick("{", "}", "{0", "{!}", "{:"))
        return f"{'-'.join(fields)!r}.format({', '.join(values)}{self.pick('', ', k=' + self.value('any', 0))})"

    def formatting(self, indent):
        self.show(indent, self.formatted(1))
