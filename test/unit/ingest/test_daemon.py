#!/usr/bin/env python3
"""The real drumtower-ingest on free ports: the Open311 door from outside, the resident's page, hostile requests.
Killed under load: test/e2e/killed_ingest.py.

usage: test_daemon.py DRUMTOWER_INGEST BOOK        TAP on standard output"""
import hashlib
import http.client
import json
import re
import resource
import signal
import socket
import struct
import sys
import threading
import urllib.parse
import xml.etree.ElementTree as ElementTree

from daemon_stage import PNG, START_S, expect, metric, run_all, wait_until

V2 = "/open311/v2"
MANHOLE = {"service_code": "0101", "lat": "39.94", "long": "116.39", "description": "井盖丢失 & <b>"}


def receipt(answer):
    expect(answer[0], 201, answer[1])
    return json.loads(answer[1])[0]["service_request_id"]


# ---- the tests: each gets a running daemon on an empty data folder ----

def a_report_is_created_and_read_back_in_both_forms(daemon):
    first = receipt(daemon.post(f"{V2}/requests.json", MANHOLE))
    expect(first, "1", "the first id; never 0")
    status, body, headers = daemon.post(f"{V2}/requests.xml", MANHOLE)
    expect(status, 201)
    expect(headers["Content-Type"], "text/xml; charset=utf-8")
    expect(ElementTree.fromstring(body).findtext("request/service_request_id"), "2")
    request = json.loads(daemon.get(f"{V2}/requests/1.json")[1])[0]
    expect(request["description"], MANHOLE["description"])
    expect(request["status"], "open")
    expect((request["lat"], request["long"]), (39.94, 116.39))
    expect(request["requested_datetime"][-6:], "+08:00", "the district's own zone")
    element = ElementTree.fromstring(daemon.get(f"{V2}/requests/1.xml")[1]).find("request")
    for name, value in request.items():
        shown = element.findtext(name)
        expect(shown, "" if value is None else str(value), name)
    expect(daemon.get(f"{V2}/tokens/2.json")[0], 404, "an id is no token")


def lists_are_newest_first_filtered_and_paged(daemon):
    for number in range(7):
        fields = {"service_code": "0101" if number % 2 else "general", "address_string": f"place {number}"}
        receipt(daemon.post(f"{V2}/requests.json", fields))

    def ids(arguments):
        status, body, _ = daemon.get(f"{V2}/requests.json?{arguments}")
        expect(status, 200, body)
        return [row["service_request_id"] for row in json.loads(body)]

    expect(ids(""), ["7", "6", "5", "4", "3", "2", "1"])
    expect(ids("service_code=0101"), ["6", "4", "2"])
    expect(ids("status=closed"), [])
    expect(ids("page=2&page_size=3"), ["4", "3", "2"])
    expect(ids("service_request_id=3,99,1&status=closed"), ["3", "1"], "ids override all else")
    expect(ids("end_date=2020-01-01T00:00:00Z"), [])
    expect(ids("jurisdiction_id=example.org"), ids(""))


def errors_have_the_standards_shape_and_status(daemon):
    for path, fields, status, words in [
            (f"{V2}/requests.json", {}, 400, "service_code was not provided"),
            (f"{V2}/requests.json", {"service_code": "zz", "address_string": "x"}, 404, "service_code 'zz'"),
            (f"{V2}/requests.json", {"service_code": "0102", "address_string": "x"}, 400, "attribute[pole]"),
            (f"{V2}/requests.json", {"service_code": "0101", "lat": "1"}, 400, "long was not provided")]:
        answered, body, _ = daemon.post(path, fields)
        expect(answered, status, body)
        first = json.loads(body)[0]
        if words not in first["description"] or first["code"] != status:
            raise AssertionError(f"{words!r} is not in {body!r}")
    status, body, _ = daemon.post(f"{V2}/requests.xml", {})
    expect(status, 400)
    expect(ElementTree.fromstring(body).findtext("error/code"), "400")
    for path in ["requests/1.json", "requests/x.json", "requests/0.json", "requests/1.txt", "tokens/5.json",
                 "services/zz.json", "services/internal.json"]:
        expect(daemon.get(f"{V2}/{path}")[0], 404, path)
    for arguments in ["status=x", "page=0", "start_date=x", "start_date=2020-01-01&end_date=2021-01-01"]:
        expect(daemon.get(f"{V2}/requests.json?{arguments}")[0], 400, arguments)
    expect(daemon.get(f"{V2}/requests.json")[1], b"[]", "nothing was stored")


