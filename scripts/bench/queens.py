# Queens on a board, three ways: sets in a generator, bit masks, and one list that is permuted.
def by_sets(n, row=0, columns=frozenset(), rising=frozenset(), falling=frozenset()):
    if row == n:
        yield ()
        return
    for column in range(n):
        if column not in columns and row + column not in rising and row - column not in falling:
            for rest in by_sets(n, row + 1, columns | {column}, rising | {row + column}, falling | {row - column}):
                yield (column,) + rest


def by_bits(full, columns, left, right):
    if columns == full:
        return 1
    count = 0
    free = full & ~(columns | left | right)
    while free:
        bit = free & -free
        free ^= bit
        count += by_bits(full, columns | bit, (left | bit) << 1, (right | bit) >> 1)
    return count


def by_swaps(board, row, rising, falling):
    n = len(board)
    if row == n:
        return 1
    count = 0
    for i in range(row, n):
        board[row], board[i] = board[i], board[row]
        column = board[row]
        if not rising[row + column] and not falling[row - column]:
            rising[row + column] = falling[row - column] = True
            count += by_swaps(board, row + 1, rising, falling)
            rising[row + column] = falling[row - column] = False
        board[row], board[i] = board[i], board[row]
    return count


solutions = list(by_sets(8))
print(len(solutions), solutions[0], solutions[-1])
print(by_bits((1 << 11) - 1, 0, 0, 0), by_swaps(list(range(10)), 0, [False] * 20, [False] * 20))
