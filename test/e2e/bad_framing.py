"""Requests that two readers could take for different ones, or that never end: how a door tells where a request ends (RFC 9112)."""
import concurrent.futures
import socket

from bad_requests import (BY_LIBMICROHTTPD, HEADER, MALFORMED, PROTOCOL, ROUTE, SLOW, TOO_SLOW, Row, bodies, check_answer,
                          rise)
from rough_client import RUDE_ADDRESS, Wrong, expect, read_answer, wait_for

PARKED = 1000
PARKED_ADDRESSES = [f"127.0.0.{last}" for last in range(70, 80)]
DRIP_S = 0.05  # between two bytes of a slow request: far shorter than what a door calls idle


def rows(door, login, stage):
    path, headers, _ = bodies(door, login, stage)
    own = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())

    def raw(text):
        return [text.replace("HOST", f"Host: {door.host}").replace("\n", "\r\n").encode("latin-1")]

    def chunks(body):
        return [*raw(f"POST {path} HTTP/1.1\nHOST\n{own}Transfer-Encoding: chunked\n\n"), body]

    def post(framing, body="abc"):
        return raw(f"POST {path} HTTP/1.1\nHOST\n{own}{framing}\n\n{body}")

    def get(line="GET /healthz HTTP/1.1", more=""):
        return raw(f"{line}\nHOST\n{more}\n")

    def malformed(name, pieces, words=""):
        return Row(name, pieces, 400, "malformed", words, MALFORMED)

    def by_library(name, pieces, status=400, words=""):
        return Row(name, pieces, status, BY_LIBMICROHTTPD, words, PROTOCOL)

    for name, body in [("a sign", b"+3\r\nabc"), ("a minus", b"-3\r\nabc"), ("0x", b"0x3\r\nabc"),
                       ("a blank before it", b" 3\r\nabc"), ("a blank behind it", b"3 \r\nabc"),
                       ("a NUL behind it", b"3\0\r\nabc"), ("a bare CR behind it", b"3\rabc"), ("nothing", b"\r\nabc")]:
        yield by_library(f"a chunk's size with {name}", chunks(body + b"\r\n0\r\n\r\n"), words="chunked encoding")
    yield by_library("a chunk longer than it says", chunks(b"3\r\nabcdef\r\n0\r\n\r\n"), words="chunked encoding")
    yield by_library("a trailer that is no header", chunks(b"3\r\nabc\r\n0\r\nno colon\r\n\r\n"))
    yield by_library("a megabyte of trailers", chunks(b"0\r\n" + b"".join(b"T%d: x\r\n" % i for i in range(80000)) + b"\r\n"), 431)

    for coding in ["chunked, chunked", "identity", "xchunked", "chunked;q=1"]:
        yield malformed(f"the coding '{coding}'", post(f"Transfer-Encoding: {coding}", "0\n\n"), "only transfer coding")
    yield malformed("chunks said twice", post("Transfer-Encoding: chunked\nTransfer-Encoding: chunked", "0\n\n"), "more than once")
    yield malformed("a vertical tab before 'chunked'", post("Transfer-Encoding: \x0bchunked", "0\n\n"), "byte that it may not")
    yield malformed("chunks in HTTP/1.0", raw(f"POST {path} HTTP/1.0\n{own}Transfer-Encoding: chunked\n\n0\n\n"), "in HTTP/1.1")
    yield malformed("a blank before a colon", post("Transfer-Encoding : chunked", "0\n\n"), "byte that it may not")
    yield malformed("two equal lengths", post("Content-Length: 3\nContent-Length: 3"), "more than once")
    for length in ["3, 3", "+3", "0x3", "1 2", ""]:
        yield by_library(f"the length '{length}'", post(f"Content-Length: {length}"))
    yield by_library("a length of 20 digits", post("Content-Length: 99999999999999999999"), 413)
    yield malformed("a folded length", post("Content-Length:\n 3"), "folded")

    yield malformed("a header folded with a tab", get(more="X-A: a\n\tb\n"), "folded")
    yield malformed("a blank before the first header", raw("GET /healthz HTTP/1.1\n X-A: a\nHOST\n\n"), "byte that it may not")
    yield malformed("a bare CR in a header", get(more="X-A: a\rX-B: b\n"), "byte that it may not")
    yield malformed("a blank in a header's name", get(more="X A: a\n"), "byte that it may not")
    yield malformed("a header without a name", get(more=": a\n"))
    yield malformed("a DEL in a header", get(more="X-A: a\x7fb\n"), "byte that it may not")
    yield by_library("a header without a colon", get(more="no colon\n"))
    yield by_library("a header of 100 kB that does not end", [*raw("GET /healthz HTTP/1.1\nHOST\nX-A: "), b"a" * 100000], 431)
    yield malformed("two hosts", get(more="Host: other\n"), "Host stands more than once")
    yield malformed("a host with a user", raw("GET /healthz HTTP/1.1\nHost: a@b\n\n"), "host name")
    yield malformed("an empty host", raw("GET /healthz HTTP/1.1\nHost:\n\n"), "host name")
    yield malformed("two expectations", post("Expect: 100-continue\nExpect: 100-continue\nContent-Length: 3"), "more than once")

    for name, target in [("absolute, of another host", "http://other.example/healthz"), ("of a star", "*"), ("of a host", door.host),
                         ("without its slash", "healthz"), ("with a fragment", "/healthz#x"), ("with half an escape", "/a%2"),
                         ("with an escape that is none", "/a%zz"), ("with an overlong escape", "/a%c0%ae"),
                         ("with a surrogate", "/a%ed%a0%80"), ("with a control byte", "/a\x01b")]:
        yield malformed(f"a target {name}", get(f"GET {target} HTTP/1.1"))
    yield malformed("two blanks before the target", get("GET  /healthz HTTP/1.1"), "CR LF")
    yield malformed("a NUL in the method", get("G\0T /healthz HTTP/1.1"), "NUL")
    yield malformed("a bracket in the method", get("G(T /healthz HTTP/1.1"), "byte that it may not")
    yield Row("a method of 12 kB", get("G" * 12000 + " /healthz HTTP/1.1"), 431, "headers_too_large", "", HEADER)
    yield Row("a method in small letters", get("get /healthz HTTP/1.1"), 405, "method", "get is not done here", ROUTE)
    yield by_library("a blank in the target", get("GET /health z HTTP/1.1"), 0)
    yield by_library("tabs for blanks", get("GET\t/healthz\tHTTP/1.1"), 0)
    for version, status in [("http/1.1", 400), ("HTTP/1.1x", 400), ("HTTP/11.1", 400), ("HTTP/0.9", 505), ("HTTP/3.0", 505)]:
        yield by_library(f"the version {version}", get(f"GET /healthz {version}"), status)
    yield by_library("64 kB of line ends", [b"\r\n" * 32768], 414)
    yield by_library("64 kB of NULs", [bytes(65536)], 414)
    yield by_library("the greeting of a mail client", [b"EHLO x\r\nMAIL FROM:<a@b>\r\n\r\n"])
    yield by_library("the greeting of ssh", [b"SSH-2.0-OpenSSH_9.2\r\n\r\n"], 0)


