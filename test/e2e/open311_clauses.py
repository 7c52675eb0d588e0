"""GeoReport v2, clause by clause, in the order of the specification. Each runs in XML and in JSON."""
import datetime
import json
import urllib.error
import urllib.request

from open311_stage import KEY, V2, Client, report_many
from rough_client import Wrong, expect, expect_in, wait_for

CLAUSES = []
FIELDS = ["service_request_id", "status", "status_notes", "service_name", "service_code", "description", "agency_responsible",
          "service_notice", "requested_datetime", "updated_datetime", "expected_datetime", "address", "address_id", "zipcode",
          "lat", "long", "media_url"]
ALL_SIX = {"service_code": "X01", "address_string": "x", "attribute[line]": "one line"}


def clause(name):
    """A test of one clause: called with the stage and a client of either form."""
    def add(test):
        CLAUSES.append((name, test))
        return test
    return add


def moment(text):
    return datetime.datetime.fromisoformat(text)


def at(shift_s, zone="+00:00"):
    """Now and so many seconds, in whole seconds, on the clocks of a zone."""
    hours, minutes = int(zone[:3]), int(zone[0] + zone[4:])
    there = datetime.timezone(datetime.timedelta(hours=hours, minutes=minutes))
    return (datetime.datetime.now(there) + datetime.timedelta(seconds=shift_s)).replace(microsecond=0).isoformat()


def refused(client, status, words, fields, headers=()):
    answer = client.post("requests", {"api_key": KEY, **fields}, headers)
    expect(answer.status, status, answer.body)
    expect_in(words, answer.errors(), f"{fields}")
    return answer


# ---- Service Discovery ----

@clause("discovery: every field, in both formats")
def discovery(stage, client):
    document = client.ask("GET", f"/open311/discovery.{client.ending}?lang=en").document
    expect((document["contact"], document["key_service"]), ("Duty desk", "请联系值班室"), "what the book says")
    endpoint = document["endpoints"][0]
    expect(endpoint["specification"], "http://wiki.open311.org/GeoReport_v2", "specification")
    expect((endpoint["type"], endpoint["formats"]), ("production", ["text/xml", "application/json"]), "type and formats")
    moment(endpoint["changeset"].replace("Z", "+00:00"))
    with urllib.request.urlopen(f"{endpoint['url']}/services.xml") as answer:
        expect(answer.status, 200, "the endpoint that it names")


# ---- Internationalization, format support, optional arguments ----

@clause("date/time: W3C with a zone, the district's own")
def dates_have_zones(stage, client):
    request = client.request(client.report())
    expect(request["requested_datetime"][-6:], "+08:00", "zone")
    expect(abs(moment(request["requested_datetime"]) - moment(at(0))) < datetime.timedelta(minutes=2), True, "the same instant")


@clause("encoding: UTF-8 in and out")
def utf8(stage, client):
    words = "井盖丢失 “&<>” ümläut 🕳"
    expect(client.request(client.report(description=words))["description"], words, "description")
    answer = client.post("requests", b"api_key=" + KEY.encode() + b"&service_code=X04&address_string=x&description=%ff")
    expect(answer.status, 400, "what is not UTF-8")


@clause("format: by the ending; any other is none of this server's")
def formats(stage, client):
    for path in ["services", "services.yaml", "services/X01", "requests.html", "requests/1.html", "tokens/x", "nothing.xml"]:
        try:
            with urllib.request.urlopen(f"{stage.base}{V2}/{path}"):
                raise Wrong(f"{path} was answered")
        except urllib.error.HTTPError as error:
            expect((error.code, error.headers["Content-Type"]), (404, "text/xml; charset=utf-8"), path)
            expect_in(b"<errors><error><code>404</code><description>", error.read(), path)