def a_repeated_key_gives_the_first_answer(daemon):
    headers = {"Idempotency-Key": "0123456789abcdef"}
    expect([receipt(daemon.post(f"{V2}/requests.json", MANHOLE, headers)) for _ in range(3)], ["1"] * 3)
    expect(receipt(daemon.post(f"{V2}/requests.json", MANHOLE, {"Idempotency-Key": "0123456789abcdeg"})), "2")
    expect(daemon.post(f"{V2}/requests.json", MANHOLE, {"Idempotency-Key": "short"})[0], 400)
    expect(metric(daemon, "drumtower_ingest_repeated_total"), 2)


def a_photo_travels_with_the_report(daemon):
    parts = list(MANHOLE.items()) + [("media", "a.png", "image/png", PNG)]
    receipt(daemon.post_parts(f"{V2}/requests.json", parts))
    url = json.loads(daemon.get(f"{V2}/requests/1.json")[1])[0]["media_url"]
    path = urllib.parse.urlsplit(url).path
    status, body, headers = daemon.get(path)
    expect((status, body[:3], headers["Content-Type"]), (200, b"\xff\xd8\xff", "image/jpeg"), "decoded and written anew")
    expect(daemon.get(path + "?size=small")[1][:3], b"\xff\xd8\xff")
    expect(daemon.get("/media/" + "0" * 64)[0], 404)
    expect(daemon.get("/media/..%2f..%2fetc%2fpasswd")[0] in (400, 404), True)
    parts[-1] = ("media", "a.png", "image/png", b"<svg onload=alert(1)>")
    expect(daemon.post_parts(f"{V2}/requests.json", parts)[0], 400, "no picture")
    parts[-1] = ("media", "a.png", "image/png", PNG[:-20])
    expect(daemon.post_parts(f"{V2}/requests.json", parts)[0], 400, "half a picture")
    parts[-1] = ("media", "a.png", "image/png", PNG + b"\0" * 100001)
    expect(daemon.post_parts(f"{V2}/requests.json", parts)[0], 413, "too large")
    expect(metric(daemon, "drumtower_photos_developed_total"), 1)
    expect(metric(daemon, 'drumtower_photos_refused_total{reason="no_photo"}'), 1)


def a_resident_reports_once_and_follows_by_the_secret_link(daemon):
    status, body, _ = daemon.get("/?lang=en")
    expect(status, 200)
    token = re.search(rb'name="form" value="(\w+)"', body).group(1).decode()
    parts = [("form", token), ("service_code", "general"), ("description", "<script>alert(1)</script>"),
             ("address_string", "by the tower"), ("photo", "", "application/octet-stream", b"")]
    pages = [daemon.post_parts("/report?lang=en", parts) for _ in range(2)]
    links = [re.search(r'href="(/follow[^"]*lang=en)"', page[1].decode()).group(1).replace("&amp;", "&") for page in pages]
    expect(pages[0][0], 201)
    expect(links[0], links[1], "the same form twice: one report, the same receipt")
    expect(len(json.loads(daemon.get(f"{V2}/requests.json")[1])), 1)
    status, body, _ = daemon.get(links[0])
    expect(status, 200)
    other = links[0].replace("&", "&amp;").replace("lang=en", "lang=zh").encode()
    expect([other in page for page in (pages[0][1], body)], [True, True], "the same in the other language")
    expect(b"<script>alert" in body, False, "escaped")
    expect(b"Waiting to be looked at" in body, True)
    expect(daemon.get(re.sub("key=[0-9a-f]{4}", "key=0000", links[0]))[0], 404, "a wrong secret")
    expect(daemon.get("/follow?id=1")[0], 404)
    key = re.search("key=([0-9a-f]+)", links[0]).group(1)
    expect(daemon.post("/rate", {"id": "1", "key": key, "score": "5", "solved": "yes"})[0], 409, "not closed yet")
    expect(daemon.post("/reopen", {"id": "1", "key": key, "reason": "still dark"})[0], 409, "not closed yet")
    expect(daemon.post("/reopen", {"id": "1", "key": "0" * 32, "reason": "still dark"})[0], 404, "a wrong secret")
    status, body, _ = daemon.post_parts("/report?lang=zh", [("description", "x")])
    expect((status, "请选择问题类型".encode() in body), (400, True))


