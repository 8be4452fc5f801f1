# Prime numbers: sieves over bytearrays and lists, trial division, greatest common divisors, totients, factors, a wheel of generators.
from math import gcd, isqrt


def sieve(n):
    is_prime = bytearray([1]) * (n + 1)
    is_prime[0:2] = b"\0\0"
    for i in range(2, isqrt(n) + 1):
        if is_prime[i]:
            is_prime[i * i::i] = bytes(len(range(i * i, n + 1, i)))
    return [i for i, prime in enumerate(is_prime) if prime]


def sieve_by_loops(n):
    flags = [True] * (n + 1)
    primes = []
    for i in range(2, n + 1):
        if flags[i]:
            primes.append(i)
            for j in range(i * i, n + 1, i):
                flags[j] = False
    return primes


def endless():
    composites, n = {}, 2
    while True:
        step = composites.pop(n, None)
        if step is None:
            yield n
            composites[n * n] = n
        else:
            at = n + step
            while at in composites:
                at += step
            composites[at] = step
        n += 1


def factors(n, primes):
    found = {}
    for p in primes:
        if p * p > n:
            break
        while n % p == 0:
            found[p] = found.get(p, 0) + 1
            n //= p
    if n > 1:
        found[n] = 1
    return found


def own_gcd(a, b):
    while b:
        a, b = b, a % b
    return a


primes = sieve(900000)
source = endless()
assert sieve_by_loops(300000) == primes[:25997] and [next(source) for _ in range(6000)] == primes[:6000]
many = [factors(n, primes) for n in range(2, 50000)]
totients = sum(sum(1 for k in range(1, n) if own_gcd(n, k) == 1) for n in range(2, 500))
print(len(primes), primes[-1], max(many, key=len), sum(map(len, many)), totients, sum(gcd(i, 360360) for i in range(40000)))
