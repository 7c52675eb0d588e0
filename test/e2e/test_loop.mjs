// The whole loop in a browser: what a resident types reaches the desk, the department, a handset, and the desk again; the wall's
// numbers follow without a reload.
import assert from "node:assert/strict";
import { assertAccessible, screenshot, signIn, somePhoto, story, takenAt } from "./browser.mjs";
import { until } from "../../tools/district/district.mjs";

const WORDS = "钟楼北广场南侧供水井盖破损";
const PLACE = { latitude: 39.94545, longitude: 116.37972 };
const WORKER = "w-water-2"; // of a crew, always on duty

let district, browser;
let resident, desk, wall, liaison, handset;
let number = ""; // of the case

const chapter = story(async (stage) => {
  ({ district, browser } = stage);
});

const figure = async (key) => (await wall.textContent(`[data-figure="${key}"] .figure`)).replace(/\D/g, "");
const wallShows = (key, value) =>
  until(`the wall shows ${key} = ${value}`, async () => (await figure(key)) === String(value), 10_000);
const stateAtDesk = (state) => desk.waitForSelector(`.detail header .mark:has-text("${state}")`);

chapter("wall, desk, liaison and handset are open before anything happens", async () => {
  [resident, desk, wall, liaison, handset] = await Promise.all([
    browser.person("handset", { geolocation: PLACE, permissions: ["geolocation"] }),
    browser.person("desk"),
    browser.person("wall"),
    browser.person("desk"),
    browser.person("handset"),
  ]);
  await signIn(wall, `${district.urls.videowall}/wall.html`, "wall-01", district.password);
  await signIn(desk, `${district.urls.videowall}/desk.html`, "o-01", district.password);
  await signIn(liaison, district.urls.field, "l-water", district.password);
  await signIn(handset, district.urls.field, WORKER, district.password);
  await wallShows("open", 0);
  await desk.waitForSelector(".queue .empty");
  await handset.waitForSelector(".card:has-text('现在没有任务')");
});

chapter("a report typed into the resident's page gives a receipt", async () => {
  await resident.goto(district.urls.ingest);
  await resident.selectOption("#service", "P0101");
  await resident.click("#position");
  await resident.waitForFunction(() => document.forms.report.elements.lat.value !== "");
  await resident.fill("#description", WORDS);
  const taken = new Date(Math.floor(Date.now() / 1000) * 1000 - 60000); // the page makes the photo smaller, and keeps what its camera said
  const local = taken.toLocaleString("sv-SE", { timeZone: "Asia/Shanghai" }).replaceAll("-", ":");
  await resident.setInputFiles("#photo", takenAt(await somePhoto(resident), local));
  await assertAccessible(resident, "the resident's form");
  await screenshot(resident, "resident-form");
  await resident.click("#report button.main, #report [type=submit]");
  assert.match(await resident.textContent("#number"), /^[1-9][0-9]*$/);
  await screenshot(resident, "resident-receipt");
  const event = JSON.parse(await district.drumctl("events", "--data", district.data, "--json"));
  assert.equal(event.media[0].taken_at_ms, taken.getTime());
});

chapter("it appears on the desk, and the wall counts it, without a reload", async () => {
  await desk.waitForSelector(`.rows button:has-text("${WORDS}")`);
  await stateAtDesk("已上报");
  await desk.waitForSelector(".detail .photos img");
  number = (await desk.textContent(".detail header p")).trim().split(" ")[0];
  assert.match(number, /^GL-\d{8}-\d{4,}$/);
  await wallShows("open", 1);
  await wallShows("reported_today", 1);
  await wall.waitForSelector(`.newest li[data-number="${number}"]`);
});

chapter("the operator accepts and dispatches it with three keys", async () => {
  await desk.keyboard.press("a");
  await stateAtDesk("已立案");
  await desk.keyboard.press("d");
  await desk.waitForSelector("dialog option:checked:has-text('供排水公司')");
  await screenshot(desk, "desk-dispatch");
  await desk.keyboard.press("Enter");
  await stateAtDesk("已派遣");
  await wall.waitForSelector("[data-department='water'] td:nth-of-type(1):has-text('1')");
});

chapter("the department's liaison receives it and names a worker", async () => {
  await liaison.click(`.task:has-text("${WORDS}")`);
  await liaison.click('[data-verb="receive"]');
  await liaison.waitForSelector('.detail .mark:has-text("已接收")');
  await liaison.click('[data-verb="assign"]');
  await liaison.selectOption("#worker", WORKER);
  await screenshot(liaison, "liaison-assign");
  await liaison.click("dialog .main");
});

chapter("it appears on the handset, where it is taken, reached and disposed with a photo", async () => {
  await handset.click(`.task:has-text("${WORDS}")`);
  await handset.click('.action [data-verb="take"]');
  await handset.click('.action [data-verb="arrive"]');
  await handset.waitForSelector('.action [data-verb="dispose"]');
  await stateAtDesk("处置中");
  await screenshot(handset, "handset-task");
  await handset.click('.action [data-verb="dispose"]');
  await handset.setInputFiles("#photo", await somePhoto(handset));
  await handset.waitForSelector("#previews img");
  await handset.fill("#note", "已更换井盖");
  await screenshot(handset, "handset-dispose");
  await handset.click("dialog .main");
  await handset.waitForSelector("dialog", { state: "detached" });
});

chapter("the liaison reports the disposal for the department", async () => {
  await liaison.waitForSelector(".detail .steps :text('已更换井盖')");
  await liaison.click('[data-verb="dispose"]');
  await liaison.click("dialog .main");
  await stateAtDesk("已处置");
});

chapter("the desk sees the proof, small and without metadata, checks and closes", async () => {
  const look = (path) =>
    desk.evaluate(async (path) => {
      const bytes = await (await fetch(path)).arrayBuffer();
      const { width, height } = await createImageBitmap(new Blob([bytes]));
      return { width, height, exif: new TextDecoder("latin1").decode(bytes).includes("Exif") };
    }, path);
  const whole = await desk.getAttribute(".detail .photos a", "href");
  const small = await desk.getAttribute(".detail .photos img", "src");
  assert.deepEqual(await look(whole), { width: 1600, height: 1200, exif: false });
  assert.deepEqual(await look(small), { width: 320, height: 240, exif: false });
  await screenshot(desk, "desk-disposed");
  await desk.keyboard.press("c");
  await stateAtDesk("已核查");
  await desk.keyboard.press("e");
  await stateAtDesk("已结案");
});

chapter("the wall's numbers have followed, and nothing complained", async () => {
  await wallShows("open", 0);
  await wallShows("closed_today", 1);
  await screenshot(wall, "wall-after");
  browser.assertNoFaults();
});

chapter("the resident sees the end", async () => {
  await resident.click("#follow");
  await resident.waitForSelector('#state[data-state="closed"]');
  await screenshot(resident, "resident-stages");
});
