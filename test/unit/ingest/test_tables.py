#!/usr/bin/env python3
"""Tables sent by drumctl import to the real drumtower-ingest: all rows or none, wrong ones named by line, as often as one likes.

usage: test_tables.py DRUMTOWER_INGEST DRUMCTL BOOK        TAP on standard output"""
import resource
import signal
import subprocess
import sys
import time

from daemon_stage import START_S, expect, metric, run_all, signed, with_sources, write_key

KEY = "0123456789abcdef0123456789abcdef"
SOURCES = """
tables:
  - name: patrol
    rows: 5000
    file_bytes: 1000000
    event:
      kind: report
      source: worker
      id: "{No.}"
      title: "{what}"
      text: "{what}（{where}）"
      address: "{where}"
      lat: "{lat}"
      lon: "{lon}"
      time: "{when}"
      matter: "{kind}"
      matters: [{value: 井盖, service: "0101"}, {service: "0102"}]
      attributes: [{code: inspector, value: "{by}"}]
"""
HEADER = "No.,what,where,lat,lon,when,kind,by\n"


def send(daemon, content, *options):
    """Exit status, standard output and error of drumctl import."""
    file = daemon.data / "rows.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    done = subprocess.run([daemon.drumctl, "import", "--table", "patrol", "--keys", daemon.data / "keys", "--door",
                           f"http://127.0.0.1:{daemon.port}", *options, file], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr.replace(str(file), "F")


def row(number, **other):
    cells = {"No.": number, "what": "井盖丢失", "where": "西门", "lat": "39.94", "lon": "116.39", "when": "2026-01-05 08:00", "kind": "井盖",
             "by": "王五", **other}
    return ",".join(f'"{value}"' if "," in str(value) or "\n" in str(value) else str(value) for value in cells.values()) + "\n"


def a_table_becomes_events_and_may_be_sent_again(daemon):
    table = "\ufeff" + HEADER + row(1) + "\n" + row(2, what='two\nlines, "quoted"'.replace('"', '""'), kind="路灯") + row(3, lat="", lon="")
    expect(send(daemon, table, "--check"), (0, "3 rows: 3 would be taken, 0 were there before\n", ""))
    expect(len(daemon.events()), 0)
    expect(send(daemon, table), (0, "3 rows: 3 taken, 0 were there before\n", ""))
    found = daemon.events()
    expect([(event["external_id"], event["title"], event["service"], event["place"]["area"]) for event in found],
           [("1", "井盖丢失", "0101", "west"), ("2", 'two\nlines, "quoted"', "0102", "west"), ("3", "井盖丢失", "0101", "")])
    expect((found[0]["text"], found[0]["source"], found[0]["attributes"]), ("井盖丢失（西门）", "worker", [{"code": "inspector", "value": "王五"}]))
    daemon.end(signal.SIGKILL)
    daemon.start()
    expect(send(daemon, table + row(4), "--check"), (0, "4 rows: 1 would be taken, 3 were there before\n", ""))
    expect(send(daemon, table + row(4)), (0, "4 rows: 1 taken, 3 were there before\n", ""))
    expect(len(daemon.events()), 4)


def one_wrong_row_keeps_all_out(daemon):
    table = HEADER + row(1) + row(2, lat="95", when="yesterday") + row("", what="") + row(1)
    expect(send(daemon, table), (1, "",
           "F:3: lat '95': expected degrees from -90 to 90\n"
           "F:3: time 'yesterday': expected a date and time like 2026-01-05T08:30:00+08:00, or seconds or milliseconds since 1970\n"
           "F:4: id '': expected the sender's own number of the event\n"))
    expect(send(daemon, HEADER + row(1) + row(2) + row(1)), (1, "", "F:4: this number stands in line 2 too\n"))
    expect(send(daemon, "No.,what,lat,lon,when,kind\n" + "1,x,,,,\n"),
           (1, "", "F:1: no column 'where'\nF:1: no column 'where'\nF:1: no column 'by'\n"))
    expect(len(daemon.events()), 0)
    many = HEADER + "".join(row(number, lat="x") for number in range(150))
    code, _, told = send(daemon, many)
    expect((code, told.splitlines()[-1], len(told.splitlines())), (1, "F: and 50 more", 101))


