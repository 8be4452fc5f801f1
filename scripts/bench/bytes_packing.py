# Bytes: records packed with struct, checksums over bytearrays, a frame format written and read, hexadecimal, memoryviews.
import struct

HEADER = struct.Struct(">HBBI")


def adler(data):
    a, b = 1, 0
    for byte in data:
        a = (a + byte) % 65521
        b = (b + a) % 65521
    return b << 16 | a


def crc_table():
    table = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0xEDB88320 if n & 1 else 0)
        table.append(n)
    return table


def crc(data, table):
    value = 0xFFFFFFFF
    for byte in data:
        value = table[(value ^ byte) & 255] ^ value >> 8
    return value ^ 0xFFFFFFFF


def frames(count):
    out = bytearray()
    for i in range(count):
        body = b"%d:" % i + struct.pack("<3f", i / 2, -i, i * i) + bytes([i & 255]) * (i % 5)
        out += HEADER.pack(0xCAFE, i & 255, len(body), sum(body))
        out.extend(body)
    return bytes(out)


def read(data):
    view, at, total = memoryview(data), 0, 0
    while at < len(data):
        magic, number, length, check = HEADER.unpack_from(data, at)
        at += HEADER.size
        body = view[at:at + length]
        assert magic == 0xCAFE and sum(body) == check
        colon = bytes(body).index(b":")
        first, second, third = struct.unpack_from("<3f", body, colon + 1)
        total += int(first - second) + body[-1] + number + int.from_bytes(body[:2], "big")
        at += length
    return total


def xor(data, key):
    return bytes(byte ^ key[i % len(key)] for i, byte in enumerate(data))


data = frames(30000)
table = crc_table()
part = data[:250000]
secret = xor(part, b"secret")
print(len(data), read(data), adler(part), crc(part, table), xor(secret, b"secret") == part, bytes.fromhex(part[:40].hex(" ")) == part[:40])
print(data.count(b"\xca\xfe"), data.find(b"777:"), bytes(reversed(part))[:8].hex(), part.translate(bytes(range(255, -1, -1)))[:6])
