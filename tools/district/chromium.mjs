// Debian's Chromium, steered by playwright-core out of the build folder's libraries.
import { createRequire } from "node:module";
import { join } from "node:path";
import { build } from "./district.mjs";

/** Loads a library of the build folder. */
export const load = createRequire(join(build, "libraries/package.json"));

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function startChromium() {
  return load("playwright-core").chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
}

/** Signs in on the form that is shown. */
export async function signIn(page, url, login, password) {
  await page.goto(url);
  await page.fill("#login", login);
  await page.fill("#password", password);
  await page.click("button.main");
  await page.waitForSelector("#password", { state: "detached" });
}
