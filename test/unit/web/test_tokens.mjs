// The colours of the tokens can be read: contrast by WCAG 2.2, 1.4.3.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

const css = readFileSync(join(process.env.DRUMTOWER_SOURCE, "proto/web/tokens.css"), "utf8");

function colours(selector) {
  const block = css.slice(css.indexOf(selector + " {")).split("}")[0];
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((match) => [match[1], match[2]]));
}

function luminance(colour) {
  const [r, g, b] = [1, 3, 5]
    .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

for (const selector of [":root", ':root[data-theme="wall"]']) {
  const token = colours(selector);
  const pairs = ["ink", "ink-soft", "accent", "ok", "warn", "bad"].flatMap((ink) =>
    ["ground", "panel"].map((ground) => [ink, ground]),
  );
  pairs.push(
    ["ok", "ok-soft"],
    ["warn", "warn-soft"],
    ["bad", "bad-soft"],
    ["on-accent", "accent"],
    ["ink", "raised"],
    ["ink", "accent-soft"],
  );
  for (const [ink, ground] of pairs)
    test(`${selector}: ${ink} on ${ground} reaches 4.5:1`, () => {
      const reached = contrast(token[ink], token[ground]);
      assert.ok(reached >= 4.5, `${token[ink]} on ${token[ground]}: ${reached.toFixed(2)}`);
    });
}
