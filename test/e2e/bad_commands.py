"""Bad requests at the doors of the field and the centre: sessions, commands, lists, photos, streams."""
import concurrent.futures
import json
import uuid

from bad_requests import Row
from district_stage import JSON
from rough_client import REFUSED, expect, form, read_until

ACCOUNT, FORGERY = REFUSED % "account", REFUSED % "forgery"
PHOTO_BYTES = 8388608  # of the book
# What somebody else may do at this door, or at another; by whom it is tried.
OTHERS = {"field": "w-lines-1", "videowall": "leader-01"}


def fresh():
    return uuid.uuid4().hex


class Sender:
    """Makes the bytes of what one account asks at its door."""

    def __init__(self, stage, door, login):
        self.door, self.headers = door, stage.bearer(login)

    def get(self, target, **headers):
        return [self.door.head("GET", target, **{**self.headers, **headers})]

    def post(self, path, body, **headers):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        return [self.door.request("POST", path, body, **{**self.headers, **JSON, **headers})]

    def command(self, case, verb, **members):
        return self.post(f"/api/cases/{case}/{verb}", {"id": fresh(), **members})


def body_rows(sender, path):
    """The body of a command, whoever sends it."""
    for name, body, words in [
            ("no body", b"", "is empty"),
            ("half an object", b'{"id": "a", "rev', "line 1, column 16: premature end of input"),
            ("a list", b"[]", "expected an object"),
            ("8,000 brackets", b"[" * 8000, "maximum parsing depth reached"),
            ("a member that stands twice", b'{"id":"a","id":"b"}', "duplicate object key near '\"id\"'"),
            ("text that is not UTF-8", b'{"id":"\xff\xfe"}', "unable to decode byte 0xff"),
            ("a NUL in a text", b'{"id":"a\\u0000b"}', "\\u0000 is not allowed"),
            ("half a character", b'{"id":"\\ud800"}', "invalid Unicode '\\uD800'"),
            ("a number that is none", b'{"id":"a","revision":NaN}', "invalid token near 'NaN'"),
            ("something behind the end", b'{"id":"a"} {}', "end of file expected")]:
        yield Row(name, sender.post(path, body), 400, "bad_json", words)
    for name, kind in [("a form", "application/x-www-form-urlencoded"), ("no content type", None)]:
        yield Row(f"{name} for JSON", sender.post(path, form({"id": "a"}), Content_Type=kind), 400, "bad_json",
                  "expected Content-Type: application/json")
    yield Row("100,000 members", sender.post(path, {f"m{i}": 1 for i in range(100000)}), 413, "too_large", "16384 bytes",
              REFUSED % "body_bytes")
    for name, members, words in [
            ("a number for the id", {"id": 5}, "command.id: expected text"),
            ("no id", {}, "command.id: missing; make one on the device"),
            ("an id of 65 bytes", {"id": "x" * 65}, "command.id: 65 bytes, at most 64"),
            ("a text for the revision", {"id": fresh(), "revision": "3"}, "command.revision: expected a whole number"),
            ("a fraction for the revision", {"id": fresh(), "revision": 1.5}, "command.revision: expected a whole number"),
            ("null for the reason", {"id": fresh(), "reason": None}, "command.reason: expected text"),
            ("a reason of 1,001 bytes", {"id": fresh(), "reason": "x" * 1001}, "command.reason: 1001 bytes, at most 1000"),
            ("an unknown member", {"id": fresh(), "colour": "red"}, "no field is called 'colour'"),
            ("another's name and role", {"id": fresh(), "actor": "admin-01", "role": "admin"}, "'actor' is not the device's to say"),
            ("a text for the photos", {"id": fresh(), "media": "x"}, "media: expected a list of hashes"),
            ("a photo that is not there", {"id": fresh(), "media": ["0" * 64]}, "store it with POST /api/media first"),
            ("a photo that leads up", {"id": fresh(), "media": ["../../../etc/passwd"]}, "no photo '../../../etc/passwd'"),
            ("seven photos", {"id": fresh(), "media": ["0" * 64] * 7}, "7 photos, at most 6")]:
        yield Row(name, sender.post(path, members), 422, "invalid", words)


