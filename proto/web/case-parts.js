// The parts of a case that desk and liaison look at: what is asked, who works on it, its clocks, the reports on it, the cases beside it.

import { html } from "lit-html";
import { serverNow } from "shared/api.js";
import { conditionOf, departmentName, knownName, nameOf } from "shared/book.js";
import { clockMark } from "shared/case-view.js";
import { label, listed, word } from "shared/i18n.js";
import { dayOf, shortTime } from "shared/time.js";

/** @typedef {import("shared/case-view.js").CaseFile} CaseFile */
/** @typedef {import("shared/case-view.js").Clock} Clock */
/** @typedef {import("shared/case-view.js").Task} Task */
/** @typedef {import("shared/case-view.js").VoiceWords} VoiceWords */

/** What the department asks for and nobody has decided. @param {CaseFile} record */
export function requestNote({ request }) {
  if (request.verb === "none") return "";
  return html`<div class="note warn">
    <p>
      <strong>${label("verb", request.verb)}</strong>
      ${request.until_ms ? word("resumes_at", { day: dayOf(request.until_ms) }) : ""}
    </p>
    <p>${request.note}</p>
    <p class="soft">${[knownName(request.by), shortTime(request.at_ms, serverNow())].filter(Boolean).join(" · ")}</p>
  </div>`;
}

/** Facts that only special operations leave, as rows of a <dl>. @param {CaseFile} record */
export function specialFacts(record) {
  /** @type {[string, unknown][]} */
  const rows = [
    [word("supervised"), record.supervised_by && (knownName(record.supervised_by) || label("role", "leader"))],
    [word("suspended"), record.suspended_until_ms && word("resumes_at", { day: dayOf(record.suspended_until_ms) })],
    [word("verification"), verification(record)],
    [word("merged_into"), caseLink(record.merged_into)],
    [word("split_from"), caseLink(record.split_from)],
    [word("appeal"), record.appeal === "none" ? "" : label("appeal", record.appeal)],
    [word("counts"), counts(record)],
  ];
  return rows.filter(([, words]) => words).map(([name, words]) => html`<dt>${name}</dt><dd>${words}</dd>`);
}

/** @param {string} number */
function caseLink(number) {
  return number && html`<a href="#${encodeURIComponent(number)}">${number}</a>`;
}

/** @param {CaseFile} record */
function verification({ verified_at_ms, verified_by, unfounded }) {
  if (!verified_at_ms) return "";
  const found = label("verb", unfounded ? "unfounded" : "confirm");
  return [found, knownName(verified_by), shortTime(verified_at_ms, serverNow())].filter(Boolean).join(" · ");
}

/** How often what was done to the case. @param {CaseFile} record */
function counts(record) {
  /** @type {[string, number][]} */
  const times = [
    ["return", record.returned],
    ["grant_extension", record.extended],
    ["transfer", record.transferred],
    ["hand_up", record.handed_up],
    ["reclassify", record.reclassified],
    ["reopen", record.reopened],
  ];
  const done = times.filter(([, n]) => n).map(([verb, n]) => `${label("verb", verb)} ${n}`);
  if (record.self_disposed) done.push(label("verb", "self_dispose"));
  return done.join(" · ");
}

/** Who works, or worked, on it. @param {CaseFile} record */
export function taskTable({ tasks }) {
  if (tasks.length === 0) return "";
  return html`<table class="facts-table">
    <thead>
      <tr>
        <th>${word("task")}</th>
        <th>${word("department")}</th>
        <th>${label("role", "worker")}</th>
        <th>${word("stands")}</th>
      </tr>
    </thead>
    <tbody>
      ${tasks.map(
        (task) => html`<tr class=${task.state === "withdrawn" || task.state === "returned" ? "past" : ""}>
          <th scope="row">${label("task_role", task.role)}</th>
          <td>${task.department ? departmentName(task.department) : "—"}</td>
          <td>${task.worker ? knownName(task.worker) || label("role", "worker") : offeredTo(task)}</td>
          <td>${label("task_state", task.state)}</td>
        </tr>`,
      )}
    </tbody>
  </table>`;
}

/** Whom it was offered to, since when; who has let it pass stands in brackets. @param {Task} task */
function offeredTo({ offers }) {
  if (offers.length === 0) return "—";
  const now = serverNow();
  const asked = offers.map(({ worker, at_ms, ended_at_ms }) => {
    const words = `${knownName(worker) || label("role", "worker")} ${shortTime(at_ms, now)}`;
    return ended_at_ms ? `(${words})` : words;
  });
  return word("offered_to", { names: listed(asked) });
}

/** @param {Clock} clock */
const isOver = ({ state }) => state === "stopped" || state === "stopped_late";

/** Those that wait stand before those that are over. @param {CaseFile} record */
export function clockTable(record) {
  if (record.clocks.length === 0) return "";
  const now = serverNow();
  const clocks = [...record.clocks].sort((a, b) => Number(isOver(a)) - Number(isOver(b)));
  return html`<table class="facts-table">
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
        return html`<tr title=${clock.rule} class=${isOver(clock) ? "past" : ""}>
          <th scope="row">${label("clock_kind", clock.kind)} ${clockNotes(record, clock)}</th>
          <td>${limitWords(clock)}</td>
          <td>${shortTime(clock.deadline_ms, now)}</td>
          <td>${waits ? clockMark(clock) : label("clock_state", clock.state)}</td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}

/** @param {Clock} clock */
function limitWords({ unit, amount, extensions }) {
  const limit = word(`limit_${unit}`, { n: amount });
  return extensions ? `${limit} ×${1 + extensions}` : limit;
}

/** What has become of a clock beside its deadline. @param {CaseFile} record @param {Clock} clock */
function clockNotes(record, clock) {
  const now = serverNow();
  const assistant = record.tasks.find(({ id, role }) => id === clock.task && role === "assist");
  const links = conditionOf(record)?.links ?? [];
  const notes = [
    assistant && `${label("task_role", "assist")} ${departmentName(assistant.department)}`,
    clock.kind === "dispose" &&
      links[clock.link] &&
      word("link", { n: clock.link + 1, name: nameOf(links[clock.link]) }),
    clock.extensions && word("extended_times", { n: clock.extensions }),
    ...clock.pauses.map(({ from_ms, to_ms }) =>
      word("paused_from_to", { from: shortTime(from_ms, now), to: to_ms ? shortTime(to_ms, now) : "…" }),
    ),
    clock.level && word("escalated_levels", { n: clock.level }),
    clock.acknowledged_at_ms &&
      word("acknowledged_by", {
        name: knownName(clock.acknowledged_by),
        time: shortTime(clock.acknowledged_at_ms, now),
      }),
  ].filter(Boolean);
  return notes.length ? html`<br /><span class="soft">${notes.join(" · ")}</span>` : "";
}

/** The reports on a case, where there is more than one. @param {CaseFile} record @param {readonly VoiceWords[]} words */
export function voiceList(record, words) {
  if (record.voices.length < 2) return "";
  const now = serverNow();
  return html`<details class="voices">
    <summary>${word("all_voices", { n: record.voices.length })}</summary>
    <ol>
      ${record.voices.map(
        (voice) => html`<li>
          <span class="soft">${shortTime(voice.at_ms, now)} · ${label("event_source", voice.source)} ${caseLink(voice.home)}</span>
          ${words.find(({ seq }) => seq === voice.seq)?.words}
        </li>`,
      )}
    </ol>
  </details>`;
}
