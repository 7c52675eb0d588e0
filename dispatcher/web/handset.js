// The worker's handset: own tasks and what is offered, soonest first; each has one big button for what comes next. Works without a network.

import { html, render } from "lit-html";
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
} from "shared/case-view.js";
import { serviceName } from "shared/book.js";
import { label, word } from "shared/i18n.js";
import { verbBar } from "shared/verb-bar.js";
import { FieldPage, pageFoot, pageHead } from "./field-page.js";
import { nextVerbs, offeredTask, outlook, ownTask } from "./own-task.js";
import { askPatrol } from "./patrol.js";
import { Presence, presenceSwitch } from "./presence.js";
import { moreTasks, seenAt, taskList, taskMark, waitingMark } from "./task-list.js";

/** @typedef {import("shared/case-view.js").CaseFile} CaseFile */
/** @typedef {import("shared/verb-question.js").OfferedVerb} OfferedVerb */

/** What comes next, in the order of the work; the first that the case allows is the big button. */
const MAIN_VERBS = ["take", "arrive", "confirm", "dispose", "check"];
/** Beside it, large enough for a thumb. */
const BESIDE = new Set(["unfounded", "rework", "return", "advance"]);

/** @param {HTMLElement} root @param {import("shared/login.js").Account} me */
export async function open(root, me) {
  const draw = () => render(view(page, presence), root);
  const presence = new Presence(draw);
  const page = new FieldPage(me, {
    lists: [`worker/${me.login}`, `dept/${me.department}`],
    topic: `worker/${me.login}`,
    draw,
  });
  await page.open();
  await presence.open();
}

/** @param {FieldPage} page @param {Presence} presence */
function view(page, presence) {
  const record = page.number ? page.selected : undefined;
  return record ? taskView(page, record) : listView(page, presence);
}

/** The case as the worker knows it. @param {FieldPage} page @param {CaseFile} record */
function known(page, record) {
  return outlook(record, page.me, page.queue.doneSince(record));
}

/** What this worker may do: as the door says of the case as it is; else as far as the device knows. @param {FieldPage} page @param {CaseFile} record */
function verbsNow(page, record) {
  const there = page.detail?.case.number === record.number ? page.detail : null;
  return there && page.queue.doneSince(record).length === 0 ? there.verbs : nextVerbs(known(page, record));
}

// ---- the list ----

/** @param {FieldPage} page @param {Presence} presence */
function listView(page, presence) {
  const look = {
    stateOf: (/** @type {CaseFile} */ record) => known(page, record).state,
    taskOf: (/** @type {CaseFile} */ record) => ownTask(record, page.me) ?? offeredTask(record, page.me),
  };
  const own = page.cases.filter((record) => ownTask(record, page.me));
  const offered = page.cases.filter((record) => !ownTask(record, page.me) && offeredTask(record, page.me));
  const report = () =>
    askPatrol(({ body, photos }) => page.queue.add({ number: "", revision: 0 }, "report", body, photos));
  return html`
    ${pageHead(page, word("my_tasks"))}
    <main class="page stack">
      <div class="row spread">
        ${presenceSwitch(presence)}
        <button class="button" data-report @click=${report}>${word("patrol_report")}</button>
      </div>
      ${seenAt(page)} ${taskList(page, own, look)}
      ${own.length ? "" : html`<p class="card soft">${word("no_tasks")}</p>`}
      ${
        offered.length
          ? html`<h2>${word("offered_tasks", { n: offered.length })}</h2>
              <div class="offered">${taskList(page, offered, look)}</div>`
          : ""
      }
      ${moreTasks(page)}
    </main>
    ${pageFoot(page)}
  `;
}

// ---- one task ----

/** @param {FieldPage} page @param {CaseFile} record */
function taskView(page, record) {
  const { state } = known(page, record);
  const task = ownTask(record, page.me) ?? offeredTask(record, page.me);
  const verbs = verbsNow(page, record);
  const main = MAIN_VERBS.map((verb) => verbs.find((offered) => offered.verb === verb)).find(Boolean);
  const others = verbs.filter((offered) => offered !== main && !MAIN_VERBS.includes(offered.verb));
  const steps = page.detail?.case.number === record.number ? page.detail.steps : [];
  return html`
    ${pageHead(page, serviceName(record.service) || word("task"))}
    <main class="page stack with-action">
      <a class="button" href="#">← ${word("my_tasks")}</a>
      <article class="card stack">
        <div class="row">
          ${clockMark(nearestClockOf(record, task))} ${stateMark(state)} ${priorityMark(record.priority)} ${taskMark(task)}
          ${countMarks(record)} ${waitingMark(page, record)}
        </div>
        <h2>${caseTitle(record)}</h2>
        ${record.text && record.text !== caseTitle(record) ? html`<p>${record.text}</p>` : ""} ${mediaList(record.media)}
        <p>${placeLink(record)}</p>
        <p class="soft">${record.number}</p>
      </article>
      ${others.length ? verbBar({ verbs: others, main: BESIDE, act: (offered) => page.ask(offered) }) : ""}
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

/** @param {FieldPage} page @param {OfferedVerb} offered */
function mainButton(page, offered) {
  return html`<button class="button main big" data-verb=${offered.verb} @click=${() => page.ask(offered)}>${label("verb", offered.verb)}</button>`;
}
