// Every page with a district's life on it: usable by keyboard and screen reader (axe-core), in both languages; a picture of each is
// left in BUILD/screenshots.
import assert from "node:assert/strict";
import { assertAccessible, screenshot, signIn, story } from "./browser.mjs";
import { until } from "../../tools/district/district.mjs";

const REPORTS = [
  ["P0101", "井盖缺失，路人险些跌落", 39.94545, 116.37972],
  ["P0110", "路灯不亮，晚上很黑", 39.95014, 116.38227],
  ["E0102", "垃圾桶旁堆满垃圾", 39.93582, 116.37519],
  ["P0201", "道路塌陷约一平方米", 39.93382, 116.38316],
  ["E0401", "占道经营影响通行", 39.95031, 116.39487],
  ["P0401", "树枝压低影响行人", 39.94607, 116.40391],
  ["E0502", "下水道返水", 39.92965, 116.3969],
  ["E0699", "其他问题：广场舞噪音", 39.93564, 116.40712],
];

let district, browser, desk;

const chapter = story(
  async (stage) => {
    ({ district, browser } = stage);
    desk = await district.signIn("videowall", "o-01");
    for (const [service_code, description, lat, long] of REPORTS)
      await district.report({ service_code, description, lat, long });
    const cases = await until("all reports are cases", async () => {
      const { body } = await desk("GET", "/api/cases?list=open");
      return body.cases.length === REPORTS.length && body.cases;
    });
    const water = cases.find((record) => record.service === "P0101");
    for (const verb of ["accept", "dispatch"])
      assert.equal((await desk("POST", `/api/cases/${water.number}/${verb}`, { id: verb, revision: 0 })).status, 200);
  },
  {
    scenes: true, // and a case is due soon nine seconds after its report
    adapt: { "district.yaml": (text) => text.replace("warn_percents: [50, 80]", "warn_percents: [1]") },
  },
);

for (const language of ["zh", "en"]) {
  const at = (door, path) => `${district.urls[door]}${path}?lang=${language}`;

  chapter(`${language}: signing in`, async () => {
    const page = await browser.person("handset");
    await page.goto(at("field", "/"));
    await page.waitForSelector("#login");
    await assertAccessible(page, "the sign-in form");
    await page.fill("#login", "w-001");
    await page.fill("#password", "wrong");
    await page.click("button.main");
    await page.waitForSelector("[role=alert]");
    await screenshot(page, `sign-in-${language}`);
  });

  chapter(`${language}: desk`, async () => {
    const page = await browser.person("desk");
    await signIn(page, at("videowall", "/desk.html"), "o-01", district.password);
    await page.waitForSelector(".rows li:nth-child(6)");
    await page.waitForSelector(".detail .steps");
    await assertAccessible(page, "the desk");
    await screenshot(page, `desk-${language}`);
    await page.keyboard.press("?");
    await page.waitForSelector("dialog .keys");
    await assertAccessible(page, "the desk's keys");
  });

  chapter(`${language}: wall`, async () => {
    const page = await browser.person("wall");
    await signIn(page, at("videowall", "/wall.html"), "wall-01", district.password);
    await page.waitForSelector("[data-figure='open'] .figure:has-text('8')");
    await page.waitForSelector(".tile figcaption");
    await page.waitForSelector(".map path.case-point.due");
    await assertAccessible(page, "the wall");
    await screenshot(page, `wall-${language}`);
  });

  chapter(`${language}: nothing on the wall is cut off or smaller than 28 px`, async () => {
    const page = await browser.person("wall");
    await signIn(page, at("videowall", "/wall.html"), "wall-01", district.password);
    await page.waitForSelector(".newest li");
    const faults = await page.evaluate(() =>
      [...document.querySelectorAll(".wall *")]
        .filter(
          (element) =>
            element.checkVisibility() &&
            !element.closest(".sr") &&
            [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()),
        )
        .filter((element) => {
          const box = element.getBoundingClientRect();
          return (
            parseFloat(getComputedStyle(element).fontSize) < 28 || box.right > innerWidth || box.bottom > innerHeight
          );
        })
        .map((element) => element.outerHTML),
    );
    assert.deepEqual(faults, []);
  });

  chapter(`${language}: liaison`, async () => {
    const page = await browser.person("desk");
    await signIn(page, at("field", "/"), "l-water", district.password);
    await page.click(".task");
    await page.waitForSelector("[data-verbs] button");
    await assertAccessible(page, "the liaison's page");
    await screenshot(page, `liaison-${language}`);
  });

  chapter(`${language}: handset`, async () => {
    const liaison = await district.signIn("field", "l-water");
    const { body } = await liaison("GET", "/api/cases?list=dept/water");
    await liaison("POST", `/api/cases/${body.cases[0].number}/assign`, {
      id: `assign-${language}`,
      revision: 0,
      to_worker: "w-water-2",
    });
    const page = await browser.person("handset");
    await signIn(page, at("field", "/"), "w-water-2", district.password);
    await page.waitForSelector(".task");
    await assertAccessible(page, "the handset's list");
    await screenshot(page, `handset-list-${language}`);
    await page.click(".task");
    await page.waitForSelector(".action [data-verb]");
    await assertAccessible(page, "the handset's task");
    const small = await page.evaluate(() =>
      [...document.querySelectorAll("button, a")]
        .filter((element) => element.getBoundingClientRect().height < 44)
        .map((element) => element.outerHTML),
    );
    assert.deepEqual(small, [], "everything to be touched is at least 44 px high");
    await screenshot(page, `handset-task-${language}`);
  });

  chapter(`${language}: resident`, async () => {
    const page = await browser.person("handset");
    await page.goto(at("ingest", "/"));
    await page.waitForSelector("#report");
    await assertAccessible(page, "the resident's form");
    await screenshot(page, `resident-${language}`);
  });
}

chapter("a wall that loses its door says so and greys its figures, and comes back by itself", async () => {
  const page = await browser.person("wall");
  await signIn(page, `${district.urls.videowall}/wall.html`, "wall-01", district.password);
  await page.waitForSelector(".wall:not(.stale) [data-figure='open'] .figure:has-text('8')");
  browser.assertNoFaults();
  await district.kill("videowall");
  await page.waitForSelector(".wall.stale [role=alert]");
  await screenshot(page, "wall-lost");
  district.run("videowall");
  await page.waitForSelector(".wall:not(.stale)", { timeout: 30_000 });
  browser.faults.length = 0; // what Chromium says of refused connections
});
