# Dynamic programming over tables: knapsacks, subset sums, matrix chains, palindromes, rods, rising paths, rain water.
def knapsack(items, room):
    best = [0] * (room + 1)
    for weight, value in items:
        for left in range(room, weight - 1, -1):
            better = best[left - weight] + value
            if better > best[left]:
                best[left] = better
    return best[room]


def chosen(items, room):
    table = [[0] * (room + 1)]
    for weight, value in items:
        before = table[-1]
        table.append([max(before[r], before[r - weight] + value) if r >= weight else before[r] for r in range(room + 1)])
    picks = []
    for i in range(len(items), 0, -1):
        if table[i][room] != table[i - 1][room]:
            picks.append(i - 1)
            room -= items[i - 1][0]
    return picks[::-1]


def matrix_chain(sizes):
    n = len(sizes) - 1
    cost = [[0] * n for _ in range(n)]
    for length in range(2, n + 1):
        for i in range(n - length + 1):
            j = i + length - 1
            cost[i][j] = min(cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1] for k in range(i, j))
    return cost[0][-1]


def longest_palindrome(text):
    begin = end = 0
    for middle in range(len(text)):
        for low, high in ((middle, middle), (middle, middle + 1)):
            while low >= 0 and high < len(text) and text[low] == text[high]:
                low, high = low - 1, high + 1
            if high - low - 1 > end - begin:
                begin, end = low + 1, high
    return text[begin:end]


def rods(prices):
    best = [0]
    for length in range(1, len(prices)):
        best.append(max(prices[cut] + best[length - cut] for cut in range(1, length + 1)))
    return best[-1]


def best_path(grid):
    best = grid[-1]
    for row in reversed(grid[:-1]):
        best = [row[i] + max(best[i], best[i + 1] if i + 1 < len(row) else 0, best[i - 1] if i else 0) for i in range(len(row))]
    return max(best)


items = [(3 + i * 7 % 23, 10 + i * 13 % 37) for i in range(160)]
picks = chosen(items[:40], 300)
text = "".join("abac"[(i * i // 5) % 4] for i in range(2500))
grid = [[(i * 31 + j * 17) % 29 for j in range(250)] for i in range(400)]
print(knapsack(items, 3000), len(picks), sum(items[i][1] for i in picks), matrix_chain([5 + i * 11 % 17 for i in range(110)]))
print(len(longest_palindrome(text)), rods([0] + [i * 3 - i * i // 200 for i in range(1, 1200)]), best_path(grid))
