// The desk from the keyboard: walking the queue, overriding the route, refusing, deciding on returns, urging, taking down calls and
// orders, and what happens when somebody else was faster.
import assert from "node:assert/strict";
import { assertAccessible, screenshot, signIn, story } from "./browser.mjs";
import { until } from "../../tools/district/district.mjs";

const REPORTS = [
  ["P0101", "甲：供水井盖破损"],
  ["P0110", "乙：路灯不亮"],
  ["P0201", "丙：路面塌陷"],
  ["E0699", "丁：说不清是谁的事"],
];

let district, browser, desk, operator, liaison;

const chapter = story(async (stage) => {
  ({ district, browser } = stage);
  operator = await district.signIn("videowall", "o-01");
  liaison = await district.signIn("field", "l-roads");
  for (const [service_code, description] of REPORTS)
    await district.report({ service_code, description, lat: "39.94545", long: "116.37972" });
  await until("all reports are cases", async () => {
    const { body } = await operator("GET", "/api/cases?list=open");
    return body.cases.length === REPORTS.length;
  });
  desk = await browser.person("desk");
  await signIn(desk, `${district.urls.videowall}/desk.html`, "leader-01", district.password);
  await desk.waitForSelector(`.rows li:nth-child(${REPORTS.length})`);
});

const title = () => desk.textContent(".detail h2");
const stateIs = (state) => desk.waitForSelector(`.detail header .mark:has-text("${state}")`);
const choose = async (words) => {
  await desk.click(`.rows button:has-text("${words}")`);
  await desk.waitForSelector(`.detail h2:has-text("${words}")`);
};
const number = async () => (await desk.textContent(".detail header p")).trim().split(" ")[0];

/** A command of somebody at another place. */
async function elsewhere(who, verb, body = {}) {
  const path = `/api/cases/${await number()}/${verb}`;
  const answer = await who("POST", path, { id: `${verb}-${Date.now()}`, revision: 0, ...body });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
}

chapter("arrows and letters walk the queue", async () => {
  await choose("甲");
  const first = await title();
  await desk.keyboard.press("j");
  await desk.waitForFunction((before) => document.querySelector(".detail h2")?.textContent !== before, first);
  await desk.keyboard.press("ArrowUp");
  await desk.waitForSelector(".detail h2:has-text('甲')");
});

chapter("number keys choose the list, and each says how many cases it holds", async () => {
  await desk.keyboard.press("3");
  await desk.waitForSelector(".queue .empty");
  await desk.keyboard.press("5");
  await desk.waitForSelector(".rows li:only-child:has-text('丁')");
  await desk.waitForSelector(".detail h2:has-text('丁')"); // no key acts on a case outside the list that is shown
  assert.match(await desk.textContent(".lists [aria-pressed=true]"), /1\s*$/);
  await desk.keyboard.press("1");
  await desk.waitForSelector(`.rows li:nth-child(${REPORTS.length})`);
});

chapter("a report that says an urgent word of the book comes first and says so", async () => {
  await district.report({
    service_code: "E0699",
    description: "Strong smell, I think it is a gas leak",
    address_string: "x",
  });
  await desk.waitForSelector(".rows li:first-child:has-text('gas leak') .mark:has-text('含紧急词')");
  await desk.waitForSelector(".rows li:first-child .mark:has-text('英文')");
  await choose("gas leak");
  await desk.keyboard.press("x");
  await desk.keyboard.type("已转燃气公司");
  await desk.keyboard.press("Control+Enter");
  await stateIs("不予立案");
  await desk.waitForSelector(`.rows li:nth-child(${REPORTS.length}):last-child`);
});

chapter("a case without a rule is dispatched by typing a department's name", async () => {
  await choose("丁");
  await desk.keyboard.press("a");
  await stateIs("已立案");
  await desk.keyboard.press("d");
  await desk.waitForSelector("dialog .note.warn");
  await assertAccessible(desk, "the question which department");
  await desk.keyboard.type("道路");
  await desk.keyboard.press("Enter");
  await stateIs("已派遣");
  await desk.waitForSelector(".facts dd:has-text('道路养护中心')");
});

chapter("the department's return waits for the shift leader, who confirms it", async () => {
  await elsewhere(liaison, "return", { reason: "噪音归城管" });
  await stateIs("申请退单");
  await desk.waitForSelector(".steps :text('噪音归城管')");
  await desk.keyboard.press("y");
  await stateIs("已立案");
});

chapter("a refusal needs a reason", async () => {
  await choose("乙");
  await desk.keyboard.press("x");
  await desk.keyboard.press("Control+Enter");
  assert.ok(await desk.isVisible("dialog"), "an empty reason does not do");
  await desk.keyboard.type("与上一件重复");
  await desk.keyboard.press("Control+Enter");
  await stateIs("不予立案");
});

