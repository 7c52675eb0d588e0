#!/usr/bin/env python3
"""Two cities: a district hands cases on to the Open311 endpoint of another one, both of them the real daemons, and what is done there comes back.
Between them is a way that loses answers when the test wants it.

usage: test_cities.py ROOT BUILD          TAP on standard output"""
import http.client
import http.server
import pathlib
import shutil
import sys
import tempfile
import threading
import time
import urllib.parse

ROOT, BUILD = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
sys.path.insert(0, str(ROOT / "tools/district"))  # daemons.py and run.py

from open311_clauses import closed, newest_case
from open311_stage import KEY, CityStage, Client
from rough_client import expect, wait_for
from tap import Tap

OWN_SERVICES = """
  - code: Y01
    name: 邻市路灯
    name_en: Lamp beyond the river
    group: E06
    limit: 3 working_day
    department: next-city
    auto_accept: true
    auto_dispatch: true
  - {code: Y02, name: 邻市批处理, group: E06, limit: 3 working_day, department: next-city, auto_accept: true, auto_dispatch: true}
  - {code: Y03, name: 邻市没有的, group: E06, limit: 3 working_day, department: next-city, auto_accept: true, auto_dispatch: true}
"""
CITIES = """
cities:
  - name: next
    url: {way}/open311/v2
    jurisdiction: gulou.example
    department: next-city
    poll_seconds: 1
    services: [{{service: Y01, code: X04}}, {{service: Y02, code: X02}}, {{code: nothing}}]
"""


class Way(http.server.ThreadingHTTPServer):
    """Passes requests on to the other city. `lose`: so many answers of POST never come back; `shut`: it says that it is busy."""

    def __init__(self, target):
        super().__init__(("127.0.0.1", 0), Way.Handler)
        self.target = urllib.parse.urlsplit(target).netloc
        self.lose, self.shut, self.posts, self.tokens = 0, False, 0, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, address):
        pass  # the district was killed in the middle of a call

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

        def pass_on(self):
            way = self.server
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if way.shut:
                self.send_response(503)
                self.send_header("Retry-After", "1")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            there = http.client.HTTPConnection(way.target, timeout=20)
            names = ["Content-Type", "Idempotency-Key"]
            there.request(self.command, self.path, body, {name: self.headers[name] for name in names if name in self.headers})
            answer = there.getresponse()
            text = answer.read()
            if self.command == "POST":
                way.posts += 1
                way.tokens.append(self.headers["Idempotency-Key"])
                if way.lose:
                    way.lose -= 1
                    self.close_connection = True
                    self.connection.close()
                    return
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers["Content-Type"])
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = pass_on


class OwnCity(CityStage):
    """The district that hands on; `way`: where the other city's endpoint is for it."""

    def __init__(self, way, *arguments):
        self.way = way
        super().__init__(*arguments)

    def adapt_book(self):
        super().adapt_book()
        with open(self.book / "services.yaml", "a") as services:
            services.write(OWN_SERVICES)
        with open(self.book / "departments.yaml", "a") as departments:
            departments.write("  - {code: next-city, name: 邻市, name_en: The next city, tier: district}\n")
        with open(self.book / "sources.yaml", "a") as sources:
            sources.write(CITIES.format(way=f"http://127.0.0.1:{self.way.server_port}"))

    def open(self):
        super().open()
        self.client = Client(self)

    def report(self, service, words):
        number = self.client.report(service_code=service, description=words, lat="39.94", long="116.39")
        row = self.client.until(number, "has a case", lambda row: row["drumtower"]["case_number"])
        return row["drumtower"]["case_number"]

    def steps(self, case):
        return [(step["verb"], step["note"]) for step in self.look("o-01", f"/api/cases/{case}")["steps"]]

    def state(self, case):
        return self.look("o-01", f"/api/cases/{case}")["case"]["state"]

    def until_step(self, case, verb, words):
        """The words of a step, once the case has it."""
        return wait_for(f"'{words}' of {verb} in {case}",
                        lambda: next((note for did, note in self.steps(case) if did == verb and words in note), None))


class Cities:
    """Both, and the way between them."""

    def __init__(self):
        self.here = self.there = None

    def open(self, scratch):
        (scratch / "there").mkdir()
        (scratch / "here").mkdir()
        self.there = CityStage(ROOT, BUILD, scratch / "there")
        self.there.open()
        self.way = Way(self.there.base)
        self.here = OwnCity(self.way, ROOT, BUILD, scratch / "here")
        keys = self.here.data / "keys"
        self.here.open()
        (keys / "next.key").touch(mode=0o600)
        (keys / "next.key").write_text(KEY + "\n")
        self.client = Client(self.there)

    def found_there(self, words):
        """The requests of the other city that say so."""
        return [row for row in self.client.found("requests", extensions="true") if row["description"] == words]

    def arrived(self, words):
        return wait_for(f"'{words}' in the other city", lambda: self.found_there(words))[0]

    def kill(self):
        for stage in [self.here, self.there]:
            if stage:
                stage.kill()


def a_case_is_handed_on_and_comes_back_done(cities):
    case = cities.here.report("Y01", "the lamp is out")
    row = cities.arrived("the lamp is out")
    expect((row["service_code"], row["lat"], row["long"]), ("X04", 39.94, 116.39), "what and where")
    number = row["service_request_id"]
    words = cities.here.until_step(case, "receive", "next")
    expect(words.endswith(number), True, f"{words!r} names {number}")
    expect(cities.here.state(case), "received", "our case")
    closed(cities.there, cities.client, number)
    cities.here.until_step(case, "dispose", f"next {number}:")
    expect(cities.here.state(case), "disposed", "whoever disposes never closes")
    cities.here.do("o-01", case, "check")
    cities.here.do("o-01", case, "close")
    expect(len(cities.found_there("the lamp is out")), 1, "requests in the other city")


