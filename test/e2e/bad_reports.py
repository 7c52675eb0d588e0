"""Bad reports at the residents' door: Open311 in JSON and XML, forms and multipart, the resident's page."""
import concurrent.futures
import re
import struct
import zlib

from bad_requests import Row
from district_stage import FORM, OPEN311
from rough_client import POLITE_ADDRESS, REFUSED, expect, form, parts

MULTIPART = {"Content_Type": "multipart/form-data; boundary=b"}
RIGHT = {"service_code": "P0101", "address_string": "x"}
RIGHT_PARTS = list(RIGHT.items())
PNG_HEAD = b"\x89PNG\r\n\x1a\n"
BOMB_HEAD = b"IHDR" + struct.pack(">IIBBBBB", 100000, 100000, 1, 0, 0, 0, 0)
BOMB = PNG_HEAD + struct.pack(">I", 13) + BOMB_HEAD + struct.pack(">I", zlib.crc32(BOMB_HEAD)) + b"\0\0\1\0IDAT" + bytes(260)
JPEG_HEAD = b"\xff\xd8\xff\xe0"
PHOTO_BYTES = 8388608  # of the book
XML = OPEN311.replace(".json", ".xml")


def rows(door):
    def post(body, path=OPEN311, **headers):
        return [door.request("POST", path, form(body) if isinstance(body, dict) else body, **{**FORM, **headers})]

    def wrong(name, field, value, words, status=400):
        return Row(name, post({**RIGHT, field: value}), status, str(status), words)

    def photo(name, data, words, status=400, file_name="a.png"):
        return Row(name, post(parts(RIGHT_PARTS + [("media", file_name, data)]), **MULTIPART), status, str(status), words)

    for name, path in [("JSON", OPEN311), ("XML", XML)]:
        yield Row(f"nothing at all, {name}", post({}, path), 400, "400", "service_code was not provided")
        yield Row(f"two things wrong, {name}", post({"service_code": "P0101", "lat": "x", "long": "y"}, path), 400, "400",
                  "lat 'x' is not a number from -90 to 90 | long 'y' is not a number")
        yield Row(f"markup for a service, {name}", post({**RIGHT, "service_code": "<b>&"}, path), 404, "404",
                  "service_code '<b>&' was not found")
    yield Row("a multipart body without its end", post(parts(RIGHT_PARTS, end=False), **MULTIPART), 400, "400",
              "part 2: cut short")
    yield Row("a multipart body cut in a part's head", post(parts(RIGHT_PARTS)[:30], **MULTIPART), 400, "400",
              "part 1: its head does not end")
    yield Row("a multipart body without a boundary", post(b"abc", Content_Type="multipart/form-data"), 400, "400",
              "no boundary")
    yield Row("an escape that is cut", post(b"service_code=P0101&address_string=%e"), 400, "400", "field 2: a bad %-escape")
    yield photo("half a PNG", PNG_HEAD, "'a.png': PNG: cut short")
    yield photo("a photo that would be 10,000,000,000 pixels", BOMB, "100000 x 100000 pixels, at most 50000000 in all")
    yield photo("half a JPEG", JPEG_HEAD + b"\0\x10" + b"x" * 9, "'a.jpg': JPEG:", file_name="a.jpg")

    yield Row("100,000 fields", post({f"f{i}": "1" for i in range(100000)}), 400, "400", "more than 200 fields")
    yield Row("300 parts", post(parts([(f"f{i}", "1") for i in range(300)]), **MULTIPART), 400, "400", "too many fields")
    yield photo("a photo beyond the limit", PNG_HEAD + bytes(PHOTO_BYTES), "'a.png' is larger than this door takes", 413)
    yield Row("seven photos", post(parts(RIGHT_PARTS + [("media", "a.png", PNG_HEAD)] * 7), **MULTIPART), 400, "400",
              "too many pictures: at most 6")
    yield wrong("a description of 4,001 characters", "description", "街" * 4001, "description: 4001 characters, at most 4000")

    yield Row("JSON for a form", post(b'{"service_code":"P0101"}', Content_Type="application/json"), 400, "400",
              "expected application/x-www-form-urlencoded or multipart/form-data, not 'application/json'")
    yield Row("XML for a form", post(b"<a/>", Content_Type="text/xml"), 400, "400", "not 'text/xml'")
    yield Row("no content type", post(RIGHT, Content_Type=None), 400, "400", "not ''")
    yield Row("text that is not UTF-8", post(b"description=%ff%fe"), 400, "400", "field 1: a bad %-escape, a control byte, "
              "or text that is not UTF-8")
    yield Row("raw bytes that are not UTF-8", post(b"a=b&description=\xff\xfe"), 400, "400", "field 2:")
    yield Row("a NUL in a field", post(b"service_code=P0101%00"), 400, "400", "a control byte")
    for value in ["nan", "inf", "1e400", "0x10", "39,9", " 39", "91"]:
        yield Row(f"a latitude of '{value}'", post({**RIGHT, "lat": value, "long": "116"}), 400, "400",
                  f"lat '{value}' is not a number from -90 to 90")
    yield wrong("half a position", "lat", "39.9", "long was not provided")
    yield wrong("a day that is none", "requested_datetime", "2026-02-30T00:00:00Z", "is not a W3C date and time")
    yield wrong("an attribute that is not asked for", "attribute[x]", "1", "attribute[x] is not in the definition")
    yield photo("a picture that is none", b"<svg onload=alert(1)>", "'a.png' is not a JPEG, PNG or WebP picture")

    yield wrong("a script for a picture's address", "media_url", "javascript:alert(1)", "is not an http or https address")
    yield photo("a file name that leads up", b"x", "'passwd' is not a JPEG", file_name="../../etc/passwd")
    yield Row("a short key", post(RIGHT, Idempotency_Key="short"), 400, "400", "expected 16 to 128 characters")
    yield Row("a key with a path in it", post(RIGHT, Idempotency_Key="../../../../etc/passwd"), 400, "400",
              "expected 16 to 128 characters")
    for target, status, words in [
            ("requests/0.json", 404, "service_request_id '0' was not found"),
            ("requests/99999999999999999999.xml", 404, "service_request_id '99999999999999999999' was not found"),
            ("requests/1%27--.json", 404, "service_request_id '1'--' was not found"),
            ("requests.json?status=bogus", 400, "status 'bogus' is neither open nor closed"),
            ("requests.xml?page=-1", 400, "page '-1' is not a number"),
            ("requests.json?page_size=99999999999999999999", 400, "page_size '99999999999999999999' is not a number"),
            ("requests.json?start_date=yesterday", 400, "start_date 'yesterday' is not a W3C date"),
            ("requests.json?service_request_id=" + "1," * 2000, 400, "2000 ids, at most 1000 at once"),
            ("services/%3Cb%3E.xml", 404, "service_code '<b>' was not found"),
            ("tokens/x.json", 404, "token 'x' was not found")]:
        yield Row(f"GET {target[:40]}", [door.head("GET", f"/open311/v2/{target}")], status, str(status), words)
    yield Row("a picture that is not there", [door.head("GET", "/media/" + "0" * 64)], 404, "not_found", "no such picture")
    yield from page_rows(door, post)


