# A virtual machine: a language of eight signs, compiled to jumps, and a register machine with its instructions in dicts.
def compile_signs(text):
    code, stack = [], []
    for c in text:
        if c in "+-<>":
            step = 1 if c in "+>" else -1
            kind = "add" if c in "+-" else "move"
            if code and code[-1][0] == kind:
                code[-1] = (kind, code[-1][1] + step)
            else:
                code.append((kind, step))
        elif c == ".":
            code.append(("put", 0))
        elif c == "[":
            stack.append(len(code))
            code.append(("open", 0))
        elif c == "]":
            begin = stack.pop()
            code[begin] = ("open", len(code))
            code.append(("close", begin))
    return code


def run_signs(code):
    cells, at, out, ip, steps = [0] * 300, 0, [], 0, 0
    while ip < len(code):
        kind, argument = code[ip]
        if kind == "add":
            cells[at] = cells[at] + argument & 255
        elif kind == "move":
            at += argument
        elif kind == "open":
            if cells[at] == 0:
                ip = argument
        elif kind == "close":
            if cells[at] != 0:
                ip = argument
        else:
            out.append(chr(cells[at]))
        ip += 1
        steps += 1
    return "".join(out), steps


class Machine:
    def __init__(self, program):
        self.registers = {"a": 0, "b": 0, "c": 0}
        self.program = [tuple(line.split()) for line in program.strip().splitlines()]
        self.labels = {line[0][:-1]: i for i, line in enumerate(self.program) if line[0].endswith(":")}
        self.actions = {"set": self.set, "add": self.add, "mod": self.mod, "jump": self.jump}
        self.ip = 0

    def value(self, operand):
        return self.registers[operand] if operand in self.registers else int(operand)

    def set(self, register, operand):
        self.registers[register] = self.value(operand)

    def add(self, register, operand):
        self.registers[register] += self.value(operand)

    def mod(self, register, operand):
        self.registers[register] %= self.value(operand)

    def jump(self, register, label):
        if self.registers[register]:
            self.ip = self.labels[label]

    def run(self):
        while self.ip < len(self.program):
            name, *operands = self.program[self.ip]
            self.ip += 1
            if name in self.actions:
                self.actions[name](*operands)
        return self.registers


COUNT = """
set a 90000
loop:
add b a
mod b 9973
add c b
add a -1
jump a loop
"""
HELLO = "++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---.+++++++..+++.>>.<-.<.+++.------.--------.>>+."
LOOPS = "+++++[>+++++++++[>+++++++++[>+++++++++[>++++++<-]<-]<-]<-]>>>>[-]<<<<++++++[>++++++++++<-]>+."
text, steps = run_signs(compile_signs(HELLO))
loop, count = run_signs(compile_signs(LOOPS))
print(text, steps, loop, count, Machine(COUNT).run())
