// The health of the cameras, from the round to the page: list, filter, rates, map; its pictures in BUILD/screenshots.
import assert from "node:assert/strict";
import { once } from "node:events";
import { assertAccessible, screenshot, signIn, story } from "./browser.mjs";
import { until } from "../../tools/district/district.mjs";

const CAMERAS = Array.from({ length: 8 }, (_, at) => `cam-0${at + 1}`);
const ROUND_MS = 150_000; // two rounds: bounds a wait that has gone wrong

let district, browser, desk;

const chapter = story(
  async (stage) => {
    ({ district, browser } = stage);
    for (const order of ["cam-02 see covered", "cam-05 die"]) {
      district.cameras.stdin.write(`${order}\n`);
      assert.equal(String((await once(district.cameras.stdout, "data"))[0]), "ok 1\n");
    }
    desk = await district.signIn("videowall", "o-01");
  },
  { cameras: CAMERAS, adapt: { "cameras.yaml": (text) => text.replace("minutes: 5", "minutes: 1") } },
);

/** Which tones lie on top of the map, by the colours of its canvas's pixels and what would be clicked there. */
function seenOnMap() {
  const canvas = document.querySelector(".map canvas");
  const { data, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const box = canvas.getBoundingClientRect();
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(
    ["bad", "warn", "ok"].map((tone) => {
      const colour = [1, 3, 5].map((at) =>
        parseInt(
          style
            .getPropertyValue(`--${tone}`)
            .trim()
            .slice(at, at + 2),
          16,
        ),
      );
      for (let at = 0; at < data.length; at += 4) {
        if (data[at + 3] !== 255 || colour.some((part, i) => data[at + i] !== part)) continue;
        const x = box.left + (((at / 4) % width) * box.width) / canvas.width;
        const y = box.top + (Math.floor(at / 4 / width) * box.height) / canvas.height;
        if (document.elementFromPoint(x, y) === canvas) return [tone, true];
      }
      return [tone, false];
    }),
  );
}

const conditions = async () => (await desk("GET", "/api/cameras/counts")).body.conditions;

chapter("a round finds every camera as it is", async () => {
  const counts = await until(
    "a round",
    async () => {
      const now = await conditions();
      return now.unknown === 0 && now;
    },
    ROUND_MS,
  );
  assert.deepEqual({ well: counts.well, covered: counts.covered, lost: counts.lost }, { well: 6, covered: 1, lost: 1 });
  const { body } = await desk("GET", "/api/cameras?state=covered,lost");
  assert.equal(body.found, 2);
  assert.deepEqual(body.cameras.map(({ id }) => id).sort(), ["cam-02", "cam-05"]);
  assert.match(body.cameras.find(({ id }) => id === "cam-05").reason, /\w/);
});

chapter("the list is paged and refuses what it does not know", async () => {
  const { body } = await desk("GET", "/api/cameras?from=6&limit=5");
  assert.equal(body.found, 8);
  assert.equal(body.cameras.length, 2);
  assert.equal((await desk("GET", "/api/cameras?state=tired")).status, 400);
  assert.equal((await desk("GET", "/api/cameras?area=nowhere")).status, 400);
  assert.equal((await desk("GET", "/api/cameras?limit=0")).status, 400);
  assert.equal((await desk("GET", "/api/cameras/cam-99/picture")).status, 404);
});

for (const language of ["zh", "en"]) {
  chapter(`${language}: the page shows them, finds them, and counts by tier`, async () => {
    const page = await browser.person("desk");
    await signIn(page, `${district.urls.videowall}/cameras.html?lang=${language}`, "o-01", district.password);
    await page.waitForSelector(".camera-rows li:nth-child(8)");
    await page.waitForFunction(() =>
      [...document.querySelectorAll(".camera img")].some((image) => image.naturalWidth === 320),
    );
    const seen = await page.evaluate(seenOnMap);
    assert.deepEqual(seen, { bad: true, warn: true, ok: true });
    await assertAccessible(page, "the cameras");
    await screenshot(page, `cameras-${language}`);
    await page.click("[data-tone=bad].chip");
    await page.waitForFunction(() => document.querySelectorAll(".camera").length === 1);
    await page.click(".camera[data-camera=cam-05]");
    await page.waitForSelector(".camera[aria-current=true]");
    await screenshot(page, `cameras-lost-${language}`);
    await page.click(".question .chip");
    await page.fill("#text", "cam-03");
    await page.waitForSelector(".camera-rows li:only-child [data-camera=cam-03]");
    assert.match(new URL(page.url()).search, /text=cam-03/);
  });
}

chapter("without ingest it says so", async () => {
  await district.kill("ingest", "SIGTERM");
  await until("the door knows", async () => (await desk("GET", "/api/cameras/counts")).body.round === "away");
  assert.equal((await conditions()).covered, 1); // as it said last
});
