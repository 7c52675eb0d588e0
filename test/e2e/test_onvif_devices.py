#!/usr/bin/env python3
"""The real ingest daemon and ONVIF cameras (camsim): found by drumctl, read, turned, lost and found again, refused.

usage: test_onvif_devices.py ROOT BUILD          TAP on standard output"""
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading

ROOT, BUILD = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
sys.path[:0] = [str(ROOT / "tools/district"), str(ROOT / "test/unit/ingest")]

from bus_peer import CAMERAS, ask  # noqa: E402
from daemon_stage import Daemon, expect, metric, wait_until  # noqa: E402
from tap import Tap  # noqa: E402

PATIENCE_S = 60  # bounds a wait that has gone wrong; nothing is asserted about time
IDS = ["cam-01", "cam-02", "cam-03"]
OK, UNABLE = 1, 5  # proto/record/camera.h: camera_result
VERSION, RESULT, VERB, CAMERA, HOLDER, SECONDS, PAN, TILT, ZOOM = 0, 1, 1, 2, 3, 4, 8, 9, 10  # camera_grant, camera_lease
MOVE = 3  # camera_verb


class Cameras:
    """Simulated ones, with an ONVIF face."""

    def __init__(self):
        self.process = subprocess.Popen(
            [BUILD / "tools/citysim/camsim", "--onvif", "--user", "admin", "--password", "12345678", *IDS],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.rtsp_port = self.process.stdout.readline().split()[-1]
        _, self.port, self.discovery = self.process.stdout.readline().split()

    def url(self, name, password="12345678", scheme="onvif", port=None):
        return f"{scheme}://admin:{password}@127.0.0.1:{port or self.port}/{name}/device_service"

    def stream(self, name, password, port):
        return f"rtsps://admin:{password}@127.0.0.1:{port}/{name}"

    def say(self, line):
        print(line, file=self.process.stdin, flush=True)
        return self.process.stdout.readline().strip()

    def counts(self):
        return json.loads(self.say("counts"))

    def end(self):
        self.process.stdin.close()
        expect(self.process.wait(PATIENCE_S), 0, "exit status of camsim")


class Curtain:
    """The face of the cameras behind TLS, with a certificate that nobody but itself has signed, as cameras have them."""

    def __init__(self, folder, port):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=camera", "-keyout", folder / "key",
                        "-out", folder / "cert"], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "cert", folder / "key")
        self.door, self.inside, self.taken = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True), int(port), 0
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.door.accept()
            except ssl.SSLError:
                continue
            except OSError:
                return
            self.taken += 1
            device = socket.create_connection(("127.0.0.1", self.inside))
            for pair in ((client, device), (device, client)):
                threading.Thread(target=self.carry, args=pair, daemon=True).start()

    @staticmethod
    def carry(source, target):
        try:
            while piece := source.recv(65536):
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # either end has gone

    def end(self):
        self.door.close()


class District:
    """An ingest daemon that pulls its cameras all the time."""

    def __init__(self, data, urls):
        self.data, self.book = data, data / "book"
        shutil.copytree(ROOT / "test/unit/ingest/book", self.book)
        (self.book / "cameras.yaml").write_text("cameras:\n" + "".join(
            f'  - {{id: {name}, name: 路口, url: "{url}", lat: 39.94, lon: 116.39, armed: true}}\n' for name, url in urls.items()))
        self.daemon = Daemon(BUILD / "ingest/drumtower-ingest", self.book, data, BUILD / "tools/drumctl").start()

    def states(self, name):
        """(state, reason) of a camera, one after the other, as the log tells them."""
        log = (self.data / "log").read_text(encoding="utf-8")
        return re.findall(rf'msg="camera" camera={name} state=(\w+) before=\w+ reason="(.*)"', log)

    def wait_state(self, name, state, after=0):
        """How many states there were when it was so."""
        wait_until(lambda: any(is_now == state for is_now, _ in self.states(name)[after:]), f"{name} is {state}", PATIENCE_S)
        return len(self.states(name))

    def move(self, name, pan=0, tilt=0, zoom=0):
        """The result and the answer of an order over the bus."""
        lease = {VERSION: 1, VERB: MOVE, CAMERA: name, HOLDER: "test", SECONDS: 60, PAN: pan, TILT: tilt, ZOOM: zoom}
        answer = ask(self.daemon.bus_port + CAMERAS, packed(lease))
        expect(answer[1:4], bytes([VERSION, 1, RESULT]), "the answer begins with its version, then the result")
        return answer[4], answer

    def end(self):
        expect(self.daemon.end(), 0, "exit status")


