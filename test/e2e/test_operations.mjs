// The special operations in a browser, each by the people whose it is: verify before filing, joint handling, extension, suspension, a check
// by a grid worker, an answer to the reporter, reopening; then a patrol's own disposal, offers to several, presence.
import assert from "node:assert/strict";
import { assertAccessible, screenshot, signIn, somePhoto, story } from "./browser.mjs";
import { until } from "../../tools/district/district.mjs";

const WORDS = "什刹海西沿井盖缺失";
const PLACE = { latitude: 39.94545, longitude: 116.37972 };
const REPLY = "已联系自来水公司，今晚到货。";

/** Of the book: manhole covers are verified and checked by grid workers; parks offer their tasks to several. */
const adapt = {
  "services.yaml": (text) =>
    text.replace("  - code: P0101\n", "  - code: P0101\n    verify: true\n    check_task: true\n"),
  "departments.yaml": (text) =>
    text.replace(
      "name_en: Parks and Greening, tier: district",
      "name_en: Parks and Greening, tier: district, assignment: offer",
    ),
  "people.yaml": (text) => text.replace("department: greening, shifts: [office]", "department: greening"),
};

let district, browser, operator;
let resident, desk, leader, water, roads, handset;
let number = "";
let checker = "";

const chapter = story(
  async (stage) => {
    ({ district, browser } = stage);
    operator = await district.signIn("videowall", "o-01");
  },
  { adapt },
);

const caseNow = async () => (await operator("GET", `/api/cases/${number}`)).body.case;
const stateAt = (page, state) => page.waitForSelector(`.detail .mark:has-text("${state}")`);
const openAt = async (page) => {
  await page.click(`.task:has-text("${WORDS}")`);
  await page.waitForSelector("[data-verbs]");
};
/** Behind "more" with a mouse or finger. */
const more = async (page, verb) => {
  await page.click("details.more summary");
  await page.click(`details.more [data-verb="${verb}"]`);
  await page.waitForSelector("dialog");
};

chapter("a resident's report is verified before the desk may forget it", async () => {
  resident = await browser.person("handset", { geolocation: PLACE, permissions: ["geolocation"] });
  await resident.goto(district.urls.ingest);
  await resident.selectOption("#service", "P0101");
  await resident.click("#position");
  await resident.waitForFunction(() => document.forms.report.elements.lat.value !== "");
  await resident.fill("#description", WORDS);
  await resident.click("#report button.main");
  await resident.waitForSelector("#number");
  const found = await until("the case is being verified", async () => {
    const { body } = await operator("GET", "/api/cases?list=state/verifying");
    return body.cases[0];
  });
  number = found.number;
  assert.equal(found.tasks[0].role, "verify");
  handset = await browser.person("handset", { geolocation: PLACE, permissions: ["geolocation"] });
  await signIn(handset, district.urls.field, found.tasks[0].worker, district.password);
});

chapter("the grid worker looks on the spot and confirms it with a photo", async () => {
  await handset.click(`.task:has-text("${WORDS}")`);
  await handset.waitForSelector('[data-verb="unfounded"]');
  await handset.click('.action [data-verb="take"]');
  await handset.click('.action [data-verb="arrive"]');
  await handset.click('.action [data-verb="confirm"]');
  await handset.setInputFiles("#photo", await somePhoto(handset));
  await handset.waitForSelector("#previews img");
  await assertAccessible(handset, "the verifier's question");
  await handset.click("dialog .main");
  await until("it waits for filing", async () => (await caseNow()).state === "reported");
});

chapter("the desk files and dispatches it, answers the reporter and joins a second department", async () => {
  desk = await browser.person("desk");
  await signIn(desk, `${district.urls.videowall}/desk.html#${number}`, "o-01", district.password);
  await desk.waitForSelector(".detail .mark.ok:has-text('属实')");
  await desk.keyboard.press("a");
  await stateAt(desk, "已立案");
  await desk.keyboard.press("d");
  await desk.waitForSelector("dialog option:checked:has-text('供排水公司')");
  await desk.keyboard.press("Enter");
  await stateAt(desk, "已派遣");
  await desk.keyboard.press("m");
  await desk.keyboard.press("j");
  await desk.waitForSelector("dialog");
  await desk.keyboard.type("道路");
  await desk.keyboard.press("Enter");
  await desk.waitForSelector(".detail tr:has-text('协办'):has-text('道路养护中心')");
  await desk.keyboard.press("m");
  await assertAccessible(desk, "the desk with its menu open");
  await screenshot(desk, "desk-more");
  await desk.keyboard.press("a");
  await desk.keyboard.type(REPLY);
  await desk.keyboard.press("Control+Enter");
  await desk.waitForSelector(`.steps :text("${REPLY}")`);
});

