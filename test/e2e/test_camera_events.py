#!/usr/bin/env python3
"""The real ingest daemon goes its round over simulated cameras: what is wrong becomes an event, once, and a small picture is kept.

usage: test_camera_events.py ROOT BUILD          TAP on standard output"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT, BUILD = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
sys.path[:0] = [str(ROOT / "tools/district"), str(ROOT / "test/unit/ingest")]

from daemon_stage import Daemon, expect, metric, wait_until  # noqa: E402
from tap import Tap  # noqa: E402

PATIENCE_S = 150  # two rounds: bounds a wait that has gone wrong; nothing is asserted about time

BOOK = """cameras:
  - {{id: cam-01, name: 路口, url: "rtsp://127.0.0.1:{port}/cam-01", lat: 39.94, lon: 116.39}}
health:
  minutes: 1
  troubles:
    - {{trouble: covered, service: "0101", visits: 1}}
"""


def a_covered_camera_is_an_event_once(data):
    camsim = subprocess.Popen([BUILD / "tools/citysim/camsim", "cam-01"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True)
    try:
        port = int(camsim.stdout.readline())
        print("cam-01 see covered", file=camsim.stdin, flush=True)
        expect(camsim.stdout.readline(), "ok 1\n", "camsim")
        book = data / "book"
        shutil.copytree(ROOT / "test/unit/ingest/book", book)
        (book / "cameras.yaml").write_text(BOOK.format(port=port))
        daemon = Daemon(BUILD / "ingest/drumtower-ingest", book, data, BUILD / "tools/drumctl").start()
        wait_until(lambda: metric(daemon, "drumtower_camera_events_total") == 1, "an event", PATIENCE_S)
        wait_until(daemon.events, "its commit", PATIENCE_S)
        event, = daemon.events()
        expect({key: event[key] for key in ("kind", "source", "service", "camera", "title")},
               {"kind": "camera", "source": "camera", "service": "0101", "camera": "cam-01", "title": "路口：被遮挡"}, "event")
        picture = (data / "cameras/cam-01.jpg").read_bytes()
        expect(picture[:2] + picture[-2:], b"\xff\xd8\xff\xd9", "a JPEG begins and ends so")
        expect(daemon.end(), 0, "exit status")
        daemon.start()
        wait_until(lambda: metric(daemon, "drumtower_camera_visits_total") >= 1, "a visit after the restart", PATIENCE_S)
        expect(len(daemon.events()), 1, "events after the restart")
        expect(daemon.end(), 0, "exit status")
    finally:
        camsim.stdin.close()
        camsim.wait()


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as data:
        tap.test("a covered camera is an event, once", a_covered_camera_is_an_event_once, pathlib.Path(data))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