def what_is_no_table_is_refused(daemon):
    for content, reason in ((b"", "the table is empty; expected a header line"), (HEADER + "1,2\n", "line 2 has 2 cells; expected 8 as in the header"),
                            (HEADER + '"', "line 2: a quoted cell does not end"), ("井盖".encode("gb18030"), "The table is not UTF-8."),
                            (HEADER + "\0", "The table is not UTF-8."),
                            (HEADER + "".join(row(number) for number in range(5001)), "5001 rows; expected at most 5000")):
        code, _, told = send(daemon, content)
        expect((code, reason in told), (1, True), told)
    expect(send(daemon, ""), (1, "", "drumctl import: the table is empty; expected a header line\n"
                                     "Send comma-separated values in UTF-8 with a header line.\n"))
    expect(len(daemon.events()), 0)


def where_nobody_listens_the_door_is_asked_for(daemon):
    daemon.end()
    code, _, told = send(daemon, HEADER + row(1))
    expect((code, told.endswith("; is drumtower-ingest running? --door says where\n")), (1, True), told)
    daemon.start()


def the_address_is_made_of_what_was_said(daemon):
    expect(send(daemon, HEADER + row(1), "--door", f"http://127.0.0.1:{daemon.port}//"), (0, "1 rows: 1 taken, 0 were there before\n", ""))
    for name in ("a b", "patrol?check=true", "../patrol", ""):
        code, _, told = send(daemon, HEADER + row(2), "--table", name)
        expect((code, f"'{name}': expected a table's name" in told), (2, True), told)
    expect(len(daemon.events()), 1)


def a_table_that_is_too_large_is_to_come_in_parts(daemon):
    code, _, told = send(daemon, HEADER + row(1, what="x" * 1000000))
    expect((code, told), (1, "drumctl import: The body is larger than 1000000 bytes.\n"
                             "Send less: a smaller photo, or a table in parts.\n"))
    expect(len(daemon.events()), 0)


def who_has_not_the_key_is_refused(daemon):
    key = daemon.data / "keys/patrol.key"
    body = (HEADER + row(1)).encode()
    expect(daemon.ask("POST", "/imports/patrol", body)[0], 401)
    expect(daemon.ask("POST", "/imports/patrol", body, signed(body, KEY, int(time.time()) - 1000))[0], 401)
    write_key(daemon.data / "other/patrol.key", KEY[::-1])
    code, _, told = send(daemon, body, "--keys", daemon.data / "other")
    expect((code, "not that of this body" in told), (1, True), told)
    key.unlink()
    code, _, told = send(daemon, body, "--keys", daemon.data / "other")
    expect((code, "This table has no key here yet." in told), (1, True), told)
    expect((len(daemon.events()), metric(daemon, 'drumtower_imports_total{table="patrol",fate="unsigned"}')), (0, 3))


def a_large_table_is_one_commit(daemon):
    table = HEADER + "".join(row(number) for number in range(5000))
    expect(send(daemon, table), (0, "5000 rows: 5000 taken, 0 were there before\n", ""))
    expect((metric(daemon, "drumtower_ingest_commits_total"), metric(daemon, "drumtower_ingest_batch_largest")), (1, 5000))
    expect(metric(daemon, 'drumtower_import_rows_total{table="patrol"}'), 5000)


def a_disk_that_is_full_keeps_all_out_and_ends_the_daemon(daemon):
    daemon.end()

    def small_files():  # the data file cannot grow: the write fails in the middle of the commit
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (400000, 400000))

    daemon.start(before=small_files)
    code, _, _ = send(daemon, HEADER + "".join(row(number) for number in range(5000)))
    expect(code, 1)
    expect(daemon.process.wait(START_S), 1, "exit status")
    daemon.start()
    expect(len(daemon.events()), 0)


TESTS = [
    a_table_becomes_events_and_may_be_sent_again,
    one_wrong_row_keeps_all_out,
    where_nobody_listens_the_door_is_asked_for,
    what_is_no_table_is_refused,
    the_address_is_made_of_what_was_said,
    a_table_that_is_too_large_is_to_come_in_parts,
    who_has_not_the_key_is_refused,
    a_large_table_is_one_commit,
    a_disk_that_is_full_keeps_all_out_and_ends_the_daemon,
]

if __name__ == "__main__":
    sys.exit(run_all(TESTS, sys.argv[1], with_sources(sys.argv[3], SOURCES, keys=[("patrol", KEY)], folders=["other"]), sys.argv[2]))
