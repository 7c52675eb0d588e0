// Live cameras in a browser: real RTSP through ingest, bus and door into WebCodecs, Media Source Extensions or JPEGs.
import assert from "node:assert/strict";
import { assertAccessible, screenshot, signIn, story } from "./browser.mjs";
import { until } from "../../tools/district/district.mjs";

const CAMERAS = ["cam-01", "cam-02", "cam-03", "cam-04"];
/** Four decoders in software: on a busy machine it takes long until none of them is behind. */
const PATIENCE_MS = 120_000;

let district, browser, wall;

const chapter = story(
  async (stage) => {
    ({ district, browser } = stage);
    wall = await browser.person("wall");
    wall.context().setDefaultTimeout(60_000); // software decoding on a busy machine
    await signIn(wall, `${district.urls.videowall}/wall.html`, "wall-01", district.password);
  },
  { cameras: CAMERAS },
);

/** A number for each tile's picture: two pictures that differ have different ones. */
const pictures = (page = wall) =>
  page.evaluate(() =>
    [...document.querySelectorAll(".tile [role=img]")].map((picture) => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(picture, 0, 0, 640, 360);
      const { data } = context.getImageData(0, 0, 640, 360);
      return data.reduce((sum, value, at) => (at % 4 === 3 ? sum : (sum * 31 + value) >>> 0), 7);
    }),
  );
const liveTiles = async (page = wall) => (await page.$$(".tile[data-state=live]")).length;
const pictureKinds = (page) =>
  page.evaluate(() => [...document.querySelectorAll(".tile [role=img]")].map(({ tagName }) => tagName.toLowerCase()));

/** Every picture on the page is of another camera, and each one moves. */
async function assertTheyMove(page) {
  const first = await pictures(page);
  assert.equal(new Set(first).size, CAMERAS.length);
  await until(
    "every picture has changed",
    async () => (await pictures(page)).every((picture, at) => picture !== first[at]),
    PATIENCE_MS,
  );
}

/** A wall in a browser that lacks something. */
function wallWithout(...missing) {
  return wallWhere((names) => names.forEach((name) => delete globalThis[name]), missing);
}

/** In a browser that was changed. */
async function wallWhere(change, argument) {
  const page = await browser.person("wall");
  page.context().setDefaultTimeout(60_000);
  await page.addInitScript(change, argument);
  await signIn(page, `${district.urls.videowall}/wall.html`, "wall-01", district.password);
  await until("four live tiles", async () => (await liveTiles(page)) === CAMERAS.length, PATIENCE_MS);
  return page;
}

chapter("four tiles are live", async () => {
  await until("four live tiles", async () => (await liveTiles()) === CAMERAS.length, PATIENCE_MS);
  await screenshot(wall, "wall-live");
});

chapter("they show four different pictures, and each one moves", async () => {
  assert.deepEqual(await pictureKinds(wall), ["canvas", "canvas", "canvas", "canvas"]);
  await assertTheyMove(wall);
});

chapter("with a graphics card, and in a browser that copies no pixels, frames are drawn as they are", async () => {
  const changes = [
    () => (OffscreenCanvas.prototype.getContext = () => ({})), // asked for WebGL
    () => (VideoFrame.prototype.allocationSize = () => (640 * 360 * 3) / 2), // of the frame's own format
  ];
  for (const change of changes) {
    const page = await wallWhere(change);
    await page.evaluate(() => (VideoFrame.prototype.copyTo = () => Promise.reject(new Error("copied"))));
    await assertTheyMove(page);
    await page.close();
  }
});

chapter("a page without WebCodecs plays them by Media Source Extensions", async () => {
  const page = await wallWithout("VideoDecoder");
  assert.deepEqual(await pictureKinds(page), ["video", "video", "video", "video"]);
  await assertTheyMove(page);
  await screenshot(page, "wall-live-mse");
  await page.close();
});

chapter("a page with neither is sent JPEGs", async () => {
  const page = await wallWithout("VideoDecoder", "MediaSource");
  assert.deepEqual(await pictureKinds(page), ["canvas", "canvas", "canvas", "canvas"]);
  await assertTheyMove(page);
  await page.close();
});

chapter("a camera that changes its picture's size goes on, in both", async () => {
  const page = await wallWithout("VideoDecoder");
  district.cameras.stdin.write("cam-01 change\n");
  /** A canvas has no more pixels than are seen, but the picture's form. */
  const form = (here) =>
    here.evaluate(() => {
      const { width, videoWidth, height, videoHeight } = document.querySelector(".tile [role=img]");
      return ((videoWidth ?? width) / (videoHeight ?? height)).toFixed(1);
    });
  await until(
    "the new size",
    async () => (await form(wall)) === "1.2" && (await form(page)) === "1.2", // 704x576
    PATIENCE_MS,
  );
  district.cameras.stdin.write("cam-01 well\n");
  await until(
    "the old size",
    async () => (await form(wall)) === "1.8" && (await form(page)) === "1.8", // 640x360
    PATIENCE_MS,
  );
  await page.close();
});

chapter("the server decodes a camera that sends H.265, as the browser cannot", async () => {
  district.cameras.stdin.write("cam-02 codec h265\ncam-02 cut\n");
  const metrics = async () => (await fetch(`${district.urls.videowall}/metrics`)).text();
  await until("it is decoded here", async () => /drumtower_live_stills 1/.test(await metrics()), PATIENCE_MS);
  await until("four live tiles", async () => (await liveTiles()) === CAMERAS.length, PATIENCE_MS);
  await assertTheyMove(wall);
  await screenshot(wall, "wall-live-h265");
});

chapter("sixteen at most stand on the cameras' page, each with its latency and the whole screen for it", async () => {
  const page = await browser.person("desk");
  page.context().setDefaultTimeout(60_000);
  await signIn(page, `${district.urls.videowall}/live.html?cameras=${CAMERAS}`, "o-01", district.password);
  await until("four live tiles", async () => (await liveTiles(page)) === CAMERAS.length, PATIENCE_MS);
  await page.waitForSelector("figcaption:has-text('延迟')");
  await assertAccessible(page, "the cameras' page");
  await screenshot(page, "live-zh");
  await page.click(".tile:first-child .tile-actions button");
  await page.waitForFunction(() => document.fullscreenElement?.matches(".tile"));
  await page.close();
});

chapter("when the cameras are gone, each tile keeps its picture, greyed, with its age", async () => {
  district.cameras.stdin.end();
  await until("no tile says live", async () => (await liveTiles()) === 0);
  await wall.waitForSelector(".tile figcaption:has-text('前')");
  await screenshot(wall, "wall-cameras-lost");
  browser.assertNoFaults();
});
