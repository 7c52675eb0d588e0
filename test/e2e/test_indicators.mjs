// From a rate to its cases and on to the desk, with the keyboard alone.
import assert from "node:assert/strict";
import { assertAccessible, screenshot, signIn, story } from "./browser.mjs";
import { until } from "../../tools/district/district.mjs";

const REPORTS = [
  ["P0101", "甲：供水井盖破损"],
  ["P0110", "乙：路灯不亮"],
  ["P0201", "丙：路面塌陷"],
];

let district, browser, page, operator;

const chapter = story(async (stage) => {
  ({ district, browser } = stage);
  operator = await district.signIn("videowall", "o-01");
  for (const [service_code, description] of REPORTS)
    await district.report({ service_code, description, lat: "39.94545", long: "116.37972" });
  const cases = await until("all reports are cases", async () => {
    const { body } = await operator("GET", "/api/cases?list=open");
    return body.cases.length === REPORTS.length && body.cases;
  });
  const does = async (who, verb, number) => {
    const { status } = await who("POST", `/api/cases/${number}/${verb}`, { id: verb + number, revision: 0 });
    assert.equal(status, 200, `${verb} ${number}`);
  };
  for (const { number, title } of cases)
    for (const verb of title.startsWith("丙") ? ["accept"] : ["accept", "dispatch"]) await does(operator, verb, number);
  const water = cases.find(({ title }) => title.startsWith("甲"));
  await does(await district.signIn("field", "l-water"), "receive", water.number);
  page = await browser.person("desk");
  await signIn(page, `${district.urls.videowall}/indicators.html`, "leader-01", district.password);
});

const row = (words) => `.rates tr:has(th:has-text("${words}"))`;

chapter("the district's rates have their colour, shape and word", async () => {
  const cell = await page.waitForSelector(`${row("按时受理率")} button`);
  assert.match(await cell.textContent(), /100\.0%\s*●/);
  assert.equal(await cell.getAttribute("title"), "3/3");
  assert.match(await cell.getAttribute("aria-label"), /绿/);
  assert.match(await page.textContent(`${row("派遣准确率")} button`), /100\.0%/);
  assert.match(await page.textContent(".rates tfoot"), /3/);
  await assertAccessible(page, "the indicators of the district");
  await screenshot(page, "indicators-district-zh");
});

chapter("departments stand one below the other, and the address keeps the question", async () => {
  await page.selectOption("#by", "dept");
  await page.waitForSelector(row("供排水公司"));
  assert.match(page.url(), /by=dept/);
  await page.reload();
  await page.waitForSelector(row("供排水公司"));
  assert.equal(await page.inputValue("#by"), "dept");
  assert.match(await page.textContent(`${row("供排水公司")} button`), /100\.0%/);
});

chapter("arrows walk the figures, Enter lists the cases, Escape comes back", async () => {
  await page.selectOption("#by", "service");
  await page.selectOption("#period", "month");
  await page.waitForSelector(`${row("路灯")} button`);
  await page.focus(".rates tbody tr:first-child button");
  const first = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  const second = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  assert.notEqual(first, second);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".found li:only-child");
  await assertAccessible(page, "the cases behind a figure");
  await screenshot(page, "indicators-cases-zh");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".cases", { state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), second);
});

chapter("a figure's list is as long as the figure says, and what is left out of it is there", async () => {
  await page.selectOption("#period", "whole");
  await page.selectOption("#by", "all");
  await page.click(`${row("按时受理率")} button`);
  await page.waitForSelector(".found li:nth-child(3)");
  await page.click('.cases button:has-text("未计入")');
  await page.waitForSelector(".cases .soft:has-text('这个列表')");
  assert.equal(await page.locator(".found li").count(), 0);
});

chapter("in English as well", async () => {
  await page.click('button:has-text("English")');
  await page.waitForSelector(row("Accepted on time"));
  await page.selectOption("#by", "tier");
  await page.waitForSelector(row("District"));
  await assertAccessible(page, "the indicators in English");
  await screenshot(page, "indicators-tiers-en");
});

chapter("what the door does not understand is said", async () => {
  await page.goto(`${district.urls.videowall}/indicators.html?by=moon`);
  await page.waitForSelector('[role=alert]:has-text("none of all, dept")');
  browser.faults.length = 0; // Chromium tells of the 400
  await page.selectOption("#by", "service");
  await page.waitForSelector("[role=alert]", { state: "detached" });
});

chapter("a case leads to the desk", async () => {
  await page.waitForSelector(".rates button");
  await page.click(".rates tbody button");
  await page.click(".found a");
  await page.waitForSelector(".detail h2");
  assert.match(page.url(), /desk\.html#/);
});
