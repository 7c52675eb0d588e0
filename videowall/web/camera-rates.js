// How many of the cameras are online, by tier: an area a row, the worst first; a row asks the list for its cameras.

import { html } from "lit-html";
import { nameOf } from "shared/book.js";
import { label, word } from "shared/i18n.js";

/** @typedef {import("./cameras.js").Cameras} Cameras */
/** @typedef {import("./cameras.js").AreaCount} AreaCount */

const TIERS = ["district", "street", "community"];
const GOOD = 0.98;
const FAIR = 0.9;

/** @param {AreaCount} area @returns {number} 0 to 1; NaN where nothing was visited */
const rateOf = ({ online, visited }) => online / visited;

/** @param {number} rate */
function toneOf(rate) {
  if (Number.isNaN(rate)) return "";
  return rate >= GOOD ? "ok" : rate >= FAIR ? "warn" : "bad";
}

/** @param {Cameras} page */
export function ratesView(page) {
  const tier = page.tier;
  const rows = (page.counts?.areas ?? [])
    .filter((area) => area.tier === tier)
    .sort((a, b) => (rateOf(a) || 0) - (rateOf(b) || 0) || b.cameras - a.cameras);
  return html`<section class="rates" aria-label=${word("online_rate")}>
    <h2>${word("online_rate")}</h2>
    <div class="row" role="group" aria-label=${word("by_tier")}>
      ${TIERS.map(
        (name) =>
          html`<button class="chip" aria-pressed=${name === tier ? "true" : "false"} @click=${() => {
            page.tier = name;
            page.draw();
          }}>${label("tier", name)}</button>`,
      )}
    </div>
    <div class="table">
      <table>
        <thead>
          <tr>
            <th scope="col">${word("by_area")}</th>
            <th scope="col" class="number">${word("online")}</th>
            <th scope="col" class="number">${word("cameras")}</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map((row) => rateRow(page, row))}
        </tbody>
      </table>
    </div>
  </section>`;
}

/** @param {Cameras} page @param {AreaCount} area */
function rateRow(page, area) {
  const rate = rateOf(area);
  const chosen = page.asked.get("area") === area.code;
  return html`<tr>
    <th scope="row">
      <button class="link" aria-pressed=${chosen ? "true" : "false"} @click=${() => page.ask({ area: chosen ? "" : area.code })}>${nameOf(area)}</button>
    </th>
    <td class="number"><span class="mark ${toneOf(rate)}">${Number.isNaN(rate) ? word("no_data") : `${(100 * rate).toFixed(1)}%`}</span></td>
    <td class="number soft">${area.online} / ${area.cameras}</td>
  </tr>`;
}
