// The wall's panels that are words and figures. "No data" is a dash, never 0; colour only where something is abnormal, and then with
// a shape beside it.

import { html } from "lit-html";
import { areaName, nameOf, serviceName } from "shared/book.js";
import { label, word } from "shared/i18n.js";
import { LEVEL_SHAPES, clockTime } from "shared/time.js";

/** @typedef {import("./wall.js").Figures} Figures */

const DEPARTMENT_ROWS = 12; // with the head: 13
const NEWEST_ROWS = 5;
const DASH = "—";

/** @param {string} key @param {number | undefined} value @param {import("shared/time.js").Level} abnormal what it means where it is not 0 */
export function headline(key, value, abnormal) {
  const alarmed = abnormal !== "normal" && (value ?? 0) > 0;
  return html`<div class="headline" data-figure=${key} data-level=${alarmed ? abnormal : "normal"}>
    <span class="figure">${alarmed ? html`<span class="shape" aria-hidden="true">${LEVEL_SHAPES[abnormal]}</span>` : ""}${value ?? DASH}</span>
    <span class="words">${word(key)}</span>
  </div>`;
}

/** The busiest departments; what does not fit is one row. @param {Figures} figures */
function departmentRows({ departments }) {
  const order = [...departments].sort((a, b) => b.overdue - a.overdue || b.due - a.due || b.open - a.open);
  if (order.length <= DEPARTMENT_ROWS) return order.map((row) => ({ ...row, name: nameOf(row) }));
  const shown = order.slice(0, DEPARTMENT_ROWS - 1).map((row) => ({ ...row, name: nameOf(row) }));
  const rest = order.slice(DEPARTMENT_ROWS - 1);
  const sum = (/** @type {"open" | "due" | "overdue"} */ key) => rest.reduce((total, row) => total + row[key], 0);
  return [
    ...shown,
    {
      code: "",
      name: word("other_departments", { n: rest.length }),
      open: sum("open"),
      due: sum("due"),
      overdue: sum("overdue"),
    },
  ];
}

/** @param {number} value @param {"due" | "overdue"} abnormal */
function cell(value, abnormal) {
  return html`<td class="number" data-level=${value > 0 ? abnormal : "normal"}>${value > 0 ? `${LEVEL_SHAPES[abnormal]}${value}` : value}</td>`;
}

/** @param {Figures | null} figures */
export function departmentTable(figures) {
  return html`<table>
    <thead>
      <tr>
        <th><span class="sr">${word("department")}</span></th>
        <th class="number">${word("open_short")}</th>
        <th class="number">${word("due_short")}</th>
        <th class="number">${word("overdue_short")}</th>
      </tr>
    </thead>
    <tbody>
      ${
        figures
          ? departmentRows(figures).map(
              (row) => html`<tr data-department=${row.code}>
              <th scope="row">${row.name}</th>
              <td class="number">${row.open}</td>
              ${cell(row.due, "due")} ${cell(row.overdue, "overdue")}
            </tr>`,
            )
          : html`<tr><td colspan="4">${word("no_data")}</td></tr>`
      }
    </tbody>
  </table>`;
}

/** @param {Figures | null} figures */
export function newestCases(figures) {
  if (!figures) return html`<p>${word("no_data")}</p>`;
  if (figures.newest.length === 0) return html`<p>${word("no_cases_yet")}</p>`;
  return html`<ol>
    ${figures.newest.slice(0, NEWEST_ROWS).map((row) => {
      const alarmed = row.level === "due" || row.level === "overdue" ? row.level : "normal";
      return html`<li data-number=${row.number}>
        <time>${clockTime(row.reported_at_ms).slice(0, 5)}</time>
        <span class="title">${[row.supervised && `◉ ${word("supervised")}`, serviceName(row.service), row.title].filter(Boolean).join(" · ")}</span>
        <span class="place">${areaName(row.area)}</span>
        <span class="state" data-level=${alarmed}>${alarmed === "normal" ? "" : LEVEL_SHAPES[alarmed]} ${label("case_state", row.state)}</span>
      </li>`;
    })}
  </ol>`;
}
