#!/usr/bin/env python3
"""Lets libFuzzer look for inputs that break a target: tools/test fuzz.

usage: run.py BUILD [--seconds N] [TARGET ...]

Each target (all of them where none is named) runs for N seconds (60), one after the other, from its corpus and from what earlier runs found
(BUILD/found/TARGET). What breaks it is kept in BUILD/faults. The last lines are a table; exit status 1 where a target broke."""
import argparse
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
# Of one input: more seconds are a hang, more memory is what somebody outside made us reserve.
LIMITS = ["-timeout=20", "-rss_limit_mb=1500", "-malloc_limit_mb=300", "-max_len=20000"]
PULSE = re.compile(r"#(\d+)\s.*?cov: (\d+) .*?corp: (\d+)/")
SAY_EVERY_S = 15


class Target:
    def __init__(self, build, name):
        self.name, self.build = name, build
        self.program = build / "test/fuzz" / f"fuzz_{name}"
        self.found = build / "found" / name
        self.executions = self.edges = self.new = 0
        self.tail = []

    def command(self, seconds):
        dictionary = HERE / f"{self.name}.dict"
        places = [HERE / "corpus" / self.name, self.build / "test/fuzz/seeds" / self.name]
        return [self.program, f"-max_total_time={seconds}", *LIMITS, "-print_final_stats=1",
                f"-artifact_prefix={self.build}/faults/{self.name}-", *([f"-dict={dictionary}"] if dictionary.exists() else []),
                self.found, *[place for place in places if place.is_dir()]]

    def hear(self, line):
        self.tail = (self.tail + [line])[-60:]
        if pulse := PULSE.match(line):
            self.executions, self.edges = int(pulse[1]), int(pulse[2])
        elif line.startswith("stat::number_of_executed_units:"):
            self.executions = int(line.split()[1])

    def run(self, seconds):
        """True where nothing broke it."""
        self.found.mkdir(parents=True, exist_ok=True)
        known = set(self.found.iterdir())
        said = time.monotonic()
        process = subprocess.Popen(self.command(seconds), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                   errors="replace")
        for line in process.stderr:
            self.hear(line)
            if time.monotonic() - said > SAY_EVERY_S:
                said = time.monotonic()
                print(f"{self.name}: {self.executions} executions, {self.edges} edges", flush=True)
        self.status = process.wait()
        self.new = len(set(self.found.iterdir()) - known)
        return self.status == 0

    def tell_fault(self):
        written = [line.split()[-1] for line in self.tail if "Test unit written to" in line]
        print(f"\n{self.name} broke:\n" + "".join(f"    {line}" for line in self.tail))
        if written:
            print(f"again:   {self.program} {written[0]}\n"
                  f"to keep: cp {written[0]} {HERE}/corpus/{self.name}/WHAT_IT_IS (then it fails as a plain test, too)")


def names_of(build):
    return sorted(path.name.removeprefix("fuzz_") for path in (build / "test/fuzz").glob("fuzz_*")
                  if path.is_file() and path.name != "fuzz_seeds")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("targets", nargs="*")
    options = parser.parse_intermixed_args()
    names = names_of(options.build)
    if unknown := set(options.targets) - set(names):
        parser.error(f"no target {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    (options.build / "faults").mkdir(exist_ok=True)
    targets = [Target(options.build, name) for name in options.targets or names]
    broken = []
    for target in targets:
        print(f"{target.name}: {options.seconds} s", flush=True)
        if not target.run(options.seconds):
            broken.append(target)
            target.tell_fault()
    print(f"\n{'target':12} {'executions':>12} {'edges':>7} {'new inputs':>11}  result")
    for target in targets:
        print(f"{target.name:12} {target.executions:12} {target.edges:7} {target.new:11}  {'BROKE' if target in broken else 'held'}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
