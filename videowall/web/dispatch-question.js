// Which department? The route's suggestion stands first and chosen, so that Enter is enough; typing narrows the list.

import { html } from "lit-html";
import { departments, nameOf } from "shared/book.js";
import { label, word } from "shared/i18n.js";
import { ask } from "shared/question.js";

/**
 * @param {{ department: string, rule: string } | null} route what the book's rules would choose
 * @returns {Promise<{ department: string } | null>} "" = as the route says; null: put away
 */
export async function askDepartment(route) {
  const others = departments().filter(({ code }) => code !== route?.department);
  const suggested = departments().find(({ code }) => code === route?.department);
  const options = [
    ...(suggested
      ? [{ code: "", name: `${nameOf(suggested)} · ${word("by_route", { rule: route?.rule ?? "" })}` }]
      : []),
    ...others.map((row) => ({ code: row.code, name: nameOf(row) })),
  ];
  const given = await ask({
    title: label("verb", "dispatch"),
    confirm: label("verb", "dispatch"),
    content: html`
      ${suggested ? "" : html`<p class="note warn">${word("no_route")}</p>`}
      <div class="field">
        <label for="narrow">${word("department")}</label>
        <input id="narrow" name="narrow" autocomplete="off" placeholder=${word("type_to_narrow")} />
        <select name="department" size="10" aria-label=${word("department")}>
          ${options.map(({ code, name }, at) => html`<option value=${code} ?selected=${at === 0}>${name}</option>`)}
        </select>
      </div>
    `,
    opened: (form) => narrowByTyping(form),
  });
  return given && { department: String(given.get("department") ?? "") };
}

/** @param {HTMLFormElement} form */
function narrowByTyping(form) {
  const input = /** @type {HTMLInputElement} */ (form.elements.namedItem("narrow"));
  const select = /** @type {HTMLSelectElement} */ (form.elements.namedItem("department"));
  input.addEventListener("input", () => {
    const typed = input.value.trim().toLowerCase();
    for (const option of select.options)
      option.hidden = !`${option.text} ${option.value}`.toLowerCase().includes(typed);
    const first = [...select.options].find((option) => !option.hidden);
    if (first) first.selected = true;
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const shown = [...select.options].filter((option) => !option.hidden);
    const at = shown.findIndex((option) => option.selected) + (event.key === "ArrowDown" ? 1 : -1);
    if (shown[at]) shown[at].selected = true;
  });
}
