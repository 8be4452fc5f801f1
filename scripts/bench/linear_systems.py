# LU decomposition with pivoting, solving for many right sides, determinant and inverse.
def decompose(matrix):
    n = len(matrix)
    lu = [row[:] for row in matrix]
    order, sign = list(range(n)), 1
    for k in range(n):
        pivot = max(range(k, n), key=lambda i: abs(lu[i][k]))
        if pivot != k:
            lu[k], lu[pivot] = lu[pivot], lu[k]
            order[k], order[pivot] = order[pivot], order[k]
            sign = -sign
        top = lu[k]
        for i in range(k + 1, n):
            row = lu[i]
            factor = row[k] = row[k] / top[k]
            if factor:
                for j in range(k + 1, n):
                    row[j] -= factor * top[j]
    return lu, order, sign


def solve(lu, order, right):
    n = len(lu)
    x = [0.0] * n
    for i in range(n):
        total = right[order[i]]
        row = lu[i]
        for j in range(i):
            total -= row[j] * x[j]
        x[i] = total
    for i in range(n - 1, -1, -1):
        row = lu[i]
        total = x[i]
        for j in range(i + 1, n):
            total -= row[j] * x[j]
        x[i] = total / row[i]
    return x


def multiply(matrix, vector):
    return [sum(a * b for a, b in zip(row, vector)) for row in matrix]


n = 130
matrix = [[((i * 37 + j * 91 + i * j) % 101 - 50) / 10 + (20 if i == j else 0) for j in range(n)] for i in range(n)]
checks = []
for shift in range(5):
    for i in range(n):
        matrix[i][i] += shift
    lu, order, sign = decompose(matrix)
    for side in range(25):
        right = [float((i * side) % 17) for i in range(n)]
        x = solve(lu, order, right)
    residue = max(abs(a - b) for a, b in zip(multiply(matrix, x), right))
    logarithm = sum(len(str(int(abs(lu[i][i])))) for i in range(n))
    checks.append((sign, logarithm, residue < 1e-9, round(x[7], 9)))
print(checks)
