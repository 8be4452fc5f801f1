# The game of life on lists of lists with wrapped edges, and other cellular automata: a rule of one line, a forest on fire.
def step(grid):
    height, width = len(grid), len(grid[0])
    new = []
    for y in range(height):
        above, row, below = grid[y - 1], grid[y], grid[(y + 1) % height]
        out = []
        for x in range(width):
            right = x + 1 if x + 1 < width else 0
            near = (above[x - 1] + above[x] + above[right] + row[x - 1] + row[right] + below[x - 1] + below[x] + below[right])
            out.append(1 if near == 3 or (near == 2 and row[x]) else 0)
        new.append(out)
    return new


def line_rule(number, width, steps):
    rule = [number >> i & 1 for i in range(8)]
    cells = [0] * width
    cells[width // 2] = 1
    total = 0
    for _ in range(steps):
        total += sum(cells)
        cells = [rule[cells[i - 1] << 2 | cells[i] << 1 | cells[(i + 1) % width]] for i in range(width)]
    return total


def forest(size, steps):
    trees = [["T" if (x * 7 + y * 13) % 10 < 6 else "." for x in range(size)] for y in range(size)]
    trees[size // 2][size // 2] = "*"
    for _ in range(steps):
        burning = [(y, x) for y in range(size) for x in range(size) if trees[y][x] == "*"]
        for y, x in burning:
            trees[y][x] = "."
            for dy, dx in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                if 0 <= y + dy < size and 0 <= x + dx < size and trees[y + dy][x + dx] == "T":
                    trees[y + dy][x + dx] = "*"
    return sum(row.count("T") for row in trees)


grid = [[1 if (x * x + y * 3 + x * y) % 7 < 3 else 0 for x in range(64)] for y in range(48)]
history = []
for _ in range(300):
    grid = step(grid)
    history.append(sum(map(sum, grid)))
print(history[::10], line_rule(30, 401, 500), line_rule(110, 301, 200), forest(60, 60))
