"""FixMyStreet's request updates as its client speaks them: it polls in XML for the last two hours, and posts what its people say."""
import json
import pathlib
import subprocess

from open311_clauses import at, closed, clause
from open311_stage import KEY, V2, Answer
from rough_client import expect, expect_in, wait_for

PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de" "0000000c49444154789c63606462060000"
                    "0e0007d76fe4780000000049454e44ae426082")


def updates_of(client, number, **arguments):
    """What its client makes of the last two hours: the rows of one report."""
    rows = client.found("servicerequestupdates", start_date=at(-7200), end_date=at(1), lang="en", **arguments)
    return [row for row in rows if row["service_request_id"] == number]


def say(client, number, name, status, **more):
    fields = {"api_key": KEY, "service_request_id": number, "update_id": f"{client.ending}-{number}-{name}", "status": status,
              "updated_datetime": at(0), "description": name, "first_name": "Ann", "last_name": "-", "email": "ann@example.org", **more}
    return client.post("servicerequestupdates", fields)


def heard(stage, case, words):
    """Waits until the case's history has the words."""
    def find():
        steps = stage.look("o-01", f"/api/cases/{case}")["steps"]
        return any(step["note"] == words for step in steps)
    wait_for(f"'{words}' in the history of {case}", find)


@clause("GET servicerequestupdates: each stage once, oldest first, with its status")
def stages(stage, client):
    number = client.report(description="followed")
    case = closed(stage, client, number)
    rows = updates_of(client, number)
    expect([row["external_status_code"] for row in rows], ["accepted", "dispatched", "disposed", "closed"], "stages")
    expect([row["status"] for row in rows], ["investigating", "action_scheduled", "in_progress", "fixed"], "statuses")
    expect(rows[1]["description"], "Sent to the department responsible", "words")
    ids = [row["update_id"] for row in rows]
    expect((len(set(ids)), updates_of(client, number)), (4, rows), "the same ids each time")
    times = [row["updated_datetime"] for row in rows]
    expect(times, sorted(times), "in order")
    stage.do("leader-01", case, "reopen", reason="inside")
    last = updates_of(client, number)[-1]
    expect((last["status"], last["description"]), ("investigating", "Taken up again"), "what was reopened, without inside words")


@clause("GET servicerequestupdates: answers to the reporter with their words; spans, ids, pages")
def spans(stage, client):
    number = client.report(description="asks")
    case = client.until(number, "has a case", lambda row: row["drumtower"]["case_number"])["drumtower"]["case_number"]
    stage.do("o-01", case, "reply", reason="明天上午处理")
    rows = updates_of(client, number)
    expect([(row["description"], row["status"]) for row in rows], [("明天上午处理", "open")], "the answer")
    expect(client.found("servicerequestupdates", service_request_id=number, lang="en"), rows, "of one report")
    expect(client.found("servicerequestupdates", service_request_id=number, start_date=at(60)), [], "later")
    expect(client.found("servicerequestupdates", service_request_id=number, end_date=at(-60)), [], "before")
    told = rows[0]["updated_datetime"]
    expect(client.found("servicerequestupdates", service_request_id=number, start_date=told, end_date=told, lang="en"), rows, "that second")
    everything = client.found("servicerequestupdates", page_size=1000)
    expect(client.found("servicerequestupdates", page=2, page_size=3), everything[3:6], "a page")
    for arguments in [{"start_date": "x"}, {"start_date": at(-91 * 86400), "end_date": at(0)}, {"page": 0}]:
        expect(client.get("servicerequestupdates", **arguments).status, 400, f"{arguments}")


@clause("GET servicerequestupdates: nothing of a report whose number is not told")
def untold(stage, client):
    client.post("requests", {"api_key": KEY, "service_code": "X03", "address_string": "x"})
    marker = client.report()
    client.until(marker, "has a case", lambda row: row["drumtower"]["case_number"])
    numbers = {row["service_request_id"] for row in client.found("servicerequestupdates", page_size=1000)}
    expect([number for number in numbers if client.get(f"requests/{number}").status != 200], [], "updates of hidden reports")


@clause("POST servicerequestupdates: words, once however often and late they come")
def words(stage, client):
    number = client.report(description="talked about")
    case = client.until(number, "has a case", lambda row: row["drumtower"]["case_number"])["drumtower"]["case_number"]
    first = say(client, number, "still there", "OPEN")
    expect((first.status, first.document[0]["account_id"]), (201, None), "taken")
    again = say(client, number, "still there", "OPEN", description="changed")
    expect((again.status, again.document), (200, first.document), "repeated")
    earlier = say(client, number, "said before", "OPEN", updated_datetime=at(-3600))
    expect(earlier.status, 201, "out of order")
    say(client, number, "gone", "FIXED")
    for text in ["still there", "said before", "fixed: gone"]:
        heard(stage, case, text)
    steps = [step["note"] for step in stage.look("o-01", f"/api/cases/{case}")["steps"] if step["verb"] == "attach"]
    expect(sorted(steps), ["fixed: gone", "said before", "still there"], "each once")
    expect(client.request(number)["status"], "open", "who reported closes nothing")
    expect(updates_of(client, number), [], "what the client's own people said does not come back to it")


