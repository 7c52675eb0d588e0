#!/usr/bin/env python3
"""Bad input at every door, at the bus, in the book and in a city's rows: a clear error, counted, and nothing else disturbed.

usage: bad_input.py ROOT BUILD          TAP on standard output"""
import json
import pathlib
import shutil
import sys
import tempfile

ROOT, BUILD = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
sys.path.insert(0, str(ROOT / "tools/district"))  # daemons.py and run.py

import bad_books
import bad_commands
import bad_peers
import bad_reports
import bad_requests
import bus_peer
from daemons import run
from district_stage import Stage
from rough_client import expect
from tap import Tap

LOGINS = {"ingest": None, "field": "w-water-2", "videowall": "o-01"}  # who sends what is bad about HTTP itself


def try_door(tap, stage, door):
    login = LOGINS[door.name]
    if door.name == "ingest":
        rows = [*bad_reports.rows(door)]  # bad HTTP at this door: hostile_requests.py
    else:
        rows = [*bad_requests.rows(door, login, stage), *bad_commands.rows(stage, door)]
    before = door.metrics()
    for row in rows:
        tap.test(f"{door.name}: {row.name}", bad_requests.check_row, stage, door, row)
    tap.test(f"{door.name}: each of these was counted once", bad_requests.check_counts, door, before, rows)
    tap.test(f"{door.name}: who leaves in the middle", bad_requests.check_departure, stage, door, login)
    tap.test(f"{door.name}: 200 who say half a request and no more", bad_requests.check_silence, stage, door, login)
    if door.name == "ingest":
        tap.test("ingest: the same report again and at once", bad_reports.check_repeats, stage, door)
        tap.test("ingest: headers and markup in parameters", bad_reports.check_injection, stage, door)
        return
    tap.test(f"{door.name}: the same command again and at once", bad_commands.check_repeats, stage, door)
    tap.test(f"{door.name}: a session that was ended", bad_commands.check_ended_session, stage, door)
    tap.test(f"{door.name}: streams from numbers that are none", bad_commands.check_streams, stage, door)
    tap.test(f"{door.name}: guessing passwords", bad_commands.check_guessing, stage, door)


def try_bus(tap, stage):
    for number, (name, protocol) in enumerate(bus_peer.PORTS):
        tap.test(f"bus: rude peers at the port of the {name}", bad_peers.check_port, stage, number, protocol)
        if protocol == bus_peer.REQ:
            tap.test(f"bus: a request of the {name} that is none", bad_peers.check_rubbish_in_a_request, stage, number)
    tap.test("bus: all ports are alive", bad_peers.check_bus_is_alive, stage)


def check_daemons(stage):
    """None has ended or was started again, and none has logged an error."""
    for name, process in stage.district.processes.items():
        expect((process.starts, process.running()), (1, True), f"starts of {name}, and does it run")
    stage.end()
    for name, process in stage.district.processes.items():
        expect(process.child.returncode, 0, f"exit status of {name}")
        errors = [line for line in process.log.read_text("utf-8", "replace").splitlines() if " level=error " in line]
        expect(errors, [], f"errors in the log of {name}")


def check_store(stage):
    """Every report that was accepted is one case, and every promise is kept."""
    audit = json.loads(run([BUILD / "tools/drumctl", "audit", "--data", stage.data, "--json"]).splitlines()[-1])
    expect((audit["clean"], audit["pending"]), (True, 0), f"audit {audit}")
    expect(audit["cases"], len(stage.accepted), "cases and accepted reports")


def main():
    tap = Tap()
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="drumtower-bad-input-"))
    stage = Stage(ROOT, BUILD, scratch)
    try:
        stage.open()
        for door in stage.doors.values():
            try_door(tap, stage, door)
        try_bus(tap, stage)
        for door in stage.doors.values():
            tap.test(f"{door.name}: nothing is left behind", bad_requests.check_rudeness_leaves_nothing, door)
        tap.test("no daemon has ended, started again or logged an error", check_daemons, stage)
        tap.test("every accepted report is one case, and the audit is clean", check_store, stage)
    finally:
        stage.kill()
    for damage in (bad_books.unknown_key, bad_books.cycle_of_areas, bad_books.missing_department):
        tap.test(f"a book with an error: {damage.__name__.replace('_', ' ')}", bad_books.check, ROOT, BUILD, scratch, damage)
    tap.test("rows of a city that cannot be right", bad_books.check_rows, ROOT, BUILD, scratch)
    if tap.failed:
        print(f"# the logs and the data of this run are in {scratch}")
    else:
        shutil.rmtree(scratch)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
