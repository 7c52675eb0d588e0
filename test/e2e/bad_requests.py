"""Bad HTTP, the same at every door: cut short, too large, malformed, hostile. Each is refused in the right words and counted."""
import collections
import dataclasses
import socket

from rough_client import (ANSWERED_4XX, REFUSED, RUDE_ADDRESS, chunk, expect, expect_in, read_answer, wait_for)

MALFORMED, PROTOCOL, HEADER, BODY, ROUTE = (REFUSED % reason for reason in
                                            ("malformed", "protocol", "header_bytes", "body_bytes", "route"))
SLOW, CROWD = REFUSED % "request_seconds", REFUSED % "connections_per_address"
PARKED_ADDRESS = "127.0.0.67"
PARKED_MOST = 200  # connections_per_address of the book
BY_LIBMICROHTTPD = None  # as a code: it answers by itself, in words of its own
MIB = 1 << 20


@dataclasses.dataclass
class Row:
    """What is sent, and what must come back. Status 0: nothing but the end of the connection."""
    name: str
    pieces: list
    status: int
    code: str = ""
    words: str = ""
    counter: str = ANSWERED_4XX


TOO_SLOW = Row("", [], 408, "request_timeout", "did not come whole in time")


def check_answer(row, answer):
    expect(answer.status, row.status, f"status of {answer}")
    if not row.status:
        return
    if row.code is BY_LIBMICROHTTPD:
        expect_in(row.words, answer.body.decode(), "words")
        return
    code, message, what_next = answer.complaint()
    if code is not None:  # a page for people has none
        expect(code, row.code, "code")
    expect_in(row.words, message, "words")
    if what_next is not None and not what_next:
        expect(what_next, "a sentence", "what to do next")


def rise(door, before, *counters):
    now = door.metrics()
    return sum(now.get(counter, 0) - before.get(counter, 0) for counter in counters)


def check_row(stage, door, row):
    """Sends it; the answer is right, it is counted, and the polite client beside it is answered."""
    neighbour = stage.neighbours[door.name]
    mark = neighbour.answered
    before = door.metrics()
    check_answer(row, door.send(*row.pieces))
    expect(wait_for(f"{row.counter} rises", lambda: rise(door, before, row.counter)), 1, f"rise of {row.counter}")
    neighbour.expect_more(mark)


