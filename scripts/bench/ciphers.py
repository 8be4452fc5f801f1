# Ciphers and simple compression of text: Caesar, Vigenere, translate tables, transposition, run lengths, Morse.
LETTERS = "abcdefghijklmnopqrstuvwxyz"
MORSE = dict(zip(LETTERS, ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --..".split()))
LETTER = {code: letter for letter, code in MORSE.items()}


def caesar(text, shift):
    out = []
    for c in text:
        if "a" <= c <= "z":
            out.append(chr((ord(c) - 97 + shift) % 26 + 97))
        else:
            out.append(c)
    return "".join(out)


def vigenere(text, key, sign):
    result = ""
    for i, c in enumerate(text):
        at = LETTERS.find(c)
        result += c if at < 0 else LETTERS[(at + sign * LETTERS.index(key[i % len(key)])) % 26]
    return result


def transpose(text, columns):
    return "".join(text[i::columns] for i in range(columns))


def run_lengths(text):
    runs, i = [], 0
    while i < len(text):
        j = i
        while j < len(text) and text[j] == text[i]:
            j += 1
        runs.append(f"{j - i}{text[i]}" if j - i > 1 else text[i])
        i = j
    return "".join(runs)


def expand(text):
    out, count = [], ""
    for c in text:
        if c.isdigit():
            count += c
        else:
            out.append(c * int(count or 1))
            count = ""
    return "".join(out)


message = "the quick brown fox jumps over the lazy dog while five boxing wizards watch aaabbbbccccc " * 60
rot13 = str.maketrans(LETTERS, LETTERS[13:] + LETTERS[:13])
total = 0
for turn in range(45):
    secret = caesar(message, turn)
    assert caesar(secret, -turn) == message
    hidden = vigenere(secret, "lemon", 1)
    assert vigenere(hidden, "lemon", -1) == secret and hidden.translate(rot13).translate(rot13) == hidden
    packed = run_lengths(transpose(message, 89 + turn % 2))
    assert expand(packed) == transpose(message, 89 + turn % 2)
    morse = " ".join(MORSE.get(c, "/") for c in message)
    assert "".join(LETTER.get(code, " ") for code in morse.split(" ")) == message
    total += len(packed) * (turn + 1) + ord(hidden[turn * 17]) + morse.count("-.")
print(total, packed[:40])