def packed(record):
    """As msgpack: a small map of small numbers and short texts."""
    def value(one):
        if isinstance(one, str):
            return bytes([0xa0 | len(one)]) + one.encode()
        return bytes([one]) if 0 <= one < 128 else b"\xd0" + one.to_bytes(1, "big", signed=True)
    pairs = {tag: one for tag, one in record.items() if one}
    return bytes([0x80 | len(pairs)]) + b"".join(bytes([tag]) + value(one) for tag, one in pairs.items())


def drumctl(*words):
    """As in a centre whose other traffic goes by a proxy."""
    done = subprocess.run([BUILD / "tools/drumctl", "cameras", *words], capture_output=True, text=True, timeout=PATIENCE_S,
                          check=False, env={**os.environ, "http_proxy": "http://127.0.0.1:1"})
    return done.returncode, done.stdout, done.stderr


def cameras_are_found_and_asked(data):
    cameras = Cameras()
    try:
        cameras.say("cam-02 garbage")
        status, out, err = drumctl("discover", "--seconds", "1", "--to", f"127.0.0.1:{cameras.discovery}")
        expect(status, 0, "exit status")
        expect(out.splitlines()[1].split(), [f"onvif://127.0.0.1:{cameras.port}/cam-01/device_service", "Camera", "cam-01", "camsim"],
               "the first device")
        line = (f'  - {{id: cam-127-0-0-1-{cameras.port}, name: "Camera cam-01", '
                f'url: "onvif://USER:PASSWORD@127.0.0.1:{cameras.port}/cam-01/device_service", '
                f'sub_url: "onvif://USER:PASSWORD@127.0.0.1:{cameras.port}/cam-01/device_service?stream=sub", lat: LAT, lon: LON}}')
        expect(out.count(line), 1, f"the book's line, once, though all are asked twice: {out}")
        expect(out.count("  - {id: "), 2, "lines")
        expect("answers could not be used" in err, True, f"garbage is told: {err}")
        cameras.say("* die")
        status, out, err = drumctl("discover", "--seconds", "1", "--to", f"127.0.0.1:{cameras.discovery}")
        expect((status, out, err.startswith("drumctl cameras: nobody answered within 1 s.")), (1, "", True), err)
        cameras.say("* well")
        status, out, err = drumctl("ask", cameras.url("cam-01"))
        expect((status, err), (0, ""), "exit status and errors")
        for words in (r"moves +yes", r"main +rtsp://127.0.0.1:\d+/cam-01/main", r"sub +rtsp://127.0.0.1:\d+/cam-01\?",
                      rf"snapshot http://127.0.0.1:{cameras.port}/cam-01/snapshot.jpg", r"still +still +lens +JPEG +2592x1944"):
            expect(bool(re.search(words, out)), True, f"{words} in {out}")
        expect("12345678" in out, False, "the password is printed")
        book = data / "book"
        shutil.copytree(ROOT / "test/unit/ingest/book", book)
        (book / "cameras.yaml").write_text(f'cameras:\n  - {{id: a, name: 路口, url: "{cameras.url("cam-01")}?stream=sub", lat: 39.94, '
                                           'lon: 116.39}\n  - {id: b, name: 路口, url: "rtsp://h/1", lat: 39.94, lon: 116.39}\n')
        expect(re.findall(r"^\w+ +rtsp://.*$", drumctl("ask", "--book", book, "a")[1], re.M)[0].split()[0], "sub", "what the book says")
        expect(drumctl("ask", "--book", book, "b")[2],
               "drumctl cameras: the camera's address is none of ONVIF; expected onvif://HOST or onvifs://HOST\n", "another camera")
        status, out, err = drumctl("ask", cameras.url("cam-01", "wrong"))
        expect((status, "the device refuses the user 'admin' or the password" in err), (1, True), err)
    finally:
        cameras.end()