@clause("jurisdiction_id: one of the district's, in every method")
def jurisdiction(stage, client):
    number = client.report(jurisdiction_id="gulou.example")
    for resource in ["services", "services/X01", "requests", f"requests/{number}", "servicerequestupdates"]:
        expect(client.get(resource, jurisdiction_id="gulou.example").status, 200, resource)
        answer = client.get(resource, jurisdiction_id="sfgov.org")
        expect((answer.status, answer.errors()), (404, "jurisdiction_id 'sfgov.org' was not found"), resource)
    expect_in("jurisdiction_id 'sfgov.org'", client.get("tokens/x", jurisdiction_id="sfgov.org").errors(), "tokens")
    refused(client, 404, "jurisdiction_id 'sfgov.org'", {"service_code": "X04", "address_string": "x", "jurisdiction_id": "sfgov.org"})


@clause("optional arguments: an empty one is as good as none")
def empty_arguments(stage, client):
    everything = {name: "" for name in ["jurisdiction_id", "service_request_id", "service_code", "status", "start_date", "end_date",
                                        "updated_after", "updated_before", "page", "page_size", "extensions"]}
    expect(client.found("requests", **everything), client.found("requests"), "the list")
    number = client.report(lat="", long="", address_id="", email="", device_id="", account_id="", first_name="", last_name="",
                           phone="", description="", media_url="", jurisdiction_id="", **{"attribute[none]": ""})
    request = client.request(number)
    expect((request["lat"], request["long"], request["description"], request["media_url"]), (None, None, None, None), "no values")


# ---- GET Service List ----

@clause("GET services: code, name, description, metadata, type, keywords, group")
def services(stage, client):
    rows = {row["service_code"]: row for row in client.found("services", lang="en")}
    expect(rows["X01"], {"service_code": "X01", "service_name": "All six", "description": "各种类型", "metadata": True, "type": "realtime",
                         "keywords": "一,二", "group": "Other events"}, "X01")
    expect([(rows[code]["type"], rows[code]["metadata"]) for code in ["X02", "X03", "X04"]],
           [("batch", False), ("blackbox", False), ("realtime", False)], "types")
    expect(client.found("services", lang="zh")[-4]["service_name"], "六种问题", "in the other language")


# ---- GET Service Definition ----

@clause("GET a service definition: all six data types, order, values, variable")
def definition(stage, client):
    document = client.found("services/X01", lang="en")
    expect(document["service_code"], "X01", "service_code")
    rows = document["attributes"]
    expect([(row["code"], row["datatype"]) for row in rows],
           [("line", "string"), ("many", "number"), ("when", "datetime"), ("words", "text"), ("one", "singlevaluelist"),
            ("some", "multivaluelist"), ("care", "text")], "data types")
    expect([row["order"] for row in rows], [1, 2, 3, 4, 5, 6, 7], "order")
    expect([row["required"] for row in rows], [True] + [False] * 6, "required")
    expect([row["variable"] for row in rows], [True] * 6 + [False], "variable")
    expect((rows[1]["datatype_description"], rows[1]["description"]), ("A whole number", "How many"), "descriptions")
    expect(rows[4]["values"], [{"key": "a", "name": "A"}, {"key": "b", "name": "B"}], "values")
    expect("values" in rows[0], False, "values of a string")


@clause("GET a service definition: one without attributes; 404 names the code")
def definition_errors(stage, client):
    expect(client.found("services/X04"), {"service_code": "X04", "attributes": []}, "no questions")
    expect(client.get("services/X9").errors(), "service_code 'X9' was not found", "another code")


# ---- POST Service Request ----

@clause("POST requests: each form of a location, and none")
def locations(stage, client):
    number = client.report(lat="39.94", long="116.39", address_string="")
    request = client.request(number)
    expect((request["lat"], request["long"], request["address"]), (39.94, 116.39, None), "lat and long")
    request = client.request(client.report(address_string="鼓楼东大街1号"))
    expect((request["lat"], request["address"], request["address_id"]), (None, "鼓楼东大街1号", None), "address_string")
    request = client.request(client.report(address_string="", address_id="A-17"))
    expect((request["address"], request["address_id"]), (None, "A-17"), "address_id")
    request = client.request(client.report(lat="39.94", long="116.39", address_string="here", address_id="A-18"))
    expect((request["lat"], request["address"], request["address_id"]), (39.94, "here", "A-18"), "all three")
    refused(client, 400, "a location was not provided", {"service_code": "X04"})
    refused(client, 400, "long was not provided", {"service_code": "X04", "lat": "39.94"})
    refused(client, 400, "lat '91' is not a number from -90 to 90", {"service_code": "X04", "lat": "91", "long": "1"})
    refused(client, 400, "long '1e9' is not", {"service_code": "X04", "lat": "1", "long": "1e9"})


