#!/usr/bin/env python3
"""The check of the quickstart as a test: once in peace, once with every daemon killed in turn. TAP on standard output.

usage: quickstart.py ROOT BUILD"""
import json
import subprocess
import sys

RUNS = (("a city's reports travel to the handset and to their end", []),
        ("the same with each daemon killed by -9 in turn", ["--chaos"]))


def main(root, build):
    print(f"1..{len(RUNS)}")
    failed = 0
    for number, (name, options) in enumerate(RUNS, 1):
        done = subprocess.run([sys.executable, f"{root}/tools/district/run.py", "--build", build, "--book",
                               f"{root}/examples/gulou", "--check"] + options, capture_output=True, text=True, check=False)
        last = done.stdout.splitlines()[-1:] or [""]
        good = done.returncode == 0 and isinstance(json.loads(last[0]), dict)
        for line in last + done.stderr.splitlines():
            print("#", line)
        print("ok" if good else "not ok", number, "-", name, flush=True)
        failed += not good
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
