"""A client that may be as rude as it likes: bytes on a socket, and what came back for them."""
import html
import json
import re
import socket
import time
import urllib.parse
import xml.etree.ElementTree as xml

POLITE_ADDRESS = "127.0.0.1"
RUDE_ADDRESS = "127.0.0.66"  # another one, so that what is limited for each address does not meet the polite
PATIENCE_S = 10
LOOK_EVERY_S = 0.005

REFUSED = 'drumtower_door_refused_total{reason="%s"}'
ANSWERED_4XX = 'drumtower_door_answers_total{class="4xx"}'


class Wrong(AssertionError):
    """What a test found."""


def expect(actual, wanted, what):
    if actual != wanted:
        raise Wrong(f"{what}: expected {wanted!r}, got {actual!r}")


def expect_in(words, text, what):
    if words not in text:
        raise Wrong(f"{what}: expected {words!r} in {text!r}")


def wait_for(what, condition, patience_s=PATIENCE_S):
    """Looks until `condition` gives something true; gives it back."""
    deadline = time.monotonic() + patience_s
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise Wrong(f"{what}: not within {patience_s} s")
        time.sleep(LOOK_EVERY_S)
    return found


class Answer:
    """Nothing (status 0), or one answer of HTTP/1.1."""

    def __init__(self, raw):
        head, _, self.body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1]) if raw.startswith(b"HTTP/1.") else 0
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"

    def json(self):
        return json.loads(self.body)

    def complaint(self):
        """(code, what was wrong, what to do), in whichever of its forms the door says it."""
        kind = self.headers.get("content-type", "").partition(";")[0]
        if kind == "application/json":
            said = self.json()
            if isinstance(said, list):  # GeoReport v2 has no place for what to do
                return str(said[0]["code"]), " | ".join(row["description"] for row in said), None
            return said["error"]["code"], said["error"]["message"], said["error"]["next"]
        if kind == "text/xml":
            errors = xml.fromstring(self.body).findall("error")
            return errors[0].findtext("code"), " | ".join(row.findtext("description") for row in errors), None
        text = self.body.decode()
        note = re.search(r'role="alert"[^>]*>(.*?)</(?:div|p)>(?!\s*<ul)', text, re.S)
        return None, html.unescape(re.sub(r"<[^>]*>", " ", note.group(1) if note else "")), None


def whole(raw):
    """Is this one whole answer? One without a length ends with its connection."""
    head, end, body = raw.partition(b"\r\n\r\n")
    length = re.search(rb"\r\nContent-Length: (\d+)", head, re.I)
    return bool(end) and length is not None and len(body) >= int(length.group(1))


def read_answer(peer):
    """One answer, or what came of it before the other end hung up."""
    raw = b""
    try:
        while not whole(raw):
            more = peer.recv(1 << 16)
            if not more:
                break
            raw += more
    except ConnectionResetError:
        pass
    return Answer(raw)


def read_until(peer, words):
    """All that came up to and with these words."""
    data = b""

    def said():
        nonlocal data
        data += peer.recv(1 << 16)
        return words in data
    wait_for(f"{words} from the other end", said)
    return data


class Door:
    """One door of the running district."""

    def __init__(self, name, url):
        self.name = name
        self.host = urllib.parse.urlsplit(url).netloc
        self.port = int(self.host.rpartition(":")[2])

    def connect(self, source=RUDE_ADDRESS):
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE_S, (source, 0))

    def send(self, *pieces, end=False, source=RUDE_ADDRESS):
        """Sends the pieces, then perhaps the end of all sending; the answer."""
        with self.connect(source) as peer:
            try:
                for piece in pieces:
                    peer.sendall(piece)
                if end:
                    peer.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # the door has hung up; what it said is still there to be read
            return read_answer(peer)

    def head(self, method, path, **headers):
        """The bytes of a head; names with _ for -, None leaves one out."""
        lines = [f"{method} {path} HTTP/1.1"]
        for name, value in {"Host": self.host, **headers}.items():
            if value is not None:
                lines.append(f"{name.replace('_', '-')}: {value}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n"

    def request(self, method, path, body=None, **headers):
        if body is not None:
            headers.setdefault("Content_Length", len(body))
        return self.head(method, path, **headers) + (body or b"")

    def ask(self, method, path, body=None, source=RUDE_ADDRESS, **headers):
        return self.send(self.request(method, path, body, **headers), source=source)

    def metrics(self):
        """Name → value."""
        text = self.ask("GET", "/metrics", source=POLITE_ADDRESS, Connection="close").body.decode()
        return {name: int(value) for name, value in re.findall(r"^([a-z]\S*) (-?\d+)$", text, re.M)}


def form(fields):
    return urllib.parse.urlencode(fields).encode()


def parts(fields, boundary="b", end=True):
    """multipart/form-data: (name, text), or (name, file name, bytes)."""
    body = b""
    for field in fields:
        file_name = f'; filename="{field[1]}"' if len(field) == 3 else ""
        data = field[2] if len(field) == 3 else field[1].encode()
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{field[0]}"{file_name}\r\n\r\n'.encode()
        body += data + b"\r\n"
    return body + (f"--{boundary}--\r\n".encode() if end else b"")


def chunk(data):
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"