@clause("POST servicerequestupdates: REOPEN of what is closed; an older one reopens nothing")
def reopening(stage, client):
    number = client.report(description="not solved")
    before = at(-60)
    case = closed(stage, client, number)
    expect(say(client, number, "late word", "REOPEN", updated_datetime=before).status, 201, "an older one")
    heard(stage, case, "reopen: late word")
    expect(client.request(number)["status"], "closed", "after the older one")
    expect(say(client, number, "closed here", "CLOSED").status, 201, "what its people see")
    heard(stage, case, "closed: closed here")
    expect(client.request(number)["status"], "closed", "an update that only tells")
    fresh = say(client, number, "it leaks", "REOPEN", updated_datetime=at(1))
    client.until(number, "is open", lambda row: row["status"] == "open")
    expect(say(client, number, "it leaks", "REOPEN", updated_datetime=at(1)).document, fresh.document, "repeated")
    expect(updates_of(client, number)[-1]["description"], "Taken up again", "told back")
    say(client, number, "it leaks a lot", "REOPEN", updated_datetime=at(2))
    heard(stage, case, "reopen: it leaks a lot")
    expect(stage.look("o-01", f"/api/cases/{case}")["case"]["reopened"], 1, "of an open one it is a further word")


@clause("POST servicerequestupdates: 403, 404, 400 say what is wrong")
def wrong_updates(stage, client):
    number = client.report()
    expect(say(client, number, "x", "OPEN", api_key="").status, 403, "without a key")
    expect_in("updates want the api_key", say(client, number, "x", "OPEN", api_key="").errors(), "words")
    expect(say(client, "99999999", "x", "OPEN").errors(), "service_request_id '99999999' was not found", "another request")
    expect_in("status 'SHUT' is none", say(client, number, "x", "SHUT").errors(), "another status")
    expect_in("update_id was not provided", say(client, number, "x", "OPEN", update_id="").errors(), "without its number")


# ---- curl, a client that others have written ----

def curl(stage, client, *arguments, to="requests"):
    """(status, document) of a form that curl sends."""
    url = f"{stage.base}{V2}/{to}.{client.ending}"
    done = subprocess.run(["curl", "-sS", "-w", "\n%{http_code} %{content_type}", *arguments, url], capture_output=True, check=True)
    body, _, said = done.stdout.rpartition(b"\n")
    status, _, kind = said.decode().partition(" ")
    answer = Answer(int(status), {"Content-Type": kind}, body)
    stage.description.check("POST", f"{V2}/{to}.{client.ending}", answer)
    return answer


@clause("curl: a multipart form with pictures; one that is none, or too large, is refused")
def pictures(stage, client):
    folder = pathlib.Path(stage.scratch)
    (folder / "a.png").write_bytes(PNG)
    (folder / "b.txt").write_bytes(b"no picture")
    (folder / "c.png").write_bytes(PNG + bytes(9 << 20))
    fields = ["-F", f"api_key={KEY}", "-F", "service_code=X04", "-F", "lat=39.94", "-F", "long=116.39", "-F", "description=图片"]
    answer = curl(stage, client, *fields, "-F", f"media=@{folder}/a.png;type=image/png", "-F", "media_url=http://p.example/b.jpg")
    expect(answer.status, 201, answer.body)
    row = client.request(answer.document[0]["service_request_id"])
    urls = row["drumtower"]["media_urls"]
    expect((urls[0], len(urls), row["media_url"]), ("http://p.example/b.jpg", 2, urls[0]), "pictures")
    found = subprocess.run(["curl", "-sS", urls[1]], capture_output=True, check=True).stdout
    expect(found[:3], b"\xff\xd8\xff", "the picture, written anew")
    answer = curl(stage, client, *fields, "-F", f"media=@{folder}/b.txt;type=image/png")
    expect_in("'b.txt' is not a JPEG, PNG or WebP picture", answer.errors(), "what is none")
    answer = curl(stage, client, *fields, "-F", f"media=@{folder}/c.png;type=image/png")
    expect((answer.status, answer.errors()), (413, "picture 'c.png' is larger than this door takes"), "what is too large")


@clause("curl: an update with a picture, which its case shows")
def pictured_update(stage, client):
    picture = pathlib.Path(stage.scratch) / "update.png"
    picture.write_bytes(PNG)
    number = client.report(description="to be pictured")
    case = client.until(number, "has a case", lambda row: row["drumtower"]["case_number"])["drumtower"]["case_number"]
    fields = {"api_key": KEY, "service_request_id": number, "update_id": f"{client.ending}-{number}-picture", "status": "OPEN",
              "updated_datetime": at(0), "description": "look"}
    form = [word for name, value in fields.items() for word in ("-F", f"{name}={value}")]
    answer = curl(stage, client, *form, "-F", f"media=@{picture};type=image/png", to="servicerequestupdates")
    expect(answer.status, 201, answer.body)
    heard(stage, case, "look")
    media = stage.look("o-01", f"/api/cases/{case}")["case"]["media"]
    expect([(row["type"], row.get("marks", 0)) for row in media], [("image/jpeg", 0)], "the picture")


@clause("curl: the specification's example request")
def example(stage, client):
    body = ("api_key=" + KEY + "&jurisdiction_id=gulou.example&service_code=X01&lat=37.76524078&long=-122.4212043&address_string=1234+5th+"
            "street&email=smit333%40sfgov.edu&device_id=tt222111&account_id=123456&first_name=john&last_name=smith&phone=111111111"
            "&description=A+large+sinkhole+is+destroying+the+street&media_url=http%3A%2F%2Ffarm3.static.flickr.com%2F2002%2F2212426634"
            "_5ed477a060.jpg&attribute[line]=123456&attribute[one]=a")
    answer = curl(stage, client, "--data", body)
    expect(answer.status, 201, answer.body)
    row = client.request(answer.document[0]["service_request_id"])
    expect((row["lat"], row["long"], row["address"]), (37.76524078, -122.4212043, "1234 5th street"), "as it was sent")
    expect(row["description"], "A large sinkhole is destroying the street", "description")
    expect(json.dumps(row).count("smit333"), 0, "the e-mail")
