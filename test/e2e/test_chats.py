#!/usr/bin/env python3
"""Group chats: a bridge posts what people say, and gets the answers by a callback that is down, slow to believe, or there, while ingest is killed.

usage: test_chats.py ROOT BUILD          TAP on standard output"""
import hashlib
import hmac
import http.server
import itertools
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

ROOT, BUILD = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
sys.path[:0] = [str(ROOT / "tools/district"), str(ROOT / "test/unit/ingest")]

from daemon_stage import PNG, signed
from district_stage import Stage
from rough_client import POLITE_ADDRESS, Wrong, expect, expect_in, wait_for
from tap import Tap

KEY = "0123456789abcdef0123456789abcdef"
GRID, POSITION = "110199001001001", (39.95014, 116.38227)
SOURCES = """
chats:
  - name: neighbours
    callback: http://127.0.0.1:{port}/answers
    names: [小鼓]
    unsure: ask
    sure_percent: 85
    ask_percent: 40
    sender_per_hour: 6
    groups:
      - {{id: "g1@chatroom", name: 晨钟一群, area: "{grid}", address: 晨钟小区}}
      - {{id: g2, name: 晨钟二群, name_en: Second group, area: "{grid}", language: en}}
  - {{name: keyless, callback: "http://127.0.0.1:{port}/answers", groups: []}}
"""
# What the model of this district has learned: lamps and covers, said in many ways.
SAID = {
    "P0110": ["路灯不亮", "路灯坏了", "路灯一闪一闪", "没有路灯，晚上很黑", "the street light is out", "street lamp broken"],
    "P0102": ["井盖丢了", "井盖破了", "井盖松动", "下水井盖不见了", "manhole cover is missing", "the manhole cover rattles"],
    "E0601": ["半夜施工太吵", "邻居装修噪音大", "楼上太吵了", "广场舞音乐太响", "noise at night", "loud music next door"],
}
WHERE = ["", "3号楼前", "小区门口", "菜市场旁边", "near house 5 ", "东门", "please: "]


def teach(data):
    """The model in the data folder."""
    dice = random.Random(7)
    lines = [f"{service}\t{dice.choice(WHERE)}{dice.choice(said)}{dice.choice(['', '，好几天了', '！'])}"
             for service, said in SAID.items() for _ in range(150)]
    dice.shuffle(lines)
    subprocess.run([BUILD / "test/e2e/taught_model", data / "suggest.model"], input="\n".join(lines) + "\n", text=True, check=True)


