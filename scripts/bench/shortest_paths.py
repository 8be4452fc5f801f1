# Shortest paths: Dijkstra with a heap, breadth-first search with a deque, all pairs with three loops, a grid with A*.
import heapq
from collections import deque


def graph(n):
    edges = {i: [] for i in range(n)}
    for i in range(n):
        for k in (1, 7, 31):
            j = (i * k + k * k) % n
            edges[i].append((j, 1 + (i * k) % 13))
            edges[j].append((i, 1 + (i + k) % 11))
    return edges


def dijkstra(edges, source):
    distance, heap = {source: 0}, [(0, source)]
    while heap:
        d, node = heapq.heappop(heap)
        if d > distance[node]:
            continue
        for other, weight in edges[node]:
            new = d + weight
            if other not in distance or new < distance[other]:
                distance[other] = new
                heapq.heappush(heap, (new, other))
    return distance


def steps(edges, source):
    seen, queue = {source: 0}, deque([source])
    while queue:
        node = queue.popleft()
        for other, _ in edges[node]:
            if other not in seen:
                seen[other] = seen[node] + 1
                queue.append(other)
    return seen


def all_pairs(edges, n):
    table = [[10**6] * n for _ in range(n)]
    for i in range(n):
        table[i][i] = 0
        for j, weight in edges[i]:
            table[i][j] = min(table[i][j], weight)
    for k in range(n):
        via = table[k]
        for row in table:
            first = row[k]
            for j in range(n):
                if first + via[j] < row[j]:
                    row[j] = first + via[j]
    return sum(map(sum, table))


def walk(size):
    walls = {(x, y) for x in range(size) for y in range(size) if x % 4 == 2 and (y + x) % 9 and y != size - 1 - x % 8}
    heap, best = [(0, 0, 0, 0)], {(0, 0): 0}
    while heap:
        _, cost, x, y = heapq.heappop(heap)
        if x == y == size - 1:
            return cost, len(best)
        for place in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
            if 0 <= place[0] < size and 0 <= place[1] < size and place not in walls and cost + 1 < best.get(place, 10**6):
                best[place] = cost + 1
                heapq.heappush(heap, (cost + 1 + 2 * size - 2 - sum(place), cost + 1, *place))


edges = graph(15000)
print(sum(dijkstra(edges, 0).values()), max(dijkstra(edges, 77).values()), max(steps(edges, 5).values()))
print(all_pairs(graph(140), 140), walk(90))
