#!/usr/bin/env python3
"""Two ingest processes and a dispatcher on one data folder and one run of bus ports; who leads is killed with -9 under load.

usage: two_ingests.py ROOT BUILD          TAP on standard output

Both take reports all the while and ring the dispatcher's doorbell; feeds, the desk's reports and the cameras are with the one that leads, and go on at
the other."""
import signal
import subprocess
import sys

from bus_peer import CAMERAS, REPORTS, ask, doorbell_rings
from killed_ingest import BUILD, Load, check_log, make_book, report  # and the path to these:
from daemon_stage import expect, metric, run_all, wait_until
from daemons import Process
from http.client import HTTPConnection
from test_feeds import alert

MORE = 200
CAMERA = "cam-01"
CAMERAS_YAML = """cameras:
  - {{id: cam-01, name: 路口, url: "rtsp://127.0.0.1:{port}/cam-01", lat: 39.94, lon: 116.39, armed: true}}
"""
FEEDS = """
feeds:
  - {{name: files, folder: {data}/alerts, poll_seconds: 1, everywhere: true, matters: [{{service: "0102"}}]}}
"""


class District:
    """The daemon that was given, another one beside it, and a dispatcher."""

    def __init__(self, daemon):
        self.first, self.data = daemon, daemon.data
        self.second = daemon.beside().start()
        self.dispatcher = Process("dispatcher", [BUILD / "dispatcher/drumtower-dispatcher", "--data", self.data, "--book", daemon.book,
                                                 "--bus-port", daemon.bus_port], self.data)
        self.dispatcher.start()

    def end(self):
        self.dispatcher.stop()
        expect(self.dispatcher.child.returncode, 0, "the dispatcher's exit status")
        expect(self.second.end(), 0, "the second one's exit status")

    def kill(self):
        for process in (self.second.process, self.dispatcher.child):
            if process.poll() is None:
                process.kill()
                process.wait()

    def each_rings_the_doorbell(self, when):
        """Nobody else reports meanwhile. What is published while the dispatcher is not yet connected to is lost: then the next one rings."""
        for name, daemon in (("first", self.first), ("second", self.second)):
            door, before, told = HTTPConnection("127.0.0.1", daemon.port), doorbell_rings(daemon.bus_port), []

            def rings():
                told.append(report(door, f"{name}-{when}-{len(told):08}"))
                return doorbell_rings(daemon.bus_port) > before

            wait_until(rings, f"a ring of the {name} one, {when}")
            door.close()

    def leads_alone(self, leader, follower):
        """It has the lock, the ports, the camera and the feed."""
        wait_until(lambda: (metric(leader, "drumtower_ingest_leading"), metric(follower, "drumtower_ingest_leading")) == (1, 0),
                   "one leads and the other does not")
        wait_until(lambda: metric(leader, "drumtower_cameras_pulled") == 1, "the armed camera is pulled")
        expect(metric(follower, "drumtower_cameras_pulled"), 0, "cameras that the other one pulls")
        for port in (REPORTS, CAMERAS):
            expect(b"more elements than bytes" in ask(leader.bus_port + port, b"\xdd\xff\xff\xff\xff"), True, f"bus port {port} is answered at")

    def takes_an_alert(self, name):
        fresh = self.data / f"{name}.new"
        fresh.write_bytes(alert(name, headline=name))
        fresh.rename(self.data / f"alerts/{name}.xml")
        wait_until(lambda: any(event["title"] == name for event in self.second.events()), f"the alert '{name}'")


def the_other_goes_on_when_the_leader_is_killed(daemon):
    district = District(daemon)
    other = district.second
    try:
        district.leads_alone(daemon, other)
        district.takes_an_alert("before")
        district.each_rings_the_doorbell("before")
        with Load([daemon, other]) as tally:
            tally.wait_for_more(MORE)
            expect(daemon.end(signal.SIGKILL), -signal.SIGKILL)
            tally.wait_for_more(MORE)
            wait_until(lambda: metric(other, "drumtower_ingest_leading") == 1, "the other one leads")
            daemon.start()
            tally.wait_for_more(MORE)
        district.leads_alone(other, daemon)
        district.takes_an_alert("after")
        district.each_rings_the_doorbell("after")
        check_log(daemon, tally.numbers)
        district.end()
    finally:
        district.kill()


def with_camera(port):
    def make(data):
        book = make_book(data)
        (book / "cameras.yaml").write_text(CAMERAS_YAML.format(port=port))
        with open(book / "sources.yaml", "a") as sources:
            sources.write(FEEDS.format(data=data))
        (data / "alerts").mkdir()
        return book
    return make


def main():
    camsim = subprocess.Popen([BUILD / "tools/citysim/camsim", CAMERA], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        return run_all([the_other_goes_on_when_the_leader_is_killed], BUILD / "ingest/drumtower-ingest",
                       with_camera(int(camsim.stdout.readline())), BUILD / "tools/drumctl")
    finally:
        camsim.stdin.close()
        camsim.wait()


if __name__ == "__main__":
    sys.exit(main())