def command_rows(stage, sender):
    """Commands that nobody may give."""
    for verb in ["explode", "none", "here"]:
        yield Row(f"the verb '{verb}'", sender.command(stage.own, verb), 404, "no_such_verb", "No verb")
    for verb in ["report", "overdue", "rate"]:
        yield Row(f"the verb '{verb}', which is not a person's at this door", sender.command(stage.own, verb), 422,
                  "invalid", f"'{verb}' is not a command of the role")
    yield Row("a case that is none", sender.command("GL-19990101-0001", "note", reason="x"), 404, "not_found",
              "no case 'GL-19990101-0001'")
    yield Row("a case of 600 letters", sender.command("x" * 600, "note", reason="x"), 422, "invalid",
              "command.case_number: 600 bytes, at most 64")
    for name, revision in [("an old", 1), ("a future", 1 << 62), ("a negative", -1)]:
        yield Row(f"{name} revision", sender.command(stage.own, "take", revision=revision), 409, "conflict",
                  f"case {stage.own} has changed since you saw it")
    yield Row("a closed case, disposed again", sender.command(stage.closed, "dispose"), 409, "conflict",
              f"case {stage.closed} is closed: 'dispose' is not possible")
    yield Row("a closed case, closed again", sender.command(stage.closed, "close"), 409, "conflict",
              f"case {stage.closed} is closed: 'close' is not possible")
    yield Row("a note without words", sender.command(stage.own, "note"), 422, "invalid", "a reason is needed")


def look_rows(sender):
    for target, status, code, words in [
            ("/api/cases?list=bogus", 404, "no_such_list", "There is no list 'bogus'"),
            ("/api/cases?limit=0", 400, "bad_limit", "between 1 and 500"),
            ("/api/cases?limit=99999999999999999999", 400, "bad_limit", "between 1 and 500"),
            ("/api/cases?after=1", 400, "bad_after", "'after' is not ORDER,ID"),
            ("/api/cases?after=9223372036854775808,1", 400, "bad_after", "'after' is not ORDER,ID"),
            ("/api/cases/" + "x" * 600, 404, "not_found", "no such case that you may see"),
            ("/api/stream?topics=,", 400, "no_topics", "No topic is named"),
            ("/api/media/" + "0" * 64, 404, "not_found", "no such photo"),
            ("/api/media/" + "x" * 600, 404, "not_found", "no such photo")]:
        yield Row(f"GET {target[:42]}", sender.get(target), status, code, words)


def photo_rows(sender):
    for name, data, words in [("nothing", b"", "neither JPEG, PNG nor WebP"),
                              ("markup", b"<svg onload=alert(1)>", "neither JPEG, PNG nor WebP"),
                              ("half a PNG", b"\x89PNG\r\n\x1a\n", "PNG: cut short"),
                              ("half a JPEG", b"\xff\xd8\xff\xe0\0\x10" + b"x" * 9, "JPEG:")]:
        yield Row(f"{name} for a photo", sender.post("/api/media", data, Content_Type="image/jpeg"), 422, "not_a_photo",
                  words)
    yield Row("a photo beyond the limit", sender.post("/api/media", bytes(PHOTO_BYTES + 1)), 413, "too_large",
              f"{PHOTO_BYTES} bytes", REFUSED % "body_bytes")


def session_rows(stage, door, sender, login, path):
    token = stage.tokens[login]
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")
    for name, header in [("no session", None), ("a session that somebody made up", "Bearer " + "A" * 32),
                         ("a session with one letter changed", "Bearer " + changed),
                         ("a session of 5,000 letters", "Bearer " + "A" * 5000), ("a password for a session", "Basic eDp5")]:
        yield Row(name, sender.get("/api/cases", Authorization=header), 401, "sign_in", "Nobody is signed in", ACCOUNT)
    cookie = f"dt_session_{door.port}={token}"
    for name, origin in [("another site", "http://elsewhere.example"), ("a page without an origin", "null"),
                         ("nobody knows where", None)]:
        yield Row(f"a change with the cookie, from {name}",
                  sender.post(path, {"id": fresh(), "reason": "forged"}, Authorization=None, Cookie=cookie, Origin=origin),
                  403, "forgery", "with the cookie alone", FORGERY)
    yield Row("a cookie of another door", sender.get("/api/cases", Authorization=None, Cookie=f"dt_session_1={token}"), 401,
              "sign_in", "Nobody is signed in", ACCOUNT)
    for name, body, words in [
            ("a number for the login", b'{"login":5,"password":"x"}', "login and password must be texts"),
            ("a login that stands twice", b'{"login":"o-01","login":"admin-01","password":"x"}', "duplicate object key"),
            ("half an object", b'{"login":"o-01"', "line 1")]:
        yield Row(f"sign in with {name}", sender.post("/api/session", body), 400, "invalid", words)
    yield Row("sign in with 5,000 letters", sender.post("/api/session", {"login": "x" * 5000, "password": "x"}), 413,
              "too_large", "4096 bytes", REFUSED % "body_bytes")


