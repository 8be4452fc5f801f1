# SPDX-License-Identifier: MIT
"""Calls of the methods of built-in types, of built-in functions and of library modules, from tables; some with wrong arguments.

A row is `name(arguments)`; an argument is the kind of its value (see program_values.py), `?` behind it says that it may be left out, `name=kind`
that it is given by name, `*` that it may come several times.
"""
import re

from program_values import Values

COMMON_BYTES = """
    capitalize() center(width,bytechar?) count(BYTES,bound?,bound?) endswith(byteaffix,bound?,bound?) expandtabs(small?) find(BYTES,bound?,bound?) hex() hex(bytechar,small?)
    index(BYTES,bound?) isalnum() isalpha() isascii() isdigit() islower() isspace() istitle() isupper() join(bytestrings) ljust(width,bytechar?) lower() lstrip(BYTES?)
    partition(BYTES) removeprefix(BYTES) removesuffix(BYTES) replace(BYTES,BYTES,small?) rfind(BYTES,bound?) rindex(BYTES) rjust(width,bytechar?) rpartition(BYTES)
    rsplit(BYTES?,small?) rstrip(BYTES?) split(BYTES?,small?) split(sep=BYTES) splitlines(bool?) startswith(byteaffix,bound?,bound?) strip(BYTES?) swapcase() title()
    translate(bytetable) translate(bytetable,delete=bytes) upper() zfill(width) decode(codec?,handler?)""".replace("BYTES", "bytes")

METHOD_ROWS = {
    "str": """
        capitalize() casefold() center(width,char?) count(str,bound?,bound?) encode(codec?,handler?) encode(errors=handler) endswith(affix,bound?,bound?) expandtabs(small?)
        expandtabs(tabsize=small) find(str,bound?,bound?) format(any*) format_map(dict) index(str,bound?) isalnum() isalpha() isascii() isdecimal() isdigit() isidentifier() islower()
        isnumeric() isprintable() isspace() istitle() isupper() join(strings) ljust(width,char?) lower() lstrip(str?) partition(str) removeprefix(str) removesuffix(str)
        replace(str,str,small?) rfind(str,bound?) rindex(str,bound?) rjust(width,char?) rpartition(str) rsplit(str?,small?) rsplit(maxsplit=small) rstrip(str?) split(str?,small?)
        split(sep=str) split(none,small) splitlines(bool?) splitlines(keepends=small) startswith(affix,bound?,bound?) strip(str?) strip(none) swapcase() title() translate(table) upper()
        zfill(width) __len__() __contains__(any) __getitem__(small) __add__(any) __mul__(small) __mod__(any) __rmul__(small) __eq__(any) __lt__(any) __format__(str)""",
    "bytes": COMMON_BYTES,
    "bytearray": COMMON_BYTES + """ append(small) clear() copy() extend(integers) insert(small,small) pop(small?) remove(small) reverse()""",
    "list": """
        append(any) clear() copy() count(any) extend(iterable) index(any,small?,small?) insert(small,any) pop(small?) remove(any) reverse() sort() sort(key=sortkey) sort(reverse=bool)
        __getitem__(small) __getitem__(slice) __setitem__(small,any) __delitem__(slice) __contains__(any) __add__(any) __iadd__(any) __mul__(small) __eq__(any) __lt__(list) __len__()
        __reversed__() __iter__()""",
    "tuple": "count(any) index(any,small?,small?) __getitem__(small) __add__(any) __mul__(small) __contains__(any) __eq__(any) __lt__(tuple) __len__()",
    "dict": """
        clear() copy() get(key,any?) get(any) items() keys() pop(key,any?) popitem() setdefault(key,any?) update(pairs) update(dict,z=int) update(q=any) values() __contains__(any)
        __getitem__(any) __setitem__(key,any) __delitem__(any) __or__(any) __ior__(pairs) __eq__(any) __len__() __reversed__() fromkeys(str,any?)""",
    "set": """
        add(key) add(any) clear() copy() difference(iterable*) difference_update(iterable) discard(any) intersection(iterable*) intersection_update(iterable) isdisjoint(iterable) issubset(iterable)
        issuperset(iterable) pop() remove(any) symmetric_difference(str) symmetric_difference_update(str) union(str) union(range,str) update(str,range) __contains__(any) __or__(any)
        __and__(any) __sub__(any) __xor__(set) __le__(any) __lt__(set) __eq__(any) __len__()""",
    "frozenset": """copy() difference(iterable*) intersection(iterable*) isdisjoint(iterable) issubset(iterable) issuperset(iterable) symmetric_difference(str) union(str) __contains__(any) __or__(any)
        __and__(any) __ge__(any) add(key)""",
    "range": "count(any) index(any) __getitem__(small) __getitem__(slice) __contains__(any) __eq__(range) __len__() __reversed__() __bool__()",
    "slice": "indices(small) indices(int) __eq__(any)",
    "int": """
        as_integer_ratio() bit_count() bit_length() conjugate() to_bytes(small,order?) to_bytes(small,order,signed=bool) to_bytes(length=small,byteorder=order) from_bytes(integers,order?)
        from_bytes(bytes,order,signed=bool) __add__(any) __radd__(any) __sub__(any) __mul__(any) __floordiv__(any) __mod__(any) __truediv__(any) __divmod__(any) __rdivmod__(any)
        __and__(any) __lshift__(shift) __rshift__(shift) __pow__(exponent) __pow__(small,small) __neg__() __abs__() __invert__() __bool__() __float__() __int__() __index__() __round__(ndigits?)
        __trunc__() __floor__() __ceil__() __eq__(any) __lt__(any) __format__(str)""",
    "float": """
        as_integer_ratio() conjugate() fromhex(decimal) hex() is_integer() __add__(any) __radd__(any) __sub__(any) __mul__(any) __truediv__(any) __floordiv__(any) __mod__(any) __divmod__(any)
        __pow__(exponent) __neg__() __abs__() __bool__() __int__() __round__(ndigits?) __trunc__() __floor__() __ceil__() __eq__(any) __lt__(any) __format__(str)""",
}
METHOD_ROWS["bool"] = METHOD_ROWS["int"]

