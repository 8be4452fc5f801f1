# Regular expressions: a tokenizer with named groups, substitutions with functions, findall and split over many lines.
import re

TOKEN = re.compile(r"(?P<space>\s+)|(?P<comment>#[^\n]*)|(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<text>\"[^\"]*\")|(?P<op><=|>=|==|[-+*/=<>(){};,])")
LINE = re.compile(r"^(\d{4})-(\d\d)-(\d\d) (\w+): (.*?)(?: \[(\d+)ms\])?$")


def tokens(text):
    for match in TOKEN.finditer(text):
        kind = match.lastgroup
        if kind != "space" and kind != "comment":
            yield kind, match.group()


def camel(name):
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)


def read_log(lines):
    total, by_level = 0, {}
    for line in lines:
        match = LINE.match(line)
        year, month, day, level, message, time = match.groups()
        by_level[level] = by_level.get(level, 0) + 1
        total += int(time or 0) + int(day)
        if "=" in message:
            total += len(re.findall(r"(\w+)=(\w+)", message))
    return total, by_level


program = "\n".join(f'value_{i} = compute_it({i}, {i}.5) * (other_name - {i * 3}) >= "text {i}";  # note {i}' for i in range(300))
counts = {}
for _ in range(18):
    for kind, text in tokens(program):
        counts[kind] = counts.get(kind, 0) + len(text)
renamed = camel(program)
log = [f"2024-0{i % 9 + 1}-{i % 28 + 1:02} {('INFO', 'WARN', 'ERROR')[i % 3]}: user={i} did=thing{i % 7}" + (f" [{i % 90}ms]" if i % 2 else "") for i in range(40000)]
print(counts, len(renamed), read_log(log))
parts = re.split(r"[;,\s]+", program)
print(len(parts), len(re.sub(r"(\d+)", r"<\1>", program)), sum(1 for part in parts if re.fullmatch(r"[a-z_]+\d", part)))
