# Huge integers as text and bytes: str, int, hex, to_bytes, bases by hand, digit sums of powers, repeating decimals.
import sys

if hasattr(sys, "set_int_max_str_digits"):
    sys.set_int_max_str_digits(0)
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def to_base(n, base):
    if n < base:
        return DIGITS[n]
    out = []
    while n:
        n, digit = divmod(n, base)
        out.append(DIGITS[digit])
    return "".join(reversed(out))


def digit_sum(n):
    return sum(map(int, str(n)))


def decimals(top, bottom, count):
    return str(top * 10 ** count // bottom).zfill(count)


def lychrel(n, steps):
    for step in range(steps):
        text = str(n)
        if text == text[::-1]:
            return step
        n += int(text[::-1])
    return len(str(n))


power = 3 ** 30000
text = str(power)
assert int(text) == power and int(hex(power), 16) == power
data = power.to_bytes((power.bit_length() + 7) // 8, "little")
assert int.from_bytes(data, "little") == power
checks = [int(to_base(7 ** 900 + k, base), base) == 7 ** 900 + k for k in range(12) for base in (3, 10, 29, 36)]
print(len(text), digit_sum(power), sum(digit_sum(2 ** k) for k in range(0, 4500, 3)), all(checks), lychrel(196, 3000), lychrel(89, 900))
print(decimals(355, 113, 3000)[-20:], decimals(1, 998001, 2997)[-9:], len(data), sum(data), f"{7 ** 60:,}", len("%x" % power), int("z" * 900, 36) % 10**9)
