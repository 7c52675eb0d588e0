// One case at the desk: what was reported, its clocks and history, and the buttons that the door offers for it.

import { html } from "lit-html";
import { departmentName, personName, serviceName } from "shared/book.js";
import {
  caseTitle,
  casePlace,
  clockMark,
  countMarks,
  history,
  mediaList,
  priorityMark,
  stateMark,
} from "shared/case-view.js";
import { label, word } from "shared/i18n.js";
import { shortTime } from "shared/time.js";
import { serverNow } from "shared/api.js";

/** @typedef {import("shared/case-view.js").CaseFile} CaseFile */
/** @typedef {import("shared/case-view.js").Clock} Clock */

/** One key a verb; the buttons show them. */
export const VERB_KEYS = new Map([
  ["accept", "a"],
  ["refuse", "x"],
  ["dispatch", "d"],
  ["urge", "u"],
  ["confirm_return", "y"],
  ["deny_return", "n"],
  ["check", "c"],
  ["rework", "r"],
  ["close", "e"],
]);

/** @param {import("./desk.js").Desk} desk */
export function detailView(desk) {
  const detail = desk.detail;
  if (!detail) return html`<section class="detail"><p class="soft empty">${word("choose_a_case")}</p></section>`;
  const record = detail.case;
  return html`<section class="detail" aria-label=${word("detail")}>
    <header>
      <p class="soft">${record.number} · ${serviceName(record.service)} · ${label("event_source", record.source)}</p>
      <h2>${caseTitle(record)}</h2>
      <div class="row">
        ${stateMark(record.state)} ${priorityMark(record.priority)} ${countMarks(record)}
      </div>
    </header>
    <div class="row verbs" role="group" aria-label=${word("actions")}>${detail.verbs.map(({ verb }) => verbButton(desk, verb))}</div>
    ${desk.message ? html`<p class="note ${desk.message.tone}" role="alert">${desk.message.text}</p>` : ""}
    ${record.text && record.text !== caseTitle(record) ? html`<p class="text">${record.text}</p>` : ""} ${mediaList(record.media)}
    <dl class="facts">
      <dt>${word("place")}</dt>
      <dd>${casePlace(record)}</dd>
      <dt>${word("reported")}</dt>
      <dd>${shortTime(record.reported_at_ms, serverNow())}</dd>
      <dt>${word("department")}</dt>
      <dd>${record.department ? departmentName(record.department) : word("not_dispatched")}${workers(record)}</dd>
    </dl>
    ${clockTable(record.clocks)}
    <h3>${word("history")}</h3>
    ${history(detail.steps)}
  </section>`;
}

/** @param {CaseFile} record */
function workers(record) {
  return record.tasks
    .filter((task) => task.worker && task.state !== "withdrawn")
    .map((task) => ` · ${personName(task.worker)} (${label("task_state", task.state)})`);
}

/** @param {import("./desk.js").Desk} desk @param {string} verb */
function verbButton(desk, verb) {
  const key = VERB_KEYS.get(verb);
  const tone =
    verb === "refuse" || verb === "deny_return" || verb === "rework" ? "danger" : verb === "urge" ? "" : "main";
  return html`<button class="button ${tone}" data-verb=${verb} ?disabled=${desk.busy} @click=${() => desk.act(verb)}>
    ${label("verb", verb)} ${key ? html`<kbd>${key}</kbd>` : ""}
  </button>`;
}

/** @param {readonly Clock[]} clocks */
function clockTable(clocks) {
  if (clocks.length === 0) return "";
  const now = serverNow();
  return html`<table class="clocks">
    <thead>
      <tr>
        <th>${word("clock")}</th>
        <th>${word("limit")}</th>
        <th>${word("deadline")}</th>
        <th>${word("stands")}</th>
      </tr>
    </thead>
    <tbody>
      ${clocks.map((clock) => {
        const waits = clock.state === "running" || clock.state === "fired";
        return html`<tr title=${clock.rule}>
          <th scope="row">${label("clock_kind", clock.kind)}</th>
          <td>${word(`limit_${clock.unit}`, { n: clock.amount })}</td>
          <td>${shortTime(clock.deadline_ms, now)}</td>
          <td>${waits ? clockMark(clock) : label("clock_state", clock.state)}</td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}
