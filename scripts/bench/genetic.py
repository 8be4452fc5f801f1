# A genetic algorithm and simulated annealing, with the random module: bit strings, a travelling salesman, shuffles and samples.
import math
import random


def fitness(genes, weights):
    return sum(w for gene, w in zip(genes, weights) if gene) - 3 * sum(a and b for a, b in zip(genes, genes[1:]))


def child(a, b, rate):
    cut = random.randrange(len(a))
    return [not gene if random.random() < rate else gene for gene in a[:cut] + b[cut:]]


def evolve(size, length, rounds):
    weights = [random.uniform(-1, 5) for _ in range(length)]
    herd = [[random.random() < 0.5 for _ in range(length)] for _ in range(size)]
    for _ in range(rounds):
        herd.sort(key=lambda genes: fitness(genes, weights), reverse=True)
        best = herd[:size // 3]
        herd = best + [child(random.choice(best), random.choice(best), 0.01) for _ in range(size - len(best))]
    return fitness(herd[0], weights)


def anneal(count, steps):
    towns = [(random.random(), random.random()) for _ in range(count)]
    route = list(range(count))
    random.shuffle(route)
    length = sum(math.dist(towns[route[i - 1]], towns[route[i]]) for i in range(count))
    heat = 1.0
    for _ in range(steps):
        i, j = sorted(random.sample(range(1, count - 1), 2))
        a, b, c, d = (towns[route[k]] for k in (i - 1, i, j, j + 1))
        change = math.dist(a, c) + math.dist(b, d) - math.dist(a, b) - math.dist(c, d)
        if change < 0 or random.random() < math.exp(-change / heat):
            route[i:j + 1] = route[i:j + 1][::-1]
            length += change
        heat *= 0.9995
    return length


random.seed(42)
print(round(evolve(40, 60, 90), 6), round(anneal(60, 35000), 6))
throws = [random.randint(1, 6) + random.randint(1, 6) for _ in range(50000)]
print([throws.count(n) for n in range(2, 13)], round(sum(random.gauss(0, 1) for _ in range(10000)), 6), random.choices("abc", k=5), random.getrandbits(80))
