// The desk from the keyboard: walking the queue, overriding the route, refusing, deciding on returns, urging, and what happens when
// somebody else was faster.
import assert from "node:assert/strict";
import { assertAccessible, screenshot, signIn, story } from "./browser.mjs";
import { until } from "./district.mjs";

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
  await desk.waitForSelector(".note.bad:has-text('已立案')");
  await screenshot(desk, "desk-conflict");
  await stateIs("已立案");
});

chapter("an urge goes to the department", async () => {
  await desk.keyboard.press("d");
  await desk.waitForSelector("dialog option:checked:has-text('道路养护中心')");
  await desk.keyboard.press("Enter");
  await stateIs("已派遣");
  await desk.keyboard.press("u");
  await desk.waitForSelector(".detail .mark:has-text('催办 1 次')");
});