@clause("POST requests: 404 and 400 name the service_code")
def service_codes(stage, client):
    refused(client, 404, "service_code 'X9' was not found", {"service_code": "X9", "address_string": "x"})
    refused(client, 400, "service_code was not provided", {"address_string": "x"})
    expect(refused(client, 400, "a location", {}).errors(), "service_code was not provided | a location was not provided: give lat "
           "and long, address_string or address_id", "all that is wrong at once")


@clause("POST requests: attribute[code], several of one code, those that are required")
def attributes(stage, client):
    body = [("api_key", KEY), *ALL_SIX.items(), ("attribute[many]", "3"), ("attribute[when]", "2026-01-05T08:00:00+08:00"),
            ("attribute[words]", "a\nb"), ("attribute[one]", "a"), ("attribute[some][]", "x"), ("attribute[some][]", "y")]
    expect(client.post("requests", body).status, 201, "an answer of each type")
    refused(client, 400, "attribute[line] was not provided; this service requires it", {**ALL_SIX, "attribute[line]": ""})
    for code, value, words in [("line", "a\nb", "a text without line breaks"), ("many", "few", "a number"),
                               ("when", "today", "a date and time by ISO 8601"), ("one", "c", "one of the keys of its definition"),
                               ("some", "z", "one of the keys of its definition")]:
        refused(client, 400, f"attribute[{code}]: expected {words}, not '{value}'", {**ALL_SIX, f"attribute[{code}]": value})
    refused(client, 400, "attribute[other] is not in the definition", {**ALL_SIX, "attribute[other]": "1"})


@clause("errors: what they quote ends with a whole character")
def quotations(stage, client):
    for shift in range(3):
        long = "x" * shift + "中" * 60
        quoted = urllib.parse.quote(long)
        for arguments in [{"status": long}, {"start_date": long}, {"page_size": long}, {"service_request_id": long}]:
            answer = client.get("requests", **arguments)
            expect((answer.status, "中" in answer.errors()), (400, True), f"{arguments}")
        for path in [f"services/{quoted}", f"tokens/{quoted}", f"requests/{quoted}"]:
            answer = client.get(path)
            expect((answer.status, len(answer.errors()) > 0), (404, True), path)
        expect(client.get("services", jurisdiction_id=long).status, 404, "a jurisdiction")
        refused(client, 400, "中", {**ALL_SIX, f"attribute[{long}]": "1"})


@clause("POST requests: who reports is optional, and told to nobody")
def persons(stage, client):
    person = {"email": "smit333@sfgov.edu", "device_id": "tt222111", "account_id": "123456", "first_name": "john",
              "last_name": "smith", "phone": "111111111"}
    answer = client.get(f"requests/{client.report(**person)}", extensions="true")
    for value in person.values():
        expect(value.encode() in answer.body, False, f"{value} in the answer")


@clause("POST requests: a description of 4,000 characters with line breaks, and no more")
def descriptions(stage, client):
    words = "街\n" * 2000
    expect(client.request(client.report(description=words))["description"], words, "description")
    refused(client, 400, "description: 4001 characters, at most 4000", {"service_code": "X04", "address_string": "x", "description": words + "x"})


@clause("POST requests: media_url is kept")
def media(stage, client):
    url = "http://farm3.static.flickr.com/2002/2212426634_5ed477a060.jpg"
    request = client.request(client.report(media_url=url))
    expect((request["media_url"], request["drumtower"]["media_urls"]), (url, [url]), "media_url")


