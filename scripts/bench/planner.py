# One-way constraints between variables, solved incrementally: strengths, a plan that is extracted and executed again and again.
REQUIRED, STRONG, MEDIUM, WEAK = range(4)


class Variable:
    def __init__(self, name, value):
        self.name = name
        self.value = value
        self.constraints = []
        self.determined_by = None
        self.strength = WEAK + 1
        self.mark = 0


class Constraint:
    def __init__(self, strength, output, *inputs):
        self.strength = strength
        self.output = output
        self.inputs = inputs
        for variable in (output, *inputs):
            variable.constraints.append(self)

    def is_stronger_than(self, variable):
        return self.strength < variable.strength

    def walk_about(self):
        return max([self.strength] + [each.strength for each in self.inputs])


class Stay(Constraint):
    def execute(self):
        pass


class Edit(Constraint):
    source = 0

    def execute(self):
        self.output.value = self.source


class Equal(Constraint):
    def execute(self):
        self.output.value = self.inputs[0].value


class Scale(Constraint):
    def __init__(self, output, source, factor, offset):
        super().__init__(REQUIRED, output, source)
        self.factor = factor
        self.offset = offset

    def execute(self):
        self.output.value = (self.inputs[0].value * self.factor + self.offset) % 65521


class Planner:
    def __init__(self):
        self.mark = 0

    def add(self, constraint):
        variable = constraint.output
        if variable.determined_by is None or constraint.is_stronger_than(variable):
            displaced, variable.determined_by = variable.determined_by, constraint
            variable.strength = constraint.walk_about()
            for each in self.plan(variable):
                each.output.strength = each.walk_about()
            return displaced
        return constraint

    def remove(self, constraint):
        variable = constraint.output
        variable.constraints.remove(constraint)
        if variable.determined_by is constraint:
            variable.determined_by = None
            variable.strength = WEAK + 1

    def plan(self, start):
        self.mark += 1
        found, todo = [], [start]
        while todo:
            variable = todo.pop()
            if variable.mark == self.mark:
                continue
            variable.mark = self.mark
            if variable.determined_by is not None:
                found.append(variable.determined_by)
            for constraint in variable.constraints:
                if constraint.output is not variable and constraint.output.determined_by is constraint:
                    todo.append(constraint.output)
        return found


planner = Planner()
chain = [Variable("v%d" % i, 0) for i in range(150)]
for i in range(1, 150):
    rule = Equal(REQUIRED, chain[i], chain[i - 1]) if i % 3 else Scale(chain[i], chain[i - 1], i, 7)
    planner.add(rule)
planner.add(Stay(WEAK, chain[0]))
total = 0
for round_number in range(800):
    edit = Edit(STRONG if round_number % 2 else MEDIUM, chain[0])
    planner.add(edit)
    steps = planner.plan(chain[0])
    for value in range(14):
        edit.source = value * round_number
        for step in steps:
            step.execute()
        total = (total * 3 + chain[-1].value) % 1000003
    planner.remove(edit)
print(total, len(steps), chain[75].strength)
