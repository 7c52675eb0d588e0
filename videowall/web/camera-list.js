// The cameras as a list, a page at a time: how each is, since when, and what it saw last.

import { html } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { serverNow } from "shared/api.js";
import { areaName, nameOf } from "shared/book.js";
import { label, word } from "shared/i18n.js";
import { duration } from "shared/time.js";
import { ROWS } from "./cameras.js";

/** @typedef {import("./cameras.js").Cameras} Cameras */
/** @typedef {import("./cameras.js").CameraRow} CameraRow */

/** What is wrong comes first. */
export const CONDITIONS = ["lost", "frozen", "black", "covered", "blurred", "wrong_time", "well", "unknown"];

/** @param {string} condition @returns {"bad" | "warn" | "ok" | ""} */
export function conditionTone(condition) {
  if (condition === "well") return "ok";
  if (condition === "unknown") return "";
  return condition === "lost" ? "bad" : "warn";
}

const SHAPES = { bad: "▲", warn: "◆", ok: "●", "": "○" };

/** @param {string} condition */
export const conditionShape = (condition) => SHAPES[conditionTone(condition)];

/** @param {number} ms */
const ago = (ms) => word("picture_age", { time: duration(Math.max(0, serverNow() - ms)) });

/** @param {number} ms  when a mobile camera said where it is */
const placeView = (ms) => (ms ? word("placed_ago", { time: ago(ms) }) : word("not_placed"));

/** @param {Cameras} page */
export function listView(page) {
  const { found } = page;
  if (!found) return html`<section class="camera-list" aria-label=${word("cameras")}></section>`;
  const last = Math.min(found.from + ROWS, found.found);
  return html`<section class="camera-list" aria-label=${word("cameras")}>
    <header class="row">
      <p class="soft" role="status">
        ${found.found ? word("cameras_shown", { from: found.from + 1, to: last, n: found.found }) : word("no_cameras_found")}
      </p>
      <div class="row">
        <button class="button quiet" ?disabled=${found.from === 0} aria-label=${word("previous_page")} @click=${() => page.turn(-1)}>‹</button>
        <button class="button quiet" ?disabled=${last === found.found} aria-label=${word("next_page")} @click=${() => page.turn(1)}>›</button>
      </div>
    </header>
    <ul class="camera-rows">
      ${repeat(
        found.cameras,
        (row) => row.id,
        (row) => rowView(page, row),
      )}
    </ul>
  </section>`;
}

/** @param {Cameras} page @param {CameraRow} row */
function rowView(page, row) {
  const tone = conditionTone(row.condition);
  const chosen = page.chosen === row.id;
  return html`<li>
    <button class="camera" aria-current=${chosen ? "true" : "false"} data-camera=${row.id} @click=${() => page.choose(row.id, false)}>
      ${pictureView(row)}
      <span class="words">
        <strong>${nameOf(row)}</strong>
        <span class="soft">${row.id} · ${areaName(row.area) || word("nothing_named")}</span>
        ${row.placed_at_ms === undefined ? "" : html`<span class="soft">${placeView(row.placed_at_ms)}</span>`}
        ${row.reason ? html`<span class="soft reason">${row.reason}</span>` : ""}
      </span>
      <span class="how">
        <span class="mark ${tone}"><span aria-hidden="true">${conditionShape(row.condition)}</span> ${label("camera_condition", row.condition)}</span>
        ${row.since_ms ? html`<span class="soft">${word("since_time", { time: duration(Math.max(0, serverNow() - row.since_ms)) })}</span>` : ""}
        ${row.state === "idle" ? "" : html`<span class="soft">${word("now_state", { state: label("camera_state", row.state) })}</span>`}
      </span>
    </button>
  </li>`;
}

/** @param {CameraRow} row */
function pictureView(row) {
  if (!row.picture_at_ms) return html`<span class="small none">${word("no_picture")}</span>`;
  return html`<img class="small" loading="lazy" width="112" height="63" alt=${word("picture_of", { time: ago(row.picture_at_ms) })}
    title=${ago(row.picture_at_ms)} src="/api/cameras/${encodeURIComponent(row.id)}/picture?at=${row.picture_at_ms}" />`;
}