def hostile_requests_end_in_an_error_and_harm_nobody(daemon):
    form = b"Content-Type: application/x-www-form-urlencoded\r\n"
    post = b"POST /open311/v2/requests.json HTTP/1.1\r\nHost: x\r\n"
    too_long = b"description=" + b"x" * 300000
    rows = [
        (post + form + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde", b"4"),
        (post + form + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"4"),
        (post + form + b"Content-Length: %d\r\n\r\n" % len(too_long) + too_long, b"413"),
        (post + form + b"Content-Length: -1\r\n\r\n", b"4"),
        (post + b"Content-Type: multipart/form-data\r\nContent-Length: 3\r\n\r\nabc", b"400"),
        (post + b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 12\r\n\r\n--b\r\nbroken\r\n", b"400"),
        (post + b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", b"4"),
        (post + form + b"Content-Length: 16\r\n\r\nservice_code=%zz", b"400"),
        (post + form + b"Content-Length: 16\r\n\r\nservice_code=%00", b"400"),
        (post + form + b"Content-Length: 16\r\n\r\nservice_code=%ff", b"400"),
        (b"GET /open311/v2/requests/%2e%2e.json HTTP/1.1\r\nHost: x\r\n\r\n", b"4"),
        (b"GET " + b"/" * 40000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"4"),
        (b"BREW /open311/v2/requests.json HTTP/1.1\r\nHost: x\r\n\r\n", b"4"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b""),
    ]
    for number, (text, wanted) in enumerate(rows):
        answer = daemon.raw(text)
        if answer and not answer.startswith(b"HTTP/1.1 " + wanted):
            raise AssertionError(f"row {number}: {answer[:200]!r}")
        if not answer and wanted == b"413":
            raise AssertionError(f"row {number}: no answer")
    half = [socket.create_connection(("127.0.0.1", daemon.port)) for _ in range(20)]
    for peer in half:
        peer.sendall(post + form + b"Content-Length: 100\r\n\r\nhalf a ")
    receipt(daemon.post(f"{V2}/requests.json", MANHOLE))  # a normal client beside them
    for peer in half:
        peer.close()
    expect(len(json.loads(daemon.get(f"{V2}/requests.json")[1])), 1)


def the_links_keep_to_the_host_that_was_asked(daemon):
    receipt(daemon.post_parts(f"{V2}/requests.json", list(MANHOLE.items()) + [("media", "a.png", "image/png", PNG)]))
    for host, wanted in [("report.example:8311", "http://report.example:8311/media/"), ("x\"><script>", "/media/")]:
        status, body, _ = daemon.get(f"{V2}/requests/1.json", {"Host": host})
        if status == 200:
            expect(json.loads(body)[0]["media_url"].startswith(wanted), True, body)


def discovery_and_map_tell_where_and_what(daemon):
    body = json.loads(daemon.get("/open311/discovery.json")[1])
    expect(body["endpoints"][0]["url"], f"http://127.0.0.1:{daemon.port}/open311/v2")
    status, body, headers = daemon.get("/map.json")
    expect((status, len(json.loads(body)["features"]) >= 2), (200, True))
    status, _, _ = daemon.get("/map.json", {"If-None-Match": headers["ETag"]})
    expect(status, 304)
    expect(daemon.get("/map.json", {"Accept-Encoding": "gzip"})[1][:2], b"\x1f\x8b")


def a_full_queue_says_so(daemon):
    daemon.end()
    daemon.limit(reports_waiting=1)
    daemon.start()
    results, barrier = [], threading.Barrier(16)

    def burst():
        connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=START_S)
        connection.connect()
        for _ in range(30):
            barrier.wait()
            connection.request("POST", f"{V2}/requests.json", urllib.parse.urlencode(MANHOLE),
                               {"Content-Type": "application/x-www-form-urlencoded"})
            answer = connection.getresponse()
            results.append((answer.status, answer.headers["Retry-After"], answer.read()))
        connection.close()

    threads = [threading.Thread(target=burst) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [json.loads(body)[0]["service_request_id"] for status, _, body in results if status == 201]
    refused = [retry for status, retry, _ in results if status == 503]
    errors = {body for status, _, body in results if status == 503}
    expect(len(taken) + len(refused), len(results), "each is taken or refused")
    expect(len(taken), len(set(taken)))
    expect(len(taken), metric(daemon, "drumtower_ingest_events_total"), "nobody was told a lie")
    expect(len(refused), metric(daemon, 'drumtower_ingest_refused_total{limit="reports_waiting"}'))
    expect([set(error) for body in errors for error in json.loads(body)], [{"code", "description"}], "errors as Open311 has them")
    expect(set(refused) <= {"2"}, True, "Retry-After")
    expect(len(refused) > 0, True, "the queue of one was full at least once")


def a_log_that_cannot_be_written_ends_the_daemon_without_a_lie(daemon):
    daemon.end()

    def small_files():  # the data file cannot grow: the write fails in the middle of a commit
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (400000, 400000))

    daemon.start(before=small_files)
    answered = []
    for number in range(2000):
        try:
            status, body, _ = daemon.post(f"{V2}/requests.json", {**MANHOLE, "description": f"{number} " + "x" * 3000})
        except (OSError, http.client.HTTPException):
            break
        if status != 201:
            break
        answered.append((json.loads(body)[0]["service_request_id"], number))
    expect(daemon.process.wait(START_S), 1, "exit status")
    expect(0 < len(answered) < 2000, True, "some were answered, then none")
    daemon.start()
    for seq, number in answered:
        row = json.loads(daemon.get(f"{V2}/requests/{seq}.json")[1])[0]
        expect(row["description"].split()[0], str(number))


def model_of(*services):
    """A model's file as ingest/enrich/classify/classifier.h describes it, which knows nothing of these services."""
    body = b"DTMODEL1" + struct.pack(">BBBIfffHII", 20, 1, 3, 100, 1.0, 0.0, 0.5, len(services), 0, 0)
    body += b"".join(struct.pack(f">B{len(name)}sf", len(name), name.encode(), 0.0) for name in sorted(services))
    return body + hashlib.blake2b(body, digest_size=32).digest()


def the_model_of_the_suggestions_is_taken_up_when_it_comes(daemon):
    known = "drumtower_ingest_suggest_services"

    def expect_services(count):
        wait_until(lambda: metric(daemon, known) == count, f"{known} {count}")

    expect(metric(daemon, known), 0, known)
    expect((daemon.data / "log").read_text().count("no suggestions: there is no model"), 1, "told once")
    draft = daemon.data / "draft"
    draft.write_bytes(model_of("0101", "0102", "general"))
    draft.rename(daemon.data / "suggest.model")
    expect_services(3)
    daemon.end()
    elsewhere = daemon.data / "elsewhere"
    elsewhere.write_bytes(model_of("0101", "0102"))
    daemon.start("--suggest-model", elsewhere)
    expect(metric(daemon, known), 2, "the file that was named, at once")


TESTS = [
    a_report_is_created_and_read_back_in_both_forms,
    lists_are_newest_first_filtered_and_paged,
    errors_have_the_standards_shape_and_status,
    a_repeated_key_gives_the_first_answer,
    a_photo_travels_with_the_report,
    a_resident_reports_once_and_follows_by_the_secret_link,
    hostile_requests_end_in_an_error_and_harm_nobody,
    the_links_keep_to_the_host_that_was_asked,
    discovery_and_map_tell_where_and_what,
    a_full_queue_says_so,
    the_model_of_the_suggestions_is_taken_up_when_it_comes,
    a_log_that_cannot_be_written_ends_the_daemon_without_a_lie,
]


if __name__ == "__main__":
    sys.exit(run_all(TESTS, sys.argv[1], sys.argv[2]))
