# Bits of 64-bit integers: counting, reversing, Gray codes, hashes, xorshift generators, bit boards, Hamming codes, Morton order.
MASK = (1 << 64) - 1


def xorshift(state, count):
    total = 0
    for _ in range(count):
        state ^= state << 13 & 0x7FFFFFFF
        state ^= state >> 17
        state ^= state << 5 & 0x7FFFFFFF
        total += state & 1023
    return total, state


def fnv(data):
    value = 0x811C9DC5
    for byte in data:
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def reverse(x):
    x = (x >> 1 & 0x55555555) | (x & 0x55555555) << 1
    x = (x >> 2 & 0x33333333) | (x & 0x33333333) << 2
    x = (x >> 4 & 0x0F0F0F0F) | (x & 0x0F0F0F0F) << 4
    x = (x >> 8 & 0x00FF00FF) | (x & 0x00FF00FF) << 8
    return x >> 16 | (x & 0xFFFF) << 16


def morton(x, y):
    code = 0
    for bit in range(10):
        code |= (x >> bit & 1) << 2 * bit | (y >> bit & 1) << 2 * bit + 1
    return code


def hamming(nibble):
    d = [nibble >> i & 1 for i in range(4)]
    return d[0] | d[1] << 1 | d[2] << 2 | d[3] << 3 | (d[0] ^ d[1] ^ d[3]) << 4 | (d[0] ^ d[2] ^ d[3]) << 5 | (d[1] ^ d[2] ^ d[3]) << 6


def gray(n):
    return n ^ n >> 1


def subsets(mask):
    part = mask
    while part:
        yield part
        part = (part - 1) & mask


def mix(x):
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ x >> 27) * 0x94D049BB133111EB & MASK
    return x ^ x >> 31


print(xorshift(123456789, 300000), fnv(b"mini" * 40000), sum(reverse(i) for i in range(60000)) & MASK)
print(sum(morton(i & 1023, i * 7 & 1023) for i in range(20000)), sum(hamming(i & 15) << i % 9 for i in range(20000)))
print(sum(gray(i) ^ i for i in range(120000)), sum(bin(part).count("1") for part in subsets(0b1011011101101011)), sum(mix(i) >> 50 for i in range(90000)))
