// A case in words: what desk, liaison and handset show alike.

import { html } from "lit-html";
import { serverNow } from "shared/api.js";
import { areaName, departmentName, knownName, serviceName } from "shared/book.js";
import { ENUMS } from "shared/constants.js";
import { label, language, word } from "shared/i18n.js";
import { LEVEL_SHAPES, dayOf, level, shortTime, timeLeft } from "shared/time.js";

/**
 * @typedef {object} Clock
 * @property {number} id
 * @property {string} kind
 * @property {string} state
 * @property {string} unit
 * @property {number} amount
 * @property {number} armed_at_ms
 * @property {number} deadline_ms
 * @property {number} warn_at_ms
 * @property {number} stopped_at_ms
 * @property {string} rule
 * @property {number} task  0 = the case's own
 * @property {{ from_ms: number, to_ms: number }[]} pauses
 * @property {number} link  of the condition's chain of limits
 * @property {number} extensions
 * @property {number} level  escalations that are past
 * @property {number} acknowledged_at_ms
 * @property {string} acknowledged_by
 */
/** @typedef {{ hash: string, type: string, url: string, marks: number, sha256: string, kept_until_ms: number }} Media */
/**
 * @typedef {object} Task
 * @property {number} id
 * @property {string} role
 * @property {string} state
 * @property {string} department
 * @property {string} worker
 * @property {string} done_by
 * @property {string} note
 * @property {Media[]} media
 * @property {{ worker: string, at_ms: number, ended_at_ms: number }[]} offers
 */
/** @typedef {{ seq: number, at_ms: number, source: string, step: number, home: string, again: boolean }} Voice */
/** @typedef {{ verb: string, by: string, at_ms: number, until_ms: number, note: string }} Request */
/**
 * @typedef {object} CaseFile  as proto/record/case.h has it
 * @property {number} id
 * @property {string} number
 * @property {number} revision
 * @property {import("shared/constants.js").CaseState} state
 * @property {string} service
 * @property {string} condition
 * @property {string} title
 * @property {string} text
 * @property {{ lat: number, lon: number, address: string, area: string, marks: number }} place
 * @property {number} priority
 * @property {boolean} urgent
 * @property {import("shared/constants.js").TextLanguage} written
 * @property {string} source
 * @property {Voice[]} voices
 * @property {Media[]} media
 * @property {Task[]} tasks
 * @property {Clock[]} clocks
 * @property {string} department
 * @property {number} reported_at_ms
 * @property {number} deadline_ms
 * @property {boolean} overdue
 * @property {number} urged
 * @property {number} returned
 * @property {number} reworked
 * @property {Request} request
 * @property {number} extended
 * @property {number} suspended_until_ms
 * @property {string} supervised_by
 * @property {number} verified_at_ms
 * @property {string} verified_by
 * @property {boolean} unfounded
 * @property {string} merged_into
 * @property {string} split_from
 * @property {number} reopened
 * @property {number} transferred
 * @property {number} handed_up
 * @property {number} reclassified
 * @property {string} appeal
 * @property {boolean} self_disposed
 */
/**
 * @typedef {object} Step
 * @property {number} at_ms
 * @property {string} actor
 * @property {string} role
 * @property {string} verb
 * @property {string} from
 * @property {string} to
 * @property {string} note
 * @property {string} department
 * @property {string} worker
 * @property {Media[]} media
 * @property {string} clock
 * @property {string} other  merge, unmerge, split: the number of the other case
 */
/** @typedef {{ seq: number, words: string }} VoiceWords  what each report on a case says, where there are several */

/** Clocks of the desk: not what a department or worker is asked to keep. */
const DESK_CLOCKS = new Set(["accept", "dispatch", "answer", "close"]);

/** @param {CaseFile} record @param {Clock} clock */
function taskOf(record, clock) {
  return record.tasks.find((task) => task.id === clock.task);
}

/** @param {readonly Clock[]} clocks @returns {Clock | null} */
function nearest(clocks) {
  const waiting = clocks.filter(({ state, kind }) => (state === "running" || state === "fired") && kind !== "resume");
  return waiting.reduce(
    (best, clock) => (!best || clock.deadline_ms < best.deadline_ms ? clock : best),
    /** @type {Clock | null} */ (null),
  );
}