def a_camera_found_in_the_group_is_found(data):
    """By multicast, on the loopback; the port is the one at which all devices are looked for."""
    with subprocess.Popen([BUILD / "tools/citysim/camsim", "--onvif", "--onvif-discovery", "3702", "cam-01"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as camsim:
        camsim.stdout.readline()
        _, port, _ = camsim.stdout.readline().split()
        status, out, err = drumctl("discover", "--seconds", "1", "--interface", "127.0.0.1")
        camsim.stdin.close()
        expect((status, f"127.0.0.1:{port}/cam-01/device_service" in out), (0, True), err)


def a_camera_lives_turns_and_is_found_again(data):
    cameras = Cameras()
    district = District(data, {"cam-01": cameras.url("cam-01")})
    try:
        seen = district.wait_state("cam-01", "live")
        expect(district.move("cam-01", pan=50, zoom=-100)[0], OK, "the order")
        wait_until(lambda: cameras.counts()["last_move"] == "0.50 0.00 -1.00", "it turns", PATIENCE_S)
        expect(district.move("cam-01")[0], OK, "the order to stop")
        wait_until(lambda: cameras.counts()["last_move"] == "stop", "it stops", PATIENCE_S)
        expect(cameras.say("cam-01 restart"), "ok 1", "camsim")
        seen = district.wait_state("cam-01", "lost", seen)
        seen = district.wait_state("cam-01", "live", seen)
        cameras.say("cam-01 freeze")  # silent, and so lost by our own decision
        seen = district.wait_state("cam-01", "lost", seen)
        cameras.say("cam-01 restart")
        cameras.say("cam-01 well")
        district.wait_state("cam-01", "live", seen)
    finally:
        district.end()
        cameras.end()


def a_device_is_asked_over_https(data):
    cameras = Cameras()
    curtain = Curtain(data, cameras.port)
    district = District(data, {"cam-01": cameras.url("cam-01", scheme="onvifs", port=curtain.port)})
    try:
        district.wait_state("cam-01", "live")
        expect(district.move("cam-01", pan=30)[0], OK)  # its services are, too, although it names them without
        wait_until(lambda: cameras.counts()["last_move"] == "0.30 0.00 -", "the camera turns", PATIENCE_S)
        expect(curtain.taken > 0, True, "connections behind TLS")
    finally:
        district.end()
        cameras.end()
        curtain.end()


def a_stream_is_read_over_tls(data):
    cameras = Cameras()
    curtain = Curtain(data, cameras.rtsp_port)
    district = District(data, {name: cameras.stream(name, password, curtain.port)
                               for name, password in (("cam-01", "12345678"), ("cam-02", "wrong"))})
    try:
        district.wait_state("cam-01", "live")
        district.wait_state("cam-02", "lost")
        expect(district.states("cam-02")[-1][1], "the camera refuses the name or the password of its address in the book", "why")
        expect(curtain.taken > 0, True, "connections behind TLS")
    finally:
        district.end()
        cameras.end()
        curtain.end()


def a_wrong_password_and_a_fixed_camera_say_so(data):
    cameras = Cameras()
    cameras.say("cam-03 fixed")
    district = District(data, {"cam-02": cameras.url("cam-02", "wrong"), "cam-03": cameras.url("cam-03")})
    try:
        district.wait_state("cam-02", "lost")
        expect(district.states("cam-02")[-1][1],
               "GetServices: the device refuses the user 'admin' or the password (the device says: Sender not Authorized "
               "(ter:NotAuthorized))", "why")
        expect(metric(district.daemon, "drumtower_onvif_inquiries_failed_total"), 1, "inquiries that failed")
        district.wait_state("cam-03", "live")
        result, answer = district.move("cam-03", pan=1)
        expect((result, b"the device has no PTZ service" in answer), (UNABLE, True), f"{answer!r}")
        result, answer = district.move("cam-02", pan=1)
        expect((result, b"not asked again for 5 minutes" in answer), (UNABLE, True), f"{answer!r}")
    finally:
        district.end()
        cameras.end()


if __name__ == "__main__":
    sys.exit(Tap().tell(cameras_are_found_and_asked, a_camera_found_in_the_group_is_found,
                        a_camera_lives_turns_and_is_found_again, a_device_is_asked_over_https, a_stream_is_read_over_tls,
                        a_wrong_password_and_a_fixed_camera_say_so))
