# Matrix work on lists of lists: products, elimination, powers.
def matrix(n, seed):
    return [[((i * 31 + j * 17 + seed) % 19) / 7.0 - 1.0 for j in range(n)] for i in range(n)]


def multiply(a, b):
    columns = list(zip(*b))
    return [[sum(x * y for x, y in zip(row, column)) for column in columns] for row in a]


def multiply_by_index(a, b):
    n = len(a)
    result = [[0.0] * n for _ in range(n)]
    for i in range(n):
        row = a[i]
        out = result[i]
        for k in range(n):
            factor = row[k]
            other = b[k]
            for j in range(n):
                out[j] += factor * other[j]
    return result


def determinant(m):
    m = [row[:] for row in m]
    n = len(m)
    result = 1.0
    for i in range(n):
        pivot = max(range(i, n), key=lambda r: abs(m[r][i]))
        if m[pivot][i] == 0:
            return 0.0
        if pivot != i:
            m[i], m[pivot] = m[pivot], m[i]
            result = -result
        result *= m[i][i]
        for r in range(i + 1, n):
            factor = m[r][i] / m[i][i]
            if factor:
                for c in range(i, n):
                    m[r][c] -= factor * m[i][c]
    return result


a, b = matrix(70, 1), matrix(70, 5)
total = 0.0
for _ in range(12):
    c = multiply(a, b)
    d = multiply_by_index(a, b)
    total += c[3][4] + d[5][6]
for i in range(70):
    a[i][i] += 9.5
for _ in range(16):
    total += determinant(a) / 1e60
print(round(total, 6))
