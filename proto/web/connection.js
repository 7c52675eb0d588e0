// How old is what I see? A line on every page, loud when the connection is lost.

import { html } from "lit-html";
import { serverNow } from "shared/api.js";
import { word } from "shared/i18n.js";
import { shortTime } from "shared/time.js";

/** @param {import("shared/live.js").Liveness} liveness */
export function connectionMark({ live, since_ms }) {
  if (live) return html`<span class="mark ok" role="status"><span aria-hidden="true">●</span> ${word("live")}</span>`;
  return html`<span class="mark bad" role="alert"><span aria-hidden="true">▲</span> ${word("lost_since", { time: shortTime(since_ms, serverNow()) })}</span>`;
}