chapter("the department asks for an extension, and the shift leader, told at once, grants it", async () => {
  [leader, water] = await Promise.all([browser.person("desk"), browser.person("desk")]);
  await signIn(leader, `${district.urls.videowall}/desk.html`, "leader-01", district.password);
  await leader.waitForSelector(".rows li");
  await signIn(water, district.urls.field, "l-water", district.password);
  await openAt(water);
  await water.click('[data-verb="receive"]');
  await stateAt(water, "已接收");
  await more(water, "extend");
  await assertAccessible(water, "the question for an extension");
  await water.fill("#reason", "需要订制井盖");
  await water.click("dialog .main");
  await leader.click(".news:has-text('申请延期')");
  await leader.waitForSelector(".note.warn:has-text('需要订制井盖')");
  await leader.waitForSelector(".news", { state: "detached" });
  await screenshot(leader, "desk-asked");
  await leader.keyboard.press("y");
  await leader.waitForSelector(".facts-table tr:has-text('延期 1 次')");
});

chapter("the leader supervises it, and wall and reporter see that", async () => {
  await leader.keyboard.press("m");
  await leader.keyboard.press("v");
  await leader.waitForSelector("dialog #person");
  await leader.click("dialog .main");
  await leader.waitForSelector(".detail .mark.bad:has-text('督办')");
  const wall = await browser.person("wall");
  await signIn(wall, `${district.urls.videowall}/wall.html`, "wall-01", district.password);
  await wall.waitForSelector(`.newest li[data-number="${number}"]:has-text("督办")`);
  await screenshot(wall, "wall-supervised");
  await resident.click("#follow");
  await resident.waitForSelector("#supervised");
});

chapter("it is put off until a day, and the leader resumes it earlier", async () => {
  await water.waitForSelector(".steps :text('同意延期')");
  await more(water, "suspend");
  await water.fill("#reason", "等待道路开挖许可");
  await screenshot(water, "liaison-suspend");
  await water.click("dialog .main");
  await leader.waitForSelector(".note.warn:has-text('等待道路开挖许可')");
  await leader.keyboard.press("y");
  await stateAt(leader, "挂账");
  await leader.waitForSelector(".facts-table tr:has-text('暂停中')");
  await resident.reload();
  await resident.waitForSelector("#suspended");
  await resident.waitForSelector(`#stages :text("${REPLY}")`);
  await screenshot(resident, "resident-suspended");
  await leader.keyboard.press("s");
  await stateAt(leader, "已接收");
  await leader.waitForSelector(".facts-table tr:has-text('暂停 ')");
});

chapter("the lead cannot dispose while the assistant is at work; then both do", async () => {
  await water.waitForSelector(".steps :text('恢复办理')");
  assert.equal(await water.$('[data-verb="dispose"]'), null, "no button that leads to a refusal");
  roads = await browser.person("desk");
  await signIn(roads, district.urls.field, "l-roads", district.password);
  await openAt(roads);
  await roads.waitForSelector(".detail .mark:has-text('协办')");
  await roads.click('[data-verb="receive"]');
  await roads.waitForSelector(".detail tr:has-text('协办'):has-text('部门已接收')");
  await screenshot(roads, "liaison-assist");
  await roads.click('[data-verb="dispose"]');
  await roads.fill("#note", "井周路面已修复");
  await roads.click("dialog .main");
  await water.click('[data-verb="dispose"]');
  await water.fill("#note", "新井盖已安装");
  await water.click("dialog .main");
  const record = await until("it is disposed", async () => {
    const now = await caseNow();
    return now.state === "disposed" && now;
  });
  checker = record.tasks.find(({ role }) => role === "check").worker;
});

