// Neighbours have reported this already: whoever is about to report hears of it before sending, with a script and without one, and one case
// has all their voices. An address that could not be located hints at nothing.
import assert from "node:assert/strict";
import { assertAccessible, screenshot, story } from "./browser.mjs";
import { until } from "../../tools/district/district.mjs";

const PLACE = { latitude: 39.95014, longitude: 116.38227 };
const LINK = "?lang=en&service_code=P0110&lat=39.95020&long=116.38230"; // as on a lamp post: 7 m beside it
const ELSEWHERE = "?lang=en&service_code=P0110&lat=39.9042&long=116.4074"; // where a geocoder puts what it cannot find

let district, browser, desk;

const chapter = story(async (stage) => {
  ({ district, browser } = stage);
  desk = await district.signIn("videowall", "o-01");
  const said = { service_code: "P0110", description: "路灯不亮", lat: PLACE.latitude, long: PLACE.longitude };
  await district.report(said);
  await caseWith(1);
});

const caseWith = (voices) =>
  until(`one case with ${voices} voices`, async () => {
    const { body } = await desk("GET", "/api/cases?list=all");
    return body.cases.length === 1 && body.cases[0].voices.length === voices;
  });

chapter("the page tells it as soon as service and place are given", async () => {
  const page = await browser.person("handset", { geolocation: PLACE, permissions: ["geolocation"] });
  await page.goto(`${district.urls.ingest}/?lang=en`);
  await page.selectOption("#service", "P0110");
  await page.click("#position");
  await page.waitForSelector('#near-hint:has-text("1 neighbour has reported this here already")');
  await assertAccessible(page, "the form with the hint");
  await screenshot(page, "resident-neighbours");
  await page.selectOption("#service", "P0101");
  await page.waitForSelector("#near-hint", { state: "detached" });
  await page.selectOption("#service", "P0110");
  await page.waitForSelector("#near-hint");
  await page.click("#report button.main");
  assert.match(await page.textContent("#number"), /^[1-9][0-9]*$/);
  await caseWith(2);
});

chapter("what was written is not lost without a question", async () => {
  const page = await browser.person("handset");
  const asked = [];
  page.on("dialog", (dialog) => {
    asked.push(dialog.type());
    dialog.dismiss();
  });
  await page.goto(`${district.urls.ingest}/?lang=en`);
  await page.fill("#description", "dark for a week");
  await page.click("header a[lang=zh]", { noWaitAfter: true });
  await until("a question", async () => asked.length === 1);
  assert.deepEqual(asked, ["beforeunload"]);
  assert.equal(await page.inputValue("#description"), "dark for a week");
});

chapter("a link that says service and place tells it without a script", async () => {
  const page = await browser.person("handset", { javaScriptEnabled: false });
  await page.goto(`${district.urls.ingest}/${LINK}`);
  assert.match(await page.textContent("#near-hint"), /2 neighbours have reported this here already/);
  await page.click("#report button.main");
  assert.match(await page.textContent("#number"), /^[1-9][0-9]*$/);
  await caseWith(3);
});

chapter("without a script, a form that has not told it comes back once to ask", async () => {
  const page = await browser.person("handset", { javaScriptEnabled: false });
  await page.goto(`${district.urls.ingest}/?lang=en&lat=39.95020&long=116.38230`);
  assert.equal(await page.locator("#near-hint").count(), 0);
  await page.selectOption("#service", "P0110");
  await page.fill("#description", "dark for a week");
  await page.click("#report button.main");
  assert.match(await page.textContent("#near-hint"), /3 neighbours have .*Nothing was sent yet/s);
  assert.equal(await page.inputValue("#description"), "dark for a week");
  await caseWith(3);
  await page.click("#report button.main");
  assert.match(await page.textContent("#number"), /^[1-9][0-9]*$/);
  await caseWith(4);
});

chapter("a place that cannot be trusted, or is elsewhere, hints at nothing", async () => {
  const page = await browser.person("handset");
  for (const link of [
    ELSEWHERE,
    LINK.replace("P0110", "P0201"),
    LINK.replace("39.95020", "39.95120"),
    LINK.replace("39.95020", "x"),
  ]) {
    await page.goto(`${district.urls.ingest}/${link}`);
    assert.equal(await page.locator("#near-hint").count(), 0, link);
    const hint = await fetch(`${district.urls.ingest}/near${link}`);
    assert.deepEqual([hint.status, await hint.text()], [200, ""], link);
  }
  browser.assertNoFaults();
});