def read_all(peer):
    raw = b""
    try:
        while more := peer.recv(1 << 16):
            raw += more
    except ConnectionResetError:
        pass
    return raw


def check_nothing_behind_chunks(stage, door, login):
    """What follows a chunked body, which another reader may have ended elsewhere, is not answered as a request."""
    path, headers, _ = bodies(door, login, stage)
    for chunks in (b"0\r\n\r\n", b"1\na\n0\n\n", b"1;x=\"\r\n\"\r\na\r\n0\r\n\r\n"):
        with door.connect() as peer:
            peer.sendall(door.head("POST", path, **headers, Transfer_Encoding="chunked") + chunks + door.head("GET", "/healthz"))
            expect(read_all(peer).count(b"HTTP/1.1 "), 1, f"answers to {chunks}")


def check_bad_behind_good(stage, door, login):
    """A bad request behind a good one on the same connection: the first is answered, the second refused, the third never read."""
    with door.connect() as peer:
        good = door.head("GET", "/healthz")
        peer.sendall(good + good.replace(b"\r\n\r\n", b"\r\nX-A: a\r\n b\r\n\r\n") + good)
        statuses = [part[:3] for part in read_all(peer).split(b"HTTP/1.1 ")[1:]]
        expect(statuses, [b"200", b"400"], "answers")


