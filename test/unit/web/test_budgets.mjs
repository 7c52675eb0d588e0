// What a page makes a person wait for: everything that it loads at its start, compressed, by following its links and imports.
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import test from "node:test";

const pages = process.env.DRUMTOWER_PAGES;

/** Where a door serves a URL path from. */
function fileOf(url, own) {
  return url.startsWith("/shared/") || url.startsWith("/vendor/") ? join(pages, url) : join(pages, own, url);
}

function importedBy(url, text) {
  const names = [...text.matchAll(/(?:(?<=[}\w$]\s*)\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+)["']/g)].map(
    (match) => match[1],
  );
  return names.map((name) => {
    if (name.startsWith("shared/")) return "/" + name;
    if (name === "lit-html") return "/vendor/lit-html/lit-html.js";
    if (name.startsWith("lit-html/")) return "/vendor/" + name;
    return posix.resolve(posix.dirname(url), name);
  });
}

/** All that `page` of the door `own` loads, as URL paths. */
function loadedBy(own, page) {
  const seen = new Set();
  const follow = (url) => {
    if (seen.has(url)) return;
    seen.add(url);
    const text = readFileSync(fileOf(url, own), "utf8");
    if (url.endsWith(".html"))
      for (const match of text.matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css|svg|webmanifest))"/g)) follow(match[1]);
    if (url.endsWith(".js")) importedBy(url, text).forEach(follow);
  };
  follow(page);
  seen.add("/shared/languages/zh.json");
  if (own === "videowall") seen.add("/languages/zh.json");
  return [...seen];
}

for (const [own, page, budget] of [
  ["videowall", "/wall.html", 120],
  ["videowall", "/desk.html", 150],
  ["videowall", "/indicators.html", 60],
  ["videowall", "/cameras.html", 110],
  ["videowall", "/live.html", 60],
  ["field", "/index.html", 60],
]) {
  test(`${own}${page} weighs at most ${budget} kB compressed`, (t) => {
    const urls = loadedBy(own, page);
    assert.ok(urls.length > 10, "the links were followed");
    for (const url of urls) assert.ok(existsSync(fileOf(url, own) + ".gz"), `${url} has a compressed copy`);
    const bytes = urls.reduce((sum, url) => sum + statSync(fileOf(url, own) + ".gz").size, 0);
    t.diagnostic(`${(bytes / 1000).toFixed(1)} kB in ${urls.length} files`);
    assert.ok(bytes <= budget * 1000, `${bytes} bytes: ${urls.join(" ")}`);
  });
}
