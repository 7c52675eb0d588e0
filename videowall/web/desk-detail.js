// One case at the desk: what was reported, its clocks and history, and the buttons that the door offers for it.

import { html } from "lit-html";
import { serverNow } from "shared/api.js";
import { conditionOf, departmentName, nameOf, serviceName } from "shared/book.js";
import { clockTable, requestNote, specialFacts, taskTable, voiceList } from "shared/case-parts.js";
import { caseTitle, casePlace, countMarks, history, mediaList, priorityMark, stateMark } from "shared/case-view.js";
import { label, word } from "shared/i18n.js";
import { shortTime } from "shared/time.js";
import { verbBar } from "shared/verb-bar.js";
import { evidenceList } from "./desk-evidence.js";

/** What moves a case on, and what waits for a decision: one key each; of those that share one, a case never offers two. */
export const VERB_KEYS = new Map([
  ["accept", "a"],
  ["verify", "v"],
  ["refuse", "x"],
  ["dispatch", "d"],
  ["urge", "u"],
  ["confirm_return", "y"],
  ["deny_return", "n"],
  ["grant_extension", "y"],
  ["deny_extension", "n"],
  ["grant_suspension", "y"],
  ["deny_suspension", "n"],
  ["grant_appeal", "y"],
  ["deny_appeal", "n"],
  ["check", "c"],
  ["rework", "r"],
  ["close", "e"],
  ["resume", "s"],
  ["acknowledge", "w"],
  ["unmerge", "z"],
]);
const MAIN = new Set(VERB_KEYS.keys());

/** The others, once "more" (m) is open. */
export const MORE_KEYS = new Map([
  ["reclassify", "c"],
  ["merge", "b"],
  ["split", "s"],
  ["join", "j"],
  ["release", "l"],
  ["transfer", "t"],
  ["suspend", "p"],
  ["supervise", "v"],
  ["end_supervision", "v"],
  ["reply", "a"],
  ["note", "n"],
  ["reopen", "o"],
  ["cancel", "x"],
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
      <div class="row">${stateMark(record.state)} ${priorityMark(record.priority)} ${countMarks(record)}</div>
    </header>
    ${verbBar({ verbs: detail.verbs, main: MAIN, keys: VERB_KEYS, moreKeys: MORE_KEYS, busy: desk.busy, act: ({ verb }) => desk.act(verb) })}
    ${desk.message?.number === record.number ? html`<p class="note ${desk.message.tone}" role="alert">${desk.message.text}</p>` : ""}
    ${requestNote(record)}
    ${record.text && record.text !== caseTitle(record) ? html`<p class="text">${record.text}</p>` : ""} ${mediaList(record.media)}
    ${voiceList(record, detail.words)}
    <dl class="facts">
      <dt>${word("place")}</dt>
      <dd>${casePlace(record)}</dd>
      <dt>${word("condition")}</dt>
      <dd>${nameOf(conditionOf(record)) || "—"}</dd>
      <dt>${word("reported")}</dt>
      <dd>${shortTime(record.reported_at_ms, serverNow())}</dd>
      <dt>${word("department")}</dt>
      <dd>${record.department ? departmentName(record.department) : word("not_dispatched")}</dd>
      ${specialFacts(record)}
    </dl>
    ${desk.cameras.view()} ${taskTable(record)} ${clockTable(record)} ${evidenceList(record.number, detail.steps)}
    <h3>${word("history")}</h3>
    ${history(detail.steps)}
  </section>`;
}
