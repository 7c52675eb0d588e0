// The liaison's page: what the own department owes, soonest first, as lead or as assistant; and what has been closed, for an appeal.

import { html, render } from "lit-html";
import { departmentName, knownName, serviceName } from "shared/book.js";
import { clockTable, requestNote, specialFacts, taskTable, voiceList } from "shared/case-parts.js";
import {
  caseTitle,
  casePlace,
  clockMark,
  countMarks,
  history,
  mediaList,
  nearestClockOf,
  priorityMark,
  stateMark,
  taskOfDepartment,
} from "shared/case-view.js";
import { word } from "shared/i18n.js";
import { verbBar } from "shared/verb-bar.js";
import { FieldPage, pageFoot, pageHead } from "./field-page.js";
import { moreTasks, seenAt, taskList, taskMark } from "./task-list.js";

/** @typedef {import("shared/case-view.js").CaseFile} CaseFile */

/** What moves the own part on; the rest is asked for now and then. */
const MAIN = new Set(["receive", "assign", "dispose", "advance", "return", "acknowledge", "appeal"]);

/** @type {"open" | "all"} */
let shown = "open";

/** @param {HTMLElement} root @param {import("shared/login.js").Account} me */
export async function open(root, me) {
  const page = new FieldPage(me, {
    lists: [`dept/${me.department}`],
    topic: `dept/${me.department}`,
    draw: () => render(view(page), root),
  });
  await page.open();
}

/** @param {FieldPage} page @param {"open" | "all"} list */
function show(page, list) {
  shown = list;
  page.choose([`${list === "open" ? "dept" : "dept-all"}/${page.me.department}`]);
  page.draw();
}

/** @param {FieldPage} page */
function view(page) {
  const look = {
    stateOf: (/** @type {CaseFile} */ record) => record.state,
    taskOf: (/** @type {CaseFile} */ record) => taskOfDepartment(record, page.me.department),
  };
  const tab = (/** @type {"open" | "all"} */ list) =>
    html`<button class="button" aria-pressed=${shown === list} @click=${() => show(page, list)}>${word(list === "open" ? "list_open" : "list_all")}</button>`;
  return html`
    ${pageHead(page, departmentName(page.me.department))}
    <main class="liaison ${page.selected ? "with-detail" : ""}">
      <section class="list stack" aria-label=${word("department_tasks")}>
        <div class="row">${tab("open")} ${tab("all")}</div>
        ${seenAt(page)} ${taskList(page, page.cases, look)}
        ${page.cases.length ? "" : html`<p class="card soft">${word("no_tasks")}</p>`} ${moreTasks(page)}
      </section>
      <section class="detail stack" aria-live="polite">
        ${page.selected ? detailView(page, page.selected) : html`<p class="soft">${word("choose_a_case")}</p>`}
      </section>
    </main>
    ${pageFoot(page)}
  `;
}

/** @param {FieldPage} page @param {CaseFile} record */
function detailView(page, record) {
  const there = page.detail?.case.number === record.number ? page.detail : null;
  const task = taskOfDepartment(record, page.me.department);
  const worker = knownName(task?.worker ?? "");
  return html`
    <a class="button back" href="#">← ${word("department_tasks")}</a>
    <article class="card stack">
      <div class="row">
        ${clockMark(nearestClockOf(record, task))} ${stateMark(record.state)} ${priorityMark(record.priority)} ${taskMark(task)}
        ${countMarks(record)}
      </div>
      <h2>${caseTitle(record)}</h2>
      <p class="soft">${record.number} · ${serviceName(record.service)}</p>
      ${record.text && record.text !== caseTitle(record) ? html`<p>${record.text}</p>` : ""} ${mediaList(record.media)}
      <p>${casePlace(record)}</p>
      ${worker ? html`<p>${word("assigned_to", { name: worker })}</p>` : ""}
      ${there ? verbBar({ verbs: there.verbs, main: MAIN, act: (offered) => page.ask(offered) }) : ""}
      ${requestNote(record)}
    </article>
    ${there ? partsView(there) : ""}
  `;
}

/** @param {import("./field-page.js").Detail} detail */
function partsView({ case: record, steps, words }) {
  return html`<section class="card stack">
      ${voiceList(record, words)}
      <dl class="facts">${specialFacts(record)}</dl>
      ${taskTable(record)} ${clockTable(record)}
    </section>
    <section class="card stack">
      <h2>${word("history")}</h2>
      ${history(steps)}
    </section>`;
}
