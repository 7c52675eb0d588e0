// The fields of a question before a verb that department, worker and desk have in common: each is drawn from the case, and gives its part
// of the command. The desk has more of them (videowall/web/desk-fields.js).

import { html } from "lit-html";
import { departmentName, rules, workersOf } from "shared/book.js";
import { choice } from "shared/choice.js";
import { label, word } from "shared/i18n.js";
import { MOST } from "shared/limits.js";
import { photoField } from "shared/photo-field.js";
import { dayOf, startOfDay } from "shared/time.js";

/** @typedef {import("shared/case-view.js").CaseFile} CaseFile */

/**
 * @typedef {object} Subject  what the fields choose from
 * @property {CaseFile} record
 * @property {readonly import("shared/case-view.js").VoiceWords[]} [words]  of the reports on it
 * @property {{ department: string, rule: string } | null} [route]  where the book would send it
 * @property {string} [department]  of who asks
 */

/** @typedef {import("shared/question.js").Field} Field */

/** @typedef {Record<string, (subject: Subject, verb: string) => Field | Promise<Field>>} Fields  by the names of needs, and some more */

const DAY_MS = 86_400_000;

/** @param {FormData} data @param {string} name */
export const text = (data, name) => String(data.get(name) ?? "").trim();

/** Both are the command's reason. @param {"reason" | "note"} id @param {string} words @param {boolean} required @returns {Field} */
function wordsField(id, words, required) {
  return {
    content: html`<div class="field">
      <label for=${id}>${words}</label>
      <textarea id=${id} name=${id} maxlength=${MOST.reason} ?required=${required}></textarea>
    </div>`,
    take: (data) => ({ reason: text(data, id) }),
  };
}

/** @param {import("shared/book.js").Person} person */
export function personOption({ id, name, department, on_duty }, withDepartment = false) {
  const where = withDepartment && department ? ` · ${departmentName(department)}` : "";
  return { value: id, text: `${name || id}${where}${on_duty === false ? ` (${word("off_duty")})` : ""}` };
}

/** @param {Subject} subject @returns {Promise<Field>} */
async function workerField({ record, department }) {
  const options = (await workersOf(department || record.department)).map((person) => personOption(person));
  return {
    content: choice({ name: "worker", label: label("role", "worker"), options }),
    take: (data) => ({ to_worker: text(data, "worker") }),
  };
}

/** @returns {Field} */
function untilField() {
  const now = Date.now();
  const first = dayOf(now + DAY_MS);
  return {
    content: html`<div class="field">
      <label for="until">${word("resumes_on")}</label>
      <input id="until" name="until" type="date" min=${first} max=${dayOf(now + rules().suspension_days * DAY_MS)} value=${first} required />
    </div>`,
    take: (data) => ({ until_ms: startOfDay(text(data, "until")) }),
  };
}

/** In the order in which a question shows them: the words come last, after what they are about. @type {Fields} */
export const FIELDS = {
  photos: (_, verb) => photoField(word(verb === "dispose" ? "proof_photo" : "photos_optional")),
  worker: workerField,
  until: untilField,
  reason: (_, verb) => wordsField("reason", word(verb === "reply" ? "reply_words" : "reason"), true),
  note: () => wordsField("note", word("note_optional"), false),
};