FUNCTION_ROWS = {
    "": """
        abs(int) abs(float) all(iterable) any(iterable) ascii(any) bin(int) bool(any) bytearray(integers) bytes(integers) bytes(str,codec) bytes(str,codec,handler) callable(any) chr(int)
        dict(pairs) dict(pairs,a=any) divmod(int,int) divmod(float,int) divmod(any,any) enumerate(iterable,int?) enumerate(iterable,start=small) filter(predicate,iterable) float(decimal) float(any)
        format(any,str?) frozenset(str) getattr(any,str,any?) hasattr(any,str) hashed(key) hex(int) int(digits) int(digits,base) int(digits,base=base) int(any) isinstance(any,any) issubclass(any,any)
        iter(any) iter(function,any) len(any) list(any) map(function,iterable*) max(iterable) max(any*) max(iterable,key=sortkey) max(iterable,default=any) min(iterable) min(any*)
        min(int,float) min(iterable,key=sortkey,default=any) next(iterator) next(iterator,any) oct(int) ord(str) ord(bytes) pow(int,exponent) pow(small,small,small) pow(int,small,int) pow(small,exponent,mod=small) range(small)
        range(small,small,small) repr(any) reversed(any) round(float,ndigits?) round(int,ndigits?) round(any) set(range) slice(bound) slice(bound,bound,bound) sorted(iterable)
        sorted(iterable,key=sortkey) sorted(iterable,reverse=bool) str(any) str(bytes,codec) str(bytes,codec,handler) str(object=any) sum(iterable,any?) sum(iterable,start=any) tuple(any)
        type(any) vars(any) zip(iterable*) zip(iterable,iterable,strict=bool) int.from_bytes(bytes,order) bytes.fromhex(str) bytes.maketrans(bytes,bytes) str.maketrans(str,str,str?)
        str.maketrans(dict) dict.fromkeys(iterable,any?) float.fromhex(decimal) setattr(any,str,any) delattr(any,str)""",
    "math": """
        ceil(float) floor(float) trunc(any) comb(small,small) copysign(special,special) degrees(float) dist(tuple,tuple) erf(float) exp(small) fabs(any) factorial(small) fmod(special,special)
        frexp(special) fsum(list) gcd(int,int,int) gcd(any*) hypot(float,float) isclose(float,float) isfinite(special) isinf(special) isnan(any) isqrt(int) lcm(int,int) ldexp(float,small)
        log(special) log(int,small) log10(special) log2(special) modf(special) nextafter(float,float) perm(small,small?) pow(special,special) prod(range) prod(list,start=int) radians(float)
        remainder(special,special) sqrt(special) trunc(special) ulp(float) ceil(special) floor(special)""",
    "itertools": """
        accumulate(iterable) accumulate(iterable,initial=any) chain(iterable*) chain.from_iterable(list) combinations(str,small) combinations_with_replacement(str,small) compress(str,list)
        dropwhile(predicate,list) filterfalse(predicate,list) groupby(list,key=sortkey) islice(iterable,small) islice(iterable,bound,bound,bound) pairwise(iterable) permutations(str,small?)
        product(iterable,str) product(str,repeat=small) repeat(any,small) starmap(function,list) takewhile(predicate,list) tee(str,small) zip_longest(iterable,iterable,fillvalue=any) count(any,any?)""",
    "functools": "reduce(function,iterable) reduce(lambda2,iterable,any?) partial(function,any)",
    "operator": """
        add(any,any) and_(any,any) concat(any,any) contains(any,any) countOf(list,any) delitem(list,small) eq(any,any) floordiv(any,any) ge(any,any) getitem(any,any) index(any) indexOf(list,any)
        invert(any) length_hint(any) lt(any,any) mod(any,any) mul(small,any) neg(any) not_(any) or_(any,any) pos(any) setitem(list,small,any) sub(any,any) truediv(any,any) truth(any) xor(any,any)
        itemgetter(small) attrgetter(str) methodcaller(str)""",
    "bisect": "bisect_left(list,int) bisect(list,any) bisect_right(range,int,small?) insort(list,any)",
    "heapq": "heapify(list) heappop(list) heappush(list,any) heappushpop(list,any) heapreplace(list,any) nlargest(small,list) nsmallest(small,iterable,key=sortkey) merge(list,list)",
    "struct": "pack(structformat,any*) pack(structformat,int) pack(structformat,int,int) unpack(structformat,bytes) calcsize(structformat) unpack_from(structformat,bytes,small) iter_unpack(structformat,bytes)",
    "json": "dumps(any) dumps(dict,indent=small) dumps(list,sort_keys=bool) loads(jsontext) loads(str) dumps(str,ensure_ascii=bool)",
    "re": """
        findall(pattern,str) sub(pattern,str,str) sub(pattern,str,str,small) split(pattern,str) split(pattern,str,maxsplit=small) escape(str) fullmatch(pattern,str) match(pattern,str) search(pattern,str)
        subn(pattern,str,str) sub(pattern,function,str) findall(pattern,bytes)""",
    "string": "capwords(str) Template(str)",
    "copy": "copy(any) deepcopy(any)",
    "binascii": "hexlify(bytes) unhexlify(bytes) crc32(bytes) b2a_base64(bytes) a2b_base64(bytes)",
    "base64": "b64encode(bytes) b64decode(bytes) b16encode(bytes) b32encode(bytes) b64decode(str,validate=bool)",
    "collections": """
        Counter(iterable) Counter(str) deque(iterable,small?) OrderedDict(pairs) defaultdict(function,pairs) ChainMap(dict,dict) namedtuple(str,strings) Counter(a=int,b=int) deque(iterable,maxlen=small)""",
    "textwrap": "dedent(str) indent(str,str) wrap(str,small) fill(str,width) shorten(str,width)",
    "fractions": "Fraction(small,small) Fraction(float) Fraction(str)",
    "statistics": "mean(range) median(list) mode(str) stdev(range)",
}

