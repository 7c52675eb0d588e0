#!/usr/bin/env python3
"""The real ingest daemon and devices of GB/T 28181 that register with it: simulated ones (camsim), and somebody else's (SIPp).

usage: test_gb28181_devices.py ROOT BUILD          TAP on standard output"""
import json
import pathlib
import shutil
import socket
import subprocess
import sys

ROOT, BUILD = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
sys.path[:0] = [str(ROOT / "tools/district"), str(ROOT / "test/unit/ingest")]

from daemon_stage import Daemon, expect, metric, wait_until  # noqa: E402
from tap import Tap  # noqa: E402

PATIENCE_S = 60  # bounds a wait that has gone wrong; nothing is asserted about time
OWN = "34020000002000000001"
DEVICES = 20


def device(number):
    return f"3402000000111{number:07}"


def book_text(port):
    cameras = "".join(f'  - {{id: d{i}, name: 路口{i}, url: "gb28181://{device(i)}/3402000000131{i:05}01", lat: 39.94, '
                      "lon: 116.39}\n" for i in range(1, DEVICES + 1))
    return (f"cameras:\n{cameras}gb28181:\n  id: \"{OWN}\"\n  listen: 127.0.0.1\n  port: {port}\n  alarms:\n"
            '    - {method: video, type: 6, service: "0101"}\n')


class District:
    """An ingest daemon with a book of devices, and their password."""

    def __init__(self, data):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        book = data / "book"
        shutil.copytree(ROOT / "test/unit/ingest/book", book)
        (book / "cameras.yaml").write_text(book_text(self.port))
        (data / "keys").mkdir()
        key = data / "keys/gb28181.key"
        key.write_text("12345678\n")
        key.chmod(0o600)
        self.daemon = Daemon(BUILD / "ingest/drumtower-ingest", book, data, BUILD / "tools/drumctl").start()

    def wait_metric(self, name, value):
        try:
            wait_until(lambda: metric(self.daemon, name) == value, f"{name} {value}", PATIENCE_S)
        except Exception as error:
            raise AssertionError(f"{error}: it is {metric(self.daemon, name)}") from error


class Devices:
    """Simulated ones, all of the book's."""

    def __init__(self, port, *words):
        self.process = subprocess.Popen(
            [BUILD / "tools/citysim/camsim", "--gb-count", str(DEVICES), "--gb-platform", f"127.0.0.1:{port}", "--gb-id", OWN,
             "--gb-password", "12345678", "--gb-keepalive", "1", *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def say(self, line):
        print(line, file=self.process.stdin, flush=True)
        return self.process.stdout.readline().strip()

    def counts(self):
        return json.loads(self.say("counts"))

    def end(self):
        self.process.stdin.close()
        expect(self.process.wait(PATIENCE_S), 0, "exit status of camsim")


def devices_come_back_after_a_restart(data):
    district = District(data)
    devices = Devices(district.port)
    district.wait_metric("drumtower_gb28181_devices", DEVICES)
    expect(district.daemon.end(), 0, "exit status")
    district.daemon.start()
    district.wait_metric("drumtower_gb28181_devices", DEVICES)
    wait_until(lambda: devices.counts()["registrations"] == 2 * DEVICES, "every device has registered twice", PATIENCE_S)
    district.daemon.end(9)  # killed, and nobody said goodbye
    district.daemon.start()
    district.wait_metric("drumtower_gb28181_devices", DEVICES)
    devices.end()
    expect(district.daemon.end(), 0, "exit status")


def an_alarm_is_an_event_once(data):
    district = District(data)
    devices = Devices(district.port)
    district.wait_metric("drumtower_gb28181_devices", DEVICES)
    expect(devices.say(f"{device(3)} alarm 6"), "ok 1", "camsim")
    expect(devices.say(f"{device(4)} alarm 2"), "ok 1", "camsim")  # no row of the book is for it
    wait_until(lambda: devices.counts()["alarms_kept"] == 1, "the device is told", PATIENCE_S)
    event, = district.daemon.events()
    expect({key: event[key] for key in ("kind", "source", "service", "camera", "title")},
           {"kind": "alarm", "source": "camera", "service": "0101", "camera": "d3", "title": "路口3：入侵"}, "event")
    devices.end()
    expect(district.daemon.end(), 0, "exit status")


def wrong_passwords_and_strangers_are_refused(data):
    district = District(data)
    (data / "keys" / f"{device(2)}.key").write_text("of its own\n")
    (data / "keys" / f"{device(2)}.key").chmod(0o600)
    devices = Devices(district.port)
    district.wait_metric("drumtower_gb28181_devices", DEVICES - 1)
    wait_until(lambda: metric(district.daemon, "drumtower_gb28181_refused_total") >= 1, "a refusal", PATIENCE_S)
    devices.end()
    expect(district.daemon.end(), 0, "exit status")


def somebody_elses_devices_register(data):
    district = District(data)
    table = data / "devices.csv"
    table.write_text("SEQUENTIAL\n" + "".join(f"{device(i)};[authentication username={device(i)} password=12345678]\n"
                                              for i in range(1, DEVICES + 1)))
    done = subprocess.run(["sipp", f"127.0.0.1:{district.port}", "-sf", ROOT / "test/e2e/gb28181_device.xml", "-inf", table,
                           "-i", "127.0.0.1", "-m", str(DEVICES), "-r", "100", "-nostdin", "-timeout", f"{PATIENCE_S}s"],
                          cwd=data, capture_output=True, text=True, timeout=2 * PATIENCE_S, check=False)
    expect(done.returncode, 0, f"SIPp: {done.stdout[-2000:]} {done.stderr[-2000:]}")
    district.wait_metric("drumtower_gb28181_devices", DEVICES)
    expect(metric(district.daemon, "drumtower_gb28181_keepalives_total"), DEVICES, "keep-alives")
    expect(district.daemon.end(), 0, "exit status")


if __name__ == "__main__":
    sys.exit(Tap().tell(devices_come_back_after_a_restart, an_alarm_is_an_event_once,
                        wrong_passwords_and_strangers_are_refused, somebody_elses_devices_register))
