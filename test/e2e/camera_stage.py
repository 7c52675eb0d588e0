"""A district with simulated cameras on its native wall, and somebody who watches all of them as a page does, by capture times and states."""
import http.client
import json
import pathlib
import shutil
import struct
import subprocess
import threading
import time

from daemons import District, run
from rough_client import Door, Wrong, wait_for
from run import free_ports

PASSWORD = "drumtower-demo"
BUS_PORTS = 8           # proto/bus/bus.h
PROGRAMMES = 8          # tools/citysim/camsim/programme.h: one after the other
PAGE_CAMERAS = 64       # videowall/live/live.h: of one response
HEAD = struct.Struct(">IHBBQ")
UNIT, STATUS, PULSE = 1, 3, 4
PULSE_MS = 1000
PATIENCE_S = 60         # bounds a wait that has gone wrong


def now_ms():
    return int(time.time() * 1000)


class Camsim:
    """The cameras; told what befalls them."""

    def __init__(self, program, ids):
        self.process = subprocess.Popen([program, *ids], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def order(self, line):
        """Done when it returns; the moment at which it was done."""
        print(line, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline().strip()
        if not answer.startswith("ok "):
            raise Wrong(f"camsim, told '{line}': {answer}")
        return now_ms()

    def show_once(self, ids):
        """Programmes are drawn and encoded when the first one looks: here, so that nobody waits for that later."""
        for order in ("well", "change"):
            for name in ids:
                self.order(f"{name} {order}")
                run(["ffprobe", "-v", "error", "-rtsp_transport", "tcp", f"rtsp://127.0.0.1:{self.port}/{name}"], timeout=PATIENCE_S)

    def end(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE_S)


class Seen:
    """What came of one camera."""

    def __init__(self):
        self.units = []     # (capture time, key)
        self.statuses = []  # as they were told

    def captured(self, from_ms, to_ms):
        return [at for at, _ in self.units if from_ms <= at < to_ms]

    def first_after(self, at_ms):
        return next((at for at, _ in self.units if at >= at_ms), None)

    def state(self):
        return self.statuses[-1]["state"] if self.statuses else "none"


class Watcher(threading.Thread):
    """One page: reads one response with up to 64 cameras."""

    def __init__(self, port, token, ids):
        super().__init__(daemon=True)
        self.ids, self.seen = ids, {name: Seen() for name in ids}
        self.pulses, self.fault, self.over = [], None, False
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        self.connection.request("GET", "/live?cameras=" + ",".join(ids), headers={"Authorization": f"Bearer {token}"})
        self.answer = self.connection.getresponse()
        if self.answer.status != 200:
            raise Wrong(f"/live: {self.answer.status} {self.answer.read(300)!r}")

    def run(self):
        try:
            waiting = b""
            while not self.over:
                piece = self.answer.read1(1 << 18)
                if not piece:
                    raise Wrong("its stream has ended")
                waiting = self.take(waiting + piece)
        except Exception as fault:  # told to whoever waits for something
            self.fault = None if self.over else fault

    def take(self, waiting):
        at = 0
        while len(waiting) - at >= HEAD.size:
            length, camera, kind, flags, time_ms = HEAD.unpack_from(waiting, at)
            if len(waiting) - at < 4 + length:
                break
            payload = waiting[at + HEAD.size:at + 4 + length] if kind == STATUS else None
            at += 4 + length
            if kind == UNIT:
                self.seen[self.ids[camera]].units.append((time_ms, bool(flags & 1)))
            elif kind == STATUS:
                self.seen[self.ids[camera]].statuses.append(json.loads(payload))
            elif kind == PULSE:
                self.pulses.append((time_ms, now_ms()))
        return waiting[at:]


class Stage:
    """N cameras in one scene of the native wall. `dead`: all of them are, at the start."""

    def __init__(self, root, build, scratch, count):
        self.root, self.build, self.scratch = pathlib.Path(root), pathlib.Path(build), pathlib.Path(scratch)
        self.ids = [f"cam-{number:03}" for number in range(1, count + 1)]
        self.camsim = Camsim(self.build / "tools/citysim/camsim", self.ids)
        self.camsim.show_once(self.ids[:PROGRAMMES])
        self.book, self.data = self.scratch / "book", self.scratch / "data"
        self.pictures = self.scratch / "pictures"
        shutil.copytree(self.root / "examples/gulou", self.book)
        self.data.mkdir(mode=0o700)
        self.write_book()
        first = free_ports(3 + BUS_PORTS + 2)
        self.district = District(self.build, self.book, self.data, first, first + 3, first + 3 + BUS_PORTS, self.scratch)
        self.wall = self.district.processes["videowall"]
        self.wall.command[self.wall.command.index("--output") + 1] += f",png:{self.pictures}"
        self.watchers = []

    def write_book(self):
        rows = [f"  - {{id: {name}, name: 路口{name[-3:]}, name_en: Crossing {name[-3:]}, "
                f"url: \"rtsp://127.0.0.1:{self.camsim.port}/{name}\", lat: {39.93 + 0.0002 * at:.5f}, lon: 116.39}}\n"
                for at, name in enumerate(self.ids)]
        side = next(side for side in range(1, 13) if side * side >= len(self.ids))
        (self.book / "cameras.yaml").write_text("cameras:\n" + "".join(rows))
        (self.book / "wall.yaml").write_text(f"scenes:\n  - {{id: many, name: 多路, columns: {side}, rows: {side}}}\n")

    def start(self):
        password_file = self.scratch / "password"
        password_file.write_text(PASSWORD + "\n")
        run([self.build / "tools/drumctl", "account", "import", "--book", self.book, "--data", self.data,
             "--password-file", password_file])
        self.district.start(PATIENCE_S)
        self.door = Door("videowall", self.district.urls["videowall"])
        answer = self.door.ask("POST", "/api/session", json.dumps({"login": "o-01", "password": PASSWORD}).encode(),
                               "127.0.0.1", Content_Type="application/json")
        self.token = answer.json()["token"]

    def watch(self):
        for at in range(0, len(self.ids), PAGE_CAMERAS):
            watcher = Watcher(self.door.port, self.token, self.ids[at:at + PAGE_CAMERAS])
            watcher.start()
            self.watchers.append(watcher)

    @property
    def seen(self):
        return {name: seen for watcher in self.watchers for name, seen in watcher.seen.items()}

    def wait(self, what, condition):
        """Until something is so; the watchers' faults are told."""
        def look():
            for watcher in self.watchers:
                if watcher.fault:
                    raise Wrong(f"a page: {watcher.fault}")
            return condition()
        return wait_for(what, look, PATIENCE_S)

    def wait_until(self, at_ms):
        """Until the cameras' pictures are of that time: what was captured before it has come."""
        self.wait("time to pass", lambda: self.watchers[0].pulses and self.watchers[0].pulses[-1][0] >= at_ms)

    def view(self):
        answer = self.door.ask("GET", "/api/wall/view", None, "127.0.0.1", Authorization=f"Bearer {self.token}")
        return answer.json()

    def pictures_composed(self):
        return self.door.metrics()["drumtower_wall_pictures_total"]

    def lateness_ms(self):
        """How late this machine is at worst: the pulses come every second."""
        late = [heard - told for watcher in self.watchers for told, heard in watcher.pulses]
        gaps = [b[0] - a[0] - PULSE_MS for watcher in self.watchers for a, b in zip(watcher.pulses, watcher.pulses[1:])]
        return max([0, *late, *gaps])

    def end(self):
        for watcher in self.watchers:
            watcher.over = True
        self.district.stop()
        self.camsim.end()
