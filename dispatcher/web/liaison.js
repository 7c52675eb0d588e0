// The liaison's list: what the own department owes, soonest first; receive, assign, dispose with proof, return with a reason.

import { html, render } from "lit-html";
import { departmentName, personName, serviceName, workersOf } from "shared/book.js";
import {
  caseTitle,
  casePlace,
  clockMark,
  history,
  leadTask,
  mediaList,
  nearestClock,
  priorityMark,
  stateMark,
} from "shared/case-view.js";
import { label, word } from "shared/i18n.js";
import { ask, askReason } from "shared/question.js";
import { askDisposal } from "./dispose.js";
import { FieldPage, pageFoot, pageHead } from "./field-page.js";
import { taskList } from "./task-list.js";

/** @typedef {import("shared/case-view.js").CaseFile} CaseFile */

/** @param {HTMLElement} root @param {import("shared/login.js").Account} me */
export async function open(root, me) {
  const page = new FieldPage(me, {
    list: `dept/${me.department}`,
    topic: `dept/${me.department}`,
    draw: () => render(view(page), root),
  });
  await page.open();
}

/** @param {FieldPage} page */
function view(page) {
  return html`
    ${pageHead(page, departmentName(page.me.department))}
    <main class="liaison ${page.selected ? "with-detail" : ""}">
      <section class="list stack" aria-label=${word("department_tasks")}>
        ${taskList(page, (record) => record.state)}
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
  const worker = leadTask(record)?.worker;
  return html`
    <a class="button back" href="#">← ${word("department_tasks")}</a>
    <article class="card stack">
      <div class="row">${clockMark(nearestClock(record))} ${stateMark(record.state)} ${priorityMark(record.priority)}</div>
      <h2>${caseTitle(record)}</h2>
      <p class="soft">${record.number} · ${serviceName(record.service)}</p>
      ${record.text && record.text !== caseTitle(record) ? html`<p>${record.text}</p>` : ""} ${mediaList(record.media)}
      <p>${casePlace(record)}</p>
      ${worker ? html`<p>${word("assigned_to", { name: personName(worker) })}</p>` : ""}
      <div class="row" data-verbs>${there?.verbs.map(({ verb, need }) => verbButton(page, record, verb, need))}</div>
    </article>
    ${there ? html`<section class="card stack"><h2>${word("history")}</h2>${history(there.steps)}</section>` : ""}
  `;
}

/** @param {FieldPage} page @param {CaseFile} record @param {string} verb @param {string} need */
function verbButton(page, record, verb, need) {
  const press = async () => {
    if (verb === "dispose") {
      const disposal = await askDisposal();
      if (disposal) await page.act(verb, { reason: disposal.note }, disposal.photos);
    } else if (need === "worker") {
      const worker = await askWorker(record.department || page.me.department);
      if (worker) await page.act(verb, { to_worker: worker });
    } else if (need === "reason") {
      const reason = await askReason(label("verb", verb), label("verb", verb));
      if (reason) await page.act(verb, { reason });
    } else {
      await page.act(verb);
    }
  };
  const tone = verb === "return" ? "danger" : verb === "receive" || verb === "dispose" ? "main" : "";
  return html`<button class="button ${tone}" data-verb=${verb} @click=${press}>${label("verb", verb)}</button>`;
}

/** @param {string} department @returns {Promise<string | null>} */
async function askWorker(department) {
  const given = await ask({
    title: label("verb", "assign"),
    confirm: label("verb", "assign"),
    content: html`<div class="field">
      <label for="worker">${label("role", "worker")}</label>
      <select id="worker" name="worker" required>
        ${workersOf(department).map(
          (person) =>
            html`<option value=${person.id}>${person.name}${person.on_duty === false ? ` (${word("off_duty")})` : ""}</option>`,
        )}
      </select>
    </div>`,
  });
  return given && String(given.get("worker"));
}
