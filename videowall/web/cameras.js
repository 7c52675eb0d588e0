// The cameras: which of the district's have a picture and which do not, as a list page by page, on the map, and as rates by tier. What is
// asked stands in the page's address, so that it can be kept and passed on.

import { html } from "lit-html";
import { ApiError, get, setServerNow } from "shared/api.js";
import { connectionMark } from "shared/connection.js";
import { label, language, switchLanguage, word } from "shared/i18n.js";
import { signOut } from "shared/login.js";
import { refusalText } from "shared/refusal.js";
import { AreaMap } from "./area-map.js";
import { CONDITIONS, conditionShape, conditionTone, listView } from "./camera-list.js";
import { CameraPoints } from "./camera-points.js";
import { ratesView } from "./camera-rates.js";
import { LivePage, startCentrePage } from "./centre.js";

/**
 * @typedef {object} CameraRow  as videowall/health/camera_api.h has it
 * @property {string} id
 * @property {{ zh: string, en: string }} name
 * @property {string} area
 * @property {number} lat
 * @property {number} lon
 * @property {string} condition
 * @property {number} since_ms
 * @property {number} visited_at_ms
 * @property {string} reason
 * @property {string} state
 * @property {number} picture_at_ms
 * @property {number} [placed_at_ms]  of a mobile one: when it said last where it is; 0: it has not
 */
/** @typedef {{ code: string, name: { zh: string, en: string }, tier: string, parent: string, cameras: number, visited: number, online: number }} AreaCount */
/** @typedef {{ as_of_ms: number, round: "away" | "none" | "current", conditions: Record<string, number>, areas: AreaCount[] }} Counts */
/** @typedef {{ as_of_ms: number, found: number, from: number, cameras: CameraRow[] }} Found */

const REFETCH_EVERY_MS = 5_000;
const TYPING_MS = 200;
export const ROWS = 50;

export class Cameras extends LivePage {
  /** @param {HTMLElement} root @param {import("shared/login.js").Account} me */
  constructor(root, me) {
    super(root, ["desk"], REFETCH_EVERY_MS);
    this.me = me;
    this.asked = new URLSearchParams(location.search);
    /** @type {Counts | null} */
    this.counts = null;
    /** @type {Found | null} */
    this.found = null;
    this.tier = "street";
    /** The camera that was chosen, in the list or on the map. */
    this.chosen = "";
    /** What the door refused. */
    this.refused = "";
  }

  async open() {
    this.draw();
    this.map = new AreaMap(this.place(".map"), { interactive: true });
    await this.map.load();
    this.points = new CameraPoints(this.map.map, (id) => this.choose(id, true));
    document.addEventListener("keydown", (event) => this.#key(event));
    this.stream.start();
    await this.#look();
    setInterval(() => this.refetch(), REFETCH_EVERY_MS);
  }

  view() {
    return view(this);
  }

  get from() {
    return Number(this.asked.get("from") ?? 0);
  }

  async fetch() {
    const error = await this.#look();
    if (error?.temporary) throw error;
  }

  /** @returns {Promise<ApiError | void>} what the page says of the door */
  async #look() {
    const asked = this.asked.toString();
    const question = new URLSearchParams([...this.asked].filter(([name]) => ["state", "area", "text"].includes(name)));
    try {
      const [counts, found, { points }] = await Promise.all([
        get("/api/cameras/counts"),
        get(`/api/cameras?${question}&from=${this.from}&limit=${ROWS}`),
        get(`/api/cameras/points?${question}`),
      ]);
      if (asked !== this.asked.toString()) return;
      this.counts = counts;
      this.found = found;
      this.refused = "";
      setServerNow(counts.as_of_ms);
      this.points?.show(points, this.chosen);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.refused = refusalText(error);
      return error;
    } finally {
      this.draw();
    }
  }

  /** Another question begins at its first page. @param {Record<string, string>} changes */
  ask(changes) {
    for (const [name, value] of Object.entries({ from: "", ...changes })) {
      if (value) this.asked.set(name, value);
      else this.asked.delete(name);
    }
    history.replaceState(null, "", `?${this.asked}`);
    this.draw();
    this.#look();
  }

