#!/usr/bin/env python3
"""Malformed, slow and hostile requests at the residents' door, on raw sockets: each ends in the right status or a close, and a polite client
beside it, on old and on new connections, is answered within a second all the while.

usage: hostile_requests.py ROOT BUILD          TAP on standard output"""
import pathlib
import resource
import shutil
import signal
import sys
import tempfile

ROOT, BUILD = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
sys.path[:0] = [str(ROOT / "tools/district"), str(ROOT / "test/unit/ingest")]

import bad_framing
import bad_requests
from daemon_stage import Daemon
from district_stage import Reporter, copy_book
from rough_client import Door, expect
from tap import Tap

# Tests of this tree do not look at the clock, but for this one: that one client's request must not wait for another's is what the door
# promises, and a second is a thousand times what an answer takes.
POLITE_WITHIN_S = 1.0


class Street:
    """The ingest daemon alone, and a polite client at its door."""

    def __init__(self, scratch):
        self.accepted = set()
        book, data = scratch / "book", scratch / "data"
        copy_book(ROOT, book)
        (book / "sources.yaml").unlink()  # neither broker nor feed
        data.mkdir(mode=0o700)
        (data / "shared").mkdir()  # pages, of which there are none
        self.daemon = Daemon(BUILD / "ingest/drumtower-ingest", book, data).start()
        self.doors = {"ingest": Door("ingest", f"http://127.0.0.1:{self.daemon.port}")}
        self.neighbours = {"ingest": Reporter(self)}
        self.neighbours["ingest"].start()

    def check_end(self, door):
        """All that the polite client was told is true, no answer was late, and the daemon ends as it should."""
        neighbour = self.neighbours["ingest"]
        neighbour.ended.set()
        neighbour.join()
        expect(neighbour.fault, None, "the polite client")
        expect(door.metrics()["drumtower_ingest_events_total"], len(self.accepted), "reports in the log and accepted ones")
        expect(self.daemon.end(), 0, "the daemon's exit status")
        print(f"# {neighbour.answered} polite requests, the slowest took {neighbour.slowest_s * 1000:.0f} ms")
        expect(neighbour.slowest_s <= POLITE_WITHIN_S, True, f"each polite request within {POLITE_WITHIN_S} s")

    def kill(self):
        if self.daemon.process.poll() is None:
            self.daemon.end(signal.SIGKILL)


def try_all(tap, street, door):
    before = door.metrics()
    rows = [*bad_requests.rows(door, None, street), *bad_framing.rows(door, None, street)]
    for row in rows:
        tap.test(row.name, bad_requests.check_row, street, door, row)
    tap.test(f"each of these {len(rows)} was counted once", bad_requests.check_counts, door, before, rows)
    for name, check in [
            ("nothing is read behind a chunked body", bad_framing.check_nothing_behind_chunks),
            ("a bad request behind a good one", bad_framing.check_bad_behind_good),
            ("requests that never end", bad_framing.check_endless),
            ("who does not read what it asked for", bad_framing.check_slow_reader),
            ("who leaves in the middle", bad_requests.check_departure),
            ("a thousand who say half a request and no more", bad_framing.check_parked)]:
        tap.test(name, check, street, door, None)
    tap.test("nothing is left behind", bad_requests.check_rudeness_leaves_nothing, door)
    tap.test("the polite client was answered within a second each time, and told the truth", street.check_end, door)


def main():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # the daemon's, too
    tap = Tap()
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="drumtower-hostile-"))
    street = Street(scratch)
    try:
        try_all(tap, street, street.doors["ingest"])
    finally:
        street.kill()
    if tap.failed:
        print(f"# the log and the data of this run are in {scratch}")
    else:
        shutil.rmtree(scratch)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
