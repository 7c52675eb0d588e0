"""A running district with some cases in it, polite people who work at its doors all the time, and a count of what was accepted."""
import http.client
import json
import pathlib
import shutil
import threading
import time
import uuid

from daemons import District, run
from rough_client import POLITE_ADDRESS, Door, Wrong, expect, form, wait_for
from run import free_ports

PASSWORD = "drumtower-demo"
REQUEST_SECONDS = 3  # of the book's copy: whoever sends half a request is given up after this
BUS_PORTS = 8        # proto/bus/bus.h
RTSP_PORTS = 2       # of the cameras, which are not there, and of the native wall
DOORS = ["ingest", "field", "videowall"]
OPEN311 = "/open311/v2/requests.json"
FORM = {"Content_Type": "application/x-www-form-urlencoded"}
JSON = {"Content_Type": "application/json"}
PEOPLE = {"field": ["w-water-2", "w-lines-1", "l-water", "l-lines"], "videowall": ["o-01", "leader-01", "wall-01"]}


def copy_book(root, to):
    """The example's book, with less patience."""
    shutil.copytree(pathlib.Path(root) / "examples/gulou", to)
    district = to / "district.yaml"
    text = district.read_text()
    adapted = text.replace("request_seconds: 60", f"request_seconds: {REQUEST_SECONDS}")
    if adapted == text:
        raise Wrong("examples/gulou/district.yaml has no 'request_seconds: 60' any more: adapt this test")
    district.write_text(adapted)


class Neighbour(threading.Thread):
    """A polite client: one request after the other, each of which must go well."""

    def __init__(self, door, requests):
        super().__init__(daemon=True)
        self.door, self.requests = door, requests  # requests: an endless iterator of (method, path, body, headers)
        self.answered, self.fault, self.slowest_s = 0, None, 0.0
        self.ended = threading.Event()

    def run(self):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.door.port, timeout=20)
            for method, path, body, headers in self.requests:
                began = time.monotonic()
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                text = answer.read()
                self.slowest_s = max(self.slowest_s, time.monotonic() - began)
                if answer.status not in (200, 201):
                    raise Wrong(f"{method} {path}: {answer.status} {text[:300]!r}")
                self.heard(answer.status, text)
                self.answered += 1
                if self.ended.wait(0.002):
                    break
        except Exception as fault:  # told to the test that waits for the next answer
            self.fault = fault

    def heard(self, status, text):
        """For those who keep a count."""

    def expect_more(self, since):
        """A request that began after `since` was answered."""
        wait_for("the polite client's next answer", lambda: self.fault or self.answered > since + 1)
        if self.fault:
            raise Wrong(f"the polite client beside it: {self.fault}")


class Reporter(Neighbour):
    """A neighbour at the ingest door, who reports something every now and then."""

    def __init__(self, stage):
        super().__init__(stage.doors["ingest"], self.habits())
        self.stage = stage

    @staticmethod
    def habits():
        while True:
            report = form({"service_code": "E0699", "address_string": "next door", "description": "polite"})
            yield "POST", OPEN311, report, {"Content-Type": FORM["Content_Type"]}
            for _ in range(20):
                yield "GET", f"{OPEN311}?page_size=5", None, {}
                yield "GET", "/", None, {}
            yield "GET", "/", None, {"Connection": "close"}  # and the next on a new one

    def heard(self, status, text):
        if status == 201:
            self.stage.accepted.add(json.loads(text)[0]["service_request_id"])


