"""A running district for the clauses of GeoReport v2, and a client that holds every answer against the description that the door serves."""
import json
import re
import threading
import urllib.parse
import urllib.request
import xml.etree.ElementTree as xml
from http.client import HTTPConnection

import jsonschema
from district_stage import Stage
from rough_client import Wrong, expect, wait_for

V2 = "/open311/v2"
KEY_TEXT = "c5f9e0b7a1d24c6e"
KEY = f"city.{KEY_TEXT}"
SERVICES = """
  - code: X01
    name: 六种问题
    name_en: All six
    description: 各种类型
    group: E06
    keywords: "一,二"
    notice: 四小时内处理
    notice_en: Done within four hours
    limit: 4 clock_hour
    department: water
    auto_accept: true
    attributes:
      - {code: line, type: string, description: 一行, description_en: One line, required: true}
      - {code: many, type: number, description: 多少, description_en: How many, datatype_description: 整数, datatype_description_en: A whole number}
      - {code: when, type: datetime, description: 何时}
      - {code: words, type: text, description: 说明}
      - {code: one, type: singlevaluelist, description: 选一, values: [{key: a, name: 甲, name_en: A}, {key: b, name: 乙, name_en: B}]}
      - {code: some, type: multivaluelist, description: 多选, values: [{key: x, name: 丙, name_en: X}, {key: y, name: 丁, name_en: Y}]}
      - {code: care, type: text, description: 请勿靠近, description_en: Keep away, variable: false}
  - {code: X02, name: 批处理, name_en: Later, group: E06, type: batch, limit: 2 working_day, department: water}
  - {code: X03, name: 线索, name_en: Hint, group: E06, type: blackbox, limit: 2 working_day, department: water}
  - {code: X04, name: 多件, name_en: Many, group: E06, limit: 2 working_day, department: water}
"""
OPEN311 = """open311:
  jurisdictions: [gulou.example]
  contact: 值班室
  contact_en: Duty desk
  key_service: 请联系值班室
  keys: [{name: city, per_minute: 100000, updates: true}, {name: app, per_minute: 3}]
"""


class CityStage(Stage):
    """The example district with services of every kind, two clients that have a key, and no neighbours beside."""

    def adapt_book(self):
        with open(self.book / "services.yaml", "a") as services:
            services.write(SERVICES)
        (self.book / "sources.yaml").write_text(OPEN311)
        district = self.book / "district.yaml"  # the tests send a thousand reports, from one address
        district.write_text(district.read_text().replace("request_seconds: 3", "request_seconds: 60"))

    def open(self):
        keys = self.data / "keys"
        keys.mkdir()
        for name in ["city", "app"]:
            (keys / f"{name}.key").touch(mode=0o600)
            (keys / f"{name}.key").write_text(KEY_TEXT + "\n")
        self.start()
        self.base = self.district.urls["ingest"]
        self.description = Description(self.base)