EXTRA_ATOMS = {
    "lambda2": ("(lambda a, b: a)", "(lambda a, b: limit(a + b))", "(lambda a, b: [a, b])", "max", "divmod"),
    "structformat": ("'i'", "'<h'", "'>Q'", "'3s'", "'?'", "'bB'", "'<d'", "'2x'", "'>f'", "'z'", "'!l'", "'<iq'", "'c'", "'4p'", "''", "'@n'", "'<n'", "'2'", "'e'"),
    "jsontext": ("'[1, 2.5, null]'", "'{\"a\": true}'", "'\"\\\\u00e9\"'", "'[1,]'", "'{'", "''", "'NaN'", "'{\"a\" 1}'", "'01'", "'-'", "'[1] x'", "'\"\\t\"'", "'{1: 2}'", "'1e400'", "'\"\\\\x\"'"),
    "pattern": ("'a'", "r'\\w+'", "r'(\\w)(\\w)'", "'[^a-z]'", "'a*'", "'(?i)X'", "r'\\b'", "'(?P<n>l+)'", "'('", "'[a'", "'a|b'", "r'(a)?b'", "'*'", "r'\\d{2,}'", "'^|$'", "r'(.)\\1'", "'(?<=a)X'", "r'\\s*'",
                "'a{2'", "'(?:x)+'", "b'a'", "r'(?P<1a>x)'", "r'\\p'", "'(?=l)'", "'x{3,1}'"),
}

