#!/usr/bin/env python3
"""Webhooks of the real drumtower-ingest: signed messages become events once, everything else is refused with what to mend.

usage: test_hooks.py DRUMTOWER_INGEST DRUMCTL BOOK        TAP on standard output"""
import json
import signal
import sys
import time

from daemon_stage import expect, metric, run_all, signed, with_sources, write_key

KEY = "0123456789abcdef0123456789abcdef"
SOURCES = """
webhooks:
  - name: hotline
    per_minute: 20
    window_seconds: 60
    body_bytes: 2000
    event:
      kind: report
      source: hotline
      id: "{/id}"
      title: "{/title}"
      lat: "{/at/0}"
      lon: "{/at/1}"
      contact_phone: "{/phone}"
      matters: [{service: "0101"}]
  - {name: other, event: {kind: alarm, source: system, id: "{/id}", title: "{/title}"}}
"""


def send(daemon, message, headers=None, name="hotline"):
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    status, answer, got = daemon.ask("POST", f"/hooks/{name}", body,
                                     {"Content-Type": "application/json", **(signed(body, KEY) if headers is None else headers)})
    return status, json.loads(answer), got


def fate(daemon, name, hook="hotline"):
    return metric(daemon, f'drumtower_webhook_messages_total{{hook="{hook}",fate="{name}"}}')


MESSAGE = {"id": "C-1", "title": "井盖丢失", "at": [39.94, 116.39], "phone": "13800000000"}


def a_signed_message_is_an_event_once(daemon):
    status, answer, _ = send(daemon, MESSAGE)
    expect((status, answer["seq"], answer["repeated"]), (201, 1, False))
    daemon.end(signal.SIGKILL)
    daemon.start()
    status, answer, _ = send(daemon, {**MESSAGE, "title": "again"})
    expect((status, answer["seq"], answer["repeated"]), (200, 1, True))
    found = daemon.events()
    expect([(event["title"], event["source"], event["kind"], event["place"]["area"]) for event in found],
           [("井盖丢失", "hotline", "report", "west")])
    expect("13800000000" in json.dumps(found), False, "who reported is kept apart")
    expect((fate(daemon, "taken"), fate(daemon, "repeated")), (0, 1))


def what_is_not_signed_is_refused(daemon):
    body = json.dumps(MESSAGE).encode()
    now = int(time.time())
    good = signed(body, KEY)
    wrong = [
        ({}, "Drumtower-Timestamp: expected seconds since 1970"),
        ({"Drumtower-Timestamp": "now"}, "Drumtower-Timestamp: expected seconds since 1970"),
        ({"Drumtower-Timestamp": good["Drumtower-Timestamp"]}, "Drumtower-Signature: expected v1= and 64 hex digits"),
        ({**good, "Drumtower-Signature": "v1="}, "Drumtower-Signature: not that of"),
        ({**good, "Drumtower-Signature": good["Drumtower-Signature"][:-1]}, "Drumtower-Signature: not that of"),
        ({**good, "Drumtower-Signature": good["Drumtower-Signature"] + "0"}, "Drumtower-Signature: not that of"),
        (signed(body, "another key of thirty-two bytes!"), "Drumtower-Signature: not that of"),
        (signed(body + b" ", KEY), "Drumtower-Signature: not that of"),
        ({**good, "Drumtower-Timestamp": str(now + 1)}, "Drumtower-Signature: not that of"),
        (signed(body, KEY, at_s=now - 100), "s from our clock; expected at most 60"),
        (signed(body, KEY, at_s=now + 100), "s from our clock; expected at most 60"),
    ]
    for headers, reason in wrong:
        status, answer, _ = send(daemon, body, headers)
        expect(status, 401, reason)
        expect(reason in answer["error"]["message"], True, answer)
    expect((fate(daemon, "unsigned"), len(daemon.events())), (len(wrong), 0))
    expect(send(daemon, body, signed(body, KEY, at_s=now - 50))[0], 201)


def a_key_counts_from_when_it_is_there(daemon):
    key = daemon.data / "keys/other.key"
    message = {"id": "1", "title": "x"}
    body = json.dumps(message).encode()
    expect(send(daemon, body, name="other")[0], 503)
    write_key(key, "short")
    expect(send(daemon, body, signed(body, "short"), name="other")[0], 503)
    write_key(key, KEY)
    key.chmod(0o640)
    expect(send(daemon, body, name="other")[0], 503)
    expect(fate(daemon, "no_key", "other"), 3)
    key.chmod(0o600)
    expect(send(daemon, body, name="other")[0], 201)
    write_key(key, KEY[::-1])
    expect((send(daemon, body, name="other")[0], send(daemon, body, signed(body, KEY[::-1]), name="other")[0]), (401, 200))
    expect((daemon.data / "log").read_text().count("a webhook has no key"), 3)


def what_the_book_does_not_expect_is_named(daemon):
    status, answer, _ = send(daemon, {"title": "x", "at": [95, 1]})
    expect((status, answer["error"]["code"]), (422, "invalid"))
    expect(answer["error"]["message"],
           "id '': expected the sender's own number of the event; lat '95': expected degrees from -90 to 90")
    for body in (b"", b"{", b"[]", b'{"id": 1, "id": 2}', b'"x"', b"\xff", b'{"id": "\\u0000"}'):
        expect(send(daemon, body)[0], 400, body)
    expect(send(daemon, {**MESSAGE, "title": "x" * 2000})[0], 413)
    expect(send(daemon, MESSAGE, name="nobody")[0], 404)
    expect(daemon.get("/hooks/hotline")[0], 405)
    expect(len(daemon.events()), 0)


def who_sends_too_much_waits(daemon):
    answers = [send(daemon, {**MESSAGE, "id": str(number)}) for number in range(25)]
    expect([status for status, _, _ in answers[:20]], [201] * 20)
    expect({status for status, _, _ in answers[20:]}, {429})
    expect(1 <= int(answers[-1][2]["Retry-After"]) <= 4, True, answers[-1][2]["Retry-After"])
    expect(send(daemon, MESSAGE, {})[0], 401, "unsigned ones are told so all the same")
    expect(len(daemon.events()), 20)
    expect(daemon.post("/open311/v2/requests.json", {"service_code": "0101", "lat": "39.94", "long": "116.39"})[0], 201)


TESTS = [
    a_signed_message_is_an_event_once,
    what_is_not_signed_is_refused,
    a_key_counts_from_when_it_is_there,
    what_the_book_does_not_expect_is_named,
    who_sends_too_much_waits,
]

if __name__ == "__main__":
    sys.exit(run_all(TESTS, sys.argv[1], with_sources(sys.argv[3], SOURCES, keys=[("hotline", KEY)]), sys.argv[2]))
