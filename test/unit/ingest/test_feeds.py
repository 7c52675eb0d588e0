#!/usr/bin/env python3
"""Feeds of alerts, served by the test or laid into a folder: the real drumtower-ingest polls them and takes each alert once.

usage: test_feeds.py DRUMTOWER_INGEST DRUMCTL BOOK        TAP on standard output"""
import datetime
import http.server
import signal
import sys
import threading

from daemon_stage import expect, free_ports, metric, run_all, wait_until, with_sources

PORT = 0  # set by the command line
SOURCES = """
feeds:
  - name: weather
    url: http://127.0.0.1:@PORT@/feed/index.atom
    poll_seconds: 1
    everywhere: true
    matters: [{service: "0101"}]
  - name: files
    folder: @DATA@/alerts
    poll_seconds: 1
    everywhere: true
    matters: [{service: "0102"}]
"""


def alert(identifier, type="Alert", references="", headline="Storm", encoding="utf-8"):
    sent = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    return (f'<?xml version="1.0" encoding="{encoding}"?><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
            f"<identifier>{identifier}</identifier><sender>s</sender><sent>{sent}</sent><status>Actual</status><msgType>{type}</msgType>"
            f"<scope>Public</scope>" + (f"<references>{references}</references>" if references else "") +
            f"<info><category>Met</category><event>Storm</event><urgency>Immediate</urgency><severity>Severe</severity>"
            f"<certainty>Likely</certainty><headline>{headline}</headline><area><areaDesc>x</areaDesc></area></info></alert>"
            ).encode(encoding)


def index(*entries):
    """Entries (id, link or alert), the newest first as publishers have them."""
    body = "".join(
        f"<entry><id>{id}</id><updated>2026-01-01T00:00:00Z</updated>" +
        (f'<link href="{what}"/>' if isinstance(what, str) else
         f'<content type="application/cap+xml">{what.decode().split("?>", 1)[1]}</content>') + "</entry>"
        for id, what in reversed(entries))
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><id>f</id>{body}</feed>'.encode()


class Publisher(http.server.ThreadingHTTPServer):
    """Serves what the test lays into `pages`: path → (status, bytes). Indexes have an ETag; what was asked is noted."""

    def __init__(self):
        super().__init__(("127.0.0.1", PORT), Publisher.Handler)
        self.pages, self.asked = {}, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, address):
        pass  # the daemon hung up on what was too large

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            status, body = self.server.pages.get(self.path, (404, b"no"))
            tag = f'"{hash(body)}"'
            known = self.headers["If-None-Match"] == tag
            self.server.asked.append((self.path, 304 if known else status))
            self.send_response(304 if known else status)
            if self.path.endswith(".atom") and status == 200:
                self.send_header("ETag", tag)
            self.send_header("Content-Length", "0" if known else str(len(body)))
            self.end_headers()
            if not known:
                self.wfile.write(body)

        def log_message(self, *_):
            pass

    def count(self, path, status=None):
        return sum(1 for asked, answer in self.asked if asked == path and status in (None, answer))


def with_publisher(test):
    def run(daemon):
        publisher = Publisher()
        try:
            test(daemon, publisher)
        finally:
            publisher.shutdown()
            publisher.server_close()
    run.__name__ = test.__name__
    return run


def fate(daemon, name, feed="weather"):
    return metric(daemon, f'drumtower_alerts_total{{feed="{feed}",fate="{name}"}}')


def polls(daemon, result, feed="weather"):
    return metric(daemon, f'drumtower_feed_polls_total{{feed="{feed}",result="{result}"}}')


INDEX = "/feed/index.atom"


@with_publisher
def an_index_is_followed_and_then_left_alone(daemon, publisher):
    publisher.pages = {INDEX: (200, index(("1", "a.cap"), ("2", f"http://127.0.0.1:{PORT}/feed/b.cap"), ("3", alert("C")))),
                       "/feed/a.cap": (200, alert("A", headline="Usulután", encoding="iso-8859-1")), "/feed/b.cap": (200, alert("B"))}
    wait_until(lambda: len(daemon.events()) == 3, "three alerts")
    expect([event["external_id"] for event in daemon.events()], ["s,A", "s,B", "s,C"], "in order")
    expect(daemon.events()[0]["title"], "Usulután")
    wait_until(lambda: polls(daemon, "unchanged") > 1, "polls that cost nothing")
    expect((publisher.count("/feed/a.cap"), publisher.count("/feed/b.cap")), (1, 1))
    daemon.end(signal.SIGKILL)
    daemon.start()
    wait_until(lambda: polls(daemon, "unchanged") > 0, "the validators are remembered")
    expect((publisher.count("/feed/a.cap"), len(daemon.events())), (1, 3))


@with_publisher
def an_update_and_a_cancel_join_within_one_poll(daemon, publisher):
    publisher.pages[INDEX] = (200, index(
        ("1", alert("A")), ("2", alert("B", "Update", "s,A,2026-01-05T08:00:00Z")),
        ("3", alert("C", "Cancel", "s,B,2026-01-05T08:00:00Z"))))
    wait_until(lambda: len(daemon.events()) == 3, "three messages")
    expect([(event["kind"], event["external_id"]) for event in daemon.events()],
           [("alarm", "s,A"), ("follow_up", "s,A"), ("follow_up", "s,A")])


