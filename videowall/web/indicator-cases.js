// The cases behind a figure, newest first; each leads to the desk.

import { html } from "lit-html";
import { serverNow } from "shared/api.js";
import { areaName, departmentName, serviceName } from "shared/book.js";
import { stateMark } from "shared/case-view.js";
import { label, word } from "shared/i18n.js";
import { shortTime } from "shared/time.js";
import { groupName, percent } from "./indicator-table.js";

/** @typedef {import("./indicators.js").Indicators} Indicators */
/** @typedef {import("./indicators.js").Figure} Figure */
/** @typedef {import("./indicators.js").Found} Found */

/** @type {{ part: "of" | "part" | "rest", words: string }[]} */
const PARTS = [
  { part: "of", words: "figure_all" },
  { part: "part", words: "figure_part" },
  { part: "rest", words: "figure_rest" },
];

/** @param {Indicators} page @param {Figure} figure */
export function casesView(page, figure) {
  const { group, indicator } = figure;
  const { part, of } = group.indicators[indicator];
  /** @type {Record<string, number>} */
  const counts = { of, part, rest: of - part };
  const name = page.report && page.report.by !== "all" ? groupName(page.report, group) : "";
  return html`<section class="cases" aria-labelledby="cases-of">
    <h2 id="cases-of" tabindex="-1">
      ${label("indicator", indicator)} ${percent(part, of)} <span class="soft">${name} ${group.from} – ${group.to}</span>
    </h2>
    <div class="row" role="group" aria-label=${word("cases_of_figure")}>
      ${PARTS.map(
        (choice) => html`<button class="button" aria-pressed=${choice.part === figure.part ? "true" : "false"}
          @click=${() => page.choose({ ...figure, part: choice.part })}>
          ${word(choice.words)} <span class="number">${counts[choice.part]}</span>
        </button>`,
      )}
      <span class="soft"><kbd>Esc</kbd> ${word("back_to_figure")}</span>
    </div>
    <ul class="found">
      ${page.cases.map(row)}
    </ul>
    ${page.next ? html`<button class="button" @click=${() => page.more()}>${word("more_cases")}</button>` : ""}
    ${page.cases.length || page.next ? "" : html`<p class="soft">${word("list_is_empty")}</p>`}
  </section>`;
}

/** @param {Found} found */
function row(found) {
  const where = [serviceName(found.service), areaName(found.area), departmentName(found.department)].filter(Boolean);
  return html`<li>
    <a href="/desk.html#${found.number}">
      <span class="line">
        <time class="number">${shortTime(found.at_ms, serverNow())}</time> ${stateMark(found.state)}
        <span class="mark">${found.part ? word("figure_part") : word("figure_rest")}</span>
      </span>
      <strong>${found.title || found.number}</strong>
      <span class="soft">${[found.number, ...where].join(" · ")}</span>
    </a>
  </li>`;
}
