#!/usr/bin/env python3
"""Who may send by Open311 to the real drumtower-ingest: jurisdictions, keys with their shares, and further words on reports.

usage: test_access.py DRUMTOWER_INGEST DRUMCTL BOOK        TAP on standard output"""
import json
import signal
import sys
import threading

from daemon_stage import PNG, expect, metric, outside_address, run_all, with_sources, write_key

V2 = "/open311/v2"
TEXT = "a text that nobody guesses"
SOURCES = """
open311:
  jurisdictions: [t1.example, www.t1.example]
  jurisdiction_required: true
  key_required: true
  keys:
    - {name: app, per_minute: 5}
    - {name: city, updates: true}
    - {name: busy, per_minute: 90}
    - {name: absent}
"""
HERE = {"jurisdiction_id": "t1.example"}
REPORT = {**HERE, "api_key": f"app.{TEXT}", "service_code": "0101", "address_string": "x"}
UPDATE = {**HERE, "api_key": f"city.{TEXT}", "service_request_id": "1", "update_id": "c-1", "status": "OPEN",
          "updated_datetime": "2026-01-05T08:00:00Z", "description": "还在"}


def refusal(answer):
    """(status, code, words) of an answer that has the standard's errors."""
    status, body, _ = answer
    error = json.loads(body)[0]
    return status, error["code"], error["description"]


def fate(daemon, name, key="app"):
    return metric(daemon, f'drumtower_open311_keyed_total{{key="{key}",fate="{name}"}}')


def update(daemon, **fields):
    return daemon.post(f"{V2}/servicerequestupdates.json", {**UPDATE, **fields})


def every_resource_wants_the_jurisdiction(daemon):
    for path in ["services", "services/0101", "requests", "requests/1", "tokens/x", "servicerequestupdates"]:
        expect(refusal(daemon.get(f"{V2}/{path}.json")), (400, 400, "jurisdiction_id was not provided"), path)
        expect(refusal(daemon.get(f"{V2}/{path}.json?jurisdiction_id=t2.example")),
               (404, 404, "jurisdiction_id 't2.example' was not found"), path)
        if daemon.get(f"{V2}/{path}.json?jurisdiction_id=www.t1.example")[0] not in (200, 404):
            raise AssertionError(path)
    expect(refusal(daemon.post(f"{V2}/requests.json", {**REPORT, "jurisdiction_id": ""}))[0], 400, "empty is not given")
    expect(refusal(daemon.post(f"{V2}/requests.json", {**REPORT, "jurisdiction_id": "x"}))[0], 404)
    expect(daemon.get("/open311/discovery.json")[0], 200, "the discovery is for everybody")
    expect(len(daemon.events()), 0)


def a_key_is_a_name_and_the_text_of_its_file(daemon):
    for key in ["", "app", "app.", TEXT, f"app.{TEXT}x", f"app.{TEXT[:-1]}", f"city2.{TEXT}", f"App.{TEXT}", ".", "absent.x"]:
        expect(refusal(daemon.post(f"{V2}/requests.json", {**REPORT, "api_key": key}))[:2], (403, 403), key)
    expect(daemon.get(f"{V2}/requests.json?jurisdiction_id=t1.example")[1], b"[]")
    expect(daemon.post(f"{V2}/requests.json", REPORT)[0], 201)
    query = f"{V2}/requests.json?jurisdiction_id=t1.example&api_key=app.{TEXT.replace(' ', '%20')}"
    expect(daemon.post(query, {"service_code": "0101", "address_string": "x"})[0], 201, "both may stand in the address")
    expect((fate(daemon, "taken"), fate(daemon, "no_file", "absent")), (2, 1))
    write_key(daemon.data / "keys/app.key", "another text")
    expect(daemon.post(f"{V2}/requests.json", REPORT)[0], 403, "another one counts at once")
    expect(daemon.post(f"{V2}/requests.json", {**REPORT, "api_key": "app.another text"})[0], 201)
    (daemon.data / "keys/app.key").chmod(0o644)
    expect(daemon.post(f"{V2}/requests.json", {**REPORT, "api_key": "app.another text"})[0], 403, "others may read it")
    expect((daemon.data / "log").read_text().count("a client of the Open311 door has no key"), 2)


