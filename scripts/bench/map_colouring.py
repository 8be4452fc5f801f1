# Colouring graphs: greedy by degree, backtracking with fewest choices first, and the largest cliques.
def graph(n, step):
    near = {i: set() for i in range(n)}
    for i in range(n):
        for k in range(1, step):
            j = (i * k + k * k + 1) % n
            if i != j:
                near[i].add(j)
                near[j].add(i)
    return near


def greedy(near):
    colours = {}
    for node in sorted(near, key=lambda each: (-len(near[each]), each)):
        taken = {colours[other] for other in near[node] if other in colours}
        colours[node] = next(c for c in range(len(near)) if c not in taken)
    return colours


def colour(near, count, colours, budget):
    best, fewest = None, None
    for node in near:
        if node not in colours:
            free = set(range(count)) - {colours[other] for other in near[node] if other in colours}
            if best is None or (len(free), -len(near[node])) < (len(fewest), -len(near[best])):
                best, fewest = node, free
    if best is None:
        return True
    for c in sorted(fewest):
        budget[0] -= 1
        if budget[0] < 0:
            return False
        colours[best] = c
        if colour(near, count, colours, budget):
            return True
        del colours[best]
    return False


def cliques(near, chosen, candidates, excluded):
    if not candidates and not excluded:
        yield chosen
        return
    pivot = max(candidates | excluded, key=lambda node: (len(candidates & near[node]), node))
    for node in sorted(candidates - near[pivot]):
        yield from cliques(near, chosen | {node}, candidates & near[node], excluded & near[node])
        candidates = candidates - {node}
        excluded = excluded | {node}


big, small = graph(6000, 14), graph(60, 7)
first = greedy(big)
assert all(first[a] != first[b] for a in big for b in big[a])
results = []
for count in range(3, 8):
    colours = {}
    results.append((count, colour(small, count, colours, [260]), len(set(colours.values()))))
found = list(cliques(graph(420, 34), frozenset(), set(range(150)), set()))
print(max(first.values()) + 1, results, len(found), max(map(len, found)))
