# SPDX-License-Identifier: MIT
"""Runs many programs in one process, each in a module of its own: what programs.py starts under both interpreters.

    run_batch.py FILE...

A line with a NUL byte begins each program's output; an error that ends a program is printed as a traceback. A program that computes for longer than a
second, as one that iterates over an endless object, gets a TooLong wherever it is, perhaps more than once.
"""
import signal
import sys
import traceback

SECONDS = 1


class TooLong(BaseException):
    pass


def interrupt(number, frame):
    raise TooLong


def run(path):
    print("\0", path, sep="", flush=True)
    with open(path, encoding="utf-8") as file:
        source = file.read()
    signal.setitimer(signal.ITIMER_PROF, SECONDS, SECONDS)
    try:
        exec(compile(source, path, "exec"), {"__name__": "__main__", "__file__": path})
    except SystemExit as e:
        print("exit", e.code)
    except BaseException:
        told = traceback.format_exc()
        print("TooLong\n" if "TooLong" in told else told, end="")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


signal.signal(signal.SIGPROF, interrupt)
for path in sys.argv[1:]:
    run(path)
