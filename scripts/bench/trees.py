# Allocation-heavy trees: nested lists and tuples, a search tree of objects, a trie of dicts.
class TreeNode:
    __slots__ = ("key", "left", "right")

    def __init__(self, key):
        self.key = key
        self.left = None
        self.right = None


class Tree:
    def __init__(self):
        self.root = None
        self.size = 0

    def insert(self, key):
        self.size += 1
        if self.root is None:
            self.root = TreeNode(key)
            return
        node = self.root
        while True:
            if key < node.key:
                if node.left is None:
                    node.left = TreeNode(key)
                    return
                node = node.left
            else:
                if node.right is None:
                    node.right = TreeNode(key)
                    return
                node = node.right

    def height(self, node):
        if node is None:
            return 0
        return 1 + max(self.height(node.left), self.height(node.right))


def make(depth):
    return None if depth == 0 else (make(depth - 1), make(depth - 1))


def check(tree):
    return 1 if tree is None else 1 + check(tree[0]) + check(tree[1])


def trie(words):
    root = {}
    for word in words:
        node = root
        for c in word:
            node = node.setdefault(c, {})
        node["$"] = True
    return root


total = 0
for _ in range(40):
    total += check(make(13))
tree = Tree()
key = 1
for _ in range(40000):
    key = key * 16807 % 2147483647
    tree.insert(key)
words = trie(str(n * 7919 % 999983) for n in range(30000))
print(total, tree.height(tree.root), len(words))
