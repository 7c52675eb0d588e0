// The fields that only the desk's verbs need: departments, a verifier, who supervises, another case, one of the reports, another service.

import { html } from "lit-html";
import { get } from "shared/api.js";
import { conditionsOf, departments, nameOf, people, services } from "shared/book.js";
import { departmentsAtWork } from "shared/case-view.js";
import { choice, smallChoice } from "shared/choice.js";
import { label, word } from "shared/i18n.js";
import { shortTime } from "shared/time.js";
import { personOption, text } from "shared/verb-fields.js";

/** @typedef {import("shared/case-view.js").CaseFile} CaseFile */
/** @typedef {import("shared/commands.js").CommandBody} CommandBody */
/** @typedef {import("shared/question.js").Field} Field */
/** @typedef {import("shared/verb-fields.js").Subject} Subject */

/** Which departments a verb may name. @type {Record<string, (subject: Subject, code: string) => boolean>} */
const NAMES = {
  join: (subject, code) => !departmentsAtWork(subject.record).some((task) => task.department === code),
  release: (subject, code) =>
    departmentsAtWork(subject.record).some((task) => task.role === "assist" && task.department === code),
  transfer: ({ record }, code) => code !== record.department,
};

/** @param {Subject} subject @param {string} verb @returns {Field} */
function departmentField(subject, verb) {
  const options = departments()
    .filter(({ code }) => NAMES[verb]?.(subject, code) ?? true)
    .map((row) => ({ value: row.code, text: nameOf(row) }));
  return {
    content: choice({ name: "department", label: word("department"), options }),
    take: (data) => ({ to_department: text(data, "department") }),
  };
}

/** The department that the route says, which is "" to the engine; another one overrides it. @param {Subject} subject @returns {Field} */
function routeField({ route }) {
  const rows = departments();
  const suggested = rows.find(({ code }) => code === route?.department);
  const options = rows.filter((row) => row !== suggested).map((row) => ({ value: row.code, text: nameOf(row) }));
  if (suggested)
    options.unshift({ value: "", text: `${nameOf(suggested)} · ${word("by_route", { rule: route?.rule ?? "" })}` });
  return {
    content: html`${suggested ? "" : html`<p class="note warn">${word("no_route")}</p>`}
    ${choice({ name: "department", label: word("department"), options })}`,
    take: (data) => (text(data, "department") ? { to_department: text(data, "department") } : {}),
  };
}

/** @returns {Promise<Field>} */
async function verifierField() {
  const workers = (await people()).filter((person) => person.role === "worker" && person.areas?.length);
  const options = [{ value: "", text: word("nearest_worker") }, ...workers.map((person) => personOption(person, true))];
  return {
    content: choice({ name: "worker", label: label("role", "worker"), options }),
    take: (data) => (text(data, "worker") ? { to_worker: text(data, "worker") } : {}),
  };
}

/** @returns {Promise<Field>} */
async function supervisorField() {
  const leaders = (await people()).filter((person) => person.role === "leader" || person.role === "admin");
  const options = [{ value: "", text: word("myself") }, ...leaders.map((person) => personOption(person))];
  return {
    content: smallChoice({ name: "person", label: word("supervised_by_whom"), options }),
    take: (data) => (text(data, "person") ? { to_person: text(data, "person") } : {}),
  };
}

/** @param {Subject} subject @returns {Promise<Field>} */
async function caseField({ record }) {
  const { cases } = await get(`/api/cases/${encodeURIComponent(record.number)}/near`);
  const options = cases.map((/** @type {any} */ near) => ({ value: near.number, text: nearText(near) }));
  const picked = (/** @type {HTMLFormElement} */ form) =>
    form.querySelector("#near")?.addEventListener("change", (event) => {
      const input = /** @type {HTMLInputElement} */ (form.elements.namedItem("case"));
      input.value = /** @type {HTMLSelectElement} */ (event.target).value;
    });
  return {
    content: html`${options.length ? choice({ name: "near", label: word("near_cases"), options }) : ""}
      <div class="field">
        <label for="case">${word("case_number")}</label>
        <input id="case" name="case" maxlength="64" autocomplete="off" required value=${options[0]?.value ?? ""} />
      </div>`,
    opened: picked,
    take: (data) => ({ to_case: text(data, "case") }),
  };
}

/** @param {{ number: string, title: string, state: string, distance_m: number | null }} near */
function nearText({ number, title, state, distance_m }) {
  const away = distance_m === null ? "" : word("metres", { n: distance_m });
  return [away, title, label("case_state", state), number].filter(Boolean).join(" · ");
}

/** @param {Subject} subject @returns {Field} */
function voiceField({ record, words }) {
  const joined = record.voices.slice(1).filter(({ home }) => !home); // the others came with a merged case, and go with it
  const options = joined.map((voice) => ({
    value: String(voice.seq),
    text: [shortTime(voice.at_ms, Date.now()), words?.find(({ seq }) => seq === voice.seq)?.words]
      .filter(Boolean)
      .join(" · "),
  }));
  return {
    content: choice({ name: "voice", label: word("which_voice"), options }),
    take: (data) => ({ voice_seq: Number(data.get("voice")) }),
  };
}

/** Service, condition and priority, of which one is another than before. @param {Subject} subject @returns {Field} */
function serviceField({ record }) {
  const priorities = [1, 2, 3, 4, 5].map((n) => ({ value: String(n), text: word(`priority_${n}`) }));
  const options = services().map((row) => ({ value: row.code, text: `${nameOf(row)} · ${row.code}` }));
  const conditions = (/** @type {string} */ service) =>
    conditionsOf(service).map((row) => ({ value: row.code, text: nameOf(row) }));
  return {
    content: html`${choice({ name: "service", label: word("service"), options, chosen: record.service })}
      ${smallChoice({ name: "condition", label: word("condition"), options: conditions(record.service), chosen: record.condition })}
      ${smallChoice({ name: "priority", label: word("priority"), options: priorities, chosen: String(record.priority) })}`,
    opened: (form) => followService(form, record, conditions),
    take: (data) => changed(record, text(data, "service"), text(data, "condition"), Number(data.get("priority"))),
  };
}

/** @param {HTMLFormElement} form @param {CaseFile} record @param {(service: string) => { value: string, text: string }[]} conditions */
function followService(form, record, conditions) {
  const service = /** @type {HTMLSelectElement} */ (form.elements.namedItem("service"));
  const condition = /** @type {HTMLSelectElement} */ (form.elements.namedItem("condition"));
  const check = () => {
    const data = new FormData(form);
    const same = changed(record, text(data, "service"), text(data, "condition"), Number(data.get("priority")));
    service.setCustomValidity(Object.keys(same).length ? "" : word("nothing_changed"));
  };
  service.addEventListener("change", () =>
    condition.replaceChildren(...conditions(service.value).map(({ value, text }) => new Option(text, value))),
  );
  form.addEventListener("change", check);
  check();
}

/** @param {CaseFile} record @param {string} service @param {string} condition @param {number} priority @returns {CommandBody} */
function changed(record, service, condition, priority) {
  /** @type {CommandBody} */
  const body = {};
  if (service !== record.service) body.to_service = service;
  if (condition !== record.condition || body.to_service) body.to_condition = condition;
  if (priority !== record.priority) body.to_priority = priority;
  return body;
}

/** @type {import("shared/verb-fields.js").Fields} */
export const DESK_FIELDS = {
  department: departmentField,
  route: routeField,
  verifier: verifierField,
  supervisor: supervisorField,
  case: caseField,
  voice: voiceField,
  service: serviceField,
};
