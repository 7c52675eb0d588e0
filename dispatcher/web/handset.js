// The worker's handset: own tasks, soonest first; each has one big button for what comes next. Works without a network.

import { html, render } from "lit-html";
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
import { serviceName } from "shared/book.js";
import { TRANSITIONS } from "shared/constants.js";
import { label, word } from "shared/i18n.js";
import { askReason } from "shared/question.js";
import { askDisposal } from "./dispose.js";
import { FieldPage, pageFoot, pageHead } from "./field-page.js";
import { taskList, waitingMark } from "./task-list.js";

/** @typedef {import("shared/case-view.js").CaseFile} CaseFile */

/** What comes next, in the order of the work; the first that the case allows is the big button. */
const MAIN_VERBS = ["take", "arrive", "dispose", "check"];

/** @param {HTMLElement} root @param {import("shared/login.js").Account} me */
export async function open(root, me) {
  const page = new FieldPage(me, {
    list: `worker/${me.login}`,
    topic: `worker/${me.login}`,
    draw: () => render(view(page), root),
  });
  await page.open();
}

/** @param {FieldPage} page */
function view(page) {
  const record = page.number ? page.selected : undefined;
  return record ? taskView(page, record) : listView(page);
}

// ---- the state as the person knows it: what the door said, and then what was done here and waits to be sent ----

/** @param {FieldPage} page @param {CaseFile} record */
function outlook(page, record) {
  const task = leadTask(record);
  let state = record.state;
  let taken = task?.state === "taken" || task?.state === "on_site";
  for (const verb of page.queue.doneSince(record)) {
    state = TRANSITIONS.find((row) => row.from === state && row.verb === verb)?.to ?? state;
    taken ||= verb === "take";
  }
  return { state, taken };
}

/** What this worker may do next. @param {FieldPage} page @param {CaseFile} record */
function nextVerbs(page, record) {
  const { state, taken } = outlook(page, record);
  const disposedIt = record.tasks.some((task) => task.done_by === page.me.login);
  const allowed = TRANSITIONS.filter((row) => row.from === state && row.roles.includes("worker")).map(
    (row) => row.verb,
  );
  return allowed.filter((verb) => {
    if (verb === "take") return !taken;
    if (verb === "arrive") return taken;
    if (verb === "dispose") return state === "in_progress";
    if (verb === "check" || verb === "rework") return !disposedIt;
    return true;
  });
}

// ---- the list ----

/** @param {FieldPage} page */
function listView(page) {
  return html`
    ${pageHead(page, word("my_tasks"))}
    <main class="page stack">${taskList(page, (record) => outlook(page, record).state)}</main>
    ${pageFoot(page)}
  `;
}

// ---- one task ----

/** @param {FieldPage} page @param {CaseFile} record */
function taskView(page, record) {
  const { state } = outlook(page, record);
  const verbs = nextVerbs(page, record);
  const main = MAIN_VERBS.find((verb) => verbs.includes(/** @type {any} */ (verb)));
  const steps = page.detail?.case.number === record.number ? page.detail.steps : [];
  return html`
    ${pageHead(page, serviceName(record.service) || word("task"))}
    <main class="page stack with-action">
      <a class="button" href="#">← ${word("my_tasks")}</a>
      <article class="card stack">
        <div class="row">
          ${clockMark(nearestClock(record))} ${stateMark(state)} ${priorityMark(record.priority)}
          ${waitingMark(page, record)}
        </div>
        <h2>${caseTitle(record)}</h2>
        ${record.text && record.text !== caseTitle(record) ? html`<p>${record.text}</p>` : ""} ${mediaList(record.media)}
        <p>${placeLink(record)}</p>
        <p class="soft">${record.number}</p>
      </article>
      ${
        verbs.includes("return") || verbs.includes("rework")
          ? html`<div class="row">
            ${verbs.filter((verb) => verb === "return" || verb === "rework").map((verb) => reasonButton(page, verb))}
          </div>`
          : ""
      }
      ${steps.length ? html`<section class="card stack"><h2>${word("history")}</h2>${history(steps)}</section>` : ""}
    </main>
    <div class="action">${main ? mainButton(page, main) : html`<p class="soft">${word("nothing_to_do")}</p>`}</div>
  `;
}

/** @param {CaseFile} record */
function placeLink(record) {
  const { lat, lon } = record.place;
  if (!lat && !lon) return casePlace(record);
  return html`<a class="button place" href="geo:${lat},${lon}?q=${lat},${lon}">${word("go_there")}: ${casePlace(record)}</a>`;
}

/** @param {FieldPage} page @param {string} verb */
function mainButton(page, verb) {
  const press = async () => {
    if (verb !== "dispose") return page.act(verb);
    const disposal = await askDisposal();
    if (disposal) await page.act(verb, { reason: disposal.note }, disposal.photos);
  };
  return html`<button class="button main big" data-verb=${verb} @click=${press}>${label("verb", verb)}</button>`;
}

/** @param {FieldPage} page @param {string} verb */
function reasonButton(page, verb) {
  const press = async () => {
    const reason = await askReason(label("verb", verb), label("verb", verb));
    if (reason) await page.act(verb, { reason });
  };
  return html`<button class="button danger" data-verb=${verb} @click=${press}>${label("verb", verb)}</button>`;
}
