# Public keys and other arithmetic with hundreds of digits: RSA, primes, square roots, fractions of pi, gcds, bits of huge numbers.
from math import gcd, isqrt, lcm


def randoms(seed, bits):
    while True:
        value = 0
        for _ in range(bits // 30 + 1):
            seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
            value = value << 30 | seed >> 1
        yield value & (1 << bits) - 1 | 1 << bits - 1 | 1


def is_prime(n):
    if any(n % p == 0 for p in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)):
        return False
    odd = n - 1
    twos = (odd & -odd).bit_length() - 1
    odd >>= twos
    for base in (2, 3, 5):
        x = pow(base, odd, n)
        if x == 1 or x == n - 1:
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def pi(digits):
    unity = 10 ** (digits + 10)

    def arctan(x):
        total = term = unity // x
        n, sign = 3, -1
        while term:
            term //= x * x
            total += sign * (term // n)
            n, sign = n + 2, -sign
        return total
    return 4 * (4 * arctan(5) - arctan(239)) // 10 ** 10


source = randoms(11, 256)
p = next(n for n in source if is_prime(n) and gcd(n - 1, 65537) == 1)
q = next(n for n in source if is_prime(n) and gcd(n - 1, 65537) == 1)
n, d = p * q, pow(65537, -1, lcm(p - 1, q - 1))
message = int.from_bytes(b"a message of some length", "big")
for _ in range(60):
    secret = pow(message, 65537, n)
    assert pow(secret, d, n) == message
    message = message * 3 + 1
root = isqrt(2 * 10 ** 9000)
flags = 0
for i in range(20000):
    flags ^= (1 << i * 7 % 2003) | (i << i % 1000)
common = 0
for i in range(3000):
    common = gcd(common * 3 + root * i, n * (i + 1)) + (flags >> i & 0xFFFF)
print(hex(n)[:20], str(pi(3000))[-12:], root % 10 ** 12, flags.bit_length(), bin(flags).count("1"), common % 1000003)
