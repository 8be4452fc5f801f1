# SPDX-License-Identifier: MIT
"""Runs many programs in one process, each in a module of its own: what programs.py starts under both interpreters.

    run_batch.py FILE...

A line with a NUL byte begins each program's output; an error that ends a program is printed as a traceback.
"""
import sys
import traceback


def run(path):
    print("\0", path, sep="", flush=True)
    with open(path, encoding="utf-8") as file:
        source = file.read()
    try:
        exec(compile(source, path, "exec"), {"__name__": "__main__", "__file__": path})
    except SystemExit as e:
        print("exit", e.code)
    except BaseException:
        traceback.print_exc(file=sys.stdout)


for path in sys.argv[1:]:
    run(path)