class Bridge(http.server.ThreadingHTTPServer):
    """Takes the answers. `shut`: it says that it is busy; `lose`: so many are taken, and their receipts lost."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Bridge.Handler)
        self.shut, self.lose, self.lost = False, 0, 0
        self.taken, self.faults, self.refused = [], [], 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, address):
        pass  # ingest was killed in the middle of a call

    def answers_to(self, message):
        return [answer for answer in self.taken if answer["reply_to"] == message]

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments):
            pass

        def reply(self, status):
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_POST(self):
            bridge = self.server
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if bridge.shut:
                bridge.refused += 1
                self.reply(503)
                return
            stamp = self.headers["Drumtower-Timestamp"]
            good = hmac.new(KEY.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
            if self.headers["Drumtower-Signature"] != f"v1={good}" or abs(time.time() - int(stamp)) > 60:
                bridge.faults.append(f"not signed: {self.headers}")
            bridge.taken.append(json.loads(body))
            if bridge.lose:
                bridge.lose -= 1
                bridge.lost += 1
                self.close_connection = True
                self.connection.close()
                return
            self.reply(204)


class ChatStage(Stage):
    """The example district with a chat, and no neighbours beside."""

    def __init__(self, *arguments):
        self.bridge, self.numbers = Bridge(), itertools.count(1)
        super().__init__(*arguments)

    def adapt_book(self):
        (self.book / "sources.yaml").write_text(SOURCES.format(port=self.bridge.server_port, grid=GRID))
        district = self.book / "district.yaml"
        district.write_text(district.read_text().replace("request_seconds: 3", "request_seconds: 60"))

    def open(self):
        keys = self.data / "keys"
        keys.mkdir()
        (keys / "neighbours.key").touch(mode=0o600)
        (keys / "neighbours.key").write_text(KEY + "\n")
        teach(self.data)
        self.start()

    def post(self, body, kind, headers=None, chat="neighbours"):
        return self.doors["ingest"].ask("POST", f"/chats/{chat}", body, POLITE_ADDRESS,
                                        **{"Content_Type": kind, **(signed(body, KEY) if headers is None else headers)})

    def send(self, text, sender="wx-wang", group="g1@chatroom", **fields):
        """One message; (its number, what the door answered)."""
        message = {"id": f"m{next(self.numbers)}", "group": group, "sender": sender, "sender_name": "王女士", "text": text, **fields}
        answer = self.post(json.dumps(message).encode(), "application/json")
        if answer.status not in (200, 201):
            raise Wrong(f"'{text}': {answer}")
        return message["id"], answer.json()

    def send_picture(self, text, picture=PNG, sender="wx-wang", name="m"):
        """A message with a picture, as multipart."""
        number, boundary = f"{name}{next(self.numbers)}", "xXx"
        fields = {"id": number, "group": "g1@chatroom", "sender": sender, "text": text}
        body = b"".join(f"--{boundary}\r\nContent-Disposition: form-data; name=\"{key}\"\r\n\r\n{value}\r\n".encode()
                        for key, value in fields.items())
        body += (f"--{boundary}\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"a.png\"\r\n"
                 "Content-Type: image/png\r\n\r\n").encode() + picture + f"\r\n--{boundary}--\r\n".encode()
        return number, self.post(body, f"multipart/form-data; boundary={boundary}")

    def answer_to(self, message):
        """The answer to a message, once it is there."""
        return wait_for(f"an answer to {message}", lambda: self.bridge.answers_to(message))[0]

    def say(self, text, **fields):
        """The text of the answer to a message."""
        return self.answer_to(self.send(text, **fields)[0])["text"]

    def report(self, text, **fields):
        """The number of the report."""
        message, answer = self.send(text, **fields)
        expect(answer["outcome"], "reported", text)
        return self.answer_to(message)["report"]

    def event(self, number):
        listed = subprocess.run([BUILD / "tools/drumctl", "events", "--data", self.data, "--json", "--limit", "100000"],
                                capture_output=True, text=True, check=True)
        return next(event for event in map(json.loads, listed.stdout.splitlines()) if str(event["seq"]) == str(number))

    def events(self):
        listed = subprocess.run([BUILD / "tools/drumctl", "events", "--data", self.data, "--json", "--limit", "100000"],
                                capture_output=True, text=True, check=True)
        return [json.loads(line) for line in listed.stdout.splitlines()]

    def close(self, number):
        """Takes a report to its closing; its case."""
        case = self.case_of(str(number))
        if not self.look("o-01", f"/api/cases/{case}")["case"]["service"]:
            self.do("o-01", case, "reclassify", to_service="P0101")
        for login, verb, members in [("o-01", "accept", {}), ("o-01", "dispatch", {"to_department": "water"}), ("l-water", "receive", {}),
                                     ("l-water", "dispose", {}), ("o-01", "check", {}), ("o-01", "close", {})]:
            if verb != "accept" or self.state(case) == "reported":
                self.do(login, case, verb, **members)
        return case

    def state(self, case):
        return self.look("o-01", f"/api/cases/{case}")["case"]["state"]

    def metric(self, name, **labels):
        wanted = "{chat=\"neighbours\"" + "".join(f",{key}=\"{value}\"" for key, value in labels.items()) + "}"
        text = self.doors["ingest"].ask("GET", "/metrics", None, POLITE_ADDRESS).body.decode()
        return next((int(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name + wanted)), 0)


def a_command_makes_a_report_at_the_groups_place(stage):
    message, answer = stage.send("上报：3号楼前的长椅断了", time=1767600000)
    expect(answer["outcome"], "reported", "outcome")
    told = stage.answer_to(message)
    expect((told["chat"], told["group"], told["to"]), ("neighbours", "g1@chatroom", "wx-wang"), "where the answer goes")
    expect_in(f"受理编号 {told['report']}", told["text"], "the receipt")
    event = stage.event(told["report"])
    expect((event["kind"], event["source"], event["text"], event["external_source"]),
           ("report", "resident", "3号楼前的长椅断了", "chat/neighbours"), "the event")
    expect((event["place"]["area"], event["place"]["address"]), (GRID, "晨钟小区"), "the place")
    expect((event["place"]["marks"], event["place"].get("lat", 0)), (1, 0), "a group is no point")
    expect("wx-wang" in json.dumps(event) or "王女士" in json.dumps(event), False, "who reported is kept apart")
    stage.case_of(told["report"])


def a_position_that_was_sent_wins(stage):
    message, _ = stage.send("上报 这里的长椅断了", lat=POSITION[0], long=POSITION[1], address="鼓楼前街")
    place = stage.event(stage.answer_to(message)["report"])["place"]
    expect((place["lat"], place["lon"], place["address"]), (*POSITION, "鼓楼前街"), "the place")


def a_plain_complaint_is_recognised_and_chatter_is_not(stage):
    before = len(stage.events())
    for text in ["ok thanks", "谢谢大家！", "收到[微笑]", "早上好", "路灯修好了，谢谢", "周末一起吃饭", "👍"]:
        expect(stage.send(text)[1]["outcome"], "silent", text)
    expect(len(stage.events()), before, "events made of chatter")
    number = stage.report("小区门口路灯不亮，好几天了", sender="wx-li")
    event = stage.event(number)
    expect(event["suggested_service"], "P0110", "the suggestion")
    said = stage.report("the manhole cover is missing", sender="wx-bob", group="g2")
    expect(stage.event(said)["suggested_service"], "P0102", "the suggestion")
    told = [answer for answer in stage.bridge.taken if answer["report"] == said][0]
    expect_in(f"Received as number {said}", told["text"], "in the group's language")


def who_is_not_sure_asks_back(stage):
    message, answer = stage.send("@小鼓 树枝挡着窗户", sender="wx-zhao")
    expect(answer["outcome"], "answered", "a question")
    expect_in("这是要上报的问题吗？“树枝挡着窗户”", stage.answer_to(message)["text"], "the question")
    yes, answer = stage.send("是", sender="wx-zhao")
    expect(answer["outcome"], "reported", "the answer to it")
    event = stage.event(stage.answer_to(yes)["report"])
    expect(event["text"], "树枝挡着窗户", "what was asked about is reported")
    expect(stage.send("是", sender="wx-zhao")[1]["outcome"], "silent", "a question is answered once")
    stage.answer_to(stage.send("@小鼓 门口有只猫", sender="wx-qian")[0])
    expect(stage.send("不是", sender="wx-qian")[1]["outcome"], "silent", "no")
    expect(stage.send("是", sender="wx-qian")[1]["outcome"], "silent", "and it is forgotten")
    expect(stage.send("路灯坏了吗？", sender="wx-qian")[1]["outcome"], "answered", "a question of theirs is asked about")


def urgent_words_are_a_report_and_go_first(stage):
    message, answer = stage.send("2单元楼道里闻到煤气", sender="wx-sun")
    expect(answer["outcome"], "reported", "outcome")
    told = stage.answer_to(message)
    expect_in("119", told["text"], "whom to call")
    event = stage.event(told["report"])
    expect((event["urgent"], event["priority"]), (True, 1), "the event")


def the_same_message_again_is_the_same(stage):
    fields = {"id": "again-1", "group": "g1@chatroom", "sender": "wx-again", "text": "上报 花坛栏杆倒了"}
    body = json.dumps(fields).encode()
    first = stage.post(body, "application/json").json()
    told = stage.answer_to("again-1")
    for _ in range(3):
        again = stage.post(body, "application/json").json()
        expect((again["repeated"], again["id"]), (True, first["id"]), "the same message again")
    ask = json.dumps({**fields, "id": "again-2", "text": f"查询 {told['report']}"}).encode()
    for _ in range(3):
        stage.post(ask, "application/json")
    stage.answer_to("again-2")
    stage.say("帮助", sender="wx-again")  # whatever was owed before it has been brought
    expect(len([event for event in stage.events() if event["text"] == "花坛栏杆倒了"]), 1, "events")
    expect([len(stage.bridge.answers_to(number)) for number in ("again-1", "again-2")], [1, 1], "answers")


def a_picture_goes_with_its_report_and_no_others_are_kept(stage):
    kept = lambda: len(list((stage.data / "media").rglob("*")))
    before = kept() if (stage.data / "media").exists() else 0
    number, answer = stage.send_picture("上报 站牌倒了", sender="wx-photo")
    expect(answer.status, 201, "a report with a picture")
    receipt = stage.answer_to(number)["report"]
    event = stage.event(receipt)
    expect([media["type"] for media in event["media"]], ["image/jpeg"], "its picture, written anew")
    after = kept()
    expect(after > before, True, "stored")
    later, answer = stage.send_picture("", sender="wx-photo")
    expect(answer.json()["outcome"], "told", "a picture that follows")
    expect_in(receipt, stage.answer_to(later)["text"], "the report it goes with")
    expect([event["about_seq"] for event in stage.events() if event["kind"] == "follow_up" and event["media"]][-1], int(receipt), "about")
    stored = kept()
    for sender, text in [("wx-nobody", ""), ("wx-photo2", "看看我家的猫")]:
        _, answer = stage.send_picture(text, sender=sender)
        expect((answer.status, answer.json()["outcome"]), (200, "silent"), f"a picture of {sender}")
    expect(kept(), stored, "pictures of chatter in the store")
    _, answer = stage.send_picture("上报 坏照片", picture=PNG[:40], sender="wx-photo2")
    expect(answer.status, 400, "a damaged picture")


def a_group_looks_up_its_own_reports_alone(stage):
    number = stage.report("上报 水管漏水", sender="wx-a")
    expect_in("等待受理", stage.say(f"查询 {number}", sender="wx-b"), "a neighbour asks")
    expect_in("was not found", stage.say(f"status {number}", sender="wx-a", group="g2"), "from another group")
    expect_in("没有找到", stage.say("查询 999999"), "what is not there")
    expect_in("等待受理", stage.say("查询", sender="wx-a"), "one's last")
    expect_in("请写上受理编号", stage.say("查询", sender="wx-new"), "who reported nothing")
    for text in [f"催办 {number}", f"补充 {number} 更大了", f"评价 {number} 5", f"重办 {number} 没修"]:
        expect_in("别人上报", stage.say(text, sender="wx-b"), text)


def a_reporter_adds_and_urges(stage):
    number = stage.report("上报 护栏坏了", sender="wx-c")
    case = stage.case_of(number)
    expect_in("已补充", stage.say(f"补充 {number}：又断了一截", sender="wx-c"), "adding")
    expect_in("已催办", stage.say(f"催办 {number}", sender="wx-c"), "urging")
    expect_in("刚催办过", stage.say(f"催办 {number}", sender="wx-c"), "urging again")
    steps = wait_for("both in the case", lambda: (lambda notes: notes if "催办" in notes else None)(
        [step["note"] for step in stage.look("o-01", f"/api/cases/{case}")["steps"] if step["verb"] == "attach"]))
    expect(steps, ["又断了一截", "催办"], "what the case heard")
    expect(len([voice for voice in stage.look("o-01", f"/api/cases/{case}")["case"]["voices"] if not voice.get("again")]), 1,
           "voices")


def the_end_is_told_in_the_group_rated_and_reopened(stage):
    number = stage.report("上报 台阶破损", sender="wx-d")
    expect_in("还没有结案", stage.say(f"评价 {number} 5", sender="wx-d"), "too early")
    expect_in("现在不能重新办理", stage.say(f"重办 {number} 没修", sender="wx-d"), "too early")
    case = stage.close(number)
    told = wait_for("that it is closed", lambda: [answer for answer in stage.bridge.taken
                                                   if answer["text"].startswith(f"{number} 已结案")])
    expect((told[0]["to"], told[0]["reply_to"], told[0]["group"]), ("wx-d", "", "g1@chatroom"), "who is told")
    expect_in("已经结束", stage.say(f"催办 {number}", sender="wx-d"), "urging what is over")
    expect_in("1 到 5", stage.say(f"评价 {number}", sender="wx-d"), "no score")
    expect_in("感谢", stage.say(f"评价 {number} 2 未解决", sender="wx-d"), "rating")
    wait_for("the rating", lambda: stage.state(case) == "rated")
    record = stage.look("o-01", f"/api/cases/{case}")["case"]
    expect((record["score"], record.get("solved", False)), (2, False), "the rating")
    expect_in("请写明", stage.say(f"重办 {number}", sender="wx-d"), "no reason")
    expect_in("将重新办理", stage.say(f"重办 {number} 又破了", sender="wx-d"), "reopening")
    wait_for("it is taken up again", lambda: stage.state(case) not in ("closed", "rated"))
    expect(len([answer for answer in stage.bridge.taken if answer["text"].startswith(f"{number} 已结案")]), 1, "told once")


def a_receipt_that_was_lost_brings_the_answer_again_with_its_name(stage):
    stage.bridge.lose = 2
    message, _ = stage.send("帮助", sender="wx-e")
    wait_for("three tries", lambda: len(stage.bridge.answers_to(message)) == 3)
    expect(len({answer["id"] for answer in stage.bridge.answers_to(message)}), 1, "names")


def kill_9_loses_no_answer_and_makes_no_second_report(stage):
    for round_ in range(4):
        stage.bridge.shut, refused = True, stage.bridge.refused
        sent = {}
        for i in range(5):
            text = f"上报 第{round_}轮{i}号井圈破了"
            sent[stage.send(text, sender=f"wx-k{round_}{i}")[0]] = text.removeprefix("上报 ")
        wait_for("a try", lambda refused=refused: stage.bridge.refused > refused)
        stage.district.crash("ingest")
        stage.district.wait_ready()
        if round_ % 2:
            stage.bridge.lose = 1  # and the receipt of the first is lost
        stage.bridge.shut = False
        for message, text in sent.items():
            told = stage.answer_to(message)
            expect(stage.event(told["report"])["text"], text, "the number in the answer")
        stage.say("帮助", sender=f"wx-help{round_}")
        counts = [len([event for event in stage.events() if event["text"] == text]) for text in sent.values()]
        expect(counts, [1] * len(sent), "events")
        many = [message for message in sent if len(stage.bridge.answers_to(message)) > 1]
        expect(len(many) <= round_ % 2, True, f"answers that came twice: {many}")
    wait_for("nothing is owed", lambda: stage.metric("drumtower_chat_answers_owed") == 0)


def what_is_refused_says_why(stage):
    good = {"id": "x1", "group": "g1@chatroom", "sender": "wx", "text": "上报 x"}
    body = json.dumps(good).encode()
    rows = [
        (body, {}, 401, "Drumtower-Timestamp"),
        (body, signed(body, KEY[::-1]), 401, "not that of this body"),
        (b"[]", None, 400, ""),
        (json.dumps({**good, "id": ""}).encode(), None, 400, "id was not provided"),
        (json.dumps({**good, "text": ""}).encode(), None, 400, "text was not provided"),
        (json.dumps({**good, "sender": "x" * 129}).encode(), None, 400, "sender: 129 bytes, at most 128"),
        (json.dumps({**good, "lat": 95, "long": 1}).encode(), None, 400, "lat '95"),
        (json.dumps({**good, "time": "soon"}).encode(), None, 400, "soon"),
        (json.dumps({**good, "group": "g3"}).encode(), None, 404, "group 'g3'"),
    ]
    before = len(stage.events())
    for sent, headers, status, words in rows:
        answer = stage.post(sent, "application/json", headers)
        expect(answer.status, status, f"{sent[:80]} {answer}")
        expect_in(words, answer.json()["error"]["message"], "why")
    expect(stage.post(body, "application/json", chat="keyless").status, 503, "a chat without a key")
    expect(stage.post(body, "application/json", chat="nobody").status, 404, "no such chat")
    expect(len(stage.events()), before, "events")


def one_sender_cannot_fill_the_desk(stage):
    outcomes = [stage.send(f"上报 第{i}件", sender="wx-flood")[1]["outcome"] for i in range(8)]
    expect(outcomes, ["reported"] * 6 + ["over_share"] * 2, "outcomes")
    expect(stage.send("帮助", sender="wx-flood")[1]["outcome"], "answered", "asking is free")


def what_happens_is_counted(stage):
    for fate in ["reported", "told", "answered", "silent", "over_share", "invalid", "no_group", "unsigned"]:
        expect(stage.metric("drumtower_chat_messages_total", fate=fate) > 0, True, fate)
    expect(stage.metric("drumtower_chat_answers_total", outcome="delivered") > 0, True, "delivered")
    expect(stage.bridge.faults, [], "answers that were not signed")


TESTS = [
    a_command_makes_a_report_at_the_groups_place,
    a_position_that_was_sent_wins,
    a_plain_complaint_is_recognised_and_chatter_is_not,
    who_is_not_sure_asks_back,
    urgent_words_are_a_report_and_go_first,
    the_same_message_again_is_the_same,
    a_picture_goes_with_its_report_and_no_others_are_kept,
    a_group_looks_up_its_own_reports_alone,
    a_reporter_adds_and_urges,
    the_end_is_told_in_the_group_rated_and_reopened,
    a_receipt_that_was_lost_brings_the_answer_again_with_its_name,
    kill_9_loses_no_answer_and_makes_no_second_report,
    a_plain_complaint_is_recognised_and_chatter_is_not,
    what_is_refused_says_why,
    one_sender_cannot_fill_the_desk,
    who_is_not_sure_asks_back,
    a_reporter_adds_and_urges,
    what_happens_is_counted,
]


def main():
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="chats-"))
    tap, stage = Tap(), None
    try:
        stage = ChatStage(ROOT, BUILD, scratch)
        stage.open()
        for test in TESTS:
            tap.test(test.__name__, test, stage)
        tap.test("it ends as it should", stage.district.stop)
    finally:
        if stage:
            stage.kill()
        shutil.rmtree(scratch)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
