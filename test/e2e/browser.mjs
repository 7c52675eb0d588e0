// Debian's Chromium for the tests: one profile a person, errors of a page are errors of the test.
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { load, startChromium } from "../../tools/district/chromium.mjs";
import { District, build } from "../../tools/district/district.mjs";

export { signIn } from "../../tools/district/chromium.mjs";

export const SIZES = {
  wall: { width: 1920, height: 1080 },
  desk: { width: 1920, height: 1080 },
  handset: { width: 390, height: 844 },
};
export const screenshots = join(build, "screenshots");

/** What a page may say on its console although all is well: the answers that a test brings about on purpose. */
const EXPECTED = [/status of 401/, /ERR_INTERNET_DISCONNECTED/, /ERR_CONNECTION_REFUSED/];

export class Browser {
  static async start() {
    const browser = new Browser();
    await mkdir(screenshots, { recursive: true });
    browser.chromium = await startChromium();
    return browser;
  }

  faults = [];

  /** A person's own profile with one page. @param {keyof typeof SIZES} size */
  async person(size, options = {}) {
    const context = await this.chromium.newContext({
      viewport: SIZES[size],
      locale: "zh-CN",
      timezoneId: "Asia/Shanghai",
      ...options,
    });
    context.setDefaultTimeout(15_000);
    return this.watch(await context.newPage());
  }

  watch(page) {
    page.on("pageerror", (error) => this.faults.push(`${page.url()}: ${error.stack ?? error}`));
    page.on("console", (message) => {
      const said = `${message.text()} ${message.location().url}`;
      if (message.type() === "error" && !EXPECTED.some((pattern) => pattern.test(said)))
        this.faults.push(`${page.url()}: ${said}`);
    });
    return page;
  }

  /** Fails with what the pages complained of since the last call. */
  assertNoFaults() {
    assert.deepEqual(this.faults.splice(0), []);
  }

  /** What the pages said and looked like when a chapter failed. */
  async showFailure(t) {
    for (const fault of this.faults) t.diagnostic(fault);
    const pages = this.chromium.contexts().flatMap((context) => context.pages());
    for (const [at, page] of pages.entries())
      await page.screenshot({ path: join(screenshots, `failed-${at}.png`) }).catch(() => {});
    t.diagnostic(`pictures of ${pages.length} pages: ${screenshots}/failed-*.png`);
  }

  stop() {
    return this.chromium.close();
  }
}

export async function screenshot(page, name) {
  await page.screenshot({ path: join(screenshots, `${name}.png`) });
}

/** No serious or critical violation of WCAG as axe-core knows it. */
export async function assertAccessible(page, what) {
  await page.evaluate(await readFile(load.resolve("axe-core/axe.min.js"), "utf8"));
  const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const told = serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
  assert.deepEqual(told, [], what);
}

/** A small JPEG as a handset's camera would give it: made by the browser itself. */
export async function somePhoto(page) {
  const base64 = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 2400, height: 1800 });
    const context = canvas.getContext("2d");
    const sky = context.createLinearGradient(0, 0, 0, 1800);
    sky.addColorStop(0, "#9cc4de");
    sky.addColorStop(1, "#6b6f68");
    context.fillStyle = sky;
    context.fillRect(0, 0, 2400, 1800);
    return canvas.toDataURL("image/jpeg", 0.9).split(",")[1];
  });
  return { name: "after.jpg", mimeType: "image/jpeg", buffer: Buffer.from(base64, "base64") };
}

/** The photo as a camera makes it, that writes beside it when it was taken: "2026:01:05 08:00:00" (Exif: a list that leads to a list with DateTimeOriginal). */
export function takenAt(photo, moment) {
  const exif = Buffer.from(
    "ffe1" +
      "0048" +
      "457869660000" +
      "4d4d002a00000008" + // the segment, its size and name; TIFF
      ("0001" + "8769" + "0004" + "00000001" + "0000001a" + "00000000") +
      ("0001" + "9003" + "0002" + "00000014" + "0000002c" + "00000000") +
      Buffer.from(`${moment}\0`, "latin1").toString("hex"),
    "hex",
  );
  return { ...photo, buffer: Buffer.concat([photo.buffer.subarray(0, 2), exif, photo.buffer.subarray(2)]) };
}

/**
 * A story's chapters are tests that build on each other: after the first that fails the rest are skipped. Gives the function that
 * declares one; `begin` gets a district and a browser that live as long as the story.
 * @param {(stage: { district: District, browser: Browser }) => Promise<void>} begin
 * @param {object} [options] of the district; `scenes`: the chapters do not build on each other, all of them run
 */
export function story(begin, { scenes = false, ...options } = {}) {
  const stage = {};
  let failed = "";
  before(async () => {
    stage.district = await District.start(options);
    stage.browser = await Browser.start();
    await begin(stage);
  });
  after(async () => {
    await stage.browser?.stop();
    await stage.district?.stop();
  });
  return (name, chapter) =>
    test(name, async (t) => {
      if (failed && !scenes) return t.skip(`after '${failed}'`);
      failed = name;
      try {
        await chapter(t);
      } catch (error) {
        await stage.browser.showFailure(t);
        for (const daemon of stage.district.processes.keys())
          t.diagnostic((await stage.district.log(daemon)).split("\n").slice(-6).join("\n"));
        throw error;
      }
      failed = "";
    });
}
