// A case in words: what desk, liaison and handset show alike.

import { html } from "lit-html";
import { serverNow } from "shared/api.js";
import { areaName, departmentName, personName, serviceName } from "shared/book.js";
import { label, word } from "shared/i18n.js";
import { LEVEL_SHAPES, level, shortTime, timeLeft } from "shared/time.js";

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
 */
/** @typedef {{ hash: string, type: string, url: string }} Media */
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
 */
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
 * @property {string} source
 * @property {unknown[]} voices
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
 */

/** The clock that ends next of those that still wait; null = none. @param {CaseFile} record @returns {Clock | null} */
export function nearestClock(record) {
  const waiting = record.clocks.filter((clock) => clock.state === "running" || clock.state === "fired");
  return waiting.reduce(
    (best, clock) => (!best || clock.deadline_ms < best.deadline_ms ? clock : best),
    /** @type {Clock | null} */ (null),
  );
}

/** The lead task that is not over. @param {CaseFile} record @returns {Task | undefined} */
export function leadTask(record) {
  return record.tasks.find((task) => task.role === "lead" && task.state !== "returned" && task.state !== "withdrawn");
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

/** What happened to the case more than once, or more than it should. @param {CaseFile} record */
export function countMarks({ overdue, urged, reworked, voices }) {
  return html`
    ${overdue ? html`<span class="mark bad">▲ ${word("overdue")}</span>` : ""}
    ${urged ? html`<span class="mark warn">${word("urged_times", { n: urged })}</span>` : ""}
    ${reworked ? html`<span class="mark warn">${word("reworked_times", { n: reworked })}</span>` : ""}
    ${voices.length > 1 ? html`<span class="mark">${word("voices", { n: voices.length })}</span>` : ""}
  `;
}

/** @param {readonly Media[]} media */
export function mediaList(media) {
  if (media.length === 0) return "";
  return html`<ul class="photos">
    ${media.map((item) => html`<li>${item.hash ? storedPhoto(item.hash) : sentLink(item.url)}</li>`)}
  </ul>`;
}

/** @param {string} hash */
function storedPhoto(hash) {
  const url = `/api/media/${hash}`;
  return html`<a href=${url} target="_blank"><img src=${url} alt=${word("photo")} loading="lazy" /></a>`;
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
        ${step.note ? html`<p>${step.note}</p>` : ""} ${mediaList(step.media)}
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
  const name = personName(step.actor) === step.actor ? "" : personName(step.actor);
  const role = step.role === "none" ? "" : label("role", step.role);
  return name && role && name !== role ? `${name} (${role})` : name || role;
}

/** Verbs whose step names somebody else than its actor. */
const TARGETED = new Set(["dispatch", "assign", "rework"]);

/** @param {Step} step */
function stepTarget(step) {
  if (!TARGETED.has(step.verb)) return "";
  return [step.department && departmentName(step.department), step.worker && personName(step.worker)]
    .filter(Boolean)
    .join(" ");
}
