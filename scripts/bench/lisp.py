# A small Lisp: reader, environments, special forms, closures, and programs that run in it.
class Environment(dict):
    def __init__(self, names=(), values=(), outer=None):
        super().__init__(zip(names, values))
        self.outer = outer

    def find(self, name):
        env = self
        while name not in env:
            env = env.outer
        return env


class Lambda:
    def __init__(self, names, body, env):
        self.names, self.body, self.env = names, body, env


def tokens(text):
    return text.replace("(", " ( ").replace(")", " ) ").split()


def read(parts):
    token = parts.pop(0)
    if token == "(":
        items = []
        while parts[0] != ")":
            items.append(read(parts))
        parts.pop(0)
        return items
    try:
        return int(token)
    except ValueError:
        return token


def evaluate(x, env):
    while True:
        if isinstance(x, str):
            return env.find(x)[x]
        if not isinstance(x, list):
            return x
        head = x[0]
        if head == "if":
            x = x[2] if evaluate(x[1], env) else x[3]
        elif head == "define":
            env[x[1]] = evaluate(x[2], env)
            return None
        elif head == "lambda":
            return Lambda(x[1], x[2], env)
        elif head == "quote":
            return x[1]
        elif head == "let":
            env = Environment([name for name, _ in x[1]], [evaluate(value, env) for _, value in x[1]], env)
            x = x[2]
        else:
            function, *arguments = [evaluate(each, env) for each in x]
            if isinstance(function, Lambda):
                x, env = function.body, Environment(function.names, arguments, function.env)
            else:
                return function(*arguments)


GLOBAL = Environment()
GLOBAL.update({"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "<": lambda a, b: a < b, "=": lambda a, b: a == b,
               "mod": lambda a, b: a % b, "cons": lambda a, b: [a] + b, "car": lambda a: a[0], "cdr": lambda a: a[1:],
               "null": lambda a: a == [], "nil": []})
PROGRAM = """
(define fib (lambda (n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))))
(define loop (lambda (i total) (if (= i 0) total (loop (- i 1) (mod (+ (* total 3) i) 10007)))))
(define map (lambda (f items) (if (null items) nil (cons (f (car items)) (map f (cdr items))))))
(define range (lambda (a b) (if (= a b) nil (cons a (range (+ a 1) b)))))
(define sum (lambda (items) (if (null items) 0 (+ (car items) (sum (cdr items))))))
(define make (lambda (n) (lambda (x) (let ((y (* x n))) (+ y 1)))))
"""
for form in read(tokens("(" + PROGRAM + ")")):
    evaluate(form, GLOBAL)
print([evaluate(read(tokens(text)), GLOBAL) for text in (
    "(fib 18)", "(loop 20000 1)", "(sum (map (make 3) (range 0 60)))", "(map (lambda (n) (* n n)) (quote (1 2 3)))")])
