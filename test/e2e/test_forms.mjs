// What a person types is not lost, whatever the door and the network do meanwhile; and what is said of a case stands with that case. The
// door is played (played_door.mjs): no daemon runs.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { Browser, assertAccessible, somePhoto } from "./browser.mjs";
import { LOST, PlayedDoor, caseOf } from "./played_door.mjs";
import { until } from "../../tools/district/district.mjs";

const TWO = ["GL-1", "GL-2"];
const REFUSED = {
  status: 400,
  body: { error: { code: "invalid", message: "The words are too long.", next: "Shorten." } },
};

let browser, door, page;

before(async () => (browser = await Browser.start()));
after(() => browser.stop());
beforeEach(() => (browser.faults.length = 0));
afterEach(async () => {
  await page?.context().close();
  door?.stop();
});

/** The chosen case's page at a desk. */
async function desk(verbs, setUp = () => {}) {
  door = await PlayedDoor.start("videowall", { login: "o-01", name: "", role: "operator", department: "" });
  door.cases = TWO.map((number) => caseOf(number));
  door.verbs = verbs.map((verb) => ({ verb, needs: verb === "refuse" ? ["reason"] : [] }));
  setUp();
  page = await browser.person("desk");
  await page.goto(`${door.url}/desk.html#GL-1`);
  await page.waitForSelector(".detail h2:has-text('GL-1')");
}

async function field(me, setUp = () => {}) {
  door = await PlayedDoor.start("field", { name: "", department: "water", ...me });
  const task = { id: 1, role: "lead", state: "received", department: "water", worker: "w-1", offers: [], media: [] };
  door.cases = TWO.map((number) => caseOf(number, { state: "received", department: "water", tasks: [task] }));
  door.verbs = [
    { verb: "return", needs: ["reason"] },
    { verb: "assign", needs: ["worker"] },
  ];
  setUp();
  page = await browser.person("desk");
  await page.goto(door.url);
  await page.waitForSelector(".task");
}

const late = () => {
  let go;
  const answer = new Promise((resolve) => (go = resolve));
  return [answer, go];
};

test("a call stays in its form while the door does not answer, and is sent again as the same", async () => {
  await desk(["accept"]);
  door.answers.set("POST /api/hotline", () => ({ body: { seq: 7 } }));
  const ids = [];
  await page.route("**/api/hotline", async (route) => {
    if (ids.push(route.request().postDataJSON().id) > 3) return route.continue();
    await route.fetch(); // it reaches the door …
    return route.abort("connectionreset"); // … and its answer does not come back
  });
  await page.keyboard.press("h");
  await page.fill("#text", "楼下井盖响");
  await page.fill("#address", "晨钟小区");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector("dialog .main:disabled:has-text('正在发送')");
  await page.waitForSelector("dialog .note.bad:has-text('没有网络')");
  await assertAccessible(page, "a form that could not be sent");
  assert.equal(await page.inputValue("#text"), "楼下井盖响");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector(".note.ok.strip:has-text('7')");
  assert.equal(await page.$("dialog"), null);
  assert.equal(ids.length, 4);
  assert.equal(new Set(ids).size, 1);
});

test("a refusal stands in the form beside what was typed, which can be mended and sent", async () => {
  await desk(["refuse"]);
  const answers = [REFUSED, { body: { status: "ok", state: "refused", revision: 2 } }];
  door.answers.set("POST /api/cases/GL-1/refuse", () => answers.shift());
  await page.keyboard.press("x");
  await page.keyboard.type("不在本区");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector("dialog .note.bad:has-text('too long')");
  await page.keyboard.type("，归海淀");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector(".detail .note.ok:has-text('不予立案')");
  assert.equal(door.posted.at(-1).json.reason, "不在本区，归海淀");
});

test("while it is being sent a form cannot be sent twice, nor put away", async () => {
  await desk(["refuse"]);
  const [answer, go] = late();
  door.answers.set("POST /api/cases/GL-1/refuse", () => answer);
  await page.keyboard.press("x");
  await page.keyboard.type("不在本区");
  for (let press = 0; press < 2; press++) await page.keyboard.press("Control+Enter");
  await page.keyboard.press("Escape");
  assert.ok(await page.isVisible("dialog"));
  go({ body: { status: "ok", state: "refused", revision: 2 } });
  await page.waitForSelector("dialog", { state: "detached" });
  assert.equal(door.posted.length, 1);
});

test("what became of one case is not said of another", async () => {
  await desk(["accept"]);
  const [answer, go] = late();
  door.answers.set("POST /api/cases/GL-1/accept", () => answer);
  await page.keyboard.press("a");
  await page.keyboard.press("j");
  await page.waitForSelector(".detail h2:has-text('GL-2')");
  go(REFUSED);
  await page.waitForSelector(".note.bad.strip:has-text('GL-1')");
  assert.equal(await page.$(".detail .note.bad"), null);
  await page.keyboard.press("k");
  await page.waitForSelector(".detail .note.bad:has-text('too long')");
  assert.equal(await page.$(".note.bad.strip"), null);
});

