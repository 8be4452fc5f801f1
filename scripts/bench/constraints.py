# Constraint solving: sudokus by elimination and search over sets of candidates in dicts.
ROWS, COLUMNS = "ABCDEFGHI", "123456789"


def cross(a, b):
    return [x + y for x in a for y in b]


SQUARES = cross(ROWS, COLUMNS)
UNITS = [cross(ROWS, c) for c in COLUMNS] + [cross(r, COLUMNS) for r in ROWS]
UNITS += [cross(r, c) for r in ("ABC", "DEF", "GHI") for c in ("123", "456", "789")]
UNITS_OF = {s: [u for u in UNITS if s in u] for s in SQUARES}
PEERS = {s: set(sum(UNITS_OF[s], [])) - {s} for s in SQUARES}


def assign(values, square, digit):
    return all(eliminate(values, square, other) for other in values[square].replace(digit, ""))


def eliminate(values, square, digit):
    if digit not in values[square]:
        return True
    values[square] = values[square].replace(digit, "")
    left = values[square]
    if not left:
        return False
    if len(left) == 1 and not all(eliminate(values, peer, left) for peer in PEERS[square]):
        return False
    for unit in UNITS_OF[square]:
        places = [s for s in unit if digit in values[s]]
        if not places or (len(places) == 1 and not assign(values, places[0], digit)):
            return False
    return True


def search(values):
    if values is None:
        return None
    open_squares = [s for s in SQUARES if len(values[s]) > 1]
    if not open_squares:
        return values
    square = min(open_squares, key=lambda s: (len(values[s]), s))
    for digit in values[square]:
        copy = values.copy()
        if assign(copy, square, digit):
            found = search(copy)
            if found:
                return found
    return None


def solve(text):
    values = {s: COLUMNS for s in SQUARES}
    for square, digit in zip(SQUARES, text):
        if digit in COLUMNS and not assign(values, square, digit):
            return None
    return search(values)


PUZZLES = [
    "4.....8.5.3..........7......2.....6.....8.4......1.......6.3.7.5..2.....1.4......",
    "52...6.........7.13...........4..8..6......5...........418.........3..2...87.....",
    "6.....8.3.4.7.................5.4.7.3..2.....1.6.......2.....5.....8.6......1....",
    "48.3............71.2.......7.5....6....2..8.............1.76...3.....4......5....",
]
for _ in range(8):
    solutions = [solve(puzzle) for puzzle in PUZZLES]
for solution in solutions:
    print("".join(solution[s] for s in SQUARES))
