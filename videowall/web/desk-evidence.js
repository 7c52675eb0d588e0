// What was kept of cameras for a case: each file with its hash, shown when somebody asks for it, since who looks is recorded.

import { html } from "lit-html";
import { serverNow } from "shared/api.js";
import { knownName } from "shared/book.js";
import { word } from "shared/i18n.js";
import { ask } from "shared/question.js";
import { dayOf, shortTime } from "shared/time.js";

/** @typedef {import("shared/case-view.js").Step} Step */
/** @typedef {import("shared/case-view.js").Media} Media */

/** @param {string} number of the case @param {readonly Step[]} steps */
export function evidenceList(number, steps) {
  const kept = steps.filter(({ verb, media }) => verb === "evidence" && media.length);
  if (!kept.length) return "";
  return html`<h3>${word("evidence")}</h3>
    <ul class="evidence">
      ${kept.map((step) => html`<li>${fileLine(number, step, step.media[0])}</li>`)}
    </ul>`;
}

/** @param {string} number @param {Step} step @param {Media} file */
function fileLine(number, step, file) {
  const who = knownName(step.actor) || word("evidence_by_rule");
  const over = file.kept_until_ms && file.kept_until_ms < serverNow();
  return html`<p>
      <strong>${step.note}</strong> <time class="soft">${shortTime(step.at_ms, serverNow())}</time>
      <span class="soft">${who}</span>
    </p>
    <p class="soft sha">SHA-256 <code>${file.sha256}</code></p>
    <p class="row">
      ${
        over
          ? html`<span class="mark">${word("evidence_over")}</span>`
          : html`<button class="button" @click=${() => show(number, step, file)}>${word("evidence_show")}</button>
            <span class="soft">${word("evidence_until", { day: dayOf(file.kept_until_ms) })}</span>`
      }
    </p>`;
}

/** @param {string} number @param {Step} step @param {Media} file */
function show(number, step, file) {
  const url = `/api/cases/${encodeURIComponent(number)}/evidence/${file.hash}`;
  ask({
    title: step.note,
    confirm: word("understood"),
    content: html`<div class="evidence-file">
      ${
        file.type.startsWith("video/")
          ? html`<video src=${url} controls autoplay muted></video>`
          : html`<img src=${url} alt=${step.note} />`
      }
      <p class="soft">${word("evidence_recorded")}</p>
    </div>`,
  });
}