@clause("POST requests: answers with id, notice and account; ids are never 0")
def receipts(stage, client):
    row = client.post("requests", {"api_key": KEY, **ALL_SIX}, query="?lang=en").document[0]
    expect((row["service_notice"], row["account_id"]), ("Done within four hours", None), "notice and account")
    expect(int(row["service_request_id"]) > 0, True, "the id")
    expect(client.get("requests/0").status, 404, "0 is no id")


@clause("POST requests: 403 for a wrong or missing api_key")
def keys(stage, client):
    for key in ["xyz", "city", "city.", "city.xyz", "nobody.c5f9e0b7a1d24c6e"]:
        refused(client, 403, "api_key is not one of this server's", {"api_key": key, "service_code": "X04", "address_string": "x"})
    expect(client.post("requests", {"service_code": "X04", "address_string": "x"}).status, 201, "this book requires none")


@clause("POST requests: 429 for more than a key's share")
def shares(stage, client):
    fields = {"api_key": "app.c5f9e0b7a1d24c6e", "service_code": "X04", "address_string": "x"}
    answers = [client.post("requests", fields) for _ in range(4)]
    expect(answers[-1].status, 429, "the fourth within a minute")
    expect(int(answers[-1].headers["Retry-After"]) >= 1, True, "Retry-After")


# ---- GET service_request_id from a token ----

@clause("GET tokens: a token until the desk has looked at it, then the id")
def tokens(stage, client):
    row = client.post("requests", {"api_key": KEY, "service_code": "X02", "address_string": "x"}).document[0]
    expect("service_request_id" in row, False, "an id beside the token")
    expect(client.found(f"tokens/{row['token']}"), [{"token": row["token"]}], "not yet")
    waiting = {"service_code": "X02", "status": "open"}
    before = client.ids(**waiting)
    stage.do("o-01", newest_case(stage, "X02"), "accept")
    found = client.found(f"tokens/{row['token']}")[0]
    expect(found["token"], row["token"], "the token that was asked for")
    expect(client.request(found["service_request_id"])["service_code"], "X02", "the request of the id")
    expect(client.ids(**waiting)[:1], [found["service_request_id"]], "in the lists, too")
    expect(found["service_request_id"] in before, False, "in a list before")


def newest_case(stage, service):
    """The last case of a service that waits for acceptance."""
    def find():
        cases = stage.look("o-01", "/api/cases?list=state/reported&limit=500")["cases"]
        numbers = [case["number"] for case in cases if case["service"] == service]
        return max(numbers) if numbers else None
    return wait_for(f"a case of {service}", find)


@clause("GET tokens: 404 for one that is not there; nothing at all of a blackbox")
def no_tokens(stage, client):
    expect(client.get("tokens/new-0123").errors(), "token 'new-0123' was not found", "token")
    row = client.post("requests", {"api_key": KEY, "service_code": "X03", "address_string": "x"}).document[0]
    expect(sorted(row), ["account_id", "service_notice"], "what a blackbox answers")
    expect(client.ids(service_code="X03"), [], "its requests")


# ---- GET Service Requests ----

@clause("GET requests: every field of the answer")
def fields_of_requests(stage, client):
    number = client.report(description="all fields", lat="39.94", long="116.39")
    row = next(row for row in client.found("requests", service_code="X04") if row["service_request_id"] == number)
    expect(list(row), FIELDS, "fields, in the order of the specification")
    expect((row["status"], row["service_code"], row["description"]), ("open", "X04", "all fields"), "values")


@clause("GET requests: service_request_id, a list that overrides all else")
def by_ids(stage, client):
    one, two = client.report(), client.report()
    wanted = [two, one]
    expect(client.ids(service_request_id=f"{two},{one}", status="closed", service_code="X01", start_date="never", page="9"), wanted, "")
    answer = client.ask("GET", f"{V2}/requests.{client.ending}?service_request_id={two}&service_request_id={one}")
    expect([row["service_request_id"] for row in answer.document], wanted, "declared twice")
    expect(client.ids(service_request_id="99999999"), [], "one that is not there")
    expect(client.get("requests", service_request_id="x1").status, 400, "what is no id")


