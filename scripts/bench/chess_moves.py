# Moves of chessmen: all pseudo-legal moves on a list of 64 squares, played and taken back to a depth; knights' tours.
STEPS = {"N": ((1, 2), (2, 1), (2, -1), (1, -2), (-1, -2), (-2, -1), (-2, 1), (-1, 2)),
         "B": ((1, 1), (1, -1), (-1, 1), (-1, -1)), "R": ((1, 0), (-1, 0), (0, 1), (0, -1))}
STEPS["Q"] = STEPS["K"] = STEPS["B"] + STEPS["R"]
VALUE = {"P": 1, "N": 3, "B": 3, "R": 5, "Q": 9, "K": 100}


def moves(board, white):
    forward = -1 if white else 1
    for square, man in enumerate(board):
        if man == "." or man.isupper() != white:
            continue
        row, column = divmod(square, 8)
        kind = man.upper()
        if kind == "P":
            ahead = square + 8 * forward
            if 0 <= ahead < 64 and board[ahead] == ".":
                yield square, ahead
                if row == (6 if white else 1) and board[ahead + 8 * forward] == ".":
                    yield square, ahead + 8 * forward
            for side in (-1, 1):
                if 0 <= column + side < 8 and 0 <= ahead < 64:
                    target = board[ahead + side]
                    if target != "." and target.isupper() != white:
                        yield square, ahead + side
            continue
        for dy, dx in STEPS[kind]:
            y, x = row + dy, column + dx
            while 0 <= y < 8 and 0 <= x < 8:
                target = board[y * 8 + x]
                if target == "." or target.isupper() != white:
                    yield square, y * 8 + x
                if target != "." or kind in "NK":
                    break
                y, x = y + dy, x + dx


def search(board, depth, white, low, high, count):
    count[0] += 1
    if depth == 0:
        total = sum(VALUE[man.upper()] * (1 if man.isupper() else -1) for man in board if man != ".")
        return total if white else -total
    for begin, end in list(moves(board, white)):
        taken, board[end], board[begin] = board[end], board[begin], "."
        value = -search(board, depth - 1, not white, -high, -low, count)
        board[begin], board[end] = board[end], taken
        if value > low:
            low = value
            if low >= high:
                break
    return low


def tour(size, at):
    seen, path = {at}, [at]
    while True:
        options = []
        for dy, dx in STEPS["N"]:
            y, x = at[0] + dy, at[1] + dx
            if 0 <= y < size and 0 <= x < size and (y, x) not in seen:
                free = sum((y + b, x + a) not in seen and 0 <= y + b < size and 0 <= x + a < size for b, a in STEPS["N"])
                options.append((free, y, x))
        if not options:
            return len(path)
        at = min(options)[1:]
        seen.add(at)
        path.append(at)


board = list("rnbqkbnrpppp.ppp" + "." * 12 + "p" + "..B." + "P" + "." * 14 + "PPPP.PPPRNBQK.NR")
count = [0]
print(len(board), search(board, 4, True, -1000, 1000, count), count, len(list(moves(board, True))), tour(20, (0, 0)))