test("a question does not open over another case than it is about", async () => {
  await desk(["verify"]);
  const [answer, go] = late();
  const asked = new Promise((resolve) => door.answers.set("GET /api/people", () => (resolve(), answer)));
  await page.keyboard.press("v");
  await asked;
  await page.keyboard.press("j");
  await page.waitForSelector(".detail h2:has-text('GL-2')");
  go({ body: { people: [] } });
  await page.keyboard.press("v"); // does nothing where the first question has opened
  await page.click("dialog .main");
  await until("it is sent", () => door.posted.length);
  assert.equal(door.posted[0].pathname, "/api/cases/GL-2/verify");
});

test("cameras near a case that could not be asked for are asked for again", async () => {
  const answers = [{ status: 503, body: {} }, { body: { urgent: false, cameras: [] } }];
  await desk(["accept"], () => door.answers.set("GET /api/cases/GL-1/cameras", () => answers.shift()));
  await page.waitForSelector(".detail:has-text('附近没有摄像头')");
});

test("keys do nothing behind a dialog that a click has taken the focus from", async () => {
  await desk(["accept"]);
  await page.keyboard.press("?");
  await page.waitForSelector("dialog .keys");
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("a");
  await page.keyboard.press("j");
  assert.match(await page.textContent(".detail h2"), /GL-1/);
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
  await page.keyboard.press("j"); // the door is asked for that after whatever the keys before it have sent
  await page.waitForSelector(".detail h2:has-text('GL-2')");
  assert.equal(door.posted.length, 0);
});

test("a list that is narrowed to nothing chooses nothing", async () => {
  await desk(["accept"]);
  door.answers.set("POST /api/hotline", () => ({ body: { seq: 7 } }));
  await page.keyboard.press("h");
  await page.fill("#text", "楼下井盖响");
  await page.fill("#address", "晨钟小区");
  await page.fill("[data-narrows=service]", "没有这一类");
  await page.keyboard.press("Enter");
  await page.fill("[data-narrows=service]", "E0102");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog", { state: "detached" });
  assert.deepEqual(
    door.posted.map(({ json }) => json.service),
    ["E0102"],
  );
});

test("a form's map goes with the form", async () => {
  await desk(["accept"]);
  await page.evaluate(() => {
    const { remove } = globalThis.L.Map.prototype;
    globalThis.L.Map.prototype.remove = function () {
      globalThis.removed = true;
      return remove.call(this);
    };
  });
  await page.keyboard.press("h");
  await page.waitForSelector("dialog .pick-map.leaflet-container");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => globalThis.removed);
  assert.deepEqual(browser.faults, []);
});

test("a case that is not there any more is said, and the list is drawn with the next", async () => {
  await desk(["accept"]);
  door.cases = [caseOf("GL-2"), caseOf("GL-3")];
  door.notify();
  await page.waitForSelector(".note.bad.strip:has-text('GL-1')");
  await page.waitForSelector(".rows [data-number=GL-3]");
  door.notify();
  await page.waitForSelector(".detail h2:has-text('GL-2')");
});

test("a desk whose look failed says so, and looks again by itself", async () => {
  await desk(["accept"]);
  await page.waitForSelector(".bar .mark.ok");
  let fails = 1;
  door.answers.set("GET /api/popup", () => (fails-- > 0 ? { status: 503, body: {} } : { body: { popup: null } }));
  door.notify();
  await page.waitForSelector(".bar .mark.bad");
  await page.waitForSelector(".bar .mark.ok");
});

test("who could not be signed out is told", async () => {
  await desk(["accept"]);
  door.answers.set("DELETE /api/session", () => LOST);
  const said = page.waitForEvent("dialog").then((dialog) => dialog.accept().then(() => dialog.message()));
  await page.click("button:has-text('退出')");
  assert.match(await said, /尚未退出/);
});

test("who is signed out while typing keeps the words until the form is put away", async () => {
  await desk(["refuse"]);
  const none = { status: 401, body: { error: { code: "not_signed_in", message: "Nobody is signed in.", next: "" } } };
  door.answers.set("POST /api/cases/GL-1/refuse", () => none);
  await page.keyboard.press("x");
  await page.keyboard.type("不在本区");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector("dialog .note.bad");
  assert.equal(await page.inputValue("#reason"), "不在本区");
  const reloaded = page.waitForEvent("load");
  await page.keyboard.press("Escape");
  await reloaded;
});

test("a handset keeps what was typed for the case as it was seen, though the list has moved on", async () => {
  await field({ login: "w-1", role: "worker" });
  await page.click(".task:has-text('GL-1')");
  await page.click('[data-verb="return"]');
  await page.fill("#reason", "不属于本公司");
  door.cases = door.cases.filter(({ number }) => number === "GL-2");
  door.answers.set("POST /api/cases/GL-1/return", () => ({ body: { status: "ok", revision: 3 } }));
  door.notify();
  await page.evaluate(() => (location.hash = "#"));
  await page.waitForSelector(".task:has-text('GL-1')", { state: "detached" });
  await page.waitForSelector(".task:has-text('GL-2')", { state: "attached" });
  await page.click("dialog .main");
  await until("it is sent", () => door.posted.length);
  const [{ pathname, json }] = door.posted;
  assert.deepEqual([pathname, json.revision, json.reason], ["/api/cases/GL-1/return", 1, "不属于本公司"]);
});