chapter("a grid worker who had no hand in it checks, and the desk closes", async () => {
  const page = await browser.person("handset");
  await signIn(page, district.urls.field, checker, district.password);
  await page.click(`.task:has-text("${WORDS}")`);
  await page.waitForSelector('[data-verb="rework"]');
  await screenshot(page, "handset-check");
  await page.click('.action [data-verb="check"]');
  await stateAt(desk, "已核查");
  await desk.keyboard.press("e");
  await stateAt(desk, "已结案");
});

chapter("who reported says that it is not solved, and it is taken up again", async () => {
  await resident.reload();
  await resident.fill("#reopen #reason", "井盖还是会响");
  await assertAccessible(resident, "the report's own page");
  await screenshot(resident, "resident-closed");
  await resident.click("#reopen button");
  await resident.waitForSelector(".note.ok");
  await stateAt(desk, "已立案");
  await desk.waitForSelector(".detail .mark:has-text('重办 1 次')");
  await desk.waitForSelector(".steps :text('井盖还是会响')");
  await leader.waitForSelector(".news:has-text('重新办理')");
});

chapter("what a worker finds and fixes on patrol waits for somebody else's check", async () => {
  await handset.click("a[href='#']");
  await handset.click("[data-report]");
  await handset.waitForSelector("#position:has-text('位置已记录')");
  await assertAccessible(handset, "the patrol's report");
  await handset.selectOption("#service", "E0102");
  await handset.setInputFiles("#photo", await somePhoto(handset));
  await handset.waitForSelector("#previews img");
  await handset.fill("#text", "路边垃圾，已清走");
  await handset.check("[name=disposed]");
  await screenshot(handset, "handset-report");
  await handset.click("dialog .main");
  const found = await until("it is disposed", async () => {
    const { body } = await operator("GET", "/api/cases?list=state/disposed");
    return body.cases.find((record) => record.self_disposed);
  });
  assert.equal(found.media.length, 1);
  assert.ok(found.place.area, "its grid was found");
  const worker = await district.signIn("field", found.tasks[0].done_by);
  const { body } = await worker("GET", `/api/cases/${found.number}`);
  assert.ok(!body.verbs.some(({ verb }) => verb === "check"), "whoever disposes never checks");
});

chapter("an offer goes to several, and to whoever takes it first", async () => {
  await district.report({ service_code: "P0401", description: "树枝折断", lat: "39.94607", long: "116.40391" });
  const { number: offered } = await until("the case is there", async () => {
    const { body } = await operator("GET", "/api/cases?list=state/reported");
    return body.cases.find((record) => record.text === "树枝折断");
  });
  for (const [verb, body] of [
    ["accept", {}],
    ["dispatch", { to_department: "greening" }],
  ])
    assert.equal(
      (await operator("POST", `/api/cases/${offered}/${verb}`, { id: `offer-${verb}`, revision: 0, ...body })).status,
      200,
    );
  const both = await Promise.all([browser.person("handset"), browser.person("handset")]);
  await signIn(both[0], district.urls.field, "w-greening-1", district.password);
  await signIn(both[1], district.urls.field, "w-greening-2", district.password);
  for (const page of both) await page.waitForSelector(".offered .task:has-text('树枝折断')");
  await screenshot(both[0], "handset-offer");
  await both[0].click(".task");
  await both[0].click('.action [data-verb="take"]');
  await both[0].waitForSelector('.action [data-verb="arrive"]');
  await both[1].waitForSelector(".offered", { state: "detached" });
});

chapter("who leaves is not counted as here", async () => {
  const isHere = async () =>
    (await operator("GET", "/api/people")).body.people.find(({ id }) => id === checker).on_duty;
  const page = await browser.person("handset");
  await signIn(page, district.urls.field, checker, district.password);
  await page.click(".presence button:has-text('离岗')");
  await until("away", async () => !(await isHere()));
  await page.reload();
  await page.waitForSelector(".presence button[aria-pressed=true]:has-text('离岗')");
  await page.click(".presence button:has-text('在岗')");
  await until("here", isHere);
  browser.assertNoFaults();
});

chapter("the lifecycle is there to be read, in both languages", async () => {
  for (const language of ["zh", "en"]) {
    await desk.goto(`${district.urls.videowall}/lifecycle.html?lang=${language}`);
    await desk.waitForSelector("#in_progress tbody tr:nth-child(8)");
    await assertAccessible(desk, "the lifecycle");
    await screenshot(desk, `lifecycle-${language}`);
  }
  browser.assertNoFaults();
});