def each_key_has_a_share_of_its_own(daemon):
    answers = [daemon.post(f"{V2}/requests.json", REPORT) for _ in range(8)]
    expect([status for status, _, _ in answers], [201] * 5 + [429] * 3)
    expect(refusal(answers[-1])[2], "more than this api_key may send; nothing was stored")
    expect(1 <= int(answers[-1][2]["Retry-After"]) <= 12, True)
    expect(daemon.post(f"{V2}/requests.json", {**REPORT, "api_key": f"city.{TEXT}"})[0], 201, "another client")
    expect((fate(daemon, "over_share"), len(daemon.events())), (3, 6))


def what_we_could_not_take_costs_no_share(daemon):
    daemon.end()
    daemon.limit(reports_waiting=1)
    daemon.start()
    statuses = []

    def send_five():
        taken = 0
        while taken < 5 and 429 not in statuses:
            status, _, _ = daemon.post(f"{V2}/requests.json", {**REPORT, "api_key": f"busy.{TEXT}"})
            statuses.append(status)
            taken += status == 201

    threads = [threading.Thread(target=send_five) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expect(set(statuses), {201, 503}, "80 are within its share, however often they are sent again")
    expect(fate(daemon, "over_share", "busy"), 0)


def an_address_has_one_share_of_reports_ratings_and_reopenings(daemon):
    daemon.end()
    daemon.address = outside_address()
    daemon.limit(reports_per_address_per_hour=3)
    daemon.start()
    own = {"id": "1", "key": "0" * 32, "score": "5", "solved": "yes", "reason": "still dark"}
    statuses = [daemon.post(f"/{('rate', 'reopen')[turn % 2]}", own)[0] for turn in range(10)]
    expect((statuses[:3], 429 in statuses[3:]), ([404] * 3, True), "at most three an hour, and two hours at most")


def an_address_has_its_share_of_lists(daemon):
    daemon.end()
    daemon.address = outside_address()
    daemon.limit(lists_per_address_per_minute=3)
    daemon.start()
    lists = [f"{V2}/{name}.json?jurisdiction_id=t1.example" for name in ("requests", "servicerequestupdates")]
    answers = [daemon.get(lists[turn % 2]) for turn in range(10)]
    statuses = [status for status, _, _ in answers]
    expect((statuses[:3], 429 in statuses[3:]), ([200] * 3, True), "at most three a minute, and two minutes at most")
    refused = answers[statuses.index(429)]
    expect(refusal(refused)[1:], (429, "too many lists for this address within a minute"))
    expect(1 <= int(refused[2]["Retry-After"]) <= 60, True)
    expect(daemon.post(f"{V2}/requests.json", REPORT)[0], 201, "reports have shares of their own")
    expect(daemon.get(f"{V2}/requests/1.json?jurisdiction_id=t1.example")[0], 200, "one is no list")
    expect(metric(daemon, "drumtower_ingest_quota_refused_total"), statuses.count(429))


def two_clients_may_make_the_same_idempotency_key(daemon):
    def send(client, **fields):
        status, body, _ = daemon.post(f"{V2}/requests.json?extensions=true", {**REPORT, **fields, "api_key": f"{client}.{TEXT}"},
                                      {"Idempotency-Key": "report-0000000001"})
        expect(status, 201, body)
        row = json.loads(body)[0]
        return row["service_request_id"], row["drumtower"]["secret"]

    first, again, other = send("app"), send("app"), send("city", address_string="y")
    expect((first, other[0]), (again, "2"), "each has its own report")
    expect(first[1] == other[1], False, "nobody is given another's secret")


def an_update_is_added_once_however_often_it_comes(daemon):
    expect(daemon.post(f"{V2}/requests.json", REPORT)[0], 201)
    status, body, _ = update(daemon)
    expect((status, json.loads(body)), (201, [{"update_id": "2", "account_id": None}]))
    daemon.end(signal.SIGKILL)
    daemon.start()
    status, body, _ = update(daemon, description="other words", status="CLOSED")
    expect((status, json.loads(body)[0]["update_id"]), (200, "2"))
    status, body, _ = daemon.post(f"{V2}/servicerequestupdates.xml", {**UPDATE, "update_id": "", "update_id_ext": "c-2", "status": "fixed",
                                                                        "email": "a@example.org"})
    expect((status, b"<request_update><update_id>3</update_id><account_id/></request_update>" in body), (201, True), body)
    found = daemon.events()
    expect([(event["kind"], event["about_seq"], event["text"]) for event in found[1:]],
           [("follow_up", 1, "还在"), ("follow_up", 1, "fixed: 还在")])
    expect("a@example.org" in json.dumps(found), False, "who says it is kept apart")
    expect(len(json.loads(daemon.get(f"{V2}/requests.json?jurisdiction_id=t1.example")[1])), 1, "an update is no report")
    expect(update(daemon, service_request_id="3", update_id="c-3")[0], 404, "nor may one be added to it")


def the_longest_words_stay_words(daemon):
    expect(daemon.post(f"{V2}/requests.json", REPORT)[0], 201)
    words = "\U0001f573" * 4000
    expect(update(daemon, description=words, status="investigating")[0], 201)
    text = daemon.events()[1]["text"]
    expect((text[:16], set(text[16:])), ("investigating: " + words[0], {words[0]}), "cut at a character")
    expect(update(daemon, update_id="c-2")[0], 201, "and the next one is taken")


def an_update_brings_photos(daemon):
    def send(photo, **fields):
        parts = [*{**UPDATE, **fields}.items(), ("media", "a.png", "image/png", photo)]
        return daemon.post_parts(f"{V2}/servicerequestupdates.json", parts)

    expect(daemon.post(f"{V2}/requests.json", REPORT)[0], 201)
    expect(send(PNG, api_key=f"app.{TEXT}")[0], 403)
    expect(metric(daemon, "drumtower_photos_developed_total"), 0, "who may not send costs no picture")
    status, code, words = refusal(send(PNG[:-20]))
    expect((status, code, "picture 'a.png': PNG: " in words), (400, 400, True), words)
    status, body, _ = send(PNG, media_url="http://p.example/b.jpg")
    expect((status, json.loads(body)[0]["update_id"]), (201, "2"), body)
    link, photo = daemon.events()[1]["media"]
    expect(link["url"], "http://p.example/b.jpg")
    expect((photo["type"], photo.get("marks", 0)), ("image/jpeg", 0))
    expect(daemon.get(f"/media/{photo['hash']}")[0], 200)
    expect(send(PNG)[0], 200, "the same again")
    expect(len(daemon.events()), 2)


def what_is_wrong_with_an_update_is_named(daemon):
    expect(daemon.post(f"{V2}/requests.json", REPORT)[0], 201)
    expect(refusal(update(daemon, api_key=f"app.{TEXT}")),
           (403, 403, "updates want the api_key of a client that may add them"))
    expect(refusal(update(daemon, api_key=""))[0], 403)
    expect(refusal(update(daemon, service_request_id="9")), (404, 404, "service_request_id '9' was not found"))
    expect(refusal(update(daemon, service_request_id="x"))[0], 404)
    rows = [({"service_request_id": ""}, "service_request_id was not provided"), ({"update_id": ""}, "update_id was not provided"),
            ({"status": ""}, "status was not provided"), ({"status": "done"}, "status 'done' is none of this server's"),
            ({"updated_datetime": ""}, "updated_datetime was not provided"),
            ({"updated_datetime": "now"}, "updated_datetime 'now' is not a W3C date and time"),
            ({"description": "x" * 4001}, "description: 4001 characters, at most 4000"),
            ({"media_url": "ftp://x"}, "media_url 'ftp://x' is not an http or https address")]
    for fields, words in rows:
        status, code, said = refusal(update(daemon, **fields))
        if (status, code) != (400, 400) or words not in said:
            raise AssertionError(f"{fields}: {status} {said!r}")
    status, body, _ = update(daemon, status="", update_id="")
    expect([row["description"] for row in json.loads(body)], ["status was not provided", "update_id was not provided"], "all at once")
    expect(len(daemon.events()), 1)


TESTS = [
    every_resource_wants_the_jurisdiction,
    a_key_is_a_name_and_the_text_of_its_file,
    each_key_has_a_share_of_its_own,
    what_we_could_not_take_costs_no_share,
    an_address_has_one_share_of_reports_ratings_and_reopenings,
    an_address_has_its_share_of_lists,
    two_clients_may_make_the_same_idempotency_key,
    an_update_is_added_once_however_often_it_comes,
    the_longest_words_stay_words,
    an_update_brings_photos,
    what_is_wrong_with_an_update_is_named,
]

if __name__ == "__main__":
    sys.exit(run_all(TESTS, sys.argv[1], with_sources(sys.argv[3], SOURCES, keys=[("app", TEXT), ("city", TEXT), ("busy", TEXT)]), sys.argv[2]))
