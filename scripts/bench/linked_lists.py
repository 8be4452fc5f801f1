# Linked lists of objects and of pairs: pushing, reversing, merging, a cache with a doubly linked list, a queue of two stacks.
class Node:
    __slots__ = ("value", "next")

    def __init__(self, value, next=None):
        self.value = value
        self.next = next


def build(values):
    head = None
    for value in values:
        head = Node(value, head)
    return head


def reverse(node):
    before = None
    while node:
        node.next, before, node = before, node, node.next
    return before


def merge(a, b):
    first = last = Node(None)
    while a and b:
        if a.value <= b.value:
            last.next, a = a, a.next
        else:
            last.next, b = b, b.next
        last = last.next
    last.next = a or b
    return first.next


def sort(node):
    if node is None or node.next is None:
        return node
    slow, fast = node, node.next
    while fast and fast.next:
        slow, fast = slow.next, fast.next.next
    half, slow.next = slow.next, None
    return merge(sort(node), sort(half))


class Entry:
    def __init__(self, key=None, value=None):
        self.key, self.value = key, value
        self.before = self.after = self


class Cache:
    def __init__(self, size):
        self.size, self.entries, self.root, self.hits = size, {}, Entry(), 0

    def get(self, key, make):
        entry = self.entries.get(key)
        if entry is None:
            if len(self.entries) == self.size:
                oldest = self.root.after
                self.unlink(oldest)
                del self.entries[oldest.key]
            entry = self.entries[key] = Entry(key, make(key))
        else:
            self.hits += 1
            self.unlink(entry)
        last = self.root.before
        entry.before, entry.after = last, self.root
        last.after = self.root.before = entry
        return entry.value

    def unlink(self, entry):
        entry.before.after, entry.after.before = entry.after, entry.before


def pairs_sum(pair):
    total = 0
    while pair:
        value, pair = pair
        total += value
    return total


head = reverse(build((i * 7919) % 20011 for i in range(20000)))
head = sort(head)
node, values = head, []
while node:
    values.append(node.value)
    node = node.next
pair = None
for i in range(60000):
    pair = (i, pair)
cache = Cache(100)
total = sum(cache.get(i * i % 211 if i % 3 else i % 50, lambda key: key * 2) for i in range(60000))
inbox, outbox = [], []
for i in range(60000):
    inbox.append(i)
    if i % 3:
        if not outbox:
            while inbox:
                outbox.append(inbox.pop())
        total += outbox.pop()
print(values == sorted(values), values[5000], pairs_sum(pair), cache.hits, total)