class Answer:
    """What came back: status, headers, and the document in its JSON form."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.document = None

    def errors(self):
        return " | ".join(row["description"] for row in self.document)


def inlined(node, root):
    """The schema with what its references mean."""
    if isinstance(node, dict) and "$ref" in node:
        target = root
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return inlined(target, root)
    if isinstance(node, dict):
        return {name: inlined(value, root) for name, value in node.items()}
    return [inlined(value, root) for value in node] if isinstance(node, list) else node


def kinds(schema):
    kind = schema.get("type", "string")
    return kind if isinstance(kind, list) else [kind]


def spark(element, schema):
    """An XML element as the JSON that the Spark convention makes of it, with the types of its schema."""
    if "array" in kinds(schema):
        name = schema["items"].get("xml", {}).get("name")
        for child in element:
            expect(child.tag, name or child.tag, f"an entry of {element.tag}")
        return [spark(child, schema["items"]) for child in element]
    if "object" in kinds(schema):
        unknown = [child.tag for child in element if child.tag not in schema["properties"]]
        expect(unknown, [], f"elements of {element.tag} that the description does not know")
        return {child.tag: spark(child, schema["properties"][child.tag]) for child in element}
    text = element.text or ""
    if not text and "null" in kinds(schema):
        return None
    if "boolean" in kinds(schema):
        return {"true": True, "false": False}[text]
    if "integer" in kinds(schema):
        return int(text)
    return float(text) if "number" in kinds(schema) else text


class Description:
    """The OpenAPI document that the door serves. Every answer that a client gets is held against it; what it promises and nobody saw is told."""

    def __init__(self, base):
        with urllib.request.urlopen(f"{base}{V2}/openapi.json") as answer:
            self.document = json.load(answer)
        self.seen = set()
        self.operations = []
        for template, item in self.document["paths"].items():
            prefix = item.get("servers", self.document["servers"])[0]["url"]
            pattern = re.compile("^" + re.sub(r"\\{[a-z_]+\\}", r"[^/]+?", re.escape(prefix + template)) + "$")
            for method in item.keys() - {"servers"}:
                self.operations.append((method.upper(), pattern, template, inlined(item[method], self.document)))

    def find(self, method, path):
        fits = [row for row in self.operations if row[0] == method and row[1].match(path)]
        exact = [row for row in fits if row[2].count("{") == min(other[2].count("{") for other in fits)]
        if len(exact) != 1:
            raise Wrong(f"{method} {path}: {len(fits)} operations of the description fit")
        return exact[0][2], exact[0][3]

    def check(self, method, path, answer):
        """Fills answer.document."""
        template, operation = self.find(method, path)
        response = operation["responses"].get(str(answer.status))
        if not response:
            raise Wrong(f"{method} {template}: answered {answer.status}, which is not described: {answer.body[:200]!r}")
        kind, _, charset = answer.headers["Content-Type"].partition("; ")
        expect((kind, charset), ("application/json" if path.endswith(".json") else "text/xml", "charset=utf-8"), path)
        schema = response["content"][kind]["schema"]
        if kind == "text/xml":
            if not answer.body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>'):
                raise Wrong(f"{path}: no XML declaration: {answer.body[:60]!r}")
            root = xml.fromstring(answer.body)
            expect(root.tag, schema["xml"]["name"], "the root element")
            answer.document = spark(root, schema)
        else:
            answer.document = json.loads(answer.body.decode("utf-8"))
        faults = [f"{'/'.join(map(str, fault.path))}: {fault.message}"
                  for fault in jsonschema.Draft202012Validator(schema).iter_errors(answer.document)]
        if faults:
            raise Wrong(f"{method} {template} {answer.status}: {faults[:3]}")
        self.seen.add((method, template, str(answer.status), kind))

    def unseen(self, but=()):
        """(method, template, status, type) that are described and that no answer was."""
        described = {(method, template, status, kind) for method, _, template, operation in self.operations
                     for status, response in operation["responses"].items() for kind in response["content"]}
        return sorted(row for row in described - self.seen if row[2] not in but)


class Client:
    """Asks the door, in one form or the other, and checks each answer."""

    def __init__(self, stage, ending="json"):
        self.stage, self.ending = stage, ending
        self.connection = HTTPConnection(urllib.parse.urlsplit(stage.base).netloc, timeout=20)

    def ask(self, method, path, body=None, headers=()):
        self.connection.request(method, path, body, dict(headers))
        raw = self.connection.getresponse()
        answer = Answer(raw.status, raw.headers, raw.read())
        self.stage.description.check(method, path.partition("?")[0], answer)
        return answer

    def get(self, resource, **arguments):
        query = urllib.parse.urlencode(arguments)
        return self.ask("GET", f"{V2}/{resource}.{self.ending}" + (f"?{query}" if query else ""))

    def post(self, resource, fields, headers=(), query=""):
        body = fields if isinstance(fields, bytes) else urllib.parse.urlencode(fields)
        kind = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        return self.ask("POST", f"{V2}/{resource}.{self.ending}{query}", body, {**kind, **dict(headers)})

    def found(self, resource, **arguments):
        """The rows of a list that must be answered."""
        answer = self.get(resource, **arguments)
        expect(answer.status, 200, answer.body)
        return answer.document

    def ids(self, **arguments):
        return [row["service_request_id"] for row in self.found("requests", **arguments)]

    def report(self, **fields):
        """A report that must be taken; its id."""
        answer = self.post("requests", {"api_key": KEY, "service_code": "X04", "address_string": "x", **fields})
        expect(answer.status, 201, answer.body)
        return answer.document[0]["service_request_id"]

    def request(self, number, **arguments):
        return self.found(f"requests/{number}", extensions="true", **arguments)[0]

    def until(self, number, what, holds):
        """The request once `holds(request)`: the dispatcher has come to it."""
        wait_for(f"request {number} {what}", lambda: holds(self.request(number)))
        return self.request(number)


def report_many(stage, count, threads=8):
    """So many reports of service X04, in no order; their ids."""
    ids, faults = [], []

    def send(share):
        client = Client(stage)
        try:
            for _ in range(share):
                ids.append(client.report(description="one of many"))
        except Exception as fault:  # told below
            faults.append(fault)
    workers = [threading.Thread(target=send, args=(count // threads,)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    expect(faults, [], "sending many reports")
    return ids