def field_rows(stage, door, worker, liaison):
    """Another worker's case, another department's, other roles' verbs and lists."""
    other = stage.others
    yield Row("another worker's case", worker.get(f"/api/cases/{other}"), 404, "not_found", "no such case that you may see")
    yield Row("another worker's case, taken", worker.command(other, "take"), 403, "forbidden", "another worker's")
    yield Row("another worker's case, written into", worker.command(other, "note", reason="graffiti"), 403, "forbidden",
              "another worker's")
    yield Row("another worker's list", worker.get("/api/cases?list=worker/w-lines-1"), 403, "forbidden", "not for your account")
    yield Row("the whole district's list", worker.get("/api/cases?list=open"), 403, "forbidden", "not for your account")
    yield Row("another worker's stream", worker.get("/api/stream?topics=worker/w-lines-1"), 403, "forbidden",
              "The topic 'worker/w-lines-1' is not for your account")
    yield Row("the desk's stream", worker.get("/api/stream?topics=desk"), 403, "forbidden", "The topic 'desk'")
    yield Row("a worker assigns", worker.command(stage.own, "assign", to_worker="w-water-1"), 403, "forbidden",
              "not for the role worker")
    yield Row("a worker urges", worker.command(stage.own, "urge"), 403, "forbidden", "not for the role worker")
    yield Row("another department's case", liaison.get(f"/api/cases/{other}"), 404, "not_found", "no such case")
    yield Row("another department's case, assigned", liaison.command(other, "assign", to_worker="w-water-2"), 403,
              "forbidden", "not at your department")
    yield Row("another department's list", liaison.get("/api/cases?list=dept/lines"), 403, "forbidden", "not for your account")
    yield Row("a worker of another department", liaison.command(stage.own, "assign", to_worker="w-lines-1"), 422, "invalid",
              "'w-lines-1' is no worker of department 'water'")
    yield Row("a worker who is none", liaison.command(stage.own, "assign", to_worker="nobody"), 422, "invalid", "'nobody'")
    yield Row("a return without a reason", liaison.command(stage.own, "return"), 422, "invalid", "a reason is needed")
    for login in ["o-01", "wall-01"]:
        yield Row(f"{login} at the field's door", Sender(stage, door, login).get("/api/cases"), 403, "forbidden",
                  "may not do this", ACCOUNT)


def wall_rows(stage, door, operator):
    for verb, status, code, words in [("take", 403, "forbidden", "not for the role operator"),
                                      ("receive", 403, "forbidden", "not for the role operator"),
                                      ("check", 409, "conflict", "is not possible")]:
        yield Row(f"an operator's '{verb}'", operator.command(stage.own, verb), status, code, words)
    for login in ["w-water-2", "l-water"]:
        for path in ["/api/cases", "/api/wall", "/live/cameras"]:
            yield Row(f"{login} at {path}", Sender(stage, door, login).get(path), 403, "forbidden", "may not do this", ACCOUNT)
    wall = Sender(stage, door, "wall-01")
    yield Row("the wall commands", wall.command(stage.own, "note", reason="x"), 403, "forbidden", "The role device", ACCOUNT)
    yield Row("the wall hears the desk", wall.get("/api/stream?topics=desk"), 403, "forbidden", "The topic 'desk'")
    topics = ",".join(f"worker/w-{i}" for i in range(9))
    for target, status, code, words in [
            (f"/api/stream?topics={topics}", 400, "too_many_topics", "at most 8 topics"),
            ("/live", 400, "cameras", "1 to 64 ids"),
            ("/live?cameras=" + ",".join(["x"] * 65), 400, "cameras", "1 to 64 ids"),
            ("/live?cameras=,,", 400, "cameras", "1 to 64 ids"),
            ("/live/snapshot/nowhere.jpg", 404, "unknown_camera", "no such camera"),
            ("/live/snapshot/" + "x" * 600 + ".jpg", 404, "unknown_camera", "no such camera"),
            ("/live/snapshot/x.png", 404, "not_found", "no such picture"),
            ("/api/cases?list=worker/%0d%0aX-Injected:x", 404, "no_such_list", "no list 'worker/\r\nX-Injected:x'")]:
        yield Row(f"GET {target[:42]}", operator.get(target), status, code, words)


