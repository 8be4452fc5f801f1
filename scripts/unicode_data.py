#!/usr/bin/env python3.11
"""Writes runtime/objects/unicode_names.def and unicode_values.def from the Unicode database 14, which Mini's Unicode follows.

    scripts/unicode_data.py /usr/share/perl/5.36.0/unicore/Name.pl

The names come from Perl's copy of the database (Debian's package perl-modules-5.36), the other values from Python 3.11's. Run by
hand when the version of Unicode changes; the results are kept with the sources, so that building needs neither.
"""

import fractions
import pathlib
import sys
import unicodedata

OUT = pathlib.Path(__file__).resolve().parent.parent / "runtime" / "objects"
assert unicodedata.unidata_version == "14.0.0"


def algorithmic(c, name):
    return name.endswith(f"-{c:04X}") or name.startswith("HANGUL SYLLABLE ")


def shared_code(count):
    """How many characters a name shares with the one before it, as a letter; and how many that letter stands for."""
    step = count if count < 10 else min(10 + (count - 10) // 2, 29)
    return chr(97 + step), step if step < 10 else 10 + (step - 10) * 2


def names():
    lines, before, last = [], "", -2
    ranges = []
    for c in range(0x110000):
        name = unicodedata.name(chr(c), None)
        if name is None:
            continue
        if algorithmic(c, name):
            prefix = name.rsplit("-", 1)[0] + "-" if not name.startswith("HANGUL") else "HANGUL SYLLABLE "
            if ranges and ranges[-1][1] == c - 1 and ranges[-1][2] == prefix:
                ranges[-1][1] = c
            else:
                ranges.append([c, c, prefix])
            continue
        same = 0
        while same < min(len(name), len(before)) and name[same] == before[same]:
            same += 1
        letter, same = shared_code(same)
        lines.append((f"{c:X}" if c != last + 1 else "") + letter + name[same:])
        before, last = name, c
    return lines, ranges


def other_names(path):
    """Aliases and named sequences: (characters, name)."""
    for entry in pathlib.Path(path).read_text().split("\n\n"):
        parts = entry.strip().split("\n")[-2:]
        if len(parts) != 2:
            continue
        try:
            found = unicodedata.lookup(parts[1])
        except KeyError:
            continue
        if len(found) > 1 or unicodedata.name(found, None) != parts[1]:
            yield found, parts[1]


def runs(f, skip):
    out = []
    for c in range(0x110000):
        value = f(chr(c))
        if out and out[-1][2] == value and out[-1][1] == c - 1:
            out[-1][1] = c
        elif value != skip:
            out.append([c, c, value])
    return out


def numeric_runs():
    """first, last, value of the first, and the step from one to the next."""
    out = []
    for c in range(0x110000):
        value = unicodedata.numeric(chr(c), None)
        if value is None or unicodedata.decimal(chr(c), None) is not None:
            continue
        value = fractions.Fraction(value).limit_denominator(1000)
        if out and out[-1][1] == c - 1:
            run = out[-1]
            step = value - run[2] - (run[3] or 0) * (run[1] - run[0])
            if run[1] == run[0] and step in (0, 1, 10, 100, 1000) and value.denominator == 1 == run[2].denominator:
                run[3] = int(step)
            if run[3] is not None and step == run[3] and value.denominator == 1:
                run[1] = c
                continue
        out.append([c, c, value, None])
    return out


def odd_decompositions():
    """Where the decomposition in one step does not follow from the full one, as unicodedata.cpp tries."""
    for c in range(0x110000):
        text = unicodedata.decomposition(chr(c))
        if not text or 0xAC00 <= c < 0xD7A4:
            continue
        if text[0] == "<":
            derived = text[:text.index(">") + 2] + " ".join(f"{ord(x):04X}" for x in unicodedata.normalize("NFKD", chr(c)))
        else:
            full = unicodedata.normalize("NFD", chr(c))
            parts = unicodedata.normalize("NFC", full[:-1]) + full[-1] if len(full) > 2 else full
            derived = " ".join(f"{ord(x):04X}" for x in parts)
        if derived != text:
            yield c, text


def main():
    lines, ranges = names()
    with open(OUT / "unicode_names.def", "w") as f:
        print("// SPDX-License-Identifier: MIT", file=f)
        print("// Names of characters, written by scripts/unicode_data.py. kNames: in the order of characters, each line a character in", file=f)
        print("// hexadecimal unless it follows the one before, a letter that tells how many characters of its name are those of the name before", file=f)
        print("// it (a..j: 0..9, then in steps of two), and the rest of the name. kOtherNames: aliases and named sequences. kRanges: names", file=f)
        print("// that end in the character's own number, and those of Hangul syllables.", file=f)
        print("inline constexpr char kNames[] = R\"names(", end="", file=f)
        print("\n".join(lines) + "\n)names\";", file=f)
        print("inline constexpr char kOtherNames[] = R\"names(", end="", file=f)
        for characters, name in other_names(sys.argv[1]):
            print(" ".join(f"{ord(c):X}" for c in characters) + "=" + name, file=f)
        print(")names\";", file=f)
        print("inline constexpr NameRange kRanges[] = {", file=f)
        for first, last, prefix in ranges:
            print(f'    {{0x{first:X}, 0x{last:X}, "{prefix}"}},', file=f)
        print("};", file=f)
    with open(OUT / "unicode_values.def", "w") as f:
        print("// SPDX-License-Identifier: MIT", file=f)
        print("// Values of characters that utf8proc does not have, written by scripts/unicode_data.py. kWidths: east_asian_width where it is not", file=f)
        print("// N. kNumbers: numeric values of what is no decimal digit: first, last, numerator and denominator of the first, and the step.", file=f)
        print("// kOddDecompositions: those that do not follow from the full decomposition.", file=f)
        print("inline constexpr WidthRange kWidths[] = {", file=f)
        for first, last, value in runs(unicodedata.east_asian_width, "N"):
            print(f'    {{0x{first:X}, 0x{last:X}, "{value}"}},', file=f)
        print("};\ninline constexpr NumberRange kNumbers[] = {", file=f)
        for first, last, value, step in numeric_runs():
            print(f"    {{0x{first:X}, 0x{last:X}, {value.numerator}, {value.denominator}, {step or 0}}},", file=f)
        print("};\ninline constexpr OddDecomposition kOddDecompositions[] = {", file=f)
        for c, text in odd_decompositions():
            print(f'    {{0x{c:X}, "{text}"}},', file=f)
        print("};", file=f)


main()
