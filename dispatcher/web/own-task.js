// A worker's part of a case, and what comes next on it: as the door says, or, where the door cannot be asked, as the lifecycle and what was
// done on this device say.

import { TRANSITIONS } from "shared/constants.js";

/** @typedef {import("shared/case-view.js").CaseFile} CaseFile */
/** @typedef {import("shared/case-view.js").Task} Task */
/** @typedef {import("shared/verb-question.js").OfferedVerb} OfferedVerb */
/** @typedef {{ login: string, department: string }} Worker */

const CLOSED = new Set(["done", "returned", "withdrawn"]);

/** @param {Task} task */
const isDisposal = (task) => task.role === "lead" || task.role === "assist";

/** The open task that is this worker's by name. @param {CaseFile} record @param {Worker} me @returns {Task | undefined} */
export function ownTask(record, me) {
  return record.tasks.filter((task) => task.worker === me.login && !CLOSED.has(task.state)).pop();
}

/** A task that waits for whoever takes it first, and may be this worker. @param {CaseFile} record @param {Worker} me @returns {Task | undefined} */
export function offeredTask(record, me) {
  const open = record.tasks.filter((task) => isDisposal(task) && !task.worker && !CLOSED.has(task.state));
  const asked = (/** @type {Task} */ task) => task.offers.filter((offer) => !offer.ended_at_ms);
  return open.find((task) =>
    asked(task).length ? asked(task).some((offer) => offer.worker === me.login) : task.department === me.department,
  );
}

/** @typedef {{ state: string, task: { role: string, state: string } | null }} Outlook  a case as its worker knows it */

/** What a verb makes of the own task. @type {Record<string, string>} */
const MAKES = {
  take: "taken",
  arrive: "on_site",
  dispose: "done",
  confirm: "done",
  unfounded: "done",
  check: "done",
  rework: "done",
};

/**
 * The case after what was done on it here and is not in it yet.
 * @param {CaseFile} record @param {Worker} me @param {readonly string[]} done verbs, in order
 * @returns {Outlook}
 */
export function outlook(record, me, done) {
  const task = ownTask(record, me) ?? offeredTask(record, me);
  /** @type {Outlook} */
  const now = { state: record.state, task: task ? { role: task.role, state: task.state } : null };
  for (const verb of done) {
    if (now.task?.role !== "assist")
      now.state = TRANSITIONS.find((row) => row.from === now.state && row.verb === verb)?.to ?? now.state;
    if (now.task) now.task.state = MAKES[verb] ?? now.task.state;
  }
  return now;
}

/** Verbs on a task, by how far it is. @type {Record<string, readonly string[]>} */
const NEXT = {
  offered: ["take", "return"],
  received: ["take", "return"],
  taken: ["arrive", "return"],
  on_site: ["dispose", "advance", "return"],
};
/** @type {Record<string, readonly string[]>} */
const NEXT_OF_VERIFIER = {
  offered: ["take"],
  taken: ["arrive", "confirm", "unfounded"],
  on_site: ["confirm", "unfounded"],
};

/** What may come next, as far as a device without its door can know. @param {Outlook} known @returns {OfferedVerb[]} */
export function nextVerbs({ state, task }) {
  const verbs = verbsOf(state, task);
  return verbs.map((verb) => ({ verb, needs: TRANSITIONS.find((row) => row.verb === verb)?.needs ?? [] }));
}

/** @param {string} state @param {Outlook["task"]} task @returns {readonly string[]} */
function verbsOf(state, task) {
  if (!task) return [];
  if (task.role === "check") return state === "disposed" ? ["check", "rework"] : [];
  if (task.role === "verify") return state === "verifying" ? (NEXT_OF_VERIFIER[task.state] ?? []) : [];
  return NEXT[task.state] ?? [];
}
