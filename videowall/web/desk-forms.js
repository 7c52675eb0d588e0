// What the desk takes down itself: what a caller says on the hotline (热线), and what a superior orders (上级交办).

import { html } from "lit-html";
import { nameOf, services } from "shared/book.js";
import { choice, smallChoice } from "shared/choice.js";
import { word } from "shared/i18n.js";
import { MOST } from "shared/limits.js";
import { askFields } from "shared/question.js";
import { momentOf } from "shared/time.js";
import { text } from "shared/verb-fields.js";
import { AreaMap } from "./area-map.js";

/** @typedef {import("shared/question.js").Field} Field */
/** @typedef {import("shared/question.js").Given} Given */

/** @param {string} name @param {string} label @param {{ most: number, required?: boolean, type?: string, hint?: string }} options */
function line(name, label, { most, required = false, type = "text", hint }) {
  return html`<div class="field">
    <label for=${name}>${label}</label>
    <input id=${name} name=${name} type=${type} maxlength=${most} autocomplete="off" ?required=${required} placeholder=${hint ?? ""} />
  </div>`;
}

/** Several lines side by side, each a text of the report. @param {readonly [name: string, content: unknown][]} lines @returns {Field} */
function linesField(...lines) {
  return {
    content: html`<div class="side-by-side">${lines.map(([, content]) => content)}</div>`,
    take: (data) => Object.fromEntries(lines.map(([name]) => [name, text(data, name)])),
  };
}

/** @param {string} label @returns {Field} */
function wordsField(label) {
  return {
    content: html`<div class="field">
      <label for="text">${label}</label>
      <textarea id="text" name="text" maxlength=${MOST.text} rows="4" required></textarea>
    </div>`,
    take: (data) => ({ text: text(data, "text") }),
  };
}

/** @returns {Field} */
function whatField() {
  const options = services().map((row) => ({ value: row.code, text: `${nameOf(row)} · ${row.code}` }));
  const priorities = [
    { value: "", text: word("as_service_says") },
    ...[1, 2, 3, 4, 5].map((n) => ({ value: String(n), text: word(`priority_${n}`) })),
  ];
  return {
    content: html`${choice({ name: "service", label: word("service"), options })}
    ${smallChoice({ name: "urgency", label: word("urgency"), options: priorities })}`,
    take: (data) => ({
      service: text(data, "service"),
      ...(text(data, "urgency") && { priority: Number(text(data, "urgency")) }),
    }),
  };
}

/** Words of an address, a place on the map, or both. @returns {Field} */
function placeField() {
  /** @type {{ lat: number, lon: number } | null} */
  let picked = null;
  /** @type {AreaMap | null} */
  let map = null;
  return {
    content: html`<div class="field pick">
      <label for="address">${word("place_words")}</label>
      <input id="address" name="address" maxlength=${MOST.address} autocomplete="off" required placeholder=${word("place_words_hint")} />
      <div class="map pick-map" aria-label=${word("map")}></div>
      <p class="soft" id="picked" role="status"></p>
    </div>`,
    opened: (form) => {
      const address = /** @type {HTMLInputElement} */ (form.elements.namedItem("address"));
      const told = /** @type {HTMLElement} */ (form.querySelector("#picked"));
      map = new AreaMap(/** @type {HTMLElement} */ (form.querySelector(".pick-map")), { interactive: true });
      map.load().catch((error) => error.temporary || console.error(error)); // the words of an address do without it
      map.onPick((lat, lon, area) => {
        picked = { lat, lon };
        address.required = false;
        told.textContent = area ? word("place_picked", { area }) : word("place_outside");
      });
    },
    closed: () => map?.remove(),
    take: (data) => ({ address: text(data, "address"), ...picked }),
  };
}

/** @returns {Field} */
function answerByField() {
  return {
    content: line("answer_by", word("answer_by"), { most: 16, type: "datetime-local" }),
    take: (data) => (text(data, "answer_by") ? { answer_by_ms: momentOf(text(data, "answer_by")) } : {}),
  };
}

/** What took it down; null: put away. @template T @param {(given: Given) => Promise<T>} send @returns {Promise<T | null>} */
export function askCall(send) {
  const fields = [
    linesField(
      ["phone", line("phone", word("phone"), { most: MOST.phone, type: "tel" })],
      ["caller", line("caller", word("caller"), { most: MOST.name })],
      ["number", line("number", word("call_number"), { most: MOST.call })],
    ),
    wordsField(word("what_was_said")),
    whatField(),
    placeField(),
  ];
  return askFields({ title: word("new_call"), confirm: word("take_down") }, fields, send);
}

/** As askCall. @template T @param {(given: Given) => Promise<T>} send @returns {Promise<T | null>} */
export function askOrder(send) {
  const fields = [
    linesField(
      ["ordered_by", line("ordered_by", word("ordered_by"), { most: MOST.name, required: true })],
      ["number", line("number", word("document_number"), { most: MOST.call })],
    ),
    wordsField(word("what_was_ordered")),
    answerByField(),
    linesField(["demanded", line("demanded", word("answer_demanded"), { most: MOST.demanded })]),
    whatField(),
    placeField(),
  ];
  return askFields({ title: word("new_order"), confirm: word("take_down") }, fields, send);
}
