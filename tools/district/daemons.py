"""A district's processes: start, watch, kill, start again. Used by the quickstart."""
import pathlib
import signal
import subprocess
import time
import urllib.error
import urllib.request

POLL_S = 0.05       # how often a condition is looked at while it is waited for
QUICK_DEATH_S = 10  # what ends sooner than this after its start will not come up by starting it again


class Failed(Exception):
    """Something a person has to know; the text says what to do."""


class Process:
    """One program of the district; what it logs goes to a file of its own."""

    def __init__(self, name, command, log_folder, ready_url=None):
        self.name, self.command, self.ready_url = name, [str(part) for part in command], ready_url
        self.log = pathlib.Path(log_folder) / f"{name}.log"
        self.child = None
        self.starts, self.started = 0, 0.0

    def start(self, stdout=None):
        with open(self.log, "ab") as log:
            # a session of its own: Ctrl-C reaches the runner only, which then ends all in order
            self.child = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=stdout or log, stderr=log,
                                          start_new_session=True)
        self.starts, self.started = self.starts + 1, time.monotonic()

    def running(self):
        return self.child is not None and self.child.poll() is None

    def kill(self):
        """As a crash would: no chance to tidy up."""
        self.child.kill()
        self.child.wait()

    def stop(self, timeout_s=15):
        if not self.running():
            return
        self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failed(f"{self.name} did not end within {timeout_s} s of SIGTERM; its log: {self.log}") from None

    def readiness(self):
        """None when ready, otherwise why not."""
        if not self.running():
            return "has ended"
        if self.ready_url is None:
            return None
        try:
            with urllib.request.urlopen(self.ready_url, timeout=2):
                return None
        except urllib.error.HTTPError as error:
            return error.read(200).decode("utf-8", "replace").strip() or str(error)
        except OSError as error:
            return str(error)

    def tail(self, lines=12):
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])


class District:
    """The daemons of one district on one data folder."""

    def __init__(self, build, book, data, port, bus_port, rtsp_port, log_folder):
        build = pathlib.Path(build)
        self.build, self.book, self.data, self.log_folder = build, book, data, log_folder
        self.urls = {name: f"http://127.0.0.1:{port + step}"
                     for step, name in enumerate(("ingest", "field", "videowall"))}
        common = ["--data", data, "--book", book, "--bus-port", bus_port]
        self.processes = {}
        self._add("dispatcher", build / "dispatcher/drumtower-dispatcher", common)
        self._add("ingest", build / "ingest/drumtower-ingest", common + self._door("ingest"))
        self._add("field", build / "dispatcher/drumtower-field", common + self._door("field"))
        self._add("videowall", build / "videowall/drumtower-videowall", common + self._door("videowall") + ["--output", f"rtsp:{rtsp_port + 1},web"])
        self.rtsp_port = rtsp_port
        self.native_wall = f"rtsp://127.0.0.1:{rtsp_port + 1}/wall"

    def _door(self, name):
        return ["--listen", self.urls[name].removeprefix("http://"), "--pages", self.build / "pages"]

    def _add(self, name, program, arguments):
        url = self.urls[name] + "/readyz" if name in self.urls else None
        self.processes[name] = Process(name, [program] + arguments, self.log_folder, url)

    def start(self, timeout_s=30):
        for process in self.processes.values():
            process.start()
        self.wait_ready(timeout_s)

    def wait_ready(self, timeout_s=30):
        deadline = time.monotonic() + timeout_s
        waiting = dict(self.processes)
        while waiting:
            for name in list(waiting):
                reason = waiting[name].readiness()
                if reason is None:
                    del waiting[name]
                elif not waiting[name].running():
                    raise Failed(f"{name} ended at its start:\n{waiting[name].tail()}")
                elif time.monotonic() > deadline:
                    raise Failed(f"{name} is not ready after {timeout_s} s ({reason}):\n{waiting[name].tail()}")
            time.sleep(POLL_S)

    def crash(self, name):
        """kill -9, and a new start at once."""
        self.processes[name].kill()
        self.processes[name].start()

    def restart_ended(self):
        """Starts again what ended by itself; the names."""
        ended = [name for name, process in self.processes.items() if not process.running()]
        for name in ended:
            if time.monotonic() - self.processes[name].started < QUICK_DEATH_S:
                raise Failed(f"{name} ended right after its start:\n{self.processes[name].tail()}")
            self.processes[name].start()
        return ended

    def stop(self):
        faults = []
        for process in reversed(list(self.processes.values())):
            try:
                process.stop()
            except Failed as fault:
                faults.append(str(fault))
        if faults:
            raise Failed("\n".join(faults))


def run(command, **options):
    """A short-lived program; its output, or Failed with what it said."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise Failed((done.stderr or done.stdout).strip() or f"{command[0]} ended with status {done.returncode}")
    return done.stdout
