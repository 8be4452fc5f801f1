# An object-oriented simulation: customers, a shop with several counters, an event queue.
import heapq


class Random:
    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state * 1103515245 + 12345) & 0x7FFFFFFF
        return (self.state >> 8) % n


class Counter:
    def __init__(self, name, speed):
        self.name = name
        self.speed = speed
        self.queue = []
        self.served = 0

    @property
    def length(self):
        return len(self.queue)

    def take(self, customer):
        self.queue.append(customer)

    def serve(self):
        self.served += 1
        return self.queue.pop(0)


class Customer:
    def __init__(self, number, items, arrival):
        self.number = number
        self.items = items
        self.arrival = arrival


class Shop:
    def __init__(self, counters, random):
        self.counters = counters
        self.random = random
        self.events = []
        self.waited = 0
        self.number = 0

    def schedule(self, time, action, counter=None):
        self.number += 1
        heapq.heappush(self.events, (time, self.number, action, counter))

    def shortest(self):
        best = self.counters[0]
        for counter in self.counters:
            if counter.length < best.length:
                best = counter
        return best

    def arrive(self, time, _):
        customer = Customer(self.number, 1 + self.random.below(9), time)
        counter = self.shortest()
        counter.take(customer)
        if counter.length == 1:
            self.schedule(time + customer.items * counter.speed, self.leave, counter)
        self.schedule(time + 1 + self.random.below(3), self.arrive)

    def leave(self, time, counter):
        customer = counter.serve()
        self.waited += time - customer.arrival
        if counter.length:
            self.schedule(time + counter.queue[0].items * counter.speed, self.leave, counter)

    def run(self, steps):
        self.schedule(0, self.arrive)
        for _ in range(steps):
            time, _number, action, counter = heapq.heappop(self.events)
            action(time, counter)
        return time


shop = Shop([Counter("c%d" % i, 1 + i % 3) for i in range(6)], Random(7))
print(shop.run(600000), shop.waited, [c.served for c in shop.counters])
