// A list to choose from, in a question: the first option stands chosen, so that Enter is enough; typing above narrows it.

import { html } from "lit-html";
import { word } from "shared/i18n.js";

/** @typedef {{ value: string, text: string }} Option */

const LONG = 7; // a list that short is read at a glance: nobody types to narrow it
const ROWS_MAX = 10;

/**
 * @param {object} list
 * @param {string} list.name  of the field
 * @param {string} list.label
 * @param {readonly Option[]} list.options
 * @param {string} [list.chosen]  its value; without it the first one
 */
export function choice({ name, label, options, chosen = options[0]?.value }) {
  return html`<div class="field">
    <label for=${name}>${label}</label>
    ${options.length > LONG ? html`<input data-narrows=${name} aria-label=${`${label}: ${word("type_to_narrow")}`} autocomplete="off" placeholder=${word("type_to_narrow")} />` : ""}
    <select id=${name} name=${name} size=${Math.min(Math.max(options.length, 2), ROWS_MAX)} required>
      ${options.map(({ value, text }) => html`<option value=${value} ?selected=${value === chosen}>${text}</option>`)}
    </select>
  </div>`;
}

/** A list of which nothing or one is chosen: closed until it is wanted. @param {{ name: string, label: string, options: readonly Option[], chosen?: string }} list */
export function smallChoice({ name, label, options, chosen = "" }) {
  return html`<div class="field">
    <label for=${name}>${label}</label>
    <select id=${name} name=${name}>
      ${options.map(({ value, text }) => html`<option value=${value} ?selected=${value === chosen}>${text}</option>`)}
    </select>
  </div>`;
}

/** Makes the lists of a form narrow by typing; arrows move in the list while one types. @param {HTMLFormElement} form */
export function narrowByTyping(form) {
  for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("[data-narrows]"))) {
    const select = /** @type {HTMLSelectElement} */ (form.elements.namedItem(input.dataset.narrows ?? ""));
    const choose = (/** @type {HTMLOptionElement | undefined} */ option) => {
      if (!option || option.selected) return;
      option.selected = true;
      select.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const shown = () => [...select.options].filter((option) => !option.hidden);
    input.addEventListener("input", () => {
      const typed = input.value.trim().toLowerCase();
      for (const option of select.options)
        option.hidden = !`${option.text} ${option.value}`.toLowerCase().includes(typed);
      const first = shown()[0];
      if (first) choose(first);
      else select.selectedIndex = -1; // what one no longer sees is not sent
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault();
      const at = shown().findIndex((option) => option.selected) + (event.key === "ArrowDown" ? 1 : -1);
      choose(shown()[at]);
    });
  }
}