@clause("GET requests: service_code and status, each several")
def by_service_and_status(stage, client):
    number = client.post("requests", {"api_key": KEY, **ALL_SIX}).document[0]["service_request_id"]
    expect(client.ids(service_code="X01")[0], number, "one code")
    expect({row["service_code"] for row in client.found("requests", service_code="X01,X04")}, {"X01", "X04"}, "two codes")
    expect(client.ids(service_code="X9"), [], "a code that is not there")
    expect(number in client.ids(status="open"), True, "open ones")
    expect(number in client.ids(status="closed"), False, "closed ones")
    expect(client.ids(status="open,closed"), client.ids(), "both")
    expect_in("status 'shut' is neither open nor closed", client.get("requests", status="shut").errors(), "another status")


@clause("GET requests: start_date and end_date, in whatever zone")
def by_date(stage, client):
    number = client.report()
    for zone in ["+00:00", "+08:00", "-05:00", "+05:30"]:
        expect(number in client.ids(start_date=at(-60, zone), end_date=at(60, zone)), True, f"in {zone}")
        expect(number in client.ids(start_date=at(60, zone)), False, f"later, in {zone}")
        expect(number in client.ids(end_date=at(-60, zone)), False, f"before, in {zone}")
    told = client.request(number)["requested_datetime"]
    expect(number in client.ids(start_date=told, end_date=told), True, "the very second that it is told with")
    raw = client.ask("GET", f"{V2}/requests.{client.ending}?start_date={at(-60, '+08:00')}")
    expect(number in [row["service_request_id"] for row in raw.document], True, "a plus sign that was not escaped")


@clause("GET requests: a span of at most 90 days, by default the last ones")
def ninety_days(stage, client):
    day = 86400
    expect(client.get("requests", start_date=at(-90 * day), end_date=at(0)).status, 200, "90 days")
    expect_in("may not span more than 90 days", client.get("requests", start_date=at(-91 * day), end_date=at(0)).errors(), "91 days")
    expect(client.ids(end_date=at(-100 * day)), [], "90 days before that")
    expect(client.ids(start_date=at(-100 * day)), client.ids(start_date=at(-100 * day), end_date=at(-10 * day)), "90 days after")
    expect(client.get("requests", start_date="2010-05-24").status, 200, "a day alone")
    expect_in("is after end_date", client.get("requests", start_date=at(0), end_date=at(-day)).errors(), "the wrong way round")


@clause("GET requests: the first 1,000, the newest first; page and page_size")
def thousand_rows(stage, client):
    if len(client.ids(service_code="X04")) < 1000:
        report_many(stage, 1008)
    rows = [int(number) for number in client.ids(service_code="X04")]
    expect((len(rows), rows), (1000, sorted(rows, reverse=True)), "rows")
    pages = [int(number) for page in [1, 2, 3] for number in client.ids(service_code="X04", page=page, page_size=400)]
    expect((pages[:1000], len(pages) > 1000), (rows, True), "three pages of 400")
    for arguments in [{"page": 0}, {"page": "x"}, {"page_size": 1001}, {"page_size": 0}]:
        expect(client.get("requests", **arguments).status, 400, f"{arguments}")


# ---- GET Service Request, and what has become of it ----

@clause("GET a request: the same fields as in the list; 404 for another id")
def one_request(stage, client):
    number = client.report(description="one")
    row = client.found(f"requests/{number}")
    expect(row, client.found("requests", service_request_id=number), "as in the list")
    for other in ["99999999", "0", "x"]:
        expect(client.get(f"requests/{other}").errors(), f"service_request_id '{other}' was not found", other)