def endless(door, login, stage):
    """Name → (what is sent at once, what follows byte by byte for as long as the door listens)."""
    path, headers, _ = bodies(door, login, stage)
    head = door.head("POST", path, **headers, Content_Length=1000000)
    chunked = door.head("POST", path, **headers, Transfer_Encoding="chunked")
    return {
        "a head that drips": (b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ", b"a"),
        "headers that drip": (b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"X-A: b\r\n"),
        "a body that drips": (head, b"a"),
        "chunks that drip": (chunked, b"1\r\na\r\n"),
        "a chunk's line that drips": (chunked + b"3;", b"x"),
        "line ends that drip": (b"", b"\r\n"),
        "a chunk of 16 digits": (chunked + b"fffffffffffffff0\r\nabc", b""),
        "a chunk cut short": (chunked + b"9\r\nabc\r\n0\r\n\r\n", b""),
        "a body that is not wanted and does not come": (door.head("GET", "/healthz", Content_Length=10), b""),
        "a TLS greeting": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), b""),
    }


def drip(door, start, drop):
    """The answer that a slow client gets in the end."""
    with door.connect() as peer:
        peer.sendall(start)
        peer.settimeout(DRIP_S)
        while True:
            try:
                return read_answer(peer)
            except TimeoutError:
                try:
                    peer.sendall(drop)
                except OSError:
                    pass  # it has hung up; what it said is still to be read


def check_endless(stage, door, login):
    """Each is ended when its time is over, however busy it keeps; all at once, and the polite client is answered meanwhile."""
    neighbour = stage.neighbours[door.name]
    mark, before = neighbour.answered, door.metrics()
    requests = endless(door, login, stage)
    with concurrent.futures.ThreadPoolExecutor(len(requests)) as crowd:
        answers = dict(zip(requests, crowd.map(lambda start_and_drop: drip(door, *start_and_drop), requests.values())))
    silent = {"line ends that drip", "a TLS greeting"}  # no request of which anything could be said
    for name, answer in answers.items():
        if name in silent:
            expect(answer.status, 0, name)
        else:
            check_answer(TOO_SLOW, answer)
    wait_for("all are counted", lambda: rise(door, before, SLOW, PROTOCOL) >= len(requests))
    expect(rise(door, before, SLOW, PROTOCOL), len(requests), "how many are counted")
    neighbour.expect_more(mark)


def check_slow_reader(stage, door, login):
    """Whoever asks a hundred times and reads nothing is given up; nobody waits for it."""
    neighbour = stage.neighbours[door.name]
    mark = neighbour.answered
    with door.connect() as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.settimeout(1)
        try:
            for _ in range(100):
                peer.sendall(door.head("GET", "/metrics") * 20)
        except OSError:
            pass  # its own buffer is full, or it was given up
        neighbour.expect_more(mark)
        wait_for("it is given up", lambda: door.metrics()["drumtower_door_connections"] <= 3)


def check_parked(stage, door, login):
    """A thousand, each with half a request and then silence: new and old polite clients are answered all the while, and each is told when
    its time is over."""
    neighbour = stage.neighbours[door.name]
    before = door.metrics()
    halves = [start for start, _ in endless(door, login, stage).values() if start.startswith((b"GET", b"POST"))]
    parked = []
    for i in range(PARKED):
        parked.append(door.connect(PARKED_ADDRESSES[i % len(PARKED_ADDRESSES)]))
        parked[-1].sendall(halves[i % len(halves)])
    mark = neighbour.answered
    expect(door.ask("GET", "/healthz", source=RUDE_ADDRESS).status, 200, "a new client beside them")
    neighbour.expect_more(mark)
    ended = {0: 0, 408: 0}
    for peer in parked:
        with peer:
            answer = read_answer(peer)
            if answer.status not in ended:
                raise Wrong(f"a parked connection got {answer}")
            ended[answer.status] += 1
    expect(ended, {0: 0, 408: PARKED}, "how they end")
    expect(rise(door, before, SLOW), PARKED, f"rise of {SLOW}")
    neighbour.expect_more(neighbour.answered)
