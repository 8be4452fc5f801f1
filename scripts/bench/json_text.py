# JSON written and read by hand: a recursive writer and a parser that walks over the text.
ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
UNESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t", "/": "/"}


def write(value, out):
    if value is None:
        out.append("null")
    elif value is True or value is False:
        out.append("true" if value else "false")
    elif isinstance(value, str):
        out.append('"' + "".join(ESCAPES.get(c, c) for c in value) + '"')
    elif isinstance(value, (int, float)):
        out.append(repr(value))
    elif isinstance(value, dict):
        separator = "{"
        for key, each in value.items():
            out.append(separator)
            write(key, out)
            out.append(": ")
            write(each, out)
            separator = ", "
        out.append("}" if value else "{}")
    else:
        separator = "["
        for each in value:
            out.append(separator)
            write(each, out)
            separator = ", "
        out.append("]" if value else "[]")


def skip(text, at):
    while text[at] in " \n":
        at += 1
    return at


def read(text, at):
    at = skip(text, at)
    c = text[at]
    if c == "{":
        result = {}
        at = skip(text, at + 1)
        while text[at] != "}":
            key, at = read(text, at)
            at = skip(text, at) + 1
            result[key], at = read(text, at)
            at = skip(text, at)
            if text[at] == ",":
                at = skip(text, at + 1)
        return result, at + 1
    if c == "[":
        items = []
        at = skip(text, at + 1)
        while text[at] != "]":
            item, at = read(text, at)
            items.append(item)
            at = skip(text, at)
            if text[at] == ",":
                at += 1
        return items, at + 1
    if c == '"':
        parts = []
        at += 1
        while (c := text[at]) != '"':
            if c == "\\":
                at += 1
                c = UNESCAPES[text[at]]
            parts.append(c)
            at += 1
        return "".join(parts), at + 1
    for word, value in (("null", None), ("true", True), ("false", False)):
        if text.startswith(word, at):
            return value, at + len(word)
    end = at
    while text[end] in "+-.e0123456789":
        end += 1
    number = text[at:end]
    return (float(number) if "." in number or "e" in number else int(number)), end


people = [{"name": "person %d" % i, "age": i % 90, "height": 1.5 + i / 1000, "tags": ["a\"b", "c\\d", None, i % 2 == 0],
           "address": {"street": "road\t%d" % (i % 13), "lines": ["x" * (i % 7), "end\n"]}, "empty": [[], {}]} for i in range(250)]
for _ in range(28):
    out = []
    write(people, out)
    text = "".join(out)
    people_again, end = read(text + " ", 0)
    assert people_again == people and end == len(text)
print(len(text), sum(map(ord, text[::7])))
