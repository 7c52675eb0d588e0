// An urgent case brings the cameras near it up: at the desk live beside its words, on the native wall over what it shows.
import assert from "node:assert/strict";
import { copyFile, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { assertAccessible, screenshot, screenshots, signIn, story } from "./browser.mjs";
import { until } from "../../tools/district/district.mjs";

const CAMERAS = Array.from({ length: 8 }, (_, at) => `cam-0${at + 1}`);
/** Near cam-01, which looks south at it. */
const PLACE = { lat: 39.9445, long: 116.37972 };

let district, browser, desk, pictures;

const chapter = story(
  async (stage) => {
    ({ district, browser } = stage);
    pictures = join(district.folder, "pictures");
    desk = await district.signIn("videowall", "o-01");
    await district.kill("videowall", "SIGTERM");
    district.run("videowall", ["--output", `png:${pictures}`, "--scene", "tour"]);
    await district.ready("videowall");
  },
  {
    cameras: CAMERAS,
    adapt: {
      "wall.yaml": (text) =>
        text
          .replace("dwell_s: 15", "dwell_s: 5")
          .replace("within_m: 800", "within_m: 2000")
          .replace("dwell_s: 30", "dwell_s: 3600"),
    },
  },
);

const wall = (...words) => district.drumctl("wall", "--bus-port", String(district.busPort), ...words);

async function keepPicture(name) {
  const newest = async () =>
    (await readdir(pictures))
      .filter((file) => file.startsWith("wall-"))
      .sort()
      .at(-1);
  for (let more = 0; more < 2; more++) {
    const before = await newest();
    await until("a new picture", async () => (await newest()) > before);
  }
  await mkdir(screenshots, { recursive: true });
  await copyFile(join(pictures, await newest()), join(screenshots, `native-${name}.png`));
}

/** Pictures that the wall has composed. */
async function pictureCount() {
  const text = await (await fetch(`${district.urls.videowall}/metrics`)).text();
  return Number(/^drumtower_wall_pictures_total (\d+)/m.exec(text)?.[1]);
}

const report = (description, service_code) => district.report({ service_code, description, ...PLACE });

let calm, urgent;

chapter("a case that is not urgent leaves the wall as it is, and has its cameras by a key", async () => {
  await report("垃圾桶旁堆满垃圾", "E0102");
  calm = await until("the case", async () => (await desk("GET", "/api/cases?list=open")).body.cases[0]?.number);
  const { body } = await desk("GET", `/api/cases/${calm}/cameras`);
  assert.equal(body.urgent, false);
  assert.equal(body.cameras[0].id, "cam-01");
  assert.equal(body.cameras[0].looks, true);
  assert.equal(body.cameras[0].away_m, 106);
  assert.equal((await desk("GET", "/api/popup")).body.popup, null);
  const page = await browser.person("desk");
  await signIn(page, `${district.urls.videowall}/desk.html`, "o-01", district.password);
  await page.waitForSelector(".near-cameras");
  await page.keyboard.press("i");
  await page.waitForSelector(".near-tiles .tile[data-state=live]:nth-child(3)");
  await page.keyboard.press("i");
  await page.waitForSelector(".near-tiles", { state: "detached" });
});

chapter("an urgent one comes up by itself, and the tour stands still", async () => {
  await report("道路突然塌陷，有人受伤，紧急", "P0201");
  const popup = await until("the pop-up", async () => (await desk("GET", "/api/popup")).body.popup);
  urgent = popup.number;
  assert.notEqual(urgent, calm);
  assert.equal((await desk("GET", `/api/cases/${urgent}/cameras`)).body.urgent, true);
  const shown = await until("the wall", async () => {
    const view = (await desk("GET", "/api/wall/view")).body;
    return view.popup === urgent && view;
  });
  const drawn = await pictureCount();
  await until("the tour would have gone on", async () => (await pictureCount()) >= drawn + 9); // one a second; it dwells 5 s
  assert.equal((await desk("GET", "/api/wall/view")).body.page, shown.page);
  assert.match(await wall("look"), new RegExp(`over it the cameras near case ${urgent}`));
  await keepPicture("popup");
});

chapter("the desk is told, and shows its cameras at once", async () => {
  const page = await browser.person("desk");
  await signIn(page, `${district.urls.videowall}/desk.html#${calm}`, "o-01", district.password);
  await page.click(`[data-popup="${urgent}"]`);
  await page.waitForSelector(".near-tiles .tile[data-state=live]:nth-child(3)");
  await assertAccessible(page, "the desk with cameras");
  await screenshot(page, "desk-cameras-zh");
});

chapter("what stands over the wall is taken away by hand, and the tour goes on", async () => {
  const { page } = (await desk("GET", "/api/wall/view")).body;
  assert.doesNotMatch(await wall("clear"), /over it/);
  await until("the next page", async () => (await desk("GET", "/api/wall/view")).body.page !== page);
  assert.match(await wall("pop", calm), new RegExp(`case ${calm}`));
  await assert.rejects(wall("pop", "GL-20200101-99999"), /there is no case/);
});

chapter("the desk switches scenes and holds the tour", async () => {
  const page = await browser.person("desk");
  await signIn(page, `${district.urls.videowall}/desk.html?lang=en`, "o-01", district.password);
  await page.waitForSelector(".rows li");
  await page.keyboard.press("q");
  await page.click("[data-scene=focus]");
  await page.waitForSelector("[data-scene=focus][aria-pressed=true]");
  await page.click("[data-order=hold]");
  await until("it is held", async () => (await desk("GET", "/api/wall/view")).body.held);
  await page.click("[data-order=clear]");
  await until("nothing is over it", async () => (await desk("GET", "/api/wall/view")).body.popup === "");
  await assertAccessible(page, "the wall's dialog");
  await screenshot(page, "desk-wall-en");
});
