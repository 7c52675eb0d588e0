// The list of tasks that handset and liaison show alike: soonest first, each a link to its case.

import { html } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { personName, serviceName } from "shared/book.js";
import { caseTitle, casePlace, clockMark, countMarks, leadTask, nearestClock, stateMark } from "shared/case-view.js";
import { word } from "shared/i18n.js";
import { shortTime } from "shared/time.js";

/** @typedef {import("shared/case-view.js").CaseFile} CaseFile */
/** @typedef {import("./field-page.js").FieldPage} FieldPage */

/** @param {readonly CaseFile[]} cases */
function byTimeLeft(cases) {
  const order = (/** @type {CaseFile} */ record) => nearestClock(record)?.deadline_ms || Infinity;
  return [...cases].sort((a, b) => order(a) - order(b) || a.id - b.id);
}

/** @param {FieldPage} page @param {(record: CaseFile) => string} stateOf  as the page knows it */
export function taskList(page, stateOf) {
  const seenAt = page.seenAtMs ? shortTime(page.seenAtMs, page.seenAtMs) : "—";
  return html`
    <p class="soft">${word("tasks_seen_at", { n: page.cases.length, time: seenAt })}</p>
    <ul class="tasks stack">
      ${repeat(
        byTimeLeft(page.cases),
        (record) => record.number,
        (record) => row(page, record, stateOf(record)),
      )}
    </ul>
    ${page.cases.length ? "" : html`<p class="card soft">${word("no_tasks")}</p>`}
  `;
}

/** @param {FieldPage} page @param {CaseFile} record @param {string} state */
function row(page, record, state) {
  const worker = leadTask(record)?.worker;
  const who = worker && worker !== page.me.login ? personName(worker) : "";
  const chosen = record.number === page.number;
  return html`<li>
    <a class="card task" href="#${encodeURIComponent(record.number)}" aria-current=${chosen ? "true" : "false"}>
      <span class="row">
        ${clockMark(nearestClock(record))} ${stateMark(state)} ${waitingMark(page, record)} ${countMarks(record)}
      </span>
      <strong>${caseTitle(record)}</strong>
      <span class="soft">${[serviceName(record.service), casePlace(record), who].filter(Boolean).join(" · ")}</span>
    </a>
  </li>`;
}

/** Something was done here that the district does not know yet. @param {FieldPage} page @param {CaseFile} record */
export function waitingMark(page, record) {
  return page.queue.waitingFor(record.number).length
    ? html`<span class="mark warn">${word("not_sent_yet")}</span>`
    : "";
}