def page_rows(door, post):
    english = "?lang=en"
    yield Row("the page: nothing filled in", post({}, "/report" + english), 400, words="choose what it is about")
    yield Row("the page: half a form", post(parts(RIGHT_PARTS, end=False), "/report" + english, **MULTIPART), 400,
              words="part 2: cut short")
    yield Row("the page: half a picture", post(parts(RIGHT_PARTS + [("photo", "a.png", PNG_HEAD)]), "/report" + english,
                                               **MULTIPART), 400, words="This picture is damaged, please take it again")
    yield Row("the page: JSON", post(b"{}", "/report" + english, Content_Type="application/json"), 400,
              words="The form cannot be read")
    yield Row("the page: markup comes back as text", post({"service_code": "<script>"}, "/report" + english), 404,
              words="no such kind of problem: <script>")
    yield Row("the page: the wrong key of a report", [door.head("GET", "/follow?lang=en&id=1&key=" + "0" * 32)], 404,
              words="Nothing found: the number or the link is not complete. Use the whole link")
    yield Row("the page: a rating without a key", post({"id": "1", "score": "5", "solved": "yes"}, "/rate" + english), 404,
              words="Nothing found: the number or the link is not complete. Use the whole link")
    yield Row("the page: a rating of 20 kB", post({"id": "1" * 20000}, "/rate" + english), 413, "too_large", "16384 bytes",
              REFUSED % "body_bytes")


def check_repeats(stage, door):
    """The same key again and at once, in eight connections, is one report with one receipt; and so is a page's form."""
    body = form({**RIGHT, "description": "once"})
    request = door.request("POST", OPEN311, body, **FORM, Idempotency_Key="0123456789abcdef-once")
    with concurrent.futures.ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(lambda _: door.send(request), range(8)))
    expect({answer.status for answer in answers}, {201}, "statuses")
    receipts = {answer.json()[0]["service_request_id"] for answer in answers}
    expect(len(receipts), 1, f"receipts {receipts}")
    stage.accepted |= receipts
    page = door.ask("GET", "/?lang=en").body.decode()
    token = re.search(r'name="form" value="(\w+)"', page).group(1)
    sent = parts([("form", token), *RIGHT_PARTS])
    numbers = set()
    for _ in range(2):
        answer = door.ask("POST", "/report?lang=en", sent, **MULTIPART)
        expect(answer.status, 201, f"status of {answer}")
        numbers.add(re.search(r'id="number">(\d+)<', answer.body.decode()).group(1))
    expect(len(numbers), 1, f"receipts of the page {numbers}")
    stage.accepted |= numbers


def check_injection(stage, door):
    """What is asked for never becomes a header of the answer, or markup of the page."""
    for target in ["/?lang=%0d%0aX-Injected:%20yes", "/?lang=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
                   "/follow?id=1%0d%0aX-Injected:%20yes&key=x", "/open311/v2/services.json?x=%0d%0aX-Injected:%20yes",
                   "/open311/v2/requests.json?extensions=%0d%0aX-Injected:%20yes"]:
        answer = door.ask("GET", target)
        expect(answer.headers.get("x-injected"), None, target)
        expect(b"<script>alert" in answer.body, False, target)
    words = "<script>alert(1)</script>\r\nX-Injected: yes"
    receipt = stage.report({**RIGHT, "description": words})
    answer = door.ask("GET", f"/open311/v2/requests/{receipt}.json", source=POLITE_ADDRESS)
    expect((answer.headers.get("x-injected"), answer.json()[0]["description"]), (None, words), "the words of a report")
