#!/usr/bin/env python3
"""Ingest processes killed with -9 fifty times under load: what was answered is in the log exactly once, under the number that was told.

usage: killed_ingest.py ROOT BUILD          TAP on standard output

Eight clients send Open311 reports (with an Idempotency-Key) and signed webhooks (with the sender's own id), one after the other. What is not
answered they send again, as the same, until it is; with two processes on one log at the other door."""
import collections
import http.client
import json
import pathlib
import random
import signal
import sys
import threading

ROOT, BUILD = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
sys.path[:0] = [str(ROOT / "tools/district"), str(ROOT / "test/unit/ingest")]

from daemon_stage import START_S, expect, run_all, signed, with_sources

KILLS = 50
CLIENTS = 8
KEY = "0123456789abcdef0123456789abcdef"
SOURCES = """
webhooks:
  - name: other
    per_minute: 1000000
    event: {kind: report, source: system, id: "{/id}", title: "{/title}", matters: [{service: "0101"}]}
"""


def make_book(data):
    """The tests' book with a webhook, and no bound on how much one address may report."""
    book = with_sources(ROOT / "test/unit/ingest/book", SOURCES, [("other", KEY)])(data)
    district = book / "district.yaml"
    text = district.read_text()
    free = text.replace("doors: {", "doors: {reports_per_address_per_hour: 100000000, ")
    expect(free != text, True, "district.yaml has its limits of the doors in one line")
    district.write_text(free)
    return book


class Tally:
    """What was answered: name of a report → the number that its sender was told."""

    def __init__(self):
        self.numbers, self.changed = {}, threading.Condition()

    def add(self, name, number):
        with self.changed:
            self.numbers[name] = number
            self.changed.notify_all()

    def wait_for_more(self, more):
        with self.changed:
            goal = len(self.numbers) + more
            if not self.changed.wait_for(lambda: len(self.numbers) >= goal, START_S):
                raise AssertionError(f"{len(self.numbers)} of {goal} answers within {START_S} s")


def report(connection, name):
    connection.request("POST", "/open311/v2/requests.json", f"service_code=0101&address_string=here&description={name}",
                       {"Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": name})
    answer = connection.getresponse()
    text = answer.read()
    expect(answer.status, 201, text)
    return int(json.loads(text)[0]["service_request_id"])


def message(connection, name):
    body = json.dumps({"id": name, "title": name}).encode()
    connection.request("POST", "/hooks/other", body, {"Content-Type": "application/json", **signed(body, KEY)})
    answer = connection.getresponse()
    text = answer.read()
    expect(answer.status in (200, 201), True, text)
    return json.loads(text)["seq"]


class Load:
    """Clients that report at these daemons as long as it is used (`with`); `tally` has what was answered."""

    def __init__(self, daemons):
        self.tally, self.stop = Tally(), threading.Event()
        self.clients = [Client(number, daemons, self.tally, self.stop) for number in range(CLIENTS)]

    def __enter__(self):
        for client in self.clients:
            client.start()
        return self.tally

    def __exit__(self, *_):
        self.stop.set()
        for client in self.clients:
            client.join()
        expect([client.fault for client in self.clients if client.fault], [], "faults of clients")


class Client(threading.Thread):
    """Sends one thing after the other on connections that it keeps as long as they live."""

    def __init__(self, number, daemons, tally, stop):
        super().__init__(daemon=True)
        self.number, self.tally, self.stop, self.fault = number, tally, stop, None
        self.connections = collections.deque(http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=START_S)
                                             for daemon in daemons)
        self.connections.rotate(number)

    def send(self, name, number):
        """Until it is answered, at one door after the other; False where it was told to stop before."""
        way = message if number % 2 else report
        while not self.stop.is_set():
            try:
                self.tally.add(name, way(self.connections[0], name))
                return True
            except (OSError, http.client.HTTPException):
                self.connections[0].close()
                self.connections.rotate(1)
                self.stop.wait(0.002)  # nobody may be there just now
        return False

    def run(self):
        number = 0
        try:
            while self.send(f"client-{self.number}-{number:08}", number):
                number += 1
        except Exception as fault:  # told at the end
            self.fault = fault


def kill_under_load(daemons):
    """Fifty times one of them, in turn, after a number of answers that differs each time; gives back what was answered."""
    chance = random.Random(50)
    with Load(daemons) as tally:
        for kill in range(KILLS):
            tally.wait_for_more(chance.randint(1, 60))
            daemon = daemons[kill % len(daemons)]
            expect(daemon.end(signal.SIGKILL), -signal.SIGKILL)
            if len(daemons) > 1:
                tally.wait_for_more(CLIENTS + 1)  # the other goes on alone
            daemon.start()
    return tally.numbers


def check_log(daemon, answered):
    """Each is there once, and what was answered under the number that was told. What was under way at the end may be there or not. Gives back the names
    of what is there."""
    listed = collections.defaultdict(list)
    for event in daemon.events():
        listed[event["text"] or event["title"]].append(event["seq"])
    print(f"# {len(answered)} answered, {len(listed)} in the log", flush=True)
    expect({name: numbers for name, numbers in listed.items() if len(numbers) > 1}, {}, "twice in the log")
    expect({name: (number, listed.get(name)) for name, number in answered.items() if listed.get(name) != [number]}, {},
           "answered, and not in the log under that number")
    return listed.keys()


def check_load(daemon, answered):
    listed = check_log(daemon, answered)
    expect(len(listed) - len(answered) <= CLIENTS, True, "in the log and never answered: at most one of each client")
    expect(len(answered) >= 10 * KILLS, True, f"under load: {len(answered)} answers")


def one_ingest_killed_fifty_times(daemon):
    check_load(daemon, kill_under_load([daemon]))


def two_ingest_on_one_log_killed_fifty_times_in_turn(daemon):
    other = daemon.beside().start()
    try:
        check_load(daemon, kill_under_load([daemon, other]))
        expect(other.end(), 0, "the second one's exit status")
    finally:
        if other.process.poll() is None:
            other.end(signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(run_all([one_ingest_killed_fifty_times, two_ingest_on_one_log_killed_fifty_times_in_turn],
                     BUILD / "ingest/drumtower-ingest", make_book, BUILD / "tools/drumctl"))