test("a step that is written down while the one before it is answered stands on that one", async () => {
  await field({ login: "w-1", role: "worker" }, () => (door.verbs = [{ verb: "take", needs: [] }]));
  const [answer, go] = late();
  door.answers.set("POST /api/cases/GL-1/take", () => answer);
  door.answers.set("POST /api/cases/GL-1/arrive", () => ({ body: { status: "ok", state: "received", revision: 8 } }));
  await page.click(".task:has-text('GL-1')");
  await page.click('[data-verb="take"]');
  await page.waitForSelector('[data-verb="arrive"]');
  await page.evaluate(() => {
    // A slow disk: what is added is there when `slow` has ended. And what the page wants of the disk meanwhile.
    const { add } = IDBObjectStore.prototype;
    const { transaction } = IDBDatabase.prototype;
    Object.assign(globalThis, { slow: true, adding: false, wanted: 0 });
    IDBObjectStore.prototype.add = function (value) {
      const wait = () => globalThis.slow && (this.count().onsuccess = wait);
      globalThis.adding = true;
      wait();
      return add.call(this, value);
    };
    IDBDatabase.prototype.transaction = function (...given) {
      if (globalThis.adding && given[0] === "commands") globalThis.wanted++;
      return transaction.apply(this, given);
    };
  });
  await page.click('[data-verb="arrive"]');
  await page.waitForFunction(() => globalThis.adding);
  go({ body: { status: "ok", state: "received", revision: 7 } });
  await page.waitForFunction(() => globalThis.wanted);
  await page.evaluate(() => (globalThis.slow = false));
  await until("it is sent", () => door.posted.length === 2);
  assert.deepEqual(
    door.posted.map(({ json }) => json.revision),
    [1, 7],
  );
});

test("a liaison's question does not open over another case either", async () => {
  await field({ login: "l-1", role: "liaison" });
  await page.click(".task:has-text('GL-1')");
  const [answer, go] = late();
  const worker = { id: "w-1", name: "甲", name_en: "A", role: "worker", department: "water", on_duty: true };
  const asked = new Promise((resolve) => door.answers.set("GET /api/people", () => (resolve(), answer)));
  await page.click('[data-verb="assign"]');
  await asked;
  await page.click(".task:has-text('GL-2')");
  await page.waitForSelector(".detail h2:has-text('GL-2')");
  go({ body: { people: [worker] } });
  await page.locator('[data-verb="assign"]').dispatchEvent("click"); // reaches it behind a dialog, too
  await page.waitForSelector("dialog .main");
  await page.locator("dialog .main").first().click();
  await until("it is sent", () => door.posted.length);
  assert.equal(door.posted[0].pathname, "/api/cases/GL-2/assign");
});

test("a liaison's list goes on where it ends", async () => {
  const pages = { "": [caseOf("GL-1")], "5,1": [caseOf("GL-2")] };
  await field({ login: "l-1", role: "liaison" }, () =>
    door.answers.set("GET /api/cases", (_, asked) => {
      const after = asked.get("after") ?? "";
      return { body: { cases: pages[after], next: after ? null : "5,1", now_ms: Date.now() } };
    }),
  );
  await page.waitForSelector("p:has-text('共 1+ 件')");
  await assertAccessible(page, "a list that goes on");
  await page.click("[data-more]");
  await page.waitForSelector(".task:has-text('GL-2')");
  await page.waitForSelector("p:has-text('共 2 件')");
  assert.equal(await page.$("[data-more]"), null);
});

test("a list of yesterday says so", async () => {
  await field({ login: "w-1", role: "worker" }, () => {
    const now_ms = Date.now();
    door.answers.set("GET /api/cases", () => ({ body: { cases: door.cases, next: null, now_ms } }));
  });
  await page.clock.install({ time: Date.now() + 86_400_000 });
  await page.waitForSelector("p:has-text('更新于')");
  door.streams.forEach((stream) => stream.destroy());
  door.answers.set("GET /api/cases", () => LOST);
  await page.evaluate(() => (location.hash = "#x"));
  await page.waitForSelector("p:text-matches('更新于 \\\\d\\\\d.\\\\d\\\\d \\\\d')");
  await page.waitForSelector(".mark.bad:text-matches('\\\\d\\\\d.\\\\d\\\\d \\\\d')");
});

test("a file that is no picture is said and left out, and the rest goes on", async () => {
  await field({ login: "w-1", role: "worker" });
  await page.click("[data-report]");
  const photo = await somePhoto(page);
  await page.setInputFiles("#photo", [{ ...photo, name: "x.heic", buffer: Buffer.from("no picture") }, photo]);
  await page.waitForSelector("dialog .note.bad:has-text('x.heic')");
  await page.waitForSelector("#previews img");
  assert.ok(await page.isEnabled("dialog .main"));
  await assertAccessible(page, "a picture that could not be read");
});
