// More cameras than a page can play: the wall composes them, and every page gets the same one stream.
import assert from "node:assert/strict";
import { assertAccessible, screenshot, signIn, story } from "./browser.mjs";
import { until } from "../../tools/district/district.mjs";

/** As few as are more than a page plays: the wall with sixty-four of them is test_many_cameras's. */
const COUNT = 25;
const CAMERAS = Array.from({ length: COUNT }, (_, at) => `cam-${String(at + 1).padStart(2, "0")}`);
const PATIENCE_MS = 120_000;

/** The book has eight: the others stand beside them. */
function withAll(text) {
  const [, port] = text.match(/rtsp:\/\/127\.0\.0\.1:(\d+)/);
  const rows = CAMERAS.slice(8).map(
    (id) =>
      `  - {id: ${id}, name: 路口${id.slice(4)}, name_en: Crossing ${id.slice(4)}, url: "rtsp://127.0.0.1:${port}/${id}", lat: 39.94, lon: 116.39}\n`,
  );
  return text.replace(/(cam-08"[^\n]*\n)/, `$1${rows.join("")}`);
}

let district, browser, desk;
const streams = [];

const chapter = story(
  async (stage) => {
    ({ district, browser } = stage);
    await district.kill("videowall", "SIGTERM");
    district.run("videowall", ["--output", "web", "--cameras", CAMERAS.join(",")]);
    await district.ready("videowall");
    desk = await browser.person("desk");
    desk.context().setDefaultTimeout(PATIENCE_MS);
    desk.on("request", (request) => request.url().includes("/live?") && streams.push(request.url()));
    await signIn(desk, url(), "o-01", district.password);
  },
  { cameras: CAMERAS, adapt: { "cameras.yaml": withAll } },
);

const url = (more = "") => `${district.urls.videowall}/live.html?cameras=${CAMERAS}${more}`;
const isLive = (page) => page.waitForSelector(".tile[data-state=live]");
const metric = async (name) => {
  const text = await (await fetch(`${district.urls.videowall}/metrics`)).text();
  return Number(text.match(new RegExp(`^${name} (\\S+)`, "m"))?.[1] ?? 0);
};

/** A number for each eighth by eighth of the picture. */
const parts = (page) =>
  page.evaluate(() => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(document.querySelector(".tile [role=img]"), 0, 0, 640, 360);
    return Array.from({ length: 64 }, (_, at) => {
      const { data } = context.getImageData(80 * (at % 8), 45 * Math.floor(at / 8), 80, 45);
      return data.reduce((sum, value, byte) => (byte % 4 === 3 ? sum : (sum * 31 + value) >>> 0), 7);
    });
  });

/** At least so many parts of the picture become others. */
async function assertItMoves(page) {
  const first = await parts(page);
  await until(
    "most of the picture has changed",
    async () => (await parts(page)).filter((part, at) => part !== first[at]).length >= 32,
    PATIENCE_MS,
  );
}

/** A page in a browser that lacks something. */
async function pageWithout(...missing) {
  const page = await browser.person("desk");
  page.context().setDefaultTimeout(PATIENCE_MS);
  await page.addInitScript((names) => names.forEach((name) => delete globalThis[name]), missing);
  await signIn(page, url(), "o-01", district.password);
  await isLive(page);
  return page;
}

/** @param {import("playwright-core").Page} page */
function fitOf(page) {
  return page.evaluate(
    () => getComputedStyle(/** @type {Element} */ (document.querySelector(".tile canvas"))).objectFit,
  );
}

/** Its buttons stand beside what is said of it. @param {import("playwright-core").Page} page */
async function assertNothingIsCovered(page) {
  const { buttons, state } = await page.evaluate(() => ({
    buttons: document.querySelector(".tile-actions")?.getBoundingClientRect().left ?? 0,
    state: document.querySelector(".tile figcaption span")?.getBoundingClientRect().right ?? Infinity,
  }));
  assert.ok(state <= buttons, `the state ends at ${state}, the buttons begin at ${buttons}`);
}

chapter("more cameras than a page plays come as one stream, and the page says why", async () => {
  await isLive(desk);
  assert.equal(await desk.locator(".tile").count(), 1);
  assert.equal(streams.length, 1);
  assert.match(streams[0], /cameras=wall%2Fshown$/);
  await desk.waitForSelector(`.note:has-text('请求了 ${COUNT} 路视频')`);
  await desk.waitForSelector(`[role=status]:has-text('${COUNT} 路中 ${COUNT} 路实时')`);
  await assertItMoves(desk);
  await assertAccessible(desk, "the composed wall");
  await screenshot(desk, "composed-zh");
});

chapter("each camera is a place to click on, and is shown large", async () => {
  assert.equal(await desk.locator(".areas button").count(), COUNT);
  await desk.click(".areas button[data-camera=cam-11]");
  await desk.waitForSelector(".tile[data-state=live] figcaption:has-text('路口11')");
  assert.equal(await desk.locator(".tile").count(), 1);
  assert.match(streams.at(-1), /cameras=cam-11$/);
  await screenshot(desk, "composed-large");
  await desk.keyboard.press("Escape");
  await desk.waitForSelector(".composed[data-state=live]");
  assert.equal(await desk.evaluate(() => document.activeElement?.dataset.camera), "cam-11");
});

chapter("in full screen they are places to click on, too", async () => {
  const inFullScreen = () => desk.evaluate(() => document.fullscreenElement?.className);
  await desk.click(".composed button:has-text('全屏')");
  await until("the whole screen is taken", async () => (await inFullScreen()) === "cameras", PATIENCE_MS);
  await screenshot(desk, "composed-full");
  await desk.click(".areas button[data-camera=cam-07]");
  await desk.waitForSelector(".tile[data-state=live] figcaption:has-text('柳岸公园西门')");
  assert.equal(await inFullScreen(), "cameras");
  assert.equal(await fitOf(desk), "contain"); // a screen of another shape cuts nothing off
  await desk.click("button:has-text('返回大屏画面')");
  await desk.waitForSelector(".composed[data-state=live]");
  await desk.click(".composed button:has-text('切换大屏')");
  await desk.waitForSelector("dialog[open] [role=status]");
  await desk.click("dialog[open] [data-order=hold]");
  await desk.waitForSelector("dialog[open] [role=status]:has-text('已暂停')");
  await screenshot(desk, "composed-full-dialog");
  await desk.click("dialog[open] .main");
  await desk.click(".composed button:has-text('全屏')");
  await until("the screen is given back", async () => !(await inFullScreen()), PATIENCE_MS);
});

chapter("a page without WebCodecs plays it by Media Source Extensions, one with neither is sent JPEGs", async () => {
  const mse = await pageWithout("VideoDecoder");
  assert.equal(await mse.locator(".tile video").count(), 1);
  await assertItMoves(mse);
  await mse.close();
  const jpeg = await pageWithout("VideoDecoder", "MediaSource");
  await assertItMoves(jpeg);
  await jpeg.close();
});

chapter("it is composed only while some page looks", async () => {
  const alone = `${district.urls.videowall}/live.html?cameras=cam-01&lang=en`;
  await desk.goto(alone);
  await until("nobody watches it", async () => (await metric("drumtower_wall_web_watched")) === 0);
  const before = await metric("drumtower_wall_pictures_total");
  await desk.goto(alone); // takes longer than a picture
  await isLive(desk);
  assert.equal(await metric("drumtower_wall_pictures_total"), before);
  await desk.goto(url("&lang=en"));
  await desk.waitForSelector(".composed[data-state=live]");
  await assertNothingIsCovered(desk);
  await screenshot(desk, "composed-en");
});

chapter("without such a wall the page says so and shows sixteen", async () => {
  browser.assertNoFaults();
  await district.kill("videowall", "SIGTERM");
  district.run("videowall");
  await district.ready("videowall");
  await desk.goto(url("&lang=en"));
  await desk.waitForSelector(".note:has-text('There is no composed picture here')");
  assert.equal(await desk.locator(".tile").count(), 16);
});
