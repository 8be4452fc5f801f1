# The fast Fourier transform without complex numbers: recursive, in place, and a convolution by it.
import math


def recursive(re, im):
    n = len(re)
    if n == 1:
        return re, im
    even_re, even_im = recursive(re[::2], im[::2])
    odd_re, odd_im = recursive(re[1::2], im[1::2])
    out_re, out_im = [0.0] * n, [0.0] * n
    half = n // 2
    for k in range(half):
        angle = -2.0 * math.pi * k / n
        c, s = math.cos(angle), math.sin(angle)
        tr = c * odd_re[k] - s * odd_im[k]
        ti = c * odd_im[k] + s * odd_re[k]
        out_re[k], out_im[k] = even_re[k] + tr, even_im[k] + ti
        out_re[k + half], out_im[k + half] = even_re[k] - tr, even_im[k] - ti
    return out_re, out_im


def in_place(re, im, direction):
    n = len(re)
    j = 0
    for i in range(1, n):
        bit = n >> 1
        while j & bit:
            j ^= bit
            bit >>= 1
        j |= bit
        if i < j:
            re[i], re[j] = re[j], re[i]
            im[i], im[j] = im[j], im[i]
    length = 2
    while length <= n:
        half = length // 2
        waves = [(math.cos(2 * math.pi * k / length), direction * math.sin(2 * math.pi * k / length)) for k in range(half)]
        for start in range(0, n, length):
            for k, (c, s) in enumerate(waves, start):
                tr = c * re[k + half] - s * im[k + half]
                ti = c * im[k + half] + s * re[k + half]
                re[k + half], im[k + half] = re[k] - tr, im[k] - ti
                re[k] += tr
                im[k] += ti
        length *= 2


def convolve(a, b):
    n = 1
    while n < len(a) + len(b):
        n *= 2
    re, im = a + [0.0] * (n - len(a)), b + [0.0] * (n - len(b))
    in_place(re, im, -1)
    for k in range(n // 2 + 1):   # both real sequences were transformed at once; multiply their parts
        m = -k % n
        ar, ai = (re[k] + re[m]) / 2, (im[k] - im[m]) / 2
        br, bi = (im[k] + im[m]) / 2, (re[m] - re[k]) / 2
        re[k], im[k] = ar * br - ai * bi, ar * bi + ai * br
        re[m], im[m] = re[k], -im[k]
    in_place(re, im, 1)
    return [round(x / n) for x in re[:len(a) + len(b) - 1]]


signal = [float((i * i) % 23 - 11) for i in range(16384)]
re, im = recursive(signal, [0.0] * 16384)
re2, im2 = signal[:], [0.0] * 16384
in_place(re2, im2, -1)
print(max(abs(a - b) for a, b in zip(re, re2)) < 1e-8, "%.6f %.6f" % (re[5], im[77]))
product = convolve([float(i % 10) for i in range(3000)], [float(i * 7 % 10) for i in range(3000)])
print(sum(product), product[2999], product[100])