@clause("GET a request: expected_datetime is the limit; agency and notes follow the case")
def expected(stage, client):
    number = client.post("requests", {"api_key": KEY, **ALL_SIX}).document[0]["service_request_id"]
    row = client.until(number, "has a case", lambda request: request["drumtower"]["case_number"])
    stage.do("o-01", row["drumtower"]["case_number"], "dispatch")
    row = client.request(number, lang="en")
    expect((row["status"], row["status_notes"]), ("open", "Waiting for the department"), "status")
    expect(row["agency_responsible"] is not None, True, "agency_responsible")
    deadline = datetime.datetime.fromtimestamp(row["drumtower"]["deadline_ms"] // 1000, datetime.timezone.utc)
    expect(moment(row["expected_datetime"]), deadline, "expected_datetime")
    expect(deadline - moment(row["requested_datetime"]) < datetime.timedelta(hours=4, minutes=5), True, "four hours")


def closed(stage, client, number):
    """Takes a report through to its closing; the case's number."""
    case = client.until(number, "has a case", lambda request: request["drumtower"]["case_number"])["drumtower"]["case_number"]
    if client.request(number)["drumtower"]["state"] == "reported":
        stage.do("o-01", case, "accept")
    for login, verb in [("o-01", "dispatch"), ("l-water", "receive"), ("l-water", "dispose"), ("o-01", "check"), ("o-01", "close")]:
        stage.do(login, case, verb)
    return case


@clause("GET a request: updated never before requested; of a closed one when it was closed")
def updated(stage, client):
    number = client.report(description="to be closed")
    row = client.request(number)
    expect(moment(row["updated_datetime"]) >= moment(row["requested_datetime"]), True, "updated, of an open one")
    closed(stage, client, number)
    row = client.request(number, lang="en")
    expect((row["status"], row["status_notes"]), ("closed", "Closed"), "status")
    expect(row["updated_datetime"], row["drumtower"]["closed_datetime"], "updated, of a closed one")
    expect(number in client.ids(status="closed"), True, "among the closed ones")
    expect(number in client.ids(status="open"), False, "among the open ones")


@clause("updated_after: what has changed, whenever it was reported, in the order of the changes")
def updated_after(stage, client):
    one, two = client.report(description="first"), client.report(description="second")
    closed(stage, client, two)
    closed(stage, client, one)
    since = client.request(two)["updated_datetime"]
    rows = [number for number in client.ids(updated_after=since) if number in (one, two)]
    expect(rows, [two, one], "in the order of their closing")
    expect(client.ids(updated_after=since, status="closed", service_code="X04", page=1, page_size=1), [client.ids(
        updated_after=since, status="closed", service_code="X04")[0]], "with other filters and a page")
    expect(client.ids(updated_after=at(60)), [], "nothing yet")
    expect(one in client.ids(updated_before=at(-60)), False, "before")
    expect_in("updated_after '2020", client.get("requests", updated_after="2020-01-01", updated_before="2019-01-01").errors(), "wrong way round")


# ---- Errors ----

@clause("errors: code and description, the code that of HTTP, for programs and people")
def errors(stage, client):
    for answer in [client.get("services/X9"), client.get("requests", page="x"), client.get("requests/x"),
                   client.post("requests", {"api_key": "xyz"})]:
        for row in answer.document:
            expect((row["code"], bool(row["description"])), (answer.status, True), "code and description")


# ---- extensions of the field ----

@clause("Idempotency-Key: the same report again has the same id")
def idempotency(stage, client):
    fields = {"api_key": KEY, "service_code": "X04", "address_string": "x"}
    key = {"Idempotency-Key": f"{client.ending}-0123456789abcdef"}
    ids = {json.dumps(client.post("requests", fields, key).document) for _ in range(3)}
    expect(len(ids), 1, "answers")
    refused(client, 400, "Idempotency-Key: expected", fields, {"Idempotency-Key": "short"})


@clause("extensions=true: the receipt's secret, and what the standard has no field for")
def extensions(stage, client):
    row = client.post("requests", {"api_key": KEY, **ALL_SIX}, query="?extensions=true").document[0]
    with urllib.request.urlopen(row["drumtower"]["follow_url"]) as page:
        expect(page.status, 200, "the page by which its reporter follows it")
    expect("drumtower" in client.found(f"requests/{row['service_request_id']}")[0], False, "without being asked")
