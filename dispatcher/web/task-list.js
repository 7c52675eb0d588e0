// The list of tasks that handset and liaison show alike: soonest first, each a link to its case.

import { html } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { serverNow } from "shared/api.js";
import { knownName, serviceName } from "shared/book.js";
import { caseTitle, casePlace, clockMark, countMarks, nearestClockOf, stateMark } from "shared/case-view.js";
import { label, word } from "shared/i18n.js";
import { shortTime } from "shared/time.js";

/** @typedef {import("shared/case-view.js").CaseFile} CaseFile */
/** @typedef {import("shared/case-view.js").Task} Task */
/** @typedef {import("./field-page.js").FieldPage} FieldPage */

/**
 * @typedef {object} Look  how a page looks at a case
 * @property {(record: CaseFile) => string} stateOf  as the page knows it
 * @property {(record: CaseFile) => Task | undefined} taskOf  its own part
 */

/** @param {readonly CaseFile[]} cases @param {Look} look */
function byTimeLeft(cases, { taskOf }) {
  const order = (/** @type {CaseFile} */ record) => nearestClockOf(record, taskOf(record))?.deadline_ms || Infinity;
  return [...cases].sort((a, b) => order(a) - order(b) || a.id - b.id);
}

/** @param {FieldPage} page */
export function seenAt(page) {
  const n = `${page.cases.length}${page.more ? "+" : ""}`;
  return html`<p class="soft">${word("tasks_seen_at", { n, time: shortTime(page.seenAtMs, serverNow()) })}</p>`;
}

/** Where a list does not end yet. @param {FieldPage} page */
export function moreTasks(page) {
  return page.more
    ? html`<button class="button" data-more @click=${() => page.showMore()}>${word("more")}</button>`
    : "";
}

/** @param {FieldPage} page @param {readonly CaseFile[]} cases @param {Look} look */
export function taskList(page, cases, look) {
  return html`<ul class="tasks stack">
    ${repeat(
      byTimeLeft(cases, look),
      (record) => record.number,
      (record) => row(page, record, look),
    )}
  </ul>`;
}

/** @param {FieldPage} page @param {CaseFile} record @param {Look} look */
function row(page, record, { stateOf, taskOf }) {
  const task = taskOf(record);
  const who = task?.worker && task.worker !== page.me.login ? knownName(task.worker) : "";
  const chosen = record.number === page.number;
  return html`<li>
    <a class="card task" href="#${encodeURIComponent(record.number)}" aria-current=${chosen ? "true" : "false"}>
      <span class="row">
        ${clockMark(nearestClockOf(record, task))} ${stateMark(stateOf(record))} ${taskMark(task)} ${waitingMark(page, record)}
        ${countMarks(record)}
      </span>
      <strong>${caseTitle(record)}</strong>
      <span class="soft">${[serviceName(record.service), casePlace(record), who].filter(Boolean).join(" · ")}</span>
    </a>
  </li>`;
}

/** What kind of part it is, where it is not the main one. @param {Task | undefined} task */
export function taskMark(task) {
  return task && task.role !== "lead" ? html`<span class="mark ok">${label("task_role", task.role)}</span>` : "";
}

/** Something was done here that the district does not know yet. @param {FieldPage} page @param {CaseFile} record */
export function waitingMark(page, record) {
  return page.queue.waitingFor(record.number).length
    ? html`<span class="mark warn">${word("not_sent_yet")}</span>`
    : "";
}
