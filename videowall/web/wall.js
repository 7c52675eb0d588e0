// The wall: numbers and feeds as they are now, to be read from eight metres. Everything comes from one answer of the door, so that no
// figure contradicts another; a notice asks for the next answer, at most once a second.

import { html } from "lit-html";
import { get, serverNow, setServerNow } from "shared/api.js";
import { nameOf } from "shared/book.js";
import { word } from "shared/i18n.js";
import { clockTime, longDate, shortTime } from "shared/time.js";
import { AreaMap, areaStates } from "./area-map.js";
import { LivePage, startCentrePage } from "./centre.js";
import { DayCurve } from "./day-curve.js";
import { LiveTiles, camerasToShow } from "./live-tiles.js";
import { departmentTable, headline, newestCases } from "./wall-panels.js";

/**
 * @typedef {object} Figures  as videowall/metrics/wall_api.h has it
 * @property {number} seq
 * @property {number} as_of_ms
 * @property {{ zh: string, en: string }} name
 * @property {number} open
 * @property {number} due
 * @property {number} overdue
 * @property {number} reported_today
 * @property {number} closed_today
 * @property {number} triage
 * @property {Record<string, number>} states
 * @property {{ code: string, name: { zh: string, en: string }, open: number, due: number, overdue: number }[]} departments
 * @property {{ reported: number, closed: number }[]} hours
 * @property {{ code: string, open: number, due: number, overdue: number }[]} areas
 * @property {[number, number, "overdue" | "due"][]} pins  latitude, longitude
 * @property {{ number: string, title: string, service: string, area: string, state: string, priority: number,
 *   reported_at_ms: number, level: import("shared/time.js").Level, supervised: boolean }[]} newest
 */

const CAMERAS = 4;
const REFETCH_EVERY_MS = 1_000;
const REFETCH_ANYWAY_MS = 15_000; // time alone makes cases due
const STALE_MS = 30_000;

class Wall extends LivePage {
  /** @param {HTMLElement} root */
  constructor(root) {
    super(root, ["wall"], REFETCH_EVERY_MS);
    /** @type {Figures | null} */
    this.figures = null;
    this.fetchedAtMs = 0;
  }

  async open() {
    this.draw();
    this.map = new AreaMap(this.place(".map"), { interactive: false });
    this.curve = new DayCurve(this.place(".curve"));
    await this.map.load();
    this.stream.start();
    this.refetch();
    setInterval(() => this.refetch(), REFETCH_ANYWAY_MS);
    setInterval(() => this.draw(), 1_000);
    new LiveTiles(this.place(".tiles"), await camerasToShow(CAMERAS)).start();
  }

  async fetch() {
    /** @type {Figures} */
    const figures = await get("/api/wall");
    setServerNow(figures.as_of_ms);
    this.figures = figures;
    this.fetchedAtMs = Date.now();
    this.map?.show(areaStates(figures));
    this.map?.showCases(figures.pins);
    this.curve?.show(figures.hours);
    this.draw();
  }

  view() {
    return view(this);
  }

  /** How old the figures are, and why. */
  get stale() {
    return this.figures !== null && (!this.freshness().live || Date.now() - this.fetchedAtMs > STALE_MS);
  }
}

/** @param {Wall} wall */
function view(wall) {
  const { figures } = wall;
  const asOf = figures ? word("as_of", { time: clockTime(figures.as_of_ms) }) : word("no_data");
  return html`
    <div class="wall ${wall.stale ? "stale" : ""}">
      <header>
        <h1>${figures ? nameOf(figures) : ""} ${word("wall_title")}</h1>
        <p class="date">${longDate(serverNow())}</p>
        ${
          wall.stale
            ? html`<p class="age bad" role="alert">▲ ${word("lost_since", { time: shortTime(wall.fetchedAtMs, Date.now()) })}</p>`
            : html`<p class="age">${asOf}</p>`
        }
        <p class="clock">${clockTime(serverNow())}</p>
      </header>
      <section class="headlines" aria-label=${word("headlines")}>
        ${headline("open", figures?.open, "normal")} ${headline("due", figures?.due, "due")}
        ${headline("overdue", figures?.overdue, "overdue")} ${headline("reported_today", figures?.reported_today, "normal")}
        ${headline("closed_today", figures?.closed_today, "normal")}
      </section>
      <section class="panel departments">
        <h2>${word("by_department")} <span class="age">${asOf}</span></h2>
        ${departmentTable(figures)}
      </section>
      <section class="panel today">
        <h2>${word("today_curve")} <span class="key reported">${word("reported")}</span> <span class="key closed">${word("closed")}</span></h2>
        <div class="curve"></div>
      </section>
      <section class="panel areas">
        <h2>
          ${word("areas_by_worst")} <span class="key due">◆ ${word("due")}</span> <span class="key overdue">▲ ${word("overdue")}</span>
          <span class="age">${asOf}</span>
        </h2>
        <div class="map" role="img" aria-label=${word("areas_by_worst")}></div>
      </section>
      <section class="panel newest">
        <h2>${word("newest_cases")} <span class="age">${asOf}</span></h2>
        ${newestCases(figures)}
      </section>
      <section class="tiles" aria-label=${word("cameras")}></section>
    </div>
  `;
}

startCentrePage({
  title: "wall_title",
  roles: ["device", "operator", "leader", "admin"],
  open: (root) => new Wall(root).open(),
});
