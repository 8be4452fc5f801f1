# Templates filled in with %, str.format and f-strings, numbers in all bases and precisions, and read back.
def percent(i, x, name):
    return "%5d|%-8s|%08.3f|%x|%+d|%e|%r|%%" % (i, name, x, i, -i, x, name)


def by_format(i, x, name):
    return "{0:>6}|{2:^9}|{1:10.4f}|{0:#b}|{1!r:>22}|{name:*<8}".format(i, x, name, name=name)


def by_f_string(i, x, name):
    width = 6 + i % 3
    return f"{i:0{width}d}|{x:.{i % 5}f}|{name!s:>{width}}|{i:,}|{x:g}|{i * 3 + 1 = }|{x:.2%}"


def template(text, values):
    out, at = [], 0
    while (begin := text.find("${", at)) >= 0:
        end = text.index("}", begin)
        out.append(text[at:begin])
        out.append(str(values[text[begin + 2:end]]))
        at = end + 1
    return "".join(out) + text[at:]


names = ["ada", "grace", "alan", "barbara"]
checksum = 0
for i in range(13000):
    x = i * 1.25 / (i % 7 + 1)
    name = names[i & 3]
    lines = (percent(i, x, name), by_format(i, x, name), by_f_string(i, x, name),
             template("Dear ${name}, you owe ${amount} for ${count} items.", {"name": name, "amount": round(x, 2), "count": i}))
    checksum = (checksum * 7 + sum(map(len, lines)) + int(lines[0][:5]) + len(repr(float(lines[0][15:23])))) % 1000003
print(checksum)
print(*lines, sep="\n")
