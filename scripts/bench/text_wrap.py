# Typesetting with blanks: greedy wrapping, the best breaks by dynamic programming, justified and centred lines, columns.
def greedy(words, width):
    lines, line, length = [], [], -1
    for word in words:
        if length + 1 + len(word) > width:
            lines.append(line)
            line, length = [], -1
        line.append(word)
        length += 1 + len(word)
    lines.append(line)
    return lines


def best(words, width):
    n = len(words)
    cost, breaks = [0] * (n + 1), [n] * (n + 1)
    for i in range(n - 1, -1, -1):
        length, lowest = -1, 10**9
        for j in range(i, n):
            length += 1 + len(words[j])
            if length > width:
                break
            badness = 0 if j == n - 1 else (width - length) ** 2
            if badness + cost[j + 1] < lowest:
                lowest, breaks[i] = badness + cost[j + 1], j + 1
        cost[i] = lowest
    lines, i = [], 0
    while i < n:
        lines.append(words[i:breaks[i]])
        i = breaks[i]
    return lines, cost[0]


def justify(line, width):
    if len(line) == 1:
        return line[0].ljust(width)
    blanks = width - sum(map(len, line))
    each, more = divmod(blanks, len(line) - 1)
    return "".join(word + " " * (each + (i < more)) for i, word in enumerate(line[:-1])) + line[-1]


def columns(lines, count):
    height = -(-len(lines) // count)
    parts = [lines[i * height:(i + 1) * height] for i in range(count)]
    widest = [max(map(len, part)) for part in parts]
    rows = []
    for i in range(height):
        rows.append(" | ".join((part[i] if i < len(part) else "").ljust(w) for part, w in zip(parts, widest)).rstrip())
    return rows


words = [("lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor".split()[i * i % 12])[:3 + i % 9] for i in range(4000)]
checks = []
for width in range(24, 72, 2):
    first = [justify(line, width) for line in greedy(words, width)]
    chosen, cost = best(words, width)
    page = columns([" ".join(line).center(width) for line in chosen] + first, 3)
    checks.append((cost, len(first) - len(chosen), sum(len(row) for row in page) % 1009))
    assert "".join(first).split() and all(len(line) == width for line in first[:-1])
print(checks)