def rows(stage, door):
    """All of one door's."""
    login = {"field": "w-water-2", "videowall": "o-01"}[door.name]
    sender = Sender(stage, door, login)
    path = f"/api/cases/{stage.own}/note"
    yield from body_rows(sender, path)
    yield from command_rows(stage, sender)
    yield from look_rows(sender)
    yield from photo_rows(sender)
    yield from session_rows(stage, door, sender, login, path)
    if door.name == "field":
        yield from field_rows(stage, door, sender, Sender(stage, door, "l-water"))
    else:
        yield from wall_rows(stage, door, sender)


def check_repeats(stage, door):
    """The same command in eight connections at once is done once; the same id of another account is another command."""
    login, other = ("w-water-2", "w-lines-1") if door.name == "field" else ("o-01", "leader-01")
    case, others_case = (stage.own, stage.others) if door.name == "field" else (stage.own, stage.own)
    words = f"once {fresh()}"
    members = {"id": fresh(), "reason": words}

    def sent_by(sender, of):
        return sender.post(f"/api/cases/{of}/note", members)
    with concurrent.futures.ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(lambda _: door.send(*sent_by(Sender(stage, door, login), case)), range(8)))
    expect({answer.status for answer in answers}, {200}, f"statuses of {answers}")
    first = [answer.json() for answer in answers if not answer.json()["repeated"]]
    expect(len(first), 1, f"answers that are not repeated in {answers}")
    expect({answer.json()["revision"] for answer in answers}, {first[0]["revision"]}, "revisions")
    answer = door.send(*sent_by(Sender(stage, door, other), others_case)).json()
    expect((answer["case_number"], answer["repeated"]), (others_case, False), f"{other}'s command with the same id")
    for by, of in [(login, case), (other, others_case)]:
        steps = stage.look(by, f"/api/cases/{of}")["steps"]
        expect(sum(step["note"] == words and step["actor"] == by for step in steps), 1, f"times that {by}'s note is there")


def check_ended_session(stage, door):
    """A session that was signed out is worth nothing more."""
    login = {"field": "w-lines-1", "videowall": "leader-01"}[door.name]
    token = stage.sign_in(door.name, login)
    header = {"Authorization": f"Bearer {token}"}
    expect(door.ask("GET", "/api/me", **header).status, 200, "before")
    expect(door.ask("DELETE", "/api/session", **header).status, 204, "signing out")
    expect(door.ask("GET", "/api/me", **header).status, 401, "after")


def check_streams(stage, door):
    """A number that no stream can have begins now, and says so; the stream is as good as any other."""
    login = {"field": "w-water-2", "videowall": "o-01"}[door.name]
    silly = ["-1", "abc", "1;2", "1 2", "0x5", "99999999999999999999999", "9223372036854775808", "18446744073709551615"]
    streams = []
    for number in silly:
        stream = door.connect()
        stream.sendall(door.head("GET", "/api/stream", Last_Event_ID=number, **stage.bearer(login)))
        streams.append(stream)
    for number, stream in zip(silly, streams):
        told = read_until(stream, b"event: hello")
        expect(told.startswith(b"HTTP/1.1 200"), True, f"Last-Event-ID {number}: {told[:100]!r}")
    stage.do(login, stage.own, "note", reason="heard?")
    if door.name == "videowall":
        stage.report({"service_code": "E0699", "address_string": "x"})
        for number, stream in zip(silly, streams):
            read_until(stream, b"event: notice")
    for stream in streams:
        stream.close()


def check_guessing(stage, door):
    """Wrong passwords: first the account is locked, then the address; the polite client stays signed in."""
    login = {"field": "w-gas-1", "videowall": "o-03"}[door.name]
    before, mark = door.metrics(), stage.neighbours[door.name].answered
    statuses, retry = [], ""
    for i in range(8):
        answer = door.ask("POST", "/api/session", json.dumps({"login": login, "password": f"guess {i}"}).encode(), **JSON)
        statuses.append(answer.status)
        retry = answer.headers.get("retry-after", "")
    expect((statuses[0], statuses[-1]), (401, 429), f"first and last of {statuses}")
    expect(answer.complaint()[0], "locked", "code")
    expect(retry.isdigit(), True, f"Retry-After {retry!r}")
    name = REFUSED % "sign_in_attempts"
    expect(door.metrics()[name] - before.get(name, 0), statuses.count(429), f"rise of {name}")
    stage.neighbours[door.name].expect_more(mark)
