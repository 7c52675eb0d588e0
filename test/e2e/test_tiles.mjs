// Live cameras in a browser: real RTSP through ingest, bus and door into WebCodecs on the wall.
import assert from "node:assert/strict";
import { screenshot, signIn, story } from "./browser.mjs";
import { until } from "./district.mjs";

const CAMERAS = ["cam-01", "cam-02", "cam-03", "cam-04"];

let district, browser, wall;

const chapter = story(
  async (stage) => {
    ({ district, browser } = stage);
    wall = await browser.person("wall");
    await signIn(wall, `${district.urls.videowall}/wall.html`, "wall-01", district.password);
  },
  { cameras: CAMERAS },
);

/** A number for each tile's picture: two pictures that differ have different ones. */
const pictures = () =>
  wall.evaluate(() =>
    [...document.querySelectorAll(".tile canvas")].map((canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return data.reduce((sum, value, at) => (at % 4 === 3 ? sum : (sum * 31 + value) >>> 0), 7);
    }),
  );
const liveTiles = async () => (await wall.$$(".tile[data-state=live]")).length;

chapter("four tiles are live", async () => {
  await until("four live tiles", async () => (await liveTiles()) === CAMERAS.length);
  await screenshot(wall, "wall-live");
});

chapter("they show four different pictures, and each one moves", async () => {
  const first = await pictures();
  assert.equal(new Set(first).size, CAMERAS.length);
  await until(
    "every picture has changed",
    async () => (await pictures()).every((picture, at) => picture !== first[at]),
    10_000,
  );
});

chapter("a page without WebCodecs shows snapshots instead", async () => {
  const old = await browser.person("wall");
  await old.addInitScript(() => delete globalThis.VideoDecoder);
  await signIn(old, `${district.urls.videowall}/wall.html`, "wall-01", district.password);
  await old.waitForFunction(
    (count) => document.querySelectorAll(".tile[data-state=live]").length === count,
    CAMERAS.length,
  );
  await old.close();
});

chapter("when the cameras are gone, each tile keeps its picture, greyed, with its age", async () => {
  district.cameras.stdin.end();
  await until("no tile says live", async () => (await liveTiles()) === 0);
  await wall.waitForSelector(".tile figcaption:has-text('前')");
  await screenshot(wall, "wall-cameras-lost");
  browser.assertNoFaults();
});