  /** As one types: the question is asked when the typing rests. @param {string} text */
  type(text) {
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.ask({ text }), TYPING_MS);
  }

  /** @param {string} id @param {boolean} onMap  it was chosen there: the list may not show it */
  choose(id, onMap) {
    this.chosen = this.chosen === id ? "" : id;
    this.points?.mark(this.chosen);
    if (onMap && this.chosen && !this.found?.cameras.some((row) => row.id === id)) this.ask({ text: id });
    this.draw();
    this.root.querySelector('.camera[aria-current="true"]')?.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} by  pages */
  turn(by) {
    const from = this.from + by * ROWS;
    if (from < 0 || from >= (this.found?.found ?? 0)) return;
    this.ask({ from: String(from) });
    this.root.querySelector(".camera-rows")?.scrollTo(0, 0);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.altKey || event.metaKey || target.closest("input, select, .map")) return;
    if (event.key === "/") /** @type {HTMLElement} */ (this.root.querySelector("#text")).focus();
    else if (event.key === "ArrowRight") this.turn(1);
    else if (event.key === "ArrowLeft") this.turn(-1);
    else return;
    event.preventDefault();
  }
}

/** @param {Cameras} page */
function view(page) {
  const other = async () => {
    await switchLanguage();
    page.draw();
  };
  return html`
    <header class="bar">
      <h1>${word("cameras_title")}</h1>
      <div class="row">
        ${connectionMark(page.freshness())}
        <a href="/desk.html">${word("desk_link")}</a>
        <a href="/wall.html">${word("wall_link")}</a>
        <a href="/indicators.html">${word("indicators_link")}</a>
        <button class="button quiet" @click=${other}>${language() === "zh" ? "English" : "中文"}</button>
        <span>${page.me.name || page.me.login}</span>
        <button class="button quiet" @click=${signOut}>${word("sign_out")}</button>
      </div>
    </header>
    ${page.refused ? html`<p class="note bad strip" role="alert">${page.refused}</p>` : ""}
    ${page.counts && page.counts.round !== "current" ? html`<p class="note warn strip" role="status">${word(page.counts.round === "away" ? "round_away" : "round_none")}</p>` : ""}
    <main class="cameras">
      ${questionView(page)} ${ratesView(page)} ${listView(page)}
      <section class="where" aria-label=${word("map")}><div class="map"></div></section>
    </main>
  `;
}

/** @param {Cameras} page */
function questionView(page) {
  const states = (page.asked.get("state") ?? "").split(",").filter(Boolean);
  const area = page.asked.get("area") ?? "";
  const counts = page.counts?.conditions ?? {};
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  /** @param {string} state */
  const toggled = (state) => states.filter((other) => other !== state).concat(states.includes(state) ? [] : state);
  return html`<form class="row question" role="search" @submit=${(/** @type {Event} */ event) => event.preventDefault()}>
    <button type="button" class="chip" aria-pressed=${states.length ? "false" : "true"} @click=${() => page.ask({ state: "" })}>
      ${word("all_cameras")} <span class="number">${all}</span>
    </button>
    ${CONDITIONS.map(
      (
        state,
      ) => html`<button type="button" class="chip" data-tone=${counts[state] ? conditionTone(state) : ""} aria-pressed=${states.includes(state) ? "true" : "false"}
        @click=${() => page.ask({ state: toggled(state).join(",") })}>
        <span aria-hidden="true">${conditionShape(state)}</span> ${label("camera_condition", state)} <span class="number">${counts[state] ?? 0}</span>
      </button>`,
    )}
    <label class="sr" for="text">${word("find_camera")}</label>
    <input id="text" type="search" placeholder=${word("find_camera")} .value=${page.asked.get("text") ?? ""}
      @input=${(/** @type {any} */ event) => page.type(event.target.value)} />
    ${area ? html`<button type="button" class="chip" aria-pressed="true" @click=${() => page.ask({ area: "" })}>${page.map?.nameOf(area) || area} ✕</button>` : ""}
  </form>`;
}

startCentrePage({
  title: "cameras_title",
  roles: ["operator", "leader", "admin"],
  open: (root, me) => new Cameras(root, me).open(),
});
