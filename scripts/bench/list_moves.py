# Lists moved about: slices, insert and pop at both ends, rotations, deletions, extended slices, Josephus, spirals, shuffles.
def josephus(n, step):
    people, at = list(range(n)), 0
    while len(people) > 1:
        at = (at + step - 1) % len(people)
        del people[at]
    return people[0]


def spiral(rows):
    out = []
    while rows:
        out += rows[0]
        rows = [list(row) for row in zip(*rows[1:])][::-1]
    return out


def shuffle(cards):
    half = len(cards) // 2
    out = [None] * len(cards)
    out[::2], out[1::2] = cards[:half], cards[half:]
    return out


def rotate(items, n):
    return items[n:] + items[:n]


def insertion_sort(items):
    out = []
    for item in items:
        i = len(out)
        while i and out[i - 1] > item:
            i -= 1
        out.insert(i, item)
    return out


def josephus_by_queue(n, step):
    people = list(range(n))
    while len(people) > 1:
        for _ in range(step - 1):
            people.append(people.pop(0))
        people.pop(0)
    return people[0]


def flatten(items):
    out, todo = [], [items]
    while todo:
        item = todo.pop()
        if isinstance(item, list):
            todo.extend(item[::-1])
        else:
            out.append(item)
    return out


nested = []
for i in range(400):
    nested = [i, nested, [i, i]]
cards = list(range(1000))
count = 1
shuffled = shuffle(cards)
while shuffled != cards:
    shuffled = shuffle(shuffled)
    count += 1
rotated = cards[:]
for i in range(14000):
    rotated = rotate(rotated, i % 50)
    rotated[10:20] = rotated[19:9:-1]
    rotated[i % 900:i % 900 + 3] = sorted(rotated[i % 900:i % 900 + 3])
grid = [list(range(i, i + 60)) for i in range(60)]
print(josephus(20000, 7), josephus_by_queue(7000, 9), sum(i * x for i, x in enumerate(spiral(grid))), count, rotated[::100])
print(insertion_sort([i * 7919 % 1009 for i in range(1800)])[::100], sum(flatten(nested)), sum(sum(cards[i:i + 50:3]) for i in range(900)))