def what_happens_there_meanwhile_is_told(cities):
    case = cities.here.report("Y01", "follow it")
    number = cities.arrived("follow it")["service_request_id"]
    cities.here.until_step(case, "receive", number)
    there = cities.client.until(number, "has a case", lambda row: row["drumtower"]["case_number"])["drumtower"]["case_number"]
    cities.there.do("o-01", there, "accept")
    cities.there.do("o-01", there, "dispatch")
    cities.here.until_step(case, "note", "等待部门接收")
    notes = [words for verb, words in cities.here.steps(case) if verb == "note"]
    expect(len(notes), len(set(notes)), "each is told once")


def an_answer_that_was_lost_makes_no_second_report(cities):
    before = len(cities.way.tokens)
    cities.way.lose = 2
    case = cities.here.report("Y01", "say it once")
    cities.here.until_step(case, "receive", "next")
    expect(len(cities.found_there("say it once")), 1, "requests in the other city")
    tokens = cities.way.tokens[before:]
    expect((len(tokens), len(set(tokens))), (3, 1), "three tries with one token")


def a_city_that_is_busy_is_asked_again(cities):
    cities.way.shut = True
    case = cities.here.report("Y01", "wait for it")
    wait_for("calls that failed", lambda: failed_calls(cities) >= 2)
    expect(cities.here.state(case), "dispatched", "meanwhile")
    cities.way.shut = False
    cities.here.until_step(case, "receive", "next")
    expect(len(cities.found_there("wait for it")), 1, "requests in the other city")


def failed_calls(cities):
    name = 'drumtower_city_calls_total{city="next",outcome="failed"}'
    text = cities.here.doors["ingest"].ask("GET", "/metrics", None, "127.0.0.1").body.decode()
    return next((int(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name)), 0)


def kill_9_on_the_way_makes_no_second_report(cities):
    for round_ in range(4):
        words = f"killed {round_}"
        cities.way.lose = 1 if round_ % 2 else 0  # the answer is lost with the process, or only just heard
        before = cities.way.posts
        case = cities.here.report("Y01", words)
        wait_for("a call", lambda before=before: cities.way.posts > before)
        cities.here.district.crash("ingest")
        cities.here.district.wait_ready()
        cities.here.client = Client(cities.here)
        cities.here.until_step(case, "receive", "next")
        expect(len(cities.found_there(words)), 1, f"requests of '{words}'")
        expect([verb for verb, _ in cities.here.steps(case)].count("receive"), 1, "told once")


def what_they_do_not_take_comes_back_for_the_leader_to_decide(cities):
    case = cities.here.report("Y03", "not theirs")
    words = cities.here.until_step(case, "return", "next")
    expect("service_code 'nothing' was not found" in words, True, words)
    expect(cities.here.state(case), "returning", "our case")
    expect(cities.found_there("not theirs"), [], "requests in the other city")


def a_token_becomes_a_number_later(cities):
    case = cities.here.report("Y02", "later")
    cities.here.until_step(case, "receive", "next")
    cities.there.do("o-01", newest_case(cities.there, "X02"), "accept")
    number = cities.arrived("later")["service_request_id"]
    cities.here.until_step(case, "note", number)
    closed(cities.there, cities.client, number)
    cities.here.until_step(case, "dispose", number)


def what_is_closed_there_while_it_is_put_off_here_is_done_when_it_goes_on(cities):
    case = cities.here.report("Y01", "put off")
    number = cities.arrived("put off")["service_request_id"]
    cities.here.until_step(case, "receive", number)
    until_ms = int(time.time() * 1000) + 86400000
    cities.here.do("o-01", case, "suspend", until_ms=until_ms, reason="until the river falls")
    cities.here.do("leader-01", case, "grant_suspension")
    closed(cities.there, cities.client, number)
    cities.here.until_step(case, "note", "已办结")
    expect(cities.here.state(case), "suspended", "it is put off still")
    cities.here.do("leader-01", case, "resume")
    cities.here.until_step(case, "dispose", number)
    verbs = [verb for verb, words in cities.here.steps(case) if "已办结" in words]
    expect(verbs, ["note", "dispose"], "it is told once each time")


def a_failed_check_hands_it_on_anew(cities):
    case = cities.here.report("Y01", "not well done")
    first = cities.arrived("not well done")["service_request_id"]
    cities.here.until_step(case, "receive", first)
    closed(cities.there, cities.client, first)
    cities.here.until_step(case, "dispose", first)
    cities.here.do("o-01", case, "rework", reason="still dark")
    wait_for("a second request", lambda: len(cities.found_there("not well done")) == 2)
    second = max(row["service_request_id"] for row in cities.found_there("not well done"))
    cities.here.until_step(case, "receive", second)
    expect(second != first, True, "another number")


TESTS = [
    a_case_is_handed_on_and_comes_back_done,
    what_happens_there_meanwhile_is_told,
    an_answer_that_was_lost_makes_no_second_report,
    a_city_that_is_busy_is_asked_again,
    kill_9_on_the_way_makes_no_second_report,
    what_they_do_not_take_comes_back_for_the_leader_to_decide,
    a_token_becomes_a_number_later,
    what_is_closed_there_while_it_is_put_off_here_is_done_when_it_goes_on,
    a_failed_check_hands_it_on_anew,
]


def main():
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="cities-"))
    tap, cities = Tap(), Cities()
    try:
        cities.open(scratch)
        for test in TESTS:
            tap.test(test.__name__, test, cities)
        tap.test("both end as they should", lambda: [stage.district.stop() for stage in (cities.here, cities.there)])
    finally:
        cities.kill()
        shutil.rmtree(scratch)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