ROW = re.compile(r"([\w.]+)\(([^)]*)\)")


def rows(text):
    return [(name, [argument for argument in arguments.split(",") if argument]) for name, arguments in ROW.findall(text)]


METHODS = {kind: rows(text) for kind, text in METHOD_ROWS.items()}
FUNCTIONS = {module: rows(text) for module, text in FUNCTION_ROWS.items()}


class Calls(Values):
    def atom(self, kind):
        return self.random.choice(EXTRA_ATOMS[kind]) if kind in EXTRA_ATOMS else super().atom(kind)

    def arguments(self, kinds, depth):
        """The text between the parentheses; one in fifteen calls is wrong in some way."""
        written = []
        for kind in kinds:
            if kind.endswith("*"):
                written += [self.value(kind[:-1], depth) for _ in range(self.number(0, 3))]
            elif not kind.endswith("?"):
                name, _, given = kind.rpartition("=")
                written.append((name + "=" if name else "") + self.value(given, depth))
            elif self.maybe(0.5):
                written.append(self.value(kind[:-1], depth))
            else:
                break
        if self.maybe(0.07):
            self.spoil(written, depth)
        return ", ".join(written)

    def spoil(self, written, depth):
        form = self.number(0, 4)
        if form == 0 and written:
            written.pop()
        elif form == 1:
            written.insert(0, self.value("any", depth))
        elif form == 2:
            written.append("bogus=1")
        elif form == 3 and written:
            written[-1] = "*" + written[-1] if "=" not in written[-1] else written[-1]
        elif written and "=" not in written[0]:
            written[0] = self.value("any", depth)

    def method_of(self, kind, depth):
        if kind not in METHODS:
            return self.atom(kind)
        name, kinds = self.random.choice(METHODS[kind])
        if self.maybe(0.04):   # of whatever type; a method that is called with a star names the class that it was found through
            return f"({self.value('any', depth)}).{name}({self.arguments(kinds, depth).replace('*', '')})"
        if self.maybe(0.05) and kind != "any":
            return f"{kind}.{name}({self.arguments([self.pick(kind, kind, 'any')] + kinds, depth)})"
        return f"({self.value(kind, depth)}).{name}({self.arguments(kinds, depth)})"

    def function_of(self, module, depth):
        name, kinds = self.random.choice(FUNCTIONS[module])
        if module:
            self.need(f"import {module}")
        arguments = self.arguments(kinds, depth)
        call = f"{module}{'.' if module else ''}{name}({arguments})"
        if module == "itertools":
            return f"list(__import__('itertools').islice({call}, 12))" if name != "tee" else f"[list(t) for t in {call}]"
        if module == "re" and name in ("match", "search", "fullmatch"):
            return f"(lambda m: m and (m.span(), m.groups(), m.groupdict(), m[0], m.lastgroup))({call})"
        if module == "heapq" and name == "merge":
            return f"list({call})"
        if module == "functools" and name == "partial":
            return f"{call}({self.value('any', 0)})"
        if module == "operator" and name in ("itemgetter", "attrgetter", "methodcaller"):
            return f"{call}({self.value('any', 0)})"
        if module == "string" and name == "Template":
            return f"{call}.safe_substitute(a=1)"
        return call

    def calling(self, indent):
        """A statement that shows one call."""
        form = self.number(0, 9)
        if form <= 4:
            kind = self.pick(*METHODS)
            self.show(indent, self.method_of(kind, 2))
        elif form <= 6:
            self.show(indent, self.function_of("", 2))
        elif form == 7:
            self.mutation(indent)
        else:
            self.show(indent, self.function_of(self.random.choice(list(FUNCTIONS)), 2))

    def mutation(self, indent):
        """A container is made, changed in several ways, and shown after each."""
        kind = self.pick("list", "dict", "set", "bytearray", "deque", "list")
        name = self.fresh("m")
        if kind == "deque":
            self.line(indent, f"import collections; {name} = collections.deque({self.pick('[1, 2, 3]', repr('abc'), 'range(5)')}{self.pick('', ', 4', ', maxlen=2')})")
        else:
            self.line(indent, f"{name} = {self.random.choice(self.plain_atoms(kind))}")
        for _ in range(self.number(2, 5)):
            self.line(indent, "try:")
            self.line(indent + 1, self.change(kind, name))
            self.line(indent, "except Exception as e:")
            self.line(indent + 1, "print(type(e).__name__, e)")
            self.line(indent, f"print({name!r}, text({name}))")

    def plain_atoms(self, kind):
        from program_values import ATOMS
        return ATOMS[kind]

    def change(self, kind, name):
        """One statement that changes the container `name`."""
        small, anything = self.atom("small"), self.value("any", 1)
        if kind == "deque":
            return f"{name}." + self.pick(f"append({anything})", f"appendleft({anything})", f"rotate({small})", "pop()", "popleft()", f"extend({self.value('str', 0)})", f"insert({small}, {anything})",
                                          f"remove({anything})", "reverse()", f"extendleft({self.value('iterable', 0)})", f"index({anything})", f"count({anything})", "clear()", f"__iadd__({self.value('list', 0)})", f"__imul__({small})")
        if kind == "list":
            return self.pick(f"{name}[{self.subscript()}] = {self.pick(anything, self.value('list', 1))}", f"del {name}[{self.subscript()}]", f"{name} += {self.value('iterable', 1)}", f"{name} *= {small}",
                             f"{name}.{self.pick(*['sort()', 'reverse()', 'pop()', 'clear()', 'sort(key=repr)'])}", f"{name}.insert({small}, {anything})", f"{name}.extend({name})", f"{name}[{self.span()}] = {name}",
                             f"{name}[::{self.pick('2', '-1', '-2', '3')}] = {self.value(self.pick('list', 'str', 'range'), 1)}", f"{name}[{small}] += {small}")
        if kind == "bytearray":
            return self.pick(f"{name}[{self.subscript()}] = {self.pick(self.value('bytes', 1), self.atom('integers'), small)}", f"del {name}[{self.subscript()}]", f"{name} += {self.value('bytes', 1)}", f"{name} *= {small}",
                             f"{name}.extend({self.atom('integers')})", f"{name}.insert({small}, {small})", f"{name}.append({small})", f"{name}.pop({small})", f"{name}.reverse()", f"{name}[{small}] = {self.value('int', 1)}")
        if kind == "dict":
            return self.pick(f"{name}[{self.atom('key')}] = {anything}", f"del {name}[{self.atom('key')}]", f"{name} |= {self.atom('pairs')}", f"{name}.update({self.atom('pairs')})", f"{name}.pop({self.atom('key')})",
                             f"{name}.setdefault({self.atom('key')}, []).append(1)", f"{name}[{self.atom('key')}] += 1", f"{name}.popitem()", f"{name}[{self.value('str', 1)}] = 0",
                             f"print({name}.keys() {self.pick('&', '<=', '==', '>=')} {{1}}, sorted(map(repr, {name}.keys() {self.pick('|', '-', '^')} {{1}})), {name}.items() {self.pick('<=', '==', '>')} {{(1, 2)}}, list(reversed({name})), {name}.values())")
        return self.pick(f"{name} |= {self.value('set', 1)}", f"{name} &= {self.value('set', 1)}", f"{name} -= {self.value('set', 1)}", f"{name} ^= {self.value('set', 1)}", f"{name}.add({self.atom('key')})",
                         f"{name}.discard({self.atom('key')})", f"{name}.remove({self.atom('key')})", f"{name}.update({self.value('str', 0)})", f"{name} |= {self.value('list', 0)}")

    def arithmetic_shown(self, indent):
        """Numbers of all sizes, infinities and NaNs in one operation; nothing here goes into a container, where NaNs may differ."""
        left, right = self.pick(self.atom("special"), self.value("int", 1), self.value("float", 1)), self.pick(self.atom("special"), self.value("int", 1), self.atom("special"))
        form = self.number(0, 8)
        if form <= 3:
            operator = self.pick("+", "-", "*", "/", "//", "%", "<", "<=", "==", "!=", ">", "&", "|", "^")
            self.show(indent, f"{left} {operator} {right}")
        elif form == 4:
            self.show(indent, f"limit({left}, 10**40) ** {self.atom('exponent')}")
        elif form == 5:
            self.show(indent, f"limit({left}, 10**400) {self.pick('<<', '>>')} {self.atom('shift')}")
        elif form == 6:
            self.show(indent, f"divmod({left}, {right})")
        elif form == 7:
            self.show(indent, f"{self.pick('round', 'int', 'float', 'abs', 'str', 'hashed', 'bool', 'repr', 'hex', 'float.hex')}({left})")
        else:
            self.show(indent, f"pow({self.value('int', 1)}, {self.pick('2', '10', '-1', '65537', '0')}, {self.value('int', 1)})")
