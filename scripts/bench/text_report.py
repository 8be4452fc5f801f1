# Building and parsing text: a report is written with f-strings, %, format and join, then read again.
NAMES = ["anna", "bert", "cleo", "dora", "emil", "fred"]


def write(n):
    lines = []
    for i in range(n):
        name = NAMES[i % len(NAMES)]
        price = (i * 37 % 1000) / 8
        if i % 3 == 0:
            lines.append(f"{i:06d};{name.title()};{price:.2f};{'x' * (i % 5)}")
        elif i % 3 == 1:
            lines.append("%06d;%s;%.2f;%s" % (i, name.upper(), price, "y" * (i % 4)))
        else:
            lines.append("{:06d};{};{:.2f};{}".format(i, name, price, "-".join(["z"] * (i % 3))))
    return "\n".join(lines)


def read(text):
    totals = {}
    marks = 0
    for line in text.splitlines():
        number, name, price, mark = line.strip().split(";")
        key = name.lower()
        totals[key] = totals.get(key, 0.0) + float(price)
        marks += len(mark)
        if number.startswith("0000") and name.endswith("a"):
            marks += int(number)
    return totals, marks


def squeeze(text):
    out = []
    last = ""
    for c in text:
        if c.isalpha() or c != last:
            out.append(c)
        last = c
    return "".join(out)


text = write(250000)
totals, marks = read(text)
short = squeeze(text[:400000])
print(sorted((k, round(v, 2)) for k, v in totals.items()), marks, len(short), text.count("Anna"), text.replace(";", ", ").find("EMIL"))