def check_counts(door, before, done):
    """After all rows: each was counted under its reason and, where the door answered it itself, as an answer; and nothing twice."""
    wanted = collections.Counter(row.counter for row in done if row.counter != ANSWERED_4XX)
    wanted[ANSWERED_4XX] = sum(row.status // 100 == 4 and row.code is not BY_LIBMICROHTTPD for row in done)
    for counter, count in wanted.items():
        expect(rise(door, before, counter), count, f"rise of {counter}")


def bodies(door, login, stage):
    """(path, headers, its limit of bytes) of a request that takes a body at this door."""
    if door.name == "ingest":
        return "/open311/v2/requests.json", {"Content_Type": "application/x-www-form-urlencoded"}, 25165824
    headers = {"Content_Type": "application/json", **stage.bearer(login)}
    return f"/api/cases/{stage.own}/note", headers, 16384


def rows(door, login, stage):
    path, headers, limit = bodies(door, login, stage)

    def post(body_headers, *pieces):
        return [door.head("POST", path, **headers, **body_headers), *pieces]

    def get(target):
        return [door.head("GET", target)]

    def raw(text):
        return [text.replace("HOST", f"Host: {door.host}").replace("\n", "\r\n").encode("latin-1")]

    chunked = {"Transfer_Encoding": "chunked"}
    yield Row("a chunk whose size is no number", post(chunked, b"zz\r\nabc\r\n0\r\n\r\n"), 400, BY_LIBMICROHTTPD,
              "chunked encoding was syntactically incorrect", PROTOCOL)
    yield Row("a chunk of 20 digits", post(chunked, b"f" * 20 + b"\r\nabc"), 413, BY_LIBMICROHTTPD,
              "chunk size used in your HTTP chunked encoded request is too large", PROTOCOL)

    yield Row("a head of 12 kB", [door.head("GET", "/healthz", X_A="a" * 12000)], 431, "headers_too_large",
              "too many or too long", HEADER)
    yield Row("a head of 1 MB", [door.head("GET", "/healthz", X_A="a" * MIB)], 431, BY_LIBMICROHTTPD, "too big", PROTOCOL)
    yield Row("150 headers", [door.head("GET", "/healthz", **{f"X{i}": "a" for i in range(150)})], 431,
              "headers_too_large", "too many", HEADER)
    yield Row("a path of 1 MB", get("/" + "a" * MIB), 414, BY_LIBMICROHTTPD, "too big", PROTOCOL)
    yield Row("a path of 17 parts", get("/a" * 17), 400, "malformed", "too many parts", MALFORMED)
    yield Row("a query of 100 pairs", get("/healthz?" + "a=b&" * 100), 400, "malformed", "too many parts", MALFORMED)
    yield Row("a body of 1 TB, announced", post({"Content_Length": 1 << 40}), 413, "too_large", f"{limit} bytes", BODY)
    yield Row("a body beyond the limit", post({"Content_Length": limit + 1}, b"a" * (limit + 1)), 413, "too_large",
              f"{limit} bytes", BODY)
    yield Row("chunks beyond the limit", post(chunked, *[chunk(b"a" * MIB)] * (limit // MIB + 1), b"0\r\n\r\n"), 413,
              "too_large", f"{limit} bytes", BODY)
    yield Row("a body where none is taken", [door.request("GET", "/healthz", b"abcde")], 413, "too_large",
              "No body is taken here", BODY)

    yield Row("a length and chunks", post({"Content_Length": 5, **chunked}, b"0\r\n\r\n"), 400, "malformed",
              "exclude each other", MALFORMED)
    yield Row("two lengths", raw(f"POST {path} HTTP/1.1\nHOST\nContent-Length: 5\nContent-Length: 6\n\nabcde"), 400,
              "malformed", "Content-Length stands more than once", MALFORMED)
    yield Row("a length below zero", post({"Content_Length": -1}), 400, BY_LIBMICROHTTPD, "malformed", PROTOCOL)
    yield Row("chunks behind a coding of their own", post({"Transfer_Encoding": "gzip, chunked"}, b"0\r\n\r\n"), 400,
              "malformed", "only transfer coding is chunked", MALFORMED)
    yield Row("a NUL in the path", raw("GET /a\0b HTTP/1.1\nHOST\n\n"), 400, "malformed", "NUL byte", MALFORMED)
    yield Row("a NUL in a header", raw("GET /healthz HTTP/1.1\nHOST\nX-A: a\0b\n\n"), 400, "malformed", "NUL byte",
              MALFORMED)
    yield Row("an escaped NUL", get("/a%00b"), 400, "malformed", "control byte", MALFORMED)
    yield Row("an escaped line break with a header behind it", get("/a%0d%0aX-Injected:%20yes"), 400, "malformed",
              "control byte", MALFORMED)
    yield Row("a path that is not UTF-8", get("/a%ff"), 400, "malformed", "not UTF-8", MALFORMED)
    yield Row("a header that is not UTF-8", raw("GET /healthz HTTP/1.1\nHOST\nX-A: \xff\n\n"), 400, "malformed",
              "byte that it may not", MALFORMED)
    yield Row("a bare line feed", [b"GET /healthz HTTP/1.1\nHost: x\n\n"], 400, "malformed", "without CR LF", MALFORMED)
    yield Row("a folded header", raw("GET /healthz HTTP/1.1\nHOST\nX-A: a\n b\n\n"), 400, "malformed", "folded", MALFORMED)
    for name, target in [("up", "/shared/../../etc/passwd"), ("up, escaped", "/shared/%2e%2e/%2e%2e/etc/passwd"),
                         ("up, with an escaped slash", "/shared/..%2f..%2fetc/passwd"),
                         ("up, with a backslash", "/shared/..%5c..%5cetc/passwd")]:
        yield Row(f"a path that leads {name}", get(target), 400, "malformed", "'..'", MALFORMED)
    yield Row("a path escaped twice", get("/shared/%252e%252e/etc/passwd"), 404, "not_found", "no such file", ROUTE)
    yield Row("an address where nothing is", get("/nothing/of/the/kind.php"), 404, "not_found", "There is no", ROUTE)
    yield Row("a method that is none", [door.head("BREW", path)], 405, "method", "BREW is not done here", ROUTE)
    yield Row("a method that does not fit", [door.head("DELETE", "/healthz")], 405, "method", "DELETE", ROUTE)
    yield Row("a host that is none", [door.head("GET", "/healthz", Host='x"><script>')], 400, "malformed", "host name",
              MALFORMED)
    yield Row("no host", [door.head("GET", "/healthz", Host=None)], 400, BY_LIBMICROHTTPD, "Host:", PROTOCOL)
    yield Row("a compressed body", post({"Content_Encoding": "gzip", "Content_Length": 3}, b"abc"), 415, "encoded",
              "compressed")
    yield Row("another expectation", post({"Expect": "200-ok", "Content_Length": 3}, b"abc"), 417, "expectation",
              "100-continue")
    yield Row("HTTP/2", [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"], 505, BY_LIBMICROHTTPD, "version is not supported", PROTOCOL)
    yield Row("HTTP/0.9", [b"GET /\r\n\r\n"], 400, BY_LIBMICROHTTPD, "syntactically incorrect", PROTOCOL)


def cut_short(door, login, stage):
    """Name → bytes of a request that does not end."""
    path, headers, _ = bodies(door, login, stage)
    return {
        "half a head": door.head("POST", path, **headers)[:-4],
        "half a body": door.head("POST", path, **headers, Content_Length=1000) + b"{",
        "half a chunk": door.head("POST", path, **headers, Transfer_Encoding="chunked") + b"20\r\n{",
    }


def check_departure(stage, door, login):
    """Whoever leaves in the middle is counted once: then, or when its time is over where libmicrohttpd has not seen it."""
    neighbour = stage.neighbours[door.name]
    mark, before = neighbour.answered, door.metrics()
    halves = [*cut_short(door, login, stage).values(), b"GET /hea", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc" + bytes(99)]
    peers = [door.connect() for _ in halves]
    for peer, half in zip(peers, halves):
        peer.sendall(half)
        peer.shutdown(socket.SHUT_WR)
    for peer in peers:
        with peer:
            answer = read_answer(peer)
            if answer.status:
                check_answer(TOO_SLOW, answer)
    wait_for("all are counted", lambda: rise(door, before, PROTOCOL, SLOW) >= len(halves))
    expect(rise(door, before, PROTOCOL, SLOW), len(halves), "how many are counted")
    neighbour.expect_more(mark)


def check_silence(stage, door, login):
    """As many as one address may have, each with half a request and then silence: the next is turned away, the polite client is
    answered meanwhile, and when their time is over each is told."""
    neighbour = stage.neighbours[door.name]
    before = door.metrics()
    halves = list(cut_short(door, login, stage).values())
    parked = [door.connect(PARKED_ADDRESS) for _ in range(PARKED_MOST)]
    for i, peer in enumerate(parked):
        peer.sendall(halves[i % len(halves)])
    mark = neighbour.answered
    wait_for("one more of that address is turned away",
             lambda: not door.send(door.head("GET", "/healthz"), source=PARKED_ADDRESS).status)
    expect(door.ask("GET", "/healthz", source=RUDE_ADDRESS).status, 200, "one of another address")
    neighbour.expect_more(mark)
    for peer in parked:
        with peer:
            check_answer(TOO_SLOW, read_answer(peer))
    expect(rise(door, before, SLOW), PARKED_MOST, f"rise of {SLOW}")
    expect(rise(door, before, CROWD), 1, f"rise of {CROWD}")


def check_rudeness_leaves_nothing(door):
    """Once all rude clients have gone, only the polite ones are connected."""
    wait_for("the door is empty but for the polite", lambda: door.metrics()["drumtower_door_connections"] <= 2)
    expect(door.metrics().get("drumtower_door_streams", 0), 0, "streams that are open")
