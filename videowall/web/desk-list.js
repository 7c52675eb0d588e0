// The desk's queue: one list of the case API at a time, in the order of time left.

import { html } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { serviceName } from "shared/book.js";
import {
  caseTitle,
  casePlace,
  clockMark,
  countMarks,
  nearestClock,
  priorityMark,
  stateMark,
} from "shared/case-view.js";
import { word } from "shared/i18n.js";

/** @typedef {import("shared/case-view.js").CaseFile} CaseFile */

/** @typedef {import("./wall.js").Figures} Figures */

/** The desk's lists with their keys, and how many cases each holds. */
export const DESK_LISTS = [
  { key: "1", list: "open", words: "list_open", count: (/** @type {Figures} */ figures) => figures.open },
  { key: "2", ...stateList("reported"), words: "list_reported" },
  { key: "3", ...stateList("verifying"), words: "list_verifying" },
  { key: "4", ...stateList("accepted"), words: "list_accepted" },
  { key: "5", list: "triage", words: "list_triage", count: (/** @type {Figures} */ figures) => figures.triage },
  { key: "6", list: "asked", words: "list_asked", count: null },
  { key: "7", ...stateList("disposed"), words: "list_disposed" },
  { key: "8", ...stateList("checked"), words: "list_checked" },
  { key: "9", ...stateList("suspended"), words: "list_suspended" },
  { key: "0", list: "supervised", words: "list_supervised", count: null },
  { key: "-", list: "closed", words: "list_closed", count: null },
];

/** @param {string} state */
function stateList(state) {
  return { list: `state/${state}`, count: (/** @type {Figures} */ figures) => figures.states[state] };
}

/** @param {import("./desk.js").Desk} desk */
export function queueView(desk) {
  return html`<section class="queue" aria-label=${word("queue")}>
    <nav class="lists" aria-label=${word("lists")}>
      ${DESK_LISTS.map(
        ({
          key,
          list,
          words,
          count,
        }) => html`<button class="button quiet" aria-pressed=${desk.list === list} @click=${() => desk.chooseList(list)}>
          <kbd>${key}</kbd> ${word(words)} ${count && desk.figures ? html`<span class="number">${count(desk.figures)}</span>` : ""}
        </button>`,
      )}
    </nav>
    <p class="soft count">${word("cases_in_list", { n: desk.cases.length })}${desk.more ? word("and_more") : ""}</p>
    <ul class="rows">
      ${repeat(
        desk.cases,
        (record) => record.number,
        (record) => row(desk, record),
      )}
    </ul>
    ${desk.cases.length ? "" : html`<p class="soft empty">${word("list_is_empty")}</p>`}
  </section>`;
}

/** @param {import("./desk.js").Desk} desk @param {CaseFile} record */
function row(desk, record) {
  const chosen = desk.number === record.number;
  return html`<li>
    <button class="row-button" aria-current=${chosen ? "true" : "false"} data-number=${record.number} @click=${() => desk.choose(record.number)}>
      <span class="line">
        ${clockMark(nearestClock(record))} ${stateMark(record.state)}
        ${record.priority === 1 || record.priority === 2 ? priorityMark(record.priority) : ""} ${countMarks(record)}
      </span>
      <strong>${caseTitle(record)}</strong>
      <span class="soft">${record.number.split("-").slice(-1)} · ${serviceName(record.service)} · ${casePlace(record)}</span>
    </button>
  </li>`;
}
