"""What the tests of the real drumtower-ingest share: a daemon on a data folder, its metrics, and TAP for a list of tests."""
import hashlib
import hmac
import http.client
import json
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tools/district"))
from run import free_ports  # noqa: E402

START_S = 15
BUS_PORTS = 7  # proto/bus/bus.h


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


PNG = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)) +
       chunk(b"IDAT", zlib.compress(b"\0\1\2\3")) + chunk(b"IEND", b""))


class Daemon:
    """One drumtower-ingest on a data folder; start() again after kill() goes on with the same data."""

    def __init__(self, program, book, data, drumctl=None):
        self.program, self.book, self.data, self.drumctl = program, book, data, drumctl
        self.address, self.port = "127.0.0.1", free_ports(1 + BUS_PORTS)
        self.bus_port = self.port + 1
        self.process = None

    def beside(self):
        """Another one on the same data folder: only its door is another."""
        other = Daemon(self.program, self.book, self.data, self.drumctl)
        other.bus_port = self.bus_port
        return other

    def start(self, *extra, before=None):
        self.log = open(self.data / "log", "ab")
        self.process = subprocess.Popen(
            [self.program, "--data", self.data, "--book", self.book, "--listen", f"{self.address}:{self.port}",
             "--bus-port", str(self.bus_port), "--pages", self.data, *extra], stderr=self.log, preexec_fn=before)
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            try:
                if self.get("/healthz")[0] == 200:
                    return self
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.02)
        raise RuntimeError(f"the daemon did not start: {(self.data / 'log').read_text()}")

    def limit(self, **limits):
        """From the next start on a book of its own, with these limits of the doors."""
        book = self.data / "limited"
        shutil.copytree(self.book, book)
        district = book / "district.yaml"
        text = district.read_text()
        adapted = text.replace("doors: {", "doors: {" + "".join(f"{key}: {value}, " for key, value in limits.items()))
        if adapted == text:
            raise RuntimeError(f"{district} has no 'doors: {{' any more: adapt this")
        district.write_text(adapted)
        self.book = book

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        status = self.process.wait(START_S)
        self.log.close()
        return status

    def ask(self, method, path, body=None, headers=()):
        connection = http.client.HTTPConnection(self.address, self.port, timeout=START_S)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers
        finally:
            connection.close()

    def get(self, path, headers=()):
        return self.ask("GET", path, None, headers)

    def post(self, path, fields, headers=()):
        body = urllib.parse.urlencode(fields)
        return self.ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded", **dict(headers)})

    def post_parts(self, path, parts):
        """parts: (name, value) or (name, file name, type, bytes)."""
        boundary = "xXxBoundaryxXx"
        body = b""
        for part in parts:
            body += f"--{boundary}\r\nContent-Disposition: form-data; name=\"{part[0]}\"".encode()
            if len(part) == 4:
                body += f"; filename=\"{part[1]}\"\r\nContent-Type: {part[2]}\r\n\r\n".encode() + part[3] + b"\r\n"
            else:
                body += b"\r\n\r\n" + part[1].encode() + b"\r\n"
        body += f"--{boundary}--\r\n".encode()
        return self.ask("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})

    def events(self):
        """All events of the log, as drumctl lists them."""
        listed = subprocess.run([self.drumctl, "events", "--data", self.data, "--json", "--limit", "100000"], capture_output=True,
                                text=True, check=True)
        return [json.loads(line) for line in listed.stdout.splitlines()]

    def raw(self, text):
        """What the daemon answers to bytes on a bare socket, until it closes or a second passes."""
        with socket.create_connection((self.address, self.port), timeout=1) as peer:
            answer = b""
            try:
                peer.sendall(text)
                while piece := peer.recv(65536):
                    answer += piece
            except OSError:
                pass
            return answer


def expect(actual, wanted, what=""):
    if actual != wanted:
        raise AssertionError(f"{what}: expected {wanted!r}, got {actual!r}")


def metric(daemon, name):
    found = re.search(rf"^{re.escape(name)} (\d+)$", daemon.get("/metrics")[1].decode(), re.M)
    return int(found.group(1)) if found else 0


def with_sources(book, sources, keys=(), folders=()):
    """A maker of books for run(): a copy with this sources.yaml (@DATA@ is the data folder), key files (name, key) and folders."""
    def make(data):
        folder = data / "book"
        shutil.copytree(book, folder)
        (folder / "sources.yaml").write_text(sources.replace("@DATA@", str(data)))
        for name in folders:
            (data / name).mkdir()
        (data / "keys").mkdir()
        for name, key in keys:
            write_key(data / f"keys/{name}.key", key)
        return folder
    return make


def write_key(path, key):
    path.write_text(key + "\n")
    path.chmod(0o600)


def signed(body, key, at_s=None):
    """The headers that sign a body; at_s: seconds since 1970, now if not given."""
    stamp = str(int(time.time()) if at_s is None else at_s)
    digest = hmac.new(key.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Drumtower-Timestamp": stamp, "Drumtower-Signature": f"v1={digest}"}


class Skipped(Exception):
    """This machine has not what a test needs; says what."""


def outside_address():
    """An address of this machine that is not the loopback's; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError as none:
            raise Skipped(f"no address but the loopback's: {none}") from none
        return probe.getsockname()[0]


def wait_until(holds, what, patience_s=START_S):
    """Looks at a condition until it holds; fails when the patience is at its end."""
    until = time.monotonic() + patience_s
    while not holds():
        if time.monotonic() > until:
            raise AssertionError(f"in vain waited for: {what}")
        time.sleep(0.01)


def run(test, program, book, drumctl):
    """None, or why it failed. `book`: a folder, or a function that makes one in the data folder."""
    data = pathlib.Path(tempfile.mkdtemp(prefix="ingest-daemon-"))
    daemon = Daemon(program, book(data) if callable(book) else book, data, drumctl)
    try:
        daemon.start()
        test(daemon)
        if daemon.process.poll() is not None:
            return "the daemon has ended"
        status = daemon.end()
        return f"the daemon ended with {status}" if status else None
    except Skipped:
        raise
    except Exception as failure:  # a test's failure is a line of its report
        return f"{type(failure).__name__}: {failure}\n" + (data / "log").read_text()
    finally:
        if daemon.process and daemon.process.poll() is None:
            daemon.process.kill()
            daemon.process.wait()
        shutil.rmtree(data)


def run_all(tests, program, book, drumctl=None):
    """TAP on standard output; the exit status."""
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    for number, test in enumerate(tests, 1):
        try:
            why = run(test, program, book, drumctl)
        except Skipped as lack:
            print("ok", number, "-", test.__name__, "# SKIP", lack, flush=True)
            continue
        failed += why is not None
        print("not ok" if why else "ok", number, "-", test.__name__, flush=True)
        for line in (why or "").splitlines():
            print("#", line)
    return 1 if failed else 0