/** The clock that ends next of those that still wait; null = none. @param {CaseFile} record */
export function nearestClock(record) {
  return nearest(record.clocks);
}

/** The same of those that a department, or a worker of it, has to keep. @param {CaseFile} record @param {Task | undefined} task  its own */
export function nearestClockOf(record, task) {
  const assists = task?.role === "assist";
  return nearest(
    record.clocks.filter(
      (clock) =>
        !DESK_CLOCKS.has(clock.kind) && (assists ? clock.task === task.id : taskOf(record, clock)?.role !== "assist"),
    ),
  );
}

const TASK_OVER = new Set(["returned", "withdrawn"]);
const TASK_CLOSED = new Set([...TASK_OVER, "done"]);

/** Tasks of the disposal that somebody still works on. @param {CaseFile} record */
export function departmentsAtWork(record) {
  return record.tasks.filter(({ role, state }) => (role === "lead" || role === "assist") && !TASK_CLOSED.has(state));
}

/** What a department has of a case: its own open task, else the lead one. @param {CaseFile} record @param {string} department */
export function taskOfDepartment(record, department) {
  return departmentsAtWork(record).find((task) => task.department === department) ?? leadTask(record);
}

/** The last lead task, unless it is over; none before dispatch. @param {CaseFile} record @returns {Task | undefined} */
export function leadTask(record) {
  const last = record.department ? record.tasks.filter((task) => task.role === "lead").pop() : undefined;
  return last && !TASK_OVER.has(last.state) ? last : undefined;
}

/** @param {CaseFile} record */
export function caseTitle(record) {
  return record.title || record.text || serviceName(record.service) || record.number;
}

/** @param {CaseFile} record */
export function casePlace(record) {
  const names = new Set([areaName(record.place.area), record.place.address].filter(Boolean));
  return [...names].join(" · ") || word("no_place");
}

/** How a clock stands, by colour, shape and word. @param {Clock | null} clock */
export function clockMark(clock) {
  const now = serverNow();
  const stands = level(clock, now);
  const tone = stands === "overdue" ? "bad" : stands === "due" ? "warn" : "";
  return html`<span class="mark ${tone}"><span aria-hidden="true">${LEVEL_SHAPES[stands]}</span> ${timeLeft(clock?.deadline_ms ?? 0, now)}</span>`;
}

const PRIORITY_SHAPES = ["", "■", "▲", "◆", "●", "○"];

/** @param {number} priority 1 (highest) to 5 */
export function priorityMark(priority) {
  const tone = priority === 1 ? "bad" : priority === 2 ? "warn" : "";
  return html`<span class="mark ${tone}"><span aria-hidden="true">${PRIORITY_SHAPES[priority] ?? ""}</span> ${word(`priority_${priority}`)}</span>`;
}

/** @param {string} state */
export function stateMark(state) {
  return html`<span class="mark">${label("case_state", state)}</span>`;
}

/**
 * What ingest found odd about a place or a photo: the bits of an enum's values. @param {"place_mark" | "media_mark"} kind @param {number} bits
 */
function qualityMarks(kind, bits) {
  const names = ENUMS[kind].filter((_, bit) => bits & (1 << bit));
  return names.map((name) => html`<span class="mark warn">${label(kind, name)}</span> `);
}

