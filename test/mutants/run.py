#!/usr/bin/env python3
"""Puts each fault of mutants.txt into a copy of the tree, builds it, and tells whether a test catches it.

    test/mutants/run.py [--jobs N] [--only TEXT] [--bar PERCENT]

Ends with the survivors and a line "N passed, N failed, N skipped": a fault that is caught has passed, one that survives has failed.
Exit status 0 where at least PERCENT (90) of them are caught, 1 where not, 2 where a fault does not fit the tree or the tree fails without one.
"""
import argparse
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SUITES = ["scenario", "unit"]
TESTS = ["book/calendar", "book/boston", "dispatcher/random", "dispatcher/turn", "dispatcher/draft", "dispatcher/replay"]
TARGETS = ["test/scenario/scenario_runner", "test/unit/book/test_book_calendar", "test/unit/book/test_book_boston"] + [
    f"test/unit/dispatcher/test_dispatcher_{name}" for name in ("random", "turn", "draft", "replay")
]


def read_faults(path):
    """[(what, file, before, after)]: consecutive lines of one mark are joined."""
    faults = []
    for line in path.read_text().splitlines() + ["= "]:
        mark, text = line[:1], line[2:]
        if mark == "=":
            faults.append({"=": text, "@": "", "-": [], "+": []})
        elif mark == "@":
            faults[-1]["@"] = text
        elif mark in ("-", "+") and faults:
            faults[-1][mark].append(text)
    return [(f["="], f["@"], "\n".join(f["-"]), "\n".join(f["+"])) for f in faults if f["@"]]


def run(command, folder):
    return subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


class Copy:
    """A copy of the tree with a build of its own; faults are put into it one after the other."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        files = run(["git", "ls-files", "-z"], ROOT).stdout.split("\0")
        for name in filter(None, files):
            to = self.folder / name
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to)
        self.must(["meson", "setup", "build", "-Dpages=false", "-Dbuildtype=debug", "-Doptimization=1"])

    def must(self, command):
        done = run(command, self.folder)
        if done.returncode:
            sys.exit(f"{' '.join(command)}\n{done.stdout[-3000:]}")

    def caught_by(self):
        """What catches what is in the tree now: "the compiler", a test's name, or None."""
        if run(["ninja", "-C", "build", *TARGETS], self.folder).returncode:
            return "the compiler"
        for tests in (["--suite", "scenario"], TESTS):
            done = run(["meson", "test", "-C", "build", "--no-rebuild", "--maxfail", "1", *tests], self.folder)
            if done.returncode:
                return next((line.split("/ ", 1)[1].split()[0] for line in done.stdout.splitlines()
                             if " FAIL" in line or " ERROR" in line or " TIMEOUT" in line), "a test")
        return None

    def try_fault(self, fault):
        _, name, before, after = fault
        path = self.folder / name
        text = path.read_text()
        if text.count(before) != 1:
            return None, f"{name} has the text {text.count(before)} times"
        path.write_text(text.replace(before, after))
        try:
            return self.caught_by(), None
        finally:
            path.write_text(text)


def work_on(faults, folder, report):
    copy = Copy(folder)
    caught = copy.caught_by()
    if caught:
        sys.exit(f"without any fault {caught} fails: mend that first")
    for fault in faults:
        report(fault, *copy.try_fault(fault))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1, help="copies that are worked on at once (1)")
    parser.add_argument("--only", default="", help="faults whose line or file has this text")
    parser.add_argument("--bar", type=int, default=90, help="per cent that must be caught (90)")
    options = parser.parse_args()
    faults = [f for f in read_faults(ROOT / "test/mutants/mutants.txt") if options.only in f[0] or options.only in f[1]]
    survivors, misfits, caught = [], [], 0

    def report(fault, by, misfit):
        nonlocal caught
        caught += by is not None
        if misfit:
            misfits.append(f"{fault[0]}: {misfit}")
        elif not by:
            survivors.append(fault)
        print(f"{'?' if misfit else 'caught' if by else 'ALIVE':7} {fault[0]}  ({misfit or by or 'nothing catches it'})", flush=True)

    with tempfile.TemporaryDirectory(prefix="drumtower-mutants-", dir=os.environ.get("TMPDIR", "/var/tmp")) as folder:
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            shares = [faults[i :: options.jobs] for i in range(options.jobs)]
            for done in [pool.submit(work_on, share, f"{folder}/{i}", report) for i, share in enumerate(shares) if share]:
                done.result()
    for what, name, before, after in survivors:
        print(f"survives: {what}\n  {name}\n  - {before}\n  + {after}")
    for misfit in misfits:
        print(f"does not fit: {misfit}")
    print(f"{caught} passed, {len(survivors) + len(misfits)} failed, 0 skipped")
    if misfits:
        return 2
    return 0 if faults and 100 * caught >= options.bar * len(faults) else 1


if __name__ == "__main__":
    sys.exit(main())
