# A tokenizer, a recursive-descent parser and a small virtual machine.
def tokenize(text):
    tokens, i = [], 0
    while i < len(text):
        c = text[i]
        if c.isspace():
            i += 1
        elif c.isdigit():
            begin = i
            while i < len(text) and text[i].isdigit():
                i += 1
            tokens.append(("number", int(text[begin:i])))
        elif c.isalpha() or c == "_":
            begin = i
            while i < len(text) and (text[i].isalnum() or text[i] == "_"):
                i += 1
            tokens.append(("name", text[begin:i]))
        else:
            tokens.append(("symbol", c))
            i += 1
    tokens.append(("end", ""))
    return tokens


class Parser:
    def __init__(self, tokens):
        self.tokens = tokens
        self.at = 0
        self.code = []

    def peek(self):
        return self.tokens[self.at]

    def accept(self, symbol):
        kind, value = self.peek()
        if kind == "symbol" and value == symbol:
            self.at += 1
            return True
        return False

    def sum(self):
        self.product()
        while True:
            if self.accept("+"):
                self.product()
                self.code.append(("add", None))
            elif self.accept("-"):
                self.product()
                self.code.append(("sub", None))
            else:
                return

    def product(self):
        self.atom()
        while self.accept("*"):
            self.atom()
            self.code.append(("mul", None))

    def atom(self):
        kind, value = self.peek()
        self.at += 1
        if kind == "number":
            self.code.append(("push", value))
        elif kind == "name":
            self.code.append(("load", value))
        else:
            self.sum()
            self.at += 1


def execute(code, variables):
    stack = []
    for op, argument in code:
        if op == "push":
            stack.append(argument)
        elif op == "load":
            stack.append(variables[argument])
        else:
            b = stack.pop()
            a = stack.pop()
            stack.append(a + b if op == "add" else a - b if op == "sub" else a * b % 1000003)
    return stack[0]


text = " + ".join(f"(alpha_{i % 7} * {i} - {i % 13} * (beta + {i}))" for i in range(400))
total = 0
for i in range(100):
    parser = Parser(tokenize(text))
    parser.sum()
    for j in range(4):
        total += execute(parser.code, {**{f"alpha_{k}": k + j for k in range(7)}, "beta": i})
print(len(parser.code), total)
