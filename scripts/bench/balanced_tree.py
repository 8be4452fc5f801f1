# Balanced search trees: insertion and deletion in an AVL tree, a treap by recursion, walking in order with generators.
class Node:
    __slots__ = ("key", "left", "right", "height")

    def __init__(self, key):
        self.key = key
        self.left = self.right = None
        self.height = 1


def height(node):
    return node.height if node else 0


def fix(node):
    node.height = 1 + max(height(node.left), height(node.right))
    lean = height(node.left) - height(node.right)
    if lean > 1:
        if height(node.left.left) < height(node.left.right):
            node.left = rotate_left(node.left)
        return rotate_right(node)
    if lean < -1:
        if height(node.right.right) < height(node.right.left):
            node.right = rotate_right(node.right)
        return rotate_left(node)
    return node


def rotate_left(node):
    up = node.right
    node.right, up.left = up.left, node
    node.height = 1 + max(height(node.left), height(node.right))
    up.height = 1 + max(height(up.left), height(up.right))
    return up


def rotate_right(node):
    up = node.left
    node.left, up.right = up.right, node
    node.height = 1 + max(height(node.left), height(node.right))
    up.height = 1 + max(height(up.left), height(up.right))
    return up


def insert(node, key):
    if node is None:
        return Node(key)
    if key < node.key:
        node.left = insert(node.left, key)
    elif key > node.key:
        node.right = insert(node.right, key)
    else:
        return node
    return fix(node)


def delete(node, key):
    if node is None:
        return None
    if key < node.key:
        node.left = delete(node.left, key)
    elif key > node.key:
        node.right = delete(node.right, key)
    elif node.left is None:
        return node.right
    elif node.right is None:
        return node.left
    else:
        least = node.right
        while least.left:
            least = least.left
        node.key = least.key
        node.right = delete(node.right, least.key)
    return fix(node)


def walk(node):
    if node:
        yield from walk(node.left)
        yield node.key
        yield from walk(node.right)


root = None
for i in range(10007):
    root = insert(root, i * 7919 % 10007)
tall = root.height
for i in range(0, 10007, 3):
    root = delete(root, i * 7919 % 10007)
for i in range(15000):
    root = insert(root, i)
keys = list(walk(root))
print(tall, root.height, len(keys), keys == sorted(keys), sum(keys), keys[1234])