/** What is special about a case, by word and colour. @param {CaseFile} record */
export function countMarks(record) {
  const { overdue, urged, reworked, request, supervised_by, reopened } = record;
  const reports = record.voices.filter(({ again }) => !again).length;
  return html`
    ${record.urgent ? html`<span class="mark bad">! ${word("urgent_words")}</span>` : ""}
    ${overdue ? html`<span class="mark bad">▲ ${word("overdue")}</span>` : ""}
    ${supervised_by ? html`<span class="mark bad">◉ ${word("supervised")}</span>` : ""}
    ${request.verb === "none" ? "" : html`<span class="mark warn">${label("verb", request.verb)}</span>`}
    ${record.appeal === "asked" ? html`<span class="mark warn">${label("verb", "appeal")}</span>` : ""}
    ${urged ? html`<span class="mark warn">${word("urged_times", { n: urged })}</span>` : ""}
    ${reworked ? html`<span class="mark warn">${word("reworked_times", { n: reworked })}</span>` : ""}
    ${reopened ? html`<span class="mark warn">${word("reopened_times", { n: reopened })}</span>` : ""}
    ${record.suspended_until_ms ? html`<span class="mark">${word("suspended_until", { day: dayOf(record.suspended_until_ms) })}</span>` : ""}
    ${languageMark(record.written)} ${verificationMark(record)} ${qualityMarks("place_mark", record.place.marks)}
    ${reports > 1 ? html`<span class="mark">${word("voices", { n: reports })}</span>` : ""}
  `;
}

/** Of words that are not in the language of the page. @param {import("shared/constants.js").TextLanguage} written */
function languageMark(written) {
  if (written === "none" || written === language()) return "";
  return html`<span class="mark">${label("text_language", written)}</span>`;
}

/** What the verifier found, where one went. @param {CaseFile} record */
function verificationMark({ verified_at_ms, unfounded }) {
  if (!verified_at_ms) return "";
  return unfounded
    ? html`<span class="mark warn">${label("verb", "unfounded")}</span>`
    : html`<span class="mark ok">${label("verb", "confirm")}</span>`;
}

/** @param {readonly Media[]} media */
export function mediaList(media) {
  if (media.length === 0) return "";
  return html`<ul class="photos">
    ${media.map((item) => html`<li>${item.hash ? storedPhoto(item.hash) : sentLink(item.url)} ${qualityMarks("media_mark", item.marks)}</li>`)}
  </ul>`;
}

/** @param {string} hash */
function storedPhoto(hash) {
  const url = `/api/media/${hash}`;
  return html`<a href=${url} target="_blank"><img src="${url}?size=small" alt=${word("photo")} loading="lazy" /></a>`;
}

/** A link that a sender gave instead of a picture: shown as what it is, and followed only to the web. @param {string} url */
function sentLink(url) {
  return /^https?:\/\//i.test(url) ? html`<a href=${url} target="_blank" rel="noreferrer">${url}</a>` : url;
}

/** @param {readonly Step[]} steps newest first */
export function history(steps) {
  const now = serverNow();
  return html`<ol class="steps">
    ${[...steps].reverse().map(
      (step) => html`<li class="done">
        <p>
          <strong>${stepTitle(step)}</strong>
          <time class="soft">${shortTime(step.at_ms, now)}</time>
        </p>
        <p class="soft">${[stepActor(step), stepTarget(step)].filter(Boolean).join(" → ")}</p>
        ${step.note ? html`<p>${step.note}</p>` : ""} ${step.verb === "evidence" ? "" : mediaList(step.media)}
      </li>`,
    )}
  </ol>`;
}

/** @param {Step} step */
function stepTitle(step) {
  const verb = label("verb", step.verb);
  return step.clock && step.clock !== "none" ? `${verb}: ${label("clock_kind", step.clock)}` : verb;
}

/**
 * Names are for those whom the book lets one know; of all others (a reporter's pseudonym, another house's staff) the role is enough.
 * @param {Step} step
 */
function stepActor(step) {
  const name = knownName(step.actor);
  const role = step.role === "none" ? "" : label("role", step.role);
  return name && role && name !== role ? `${name} (${role})` : name || role;
}

/** Verbs whose step names somebody else than its actor. */
const TARGETED = new Set([
  "dispatch",
  "assign",
  "rework",
  "verify",
  "offer",
  "transfer",
  "hand_up",
  "join",
  "release",
  "escalate",
  "supervise",
]);

/** @param {Step} step */
function stepTarget(step) {
  if (step.other) return step.other;
  if (!TARGETED.has(step.verb)) return "";
  return [step.department && departmentName(step.department), step.worker && knownName(step.worker)]
    .filter(Boolean)
    .join(" ");
}
