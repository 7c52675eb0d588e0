#!/usr/bin/env python3
"""A district is backed up while reports come in all the time, and goes on from the copy.

usage: backup.py ROOT BUILD          TAP on standard output

What was answered before the backup began is in the copy, each photo that a report names lies beside it, and ingest and dispatcher start on it."""
import json
import re
import subprocess
import sys

from killed_ingest import BUILD, Load, make_book  # and the path to these:
from daemon_stage import PNG, Daemon, expect, run_all, wait_until
from daemons import Process

MORE = 300
PHOTO = {"service_code": "0101", "address_string": "here", "description": "with a photo"}


def drumctl(*words, status=0):
    """What it prints on both of its outputs."""
    done = subprocess.run([BUILD / "tools/drumctl", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    expect(done.returncode, status, f"drumctl {words[0]}: {done.stdout}")
    return done.stdout


def audit(data):
    return json.loads(drumctl("audit", "--data", data, "--json"))


class Dispatcher:
    def __init__(self, data, daemon):
        self.data = data
        self.process = Process("dispatcher", [BUILD / "dispatcher/drumtower-dispatcher", "--data", data, "--book", daemon.book,
                                              "--bus-port", daemon.bus_port], daemon.data)

    def __enter__(self):
        self.process.start()
        return self

    def __exit__(self, *_):
        self.process.stop()
        expect(self.process.child.returncode, 0, "the dispatcher's exit status")

    def has_taken_all(self):
        wait_until(lambda: audit(self.data)["pending"] == 0, f"every event of {self.data} is taken")
        report = audit(self.data)
        expect(report["clean"], True, f"audit {report}")
        return report


def report_with_photo(daemon):
    status, text, _ = daemon.post_parts("/open311/v2/requests.json",
                                        [*PHOTO.items(), ("media", "a.png", "image/png", PNG)])
    expect(status, 201, text)


def back_up(daemon, copy):
    """While reports come in; gives back what was answered before it began, and what it said."""
    with Load([daemon]) as tally:
        tally.wait_for_more(MORE)
        report_with_photo(daemon)
        before = dict(tally.numbers)
        said = drumctl("backup", copy, "--data", daemon.data)
        tally.wait_for_more(MORE)
    return before, said


def check_copy(daemon, copy, before, said):
    entry, chain = re.search(r"journal entry (\d+), whose hash is ([0-9a-f]{64})\n$", said).groups()
    expect(f"whole: {entry} entries, the last hash is {chain}" in drumctl("journal", "verify", "--data", copy), True, "the journal")
    events = [json.loads(line) for line in drumctl("events", "--data", copy, "--json", "--limit", "100000").splitlines()]
    numbers = {event["text"] or event["title"]: event["seq"] for event in events}
    expect({name: number for name, number in before.items() if numbers.get(name) != number}, {}, "answered before, and not in the copy")
    photos = [media["hash"] for event in events for media in event["media"]]
    expect([name for name in photos if not (copy / "media" / name[:2] / name).is_file()], [], "photos that are not in the copy")
    expect(len(photos), 1, "photos")
    expect((copy / "keys/journal.key").read_text(), (daemon.data / "keys/journal.key").read_text(), "the key of the journal")
    expect(audit(copy)["clean"], True, "the audit of the copy")
    return len(events)


def a_district_goes_on_from_its_backup(daemon):
    copy = daemon.data.with_name("backup-of-" + daemon.data.name) / "copy"
    copy.parent.mkdir()
    try:
        with Dispatcher(daemon.data, daemon) as dispatcher:
            before, said = back_up(daemon, copy)
            dispatcher.has_taken_all()
            count = check_copy(daemon, copy, before, said)
            drumctl("backup", copy, "--data", daemon.data, status=1)  # what is there stays
        restored = Daemon(daemon.program, daemon.book, copy, daemon.drumctl)
        restored.start()
        with Dispatcher(copy, restored) as dispatcher:
            report_with_photo(restored)
            expect(dispatcher.has_taken_all()["events"], count + 1, "events after one more report")
        expect(restored.end(), 0, "exit status of ingest on the copy")
    finally:
        subprocess.run(["rm", "-rf", copy.parent], check=True)


if __name__ == "__main__":
    sys.exit(run_all([a_district_goes_on_from_its_backup], BUILD / "ingest/drumtower-ingest", make_book, BUILD / "tools/drumctl"))
