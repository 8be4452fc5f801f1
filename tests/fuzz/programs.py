#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random valid programs, run under mini and under CPython 3.11, which must print the same, tracebacks included.

    tests/fuzz/programs.py [--mini PATH] [--python PATH] [--seed N] [--first N] [--count N] [--keep FOLDER]
    tests/fuzz/programs.py --seed N --show M            prints program M of seed N and runs nothing
    tests/fuzz/programs.py --seed N --first M --count 1 runs that program alone

Program M of seed N is always the same text. Programs run in batches, many in one process (run_batch.py); a batch that differs is taken apart, and
each of its programs runs alone as a main program. Now and then a program runs alone from the start: then its exit status and standard error count too.
Of a program that computes without end only what it prints before counts.
What a program consists of stands in program_*.py: values, calls, formats, control, functions, classes, everyday.
"""
import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import warnings

from program_maker import make_program

BATCH = 50
TIMEOUT = "timeout"
ALONE = 20  # one program in so many also runs as a main program
MEMORY = 16 << 30  # bytes of addresses that one process may have
FOLDER = os.path.dirname(os.path.abspath(__file__))
ENVIRONMENT = dict(os.environ, PYTHONHASHSEED="0", PYTHONWARNINGS="ignore", PYTHONDONTWRITEBYTECODE="1", PYTHONUTF8="1")


# Entries of tracebacks that lie in the library: each interpreter has its own.
LIBRARY_ENTRY = re.compile(r'^[ |]*File "(?:/usr/|<mini>|<frozen|[^"]*/lib/python3)[^\n]*\n(?:[ |]*    [^\n]*\n)*', re.MULTILINE)


# A line that Mini adds to what asyncio tells about lost tasks and futures (docs/differences.md).
ORIGIN = re.compile(r"^created_at: .*\n", re.MULTILINE)


ADDRESS = re.compile(r"\bat 0x[0-9a-f]+")
# Where a computation without end was stopped; that is never at the same place.
STOPPED = re.compile(r"(?:^|\n)[^\n]*\b(TooLong|MemoryError)\b")


def told(data):
    """What a stream said, without addresses."""
    return ADDRESS.sub("at 0x", data.decode("utf-8", "replace"))


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def until_stopped(text):
    """(what was printed before a stop, or all; whether there was one). The traceback that tells of the stop is no part of it."""
    found = STOPPED.search(text)
    if not found:
        return text, False
    text = text[:found.start()]
    start = text.rfind("\nTraceback (most recent call last)")
    if start >= 0 and all(line.startswith((" ", "Traceback")) for line in text[start + 1:].split("\n") if line):
        text = text[:start]
    return text, True


def same_until_stopped(expected, got):
    """Whether what the program printed in a batch is the same, as far as it goes if python was stopped. The batch stands among the calls of a recursion,
    but CPython counts calls of some built-in functions as well."""
    expected, got = (re.sub(r"line repeated \d+ more times", "line repeated", text) for text in (expected, got))
    begin, was_stopped = until_stopped(expected)
    return expected == got or was_stopped and until_stopped(got)[0].startswith(begin)


class Result:
    """What one process did. Its complaints about objects that go away, which depend on when they are collected, make standard error no matter."""

    def __init__(self, command, seconds):
        self.status, self.out, self.err = TIMEOUT, "", ""
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, env=ENVIRONMENT, preexec_fn=limit_memory)
        except subprocess.TimeoutExpired:
            return
        self.status, self.out, self.err = done.returncode, told(done.stdout), ORIGIN.sub("", LIBRARY_ENTRY.sub("", told(done.stderr)))

    def same_errors(self, other):
        return self.err == other.err or "Exception ignored in" in self.err + other.err

    def __eq__(self, other):
        return (self.status, self.out) == (other.status, other.out) and self.same_errors(other)


def first_difference(expected, got):
    """In words, or None. The texts are those of `Result`s."""
    for title in ("out", "err") if not expected.same_errors(got) else ("out",):
        theirs, ours = getattr(expected, title).split("\n"), getattr(got, title).split("\n")
        for number, (left, right) in enumerate(zip(theirs + ["<end>"], ours + ["<end>"]), 1):
            if left != right:
                return f"line {number} of std{title}\n  python: {left[:300]}\n  mini:   {right[:300]}" + (f"\n  {got.err[-300:]}" if title == "out" and got.err else "")
    return None if expected.status == got.status else f"exit status {got.status}, python's is {expected.status}"


class Comparison:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.differing = self.stopped = 0

    def write(self, number):
        path = os.path.join(self.folder, f"program_{self.options.seed}_{number}.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(make_program(self.options.seed, number))
        return path

    def both(self, arguments, seconds):
        return Result([self.options.python, *arguments], seconds), Result([self.options.mini, *arguments], seconds)

    def batch(self, numbers):
        paths = {number: self.write(number) for number in numbers}
        self.compare(paths, list(numbers))
        for path in paths.values():
            os.remove(path)

    def compare(self, paths, numbers):
        """Runs the programs in one process; where that ends in another way than it should, halves of them, so that few run alone."""
        expected, got = self.both([os.path.join(FOLDER, "run_batch.py"), *(paths[number] for number in numbers)], 10 + len(numbers))
        theirs, ours = expected.out.split("\0")[1:], got.out.split("\0")[1:]
        if not expected.status == got.status == 0 or not len(theirs) == len(ours) == len(numbers):
            if len(numbers) == 1:
                self.alone(numbers[0], paths[numbers[0]])
            else:
                self.compare(paths, numbers[:len(numbers) // 2])
                self.compare(paths, numbers[len(numbers) // 2:])
            return
        different = [number for number, left, right in zip(numbers, theirs, ours) if not same_until_stopped(left, right)]
        stopped = {number for number, left, right in zip(numbers, theirs, ours) if left != right} - set(different)
        self.stopped += len(stopped)
        chosen = {number for number in numbers if number % ALONE == 0} - stopped
        found = [number for number in sorted(chosen.union(different)) if self.alone(number, paths[number])]
        for number in different:
            if number in found:
                continue
            left, right = theirs[numbers.index(number)], ours[numbers.index(number)]
            if same_until_stopped(right, left):   # mini alone was out of time, for a busy machine's sake; on its own it ended well
                self.stopped += 1
                continue
            alone = Result([self.options.python, paths[number]], 10)
            if alone.out not in left:
                print(f"seed {self.options.seed} program {number}: python differs from itself", flush=True)
            else:
                self.report(number, "only among others in one process (programs of the batch: " + " ".join(map(str, numbers)) + ")")

    def alone(self, number, path):
        expected, got = self.both([path], 10)
        if expected == got:
            return False
        if expected.status == TIMEOUT:
            self.stopped += 1
            return False
        if Result([self.options.python, path], 10) != expected:
            print(f"seed {self.options.seed} program {number}: python differs from itself", flush=True)
            return True
        self.report(number, first_difference(expected, got))
        if self.options.keep:
            os.makedirs(self.options.keep, exist_ok=True)
            with open(path, encoding="utf-8") as source, open(os.path.join(self.options.keep, os.path.basename(path)), "w", encoding="utf-8") as file:
                file.write(source.read())
        return True

    def report(self, which, words):
        self.differing += 1
        print(f"seed {self.options.seed} program {which} differs: {words}", flush=True)


def main():
    root = os.path.dirname(os.path.dirname(FOLDER))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mini", default=os.path.join(root, "build/release/bin/mini"))
    parser.add_argument("--python", default="python3.11")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="number of the first program")
    parser.add_argument("--keep", help="folder for the programs that differ")
    parser.add_argument("--show", type=int, help="print this program and stop")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # of the compiler, about programs
    if options.show is not None:
        sys.stdout.reconfigure(encoding="utf-8")
        print(make_program(options.seed, options.show), end="")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        comparison = Comparison(options, folder)
        numbers = range(options.first, options.first + options.count)
        for start in range(0, len(numbers), BATCH):
            comparison.batch(numbers[start:start + BATCH])
    print(f"{comparison.differing} of {options.count} programs differ; {comparison.stopped} were stopped")
    return 1 if comparison.differing else 0


if __name__ == "__main__":
    sys.exit(main())
