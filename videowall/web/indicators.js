// The indicators: how well the district handles its cases, by whom and when, with the cases behind each figure. What is asked stands in
// the page's address, so that it can be kept and passed on.

import { html } from "lit-html";
import { ApiError, get, setServerNow } from "shared/api.js";
import { connectionMark } from "shared/connection.js";
import { language, switchLanguage, word } from "shared/i18n.js";
import { signOut } from "shared/login.js";
import { refusalText } from "shared/refusal.js";
import { LivePage, startCentrePage } from "./centre.js";
import { casesView } from "./indicator-cases.js";
import { BYS, tableView } from "./indicator-table.js";

/** @typedef {{ part: number, of: number, grade: "none" | "green" | "yellow" | "red" }} Rate */
/**
 * @typedef {object} Group
 * @property {string} period
 * @property {string} from
 * @property {string} to
 * @property {string} key
 * @property {{ zh: string, en: string }} name
 * @property {Record<string, number>} measures
 * @property {Record<string, Rate>} indicators
 */
/** @typedef {{ by: string, period: string, from: string, to: string, now_ms: number, groups: Group[], definitions: { name: string }[] }} Report
 *    as videowall/metrics/indicator_api.h has it */
/**
 * @typedef {object} Found  a case behind a figure
 * @property {string} number
 * @property {string} title
 * @property {string} service
 * @property {string} area
 * @property {string} state
 * @property {string} department
 * @property {number} at_ms
 * @property {boolean} part
 */
/** @typedef {{ group: Group, indicator: string, part: "of" | "part" | "rest" }} Figure */

const REFETCH_EVERY_MS = 30_000;

const PERIODS = [
  { period: "whole", words: "period_whole" },
  { period: "day", words: "period_day" },
  { period: "week", words: "period_week" },
  { period: "month", words: "period_month" },
  { period: "quarter", words: "period_quarter" },
  { period: "year", words: "period_year" },
];

export class Indicators extends LivePage {
  /** @param {HTMLElement} root @param {import("shared/login.js").Account} me */
  constructor(root, me) {
    super(root, ["desk"], REFETCH_EVERY_MS);
    this.me = me;
    this.asked = new URLSearchParams(location.search);
    /** @type {Report | null} */
    this.report = null;
    /** Whose cases are listed. @type {Figure | null} */
    this.figure = null;
    /** @type {Found[]} */
    this.cases = [];
    /** Where the list goes on. @type {string | null} */
    this.next = null;
    /** What the door refused. */
    this.refused = "";
  }

  async open() {
    this.draw();
    document.addEventListener("keydown", (event) => this.#key(event));
    this.stream.start();
    await this.#look();
  }

  view() {
    return view(this);
  }

  async fetch() {
    const error = await this.#look();
    if (error?.temporary) throw error;
  }

  /** @returns {Promise<ApiError | void>} what the page says of the door */
  async #look() {
    const asked = this.asked.toString();
    try {
      /** @type {Report} */
      const report = await get(`/api/indicators?${asked}`);
      if (asked !== this.asked.toString()) return;
      this.report = report;
      this.refused = "";
      setServerNow(report.now_ms);
    } catch (error) {
      return this.#tell(error);
    } finally {
      this.draw();
    }
  }

  /** Another question; what was listed belongs to the last one. @param {string} name @param {string} value */
  ask(name, value) {
    if (value) this.asked.set(name, value);
    else this.asked.delete(name);
    history.replaceState(null, "", `?${this.asked}`);
    this.figure = null;
    this.#look();
  }

  /** @param {Figure} figure */
  async choose(figure) {
    this.figure = figure;
    this.cases = [];
    this.next = "";
    this.draw();
    await this.more();
    this.root.querySelector("#cases-of")?.scrollIntoView({ block: "nearest" });
  }

  /** The next page of the cases. */
  async more() {
    const figure = this.figure;
    if (!figure || this.next === null) return;
    const { group, indicator, part } = figure;
    const asked = new URLSearchParams({
      indicator,
      part,
      by: this.report?.by ?? "",
      key: group.key,
      from: group.from,
      to: group.to,
      after: this.next,
    });
    try {
      const answer = await get(`/api/indicators/cases?${asked}`);
      if (figure !== this.figure) return;
      this.cases = [...this.cases, ...answer.cases];
      this.next = answer.next;
    } catch (error) {
      this.#tell(error);
    }
    this.draw();
  }

  /** @param {unknown} error */
  #tell(error) {
    if (!(error instanceof ApiError)) throw error;
    this.refused = refusalText(error);
    return error;
  }

  /** Back from the cases to their figure. @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== "Escape" || !this.figure) return;
    const cell = /** @type {HTMLElement | null} */ (this.root.querySelector('.rates [aria-pressed="true"]'));
    this.figure = null;
    this.draw();
    cell?.focus();
  }
}

/** @param {Indicators} page */
function view(page) {
  const other = async () => {
    await switchLanguage();
    page.draw();
  };
  return html`
    <header class="bar">
      <h1>${word("indicators_title")}</h1>
      <div class="row">
        ${connectionMark(page.freshness())}
        <a href="/desk.html">${word("desk_link")}</a>
        <a href="/wall.html">${word("wall_link")}</a>
        <button class="button quiet" @click=${other}>${language() === "zh" ? "English" : "中文"}</button>
        <span>${page.me.name || page.me.login}</span>
        <button class="button quiet" @click=${signOut}>${word("sign_out")}</button>
      </div>
    </header>
    <main class="indicators">
      ${questionView(page)} ${page.refused ? html`<p class="note bad" role="alert">${page.refused}</p>` : ""}
      <section class="rates" aria-label=${word("indicators_title")}>${page.report ? tableView(page, page.report) : ""}</section>
      ${page.figure ? casesView(page, page.figure) : html`<p class="soft hint">${word("choose_figure")}</p>`}
    </main>
  `;
}

/** @param {Indicators} page */
function questionView(page) {
  const by = page.report?.by ?? "all";
  const period = page.report?.period ?? "whole";
  /** @param {string} name @param {string} text @param {string} value @param {{ value: string, words: string }[]} options */
  const choice = (name, text, value, options) => html`<div class="field">
    <label for=${name}>${text}</label>
    <select id=${name} @change=${(/** @type {any} */ event) => page.ask(name, event.target.value)}>
      ${options.map((option) => html`<option value=${option.value} ?selected=${option.value === value}>${word(option.words)}</option>`)}
    </select>
  </div>`;
  /** @param {string} name @param {string} text @param {string} value */
  const day = (name, text, value) => html`<div class="field">
    <label for=${name}>${text}</label>
    <input id=${name} type="date" .value=${value} @change=${(/** @type {any} */ event) => page.ask(name, event.target.value)} />
  </div>`;
  return html`<form class="row question" @submit=${(/** @type {Event} */ event) => event.preventDefault()}>
    ${choice(
      "by",
      word("group_by"),
      by,
      BYS.map(({ by: value, words }) => ({ value, words })),
    )}
    ${choice(
      "period",
      word("period"),
      period,
      PERIODS.map(({ period: value, words }) => ({ value, words })),
    )}
    ${day("from", word("from_day"), page.report?.from ?? "")} ${day("to", word("to_day"), page.report?.to ?? "")}
  </form>`;
}

startCentrePage({
  title: "indicators_title",
  roles: ["operator", "leader", "admin"],
  open: (root, me) => new Indicators(root, me).open(),
});