def habits_at_the_case_api(token, case, other_path):
    """A note to a case every now and then, else looking."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": JSON["Content_Type"]}
    while True:
        note = json.dumps({"id": uuid.uuid4().hex, "reason": "polite"})
        yield "POST", f"/api/cases/{case}/note", note, headers
        for _ in range(20):
            yield "GET", "/api/cases", None, headers
            yield "GET", other_path, None, headers


class Stage:
    """own: with the worker w-water-2; others: with w-lines-1; closed: was w-water-2's."""

    def __init__(self, root, build, scratch):
        self.build, self.scratch = pathlib.Path(build), pathlib.Path(scratch)
        self.accepted = set()  # receipts
        self.book, self.data = self.scratch / "book", self.scratch / "data"
        copy_book(root, self.book)
        self.adapt_book()
        self.data.mkdir(mode=0o700)
        first = free_ports(len(DOORS) + BUS_PORTS + RTSP_PORTS)
        self.bus_port = first + len(DOORS)
        self.district = District(self.build, self.book, self.data, first, self.bus_port, self.bus_port + BUS_PORTS,
                                 self.scratch)
        self.doors = {name: Door(name, self.district.urls[name]) for name in DOORS}
        self.tokens, self.neighbours = {}, {}

    def adapt_book(self):
        """For those who want more of the book."""

    def start(self):
        """The daemons, and everybody signed in."""
        password_file = self.scratch / "password"
        password_file.write_text(PASSWORD + "\n")
        run([self.build / "tools/drumctl", "account", "import", "--book", self.book, "--data", self.data,
             "--password-file", password_file])
        self.district.start()
        for name, logins in PEOPLE.items():
            for login in logins:
                self.tokens[login] = self.sign_in(name, login)

    def open(self):
        self.start()
        self.own = self.assigned_case("P0101", "l-water", "w-water-2")
        self.others = self.assigned_case("P0106", "l-lines", "w-lines-1")
        self.closed = self.closed_case()
        watched = self.assigned_case("P0101", "l-water", "w-water-2")
        self.neighbours = {
            "ingest": Reporter(self),
            "field": Neighbour(self.doors["field"],
                               habits_at_the_case_api(self.tokens["w-water-2"], watched, "/api/me")),
            "videowall": Neighbour(self.doors["videowall"],
                                   habits_at_the_case_api(self.tokens["o-01"], watched, "/api/wall")),
        }
        for neighbour in self.neighbours.values():
            neighbour.start()

    def sign_in(self, name, login):
        answer = self.doors[name].ask("POST", "/api/session", json.dumps({"login": login, "password": PASSWORD}).encode(),
                                      POLITE_ADDRESS, **JSON)
        expect(answer.status, 200, f"{login} signs in")
        return answer.json()["token"]

    def bearer(self, login):
        return {"Authorization": f"Bearer {self.tokens[login]}"}

    def door_of(self, login):
        return self.doors[next(name for name, logins in PEOPLE.items() if login in logins)]

    # ---- what polite people do ----

    def report(self, fields, **headers):
        """A report that must be taken; its receipt number."""
        answer = self.doors["ingest"].ask("POST", OPEN311, form(fields), POLITE_ADDRESS, **FORM, **headers)
        if answer.status != 201:
            raise Wrong(f"a report was not taken: {answer}")
        receipt = answer.json()[0]["service_request_id"]
        self.accepted.add(receipt)
        return receipt

    def look(self, login, path):
        answer = self.door_of(login).ask("GET", path, None, POLITE_ADDRESS, **self.bearer(login))
        expect(answer.status, 200, f"{login} looks at {path}")
        return answer.json()

    def command(self, login, case, verb, **members):
        """The answer to a command, whatever it is."""
        body = json.dumps({"id": uuid.uuid4().hex, **members}).encode()
        return self.door_of(login).ask("POST", f"/api/cases/{case}/{verb}", body, POLITE_ADDRESS, **JSON,
                                       **self.bearer(login))

    def patrol(self, login, members):
        """What a grid worker has found on patrol must be taken."""
        body = json.dumps({"id": uuid.uuid4().hex, **members}).encode()
        answer = self.door_of(login).ask("POST", "/api/report", body, POLITE_ADDRESS, **JSON, **self.bearer(login))
        expect(answer.status, 201, f"a report of {login}")
        self.accepted.add(str(answer.json()["seq"]))

    def do(self, login, case, verb, **members):
        answer = self.command(login, case, verb, **members)
        if answer.status != 200:
            raise Wrong(f"{login} could not {verb} {case}: {answer}")

    def case_of(self, receipt):
        """The number of the case that a report became."""
        def find():
            cases = self.look("o-01", "/api/cases?list=all&limit=500")["cases"]
            return next((case["number"] for case in cases
                         if any(str(voice["seq"]) == receipt for voice in case["voices"])), None)
        return wait_for(f"report {receipt} becomes a case", find)

    def assigned_case(self, service, liaison, worker):
        case = self.case_of(self.report({"service_code": service, "address_string": f"place {uuid.uuid4().hex}"}))
        self.do("o-01", case, "accept")
        self.do("o-01", case, "dispatch", to_department=liaison.removeprefix("l-"))
        self.do(liaison, case, "receive")
        self.do(liaison, case, "assign", to_worker=worker)
        return case

    def closed_case(self):
        case = self.assigned_case("P0101", "l-water", "w-water-2")
        for login, verb in [("w-water-2", "take"), ("w-water-2", "arrive"), ("w-water-2", "dispose"),
                            ("l-water", "dispose"), ("o-01", "check"), ("o-01", "close")]:
            self.do(login, case, verb)
        return case

    # ---- the end ----

    def end(self):
        for neighbour in self.neighbours.values():
            neighbour.ended.set()
            neighbour.join()
        self.district.stop()

    def kill(self):
        for process in self.district.processes.values():
            if process.running():
                process.kill()
