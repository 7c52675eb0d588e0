// The rates as a table, each with its colour, shape and word: of the district an indicator a row and a period a column; of departments,
// services … one of them a row and an indicator a column.

import { html } from "lit-html";
import { label, language, word } from "shared/i18n.js";

/** @typedef {import("./indicators.js").Group} Group */
/** @typedef {import("./indicators.js").Report} Report */
/** @typedef {import("./indicators.js").Indicators} Indicators */

/** By whom: what the door calls it, and the word for it. */
export const BYS = [
  { by: "all", words: "by_all" },
  { by: "dept", words: "by_dept" },
  { by: "tier", words: "by_tier" },
  { by: "service", words: "by_service" },
  { by: "worker", words: "by_worker" },
  { by: "source", words: "by_source" },
  { by: "area", words: "by_area" },
];

const SHAPES = { green: "●", yellow: "◆", red: "▲", none: "" };
const TONES = { green: "ok", yellow: "warn", red: "bad", none: "" };
const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/** @param {string} by */
function byWord(by) {
  const row = BYS.find((other) => other.by === by);
  return row ? word(row.words) : by;
}

/** Keys that are names of our own have their label; the rest is called as the book calls it. @param {Report} report @param {Group} group */
export function groupName({ by }, group) {
  if (by === "tier") return label("tier", group.key);
  if (by === "source") return label("event_source", group.key);
  return group.name[language()] || group.name.zh || word("nothing_named");
}

/** @param {number} part @param {number} of */
export const percent = (part, of) => `${((100 * part) / of).toFixed(1)}%`;

/** @param {Indicators} page @param {Report} report */
export function tableView(page, report) {
  if (report.groups.length === 0) return html`<p class="soft hint">${word("no_cases_in_days")}</p>`;
  const known = report.definitions
    .map(({ name }) => name)
    .filter((name) => report.groups.some((group) => group.indicators[name]));
  return html`<table @keydown=${walk}>
    ${report.by === "all" ? byIndicator(page, report, known) : byGroup(page, report, known)}
  </table>`;
}

/** @param {Indicators} page @param {Report} report @param {string[]} names */
function byIndicator(page, report, names) {
  const whole = report.period === "whole" ? report.groups[0] : null;
  return html`<thead>
      <tr>
        <th scope="col" class="name">${word("indicator")}</th>
        ${report.groups.map((group) => html`<th scope="col">${group.period || word("rate")}</th>`)}
        ${whole ? html`<th scope="col">${word("rate_of")}</th>` : ""}
      </tr>
    </thead>
    <tbody>
      ${names.map(
        (name) => html`<tr>
          <th scope="row">${label("indicator", name)}</th>
          ${report.groups.map((group) => cell(page, report, group, name))}
          ${whole ? html`<td class="number soft">${fraction(whole, name)}</td>` : ""}
        </tr>`,
      )}
    </tbody>
    <tfoot>
      <tr>
        <th scope="row">${word("reported")}</th>
        ${report.groups.map((group) => html`<td class="number">${group.measures.reported ?? 0}</td>`)}
      </tr>
    </tfoot>`;
}

/** @param {Group} group @param {string} name */
const fraction = (group, name) => `${group.indicators[name].part} / ${group.indicators[name].of}`;

/** @param {Indicators} page @param {Report} report @param {string[]} names */
function byGroup(page, report, names) {
  const periods = report.period !== "whole";
  return html`<thead>
      <tr>
        ${periods ? html`<th scope="col" class="name">${word("period")}</th>` : ""}
        <th scope="col" class="name">${byWord(report.by)}</th>
        <th scope="col">${word("reported")}</th>
        ${names.map((name) => html`<th scope="col">${label("indicator", name)}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${report.groups.map(
        (group) => html`<tr>
          ${periods ? html`<td class="name">${group.period}</td>` : ""}
          <th scope="row">${groupName(report, group)}</th>
          <td class="number">${group.measures.reported ?? 0}</td>
          ${names.map((name) => cell(page, report, group, name))}
        </tr>`,
      )}
    </tbody>`;
}

/** @param {Indicators} page @param {Report} report @param {Group} group @param {string} name */
function cell(page, report, group, name) {
  const rate = group.indicators[name];
  if (!rate) return html`<td class="soft">—</td>`;
  const { part, of, grade } = rate;
  const chosen =
    page.figure?.indicator === name && page.figure.group.key === group.key && page.figure.group.period === group.period;
  const text = percent(part, of);
  const said = `${text} ${label("grade", grade)}, ${part}/${of}: ${label("indicator", name)}, ${groupName(report, group)} ${group.period}`;
  return html`<td>
    <button class="mark ${TONES[grade]}" aria-pressed=${chosen ? "true" : "false"} aria-label=${said} title="${part}/${of}"
      @click=${() => page.choose({ group, indicator: name, part: "of" })}>
      ${text} <span aria-hidden="true">${SHAPES[grade]}</span>
    </button>
  </td>`;
}

/** Arrows go from figure to figure. @param {KeyboardEvent} event */
function walk(event) {
  const step = ARROWS[/** @type {keyof typeof ARROWS} */ (event.key)];
  const from = /** @type {HTMLElement} */ (event.target).closest("td");
  if (!step || !from || event.ctrlKey || event.altKey || event.metaKey) return;
  const table = /** @type {HTMLTableElement} */ (from.closest("table"));
  const rows = [...table.tBodies[0].rows];
  let row = rows.indexOf(/** @type {HTMLTableRowElement} */ (from.parentElement)) + step[0];
  let column = from.cellIndex + step[1];
  for (; rows[row]?.cells[column]; row += step[0], column += step[1]) {
    const button = rows[row].cells[column].querySelector("button");
    if (!button) continue;
    button.focus();
    event.preventDefault();
    return;
  }
}