chapter("who was slower is told what the case is now, and nothing is done", async () => {
  await choose("丙");
  await desk.keyboard.press("x");
  await desk.keyboard.type("不在本区");
  await elsewhere(operator, "accept");
  await desk.keyboard.press("Control+Enter");
  await desk.waitForSelector("dialog .note.bad:has-text('已立案')");
  await screenshot(desk, "desk-conflict");
  assert.equal(await desk.inputValue("#reason"), "不在本区", "and what was typed is still there");
  await stateIs("已立案");
  await desk.keyboard.press("Escape");
});

chapter("an urge goes to the department", async () => {
  await desk.keyboard.press("d");
  await desk.waitForSelector("dialog option:checked:has-text('道路养护中心')");
  await desk.keyboard.press("Enter");
  await stateIs("已派遣");
  await desk.keyboard.press("u");
  await desk.waitForSelector(".detail .mark:has-text('催办 1 次')");
});

/** What the engine made of it, once it is chosen. */
async function takenDown(words) {
  await desk.waitForSelector(".note.ok.strip:has-text('已登记')");
  await desk.waitForSelector(`.detail h2:has-text("${words}")`);
  const { body } = await operator("GET", `/api/cases/${await number()}`);
  return body.case;
}

chapter("a call is taken down from the keyboard", async () => {
  await desk.keyboard.press("h");
  await desk.waitForSelector("dialog .pick-map path.area");
  await assertAccessible(desk, "the form of a call");
  await desk.keyboard.type("13900001111");
  await desk.keyboard.press("Tab");
  await desk.keyboard.type("周先生");
  await desk.keyboard.press("Tab");
  await desk.keyboard.type("12345-20260105-88");
  await desk.keyboard.press("Tab");
  await desk.keyboard.type("戊：楼下井盖响");
  await desk.keyboard.press("Tab");
  await desk.keyboard.type("P0102");
  await desk.selectOption("#urgency", "2");
  await desk.fill("#address", "晨钟小区北门");
  await desk.keyboard.press("Control+Enter");
  const record = await takenDown("戊");
  assert.deepEqual([record.source, record.service, record.priority], ["hotline", "P0102", 2]);
  assert.equal(record.place.address, "晨钟小区北门");
  assert.match(record.text, /来电编号：12345-20260105-88/);
  const everything = await operator("GET", `/api/cases/${record.number}`);
  assert.ok(!/13900001111|周先生/.test(JSON.stringify(everything.body)), "who called is kept apart");
});

chapter("the same call again adds to its case", async () => {
  const before = await number();
  await desk.keyboard.press("h");
  await desk.fill("#number", "12345-20260105-88");
  await desk.fill("#text", "又打来：更响了");
  await desk.fill("#address", "晨钟小区北门");
  await desk.keyboard.press("Control+Enter");
  await desk.waitForSelector(".steps :text('更响了')");
  assert.equal(await number(), before);
});

chapter("a superior's order is filed at once, at the place that was clicked on the map", async () => {
  await desk.keyboard.press("g");
  await desk.waitForSelector("dialog .pick-map path.area");
  await assertAccessible(desk, "the form of an order");
  await desk.keyboard.press("Control+Enter");
  assert.ok(await desk.isVisible("dialog"), "who ordered, what and where have to be said");
  await desk.fill("#ordered_by", "区政府办公室");
  await desk.fill("#number", "区办〔2026〕7号");
  await desk.fill("#text", "己：尽快修复广场路面");
  await desk.fill("#answer_by", "2026-12-24T18:00");
  await desk.fill("#demanded", "书面答复并附照片");
  await desk.fill("[data-narrows=service]", "P0201");
  await desk.click(".pick-map");
  await desk.waitForSelector("#picked:has-text('网格')");
  await screenshot(desk, "desk-order-zh");
  await desk.keyboard.press("Control+Enter");
  const record = await takenDown("己");
  assert.deepEqual([record.source, record.state], ["order", "accepted"]);
  assert.ok(record.place.lat > 39 && record.place.area, JSON.stringify(record.place));
  for (const words of [
    "交办单位：区政府办公室",
    "文号：区办〔2026〕7号",
    "回复期限：2026-12-24 18:00",
    "回复要求：书面答复并附照片",
  ])
    assert.ok(record.text.includes(words), record.text);
  await screenshot(desk, "desk-order-taken");
});

chapter("what was taken down is said until another case is chosen", async () => {
  assert.ok(await desk.isVisible(".note.ok.strip"));
  await choose("丁");
  assert.equal(await desk.isVisible(".note.ok.strip"), false);
});

chapter("both forms speak English", async () => {
  await desk.click(".bar button:has-text('English')");
  await desk.waitForSelector(".bar button:has-text('中文')");
  await desk.keyboard.press("h");
  await desk.waitForSelector("dialog h2:has-text('Record a call')");
  await desk.waitForSelector("dialog .pick-map path.area");
  await desk.fill("#text", "The lamp in front of house 3 is out");
  await screenshot(desk, "desk-call-en");
  await desk.keyboard.press("Escape");
  await desk.keyboard.press("g");
  await desk.waitForSelector('dialog h2:has-text("Superior\'s order")');
  await desk.keyboard.press("Escape");
});