@with_publisher
def an_entry_that_fails_is_asked_for_again(daemon, publisher):
    publisher.pages = {INDEX: (200, index(("1", "a.cap"), ("2", "b.cap"))), "/feed/a.cap": (500, b""),
                       "/feed/b.cap": (200, alert("B"))}
    wait_until(lambda: polls(daemon, "failed") > 1, "polls that were not whole")
    expect([event["external_id"] for event in daemon.events()], ["s,B"], "one does not hold up the other")
    expect(publisher.count(INDEX, 304), 0)
    publisher.pages["/feed/a.cap"] = (200, alert("A"))
    wait_until(lambda: len(daemon.events()) == 2, "the one that failed")
    expect(publisher.count("/feed/b.cap"), 1)


@with_publisher
def a_server_that_is_broken_harms_nobody(daemon, publisher):
    broken = [(500, b""), (200, b""), (200, b"<html/>"), (200, b"<feed"), (301, b""), (200, b"x" * (5 << 20)),
              (200, b'<!DOCTYPE f [<!ENTITY x "y">]><feed xmlns="http://www.w3.org/2005/Atom">&x;</feed>')]
    failed = 0
    for page in broken:
        publisher.pages[INDEX] = page
        asked = publisher.count(INDEX)
        wait_until(lambda: publisher.count(INDEX) > asked, "a poll")
        failed += 1
        wait_until(lambda: polls(daemon, "failed") >= failed, f"a failed poll of {page[1][:30]}")
        expect(daemon.get("/healthz")[0], 200)
    publisher.pages[INDEX] = (200, index(("1", alert("A"))))
    wait_until(lambda: len(daemon.events()) == 1, "the feed again")


@with_publisher
def entries_of_other_hosts_are_not_asked_for(daemon, publisher):
    publisher.pages = {INDEX: (200, index(("1", f"http://localhost:{PORT}/feed/a.cap"), ("2", "file:///etc/passwd"),
                                          ("3", alert("C")))), "/feed/a.cap": (200, alert("A"))}
    wait_until(lambda: len(daemon.events()) == 1, "a poll")
    expect(daemon.events()[0]["external_id"], "s,C")
    expect(publisher.count("/feed/a.cap"), 0)


@with_publisher
def one_alert_can_be_the_whole_feed(daemon, publisher):
    publisher.pages[INDEX] = (200, alert("A"))
    wait_until(lambda: len(daemon.events()) == 1, "the alert")
    publisher.pages[INDEX] = (200, alert("B"))
    wait_until(lambda: len(daemon.events()) == 2, "the next one")


@with_publisher
def a_full_intake_only_delays(daemon, publisher):
    daemon.end()
    daemon.limit(reports_waiting=1)
    daemon.start()
    publisher.pages[INDEX] = (200, index(*((str(i), alert(f"A{i}")) for i in range(20))))
    for i in range(20):
        (daemon.data / f"alerts/{i}.cap").write_bytes(alert(f"F{i}"))
    wait_until(lambda: len(daemon.events()) == 40, "all of both feeds")


def a_folder_is_read_file_by_file(daemon):
    folder = daemon.data / "alerts"
    (folder / "1.cap").write_bytes(alert("A"))
    (folder / "2.xml").write_bytes(alert("B", "Update", "s,A,2026-01-05T08:00:00Z"))
    (folder / "3.cap").write_bytes(b"<alert>")
    (folder / "note.txt").write_bytes(alert("N"))
    wait_until(lambda: polls(daemon, "done", "files") > 2 and len(daemon.events()) == 2, "two files")
    expect([event["service"] for event in daemon.events()], ["0102", "0102"])
    expect(fate(daemon, "refused", "files"), 1, "told once, not at each poll")
    (folder / "3.cap").write_bytes(alert("C"))
    wait_until(lambda: len(daemon.events()) == 3, "the file that was mended")
    daemon.end(signal.SIGKILL)
    daemon.start()
    wait_until(lambda: fate(daemon, "known", "files") == 3, "all are known after a restart")
    expect(len(daemon.events()), 3)


def a_large_folder_is_read_once(daemon):
    folder = daemon.data / "alerts"
    for number in range(9000):
        part = folder / f"{number}.part"  # one that is read while it is written is another one afterwards
        part.write_bytes(b"<alert number='%d'>" % number)
        part.rename(part.with_suffix(".cap"))
    polls = 'drumtower_feed_polls_total{feed="files",result="done"}'
    refused = 'drumtower_alerts_total{feed="files",fate="refused"}'
    wait_until(lambda: metric(daemon, refused) >= 9000, "all are read")
    before = metric(daemon, polls)
    wait_until(lambda: metric(daemon, polls) >= before + 2, "two more polls")
    expect(metric(daemon, refused), 9000, "each once")


TESTS = [
    an_index_is_followed_and_then_left_alone,
    an_update_and_a_cancel_join_within_one_poll,
    an_entry_that_fails_is_asked_for_again,
    a_server_that_is_broken_harms_nobody,
    entries_of_other_hosts_are_not_asked_for,
    one_alert_can_be_the_whole_feed,
    a_full_intake_only_delays,
    a_folder_is_read_file_by_file,
    a_large_folder_is_read_once,
]

if __name__ == "__main__":
    PORT = free_ports(1)
    sys.exit(run_all(TESTS, sys.argv[1], with_sources(sys.argv[3], SOURCES.replace("@PORT@", str(PORT)), folders=["alerts"]), sys.argv[2]))
