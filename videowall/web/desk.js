// The desk: queue by time left, the chosen case, the map. Everything can be done from the keyboard; notices keep it current.

import { html } from "lit-html";
import { ApiError, get, setServerNow } from "shared/api.js";
import { connectionMark } from "shared/connection.js";
import { label, language, switchLanguage, word } from "shared/i18n.js";
import { signOut } from "shared/login.js";
import { ask } from "shared/question.js";
import { refusalText } from "shared/refusal.js";
import { moreIsOpen, toggleMore } from "shared/verb-bar.js";
import { askVerb } from "shared/verb-question.js";
import { AreaMap, areaStates } from "./area-map.js";
import { LivePage, startCentrePage } from "./centre.js";
import { CAMERAS_KEY, CaseCameras, popupStrip } from "./desk-cameras.js";
import { DeskCommand } from "./desk-command.js";
import { MORE_KEYS, VERB_KEYS, detailView } from "./desk-detail.js";
import { DESK_FIELDS } from "./desk-fields.js";
import { askCall, askOrder } from "./desk-forms.js";
import { DESK_LISTS, queueView } from "./desk-list.js";
import { WALL_KEY, askWall } from "./native-wall.js";

/** @typedef {import("shared/case-view.js").CaseFile} CaseFile */
/** @typedef {{ case: CaseFile, steps: import("shared/case-view.js").Step[], words: import("shared/case-view.js").VoiceWords[],
 *   verbs: import("shared/verb-question.js").OfferedVerb[],
 *   route: { department: string, rule: string } | null }} Detail */

/** @typedef {import("shared/question.js").Given} Given */

/** What the desk takes down itself: the last part of the door's path, its words, its key. */
const TAKEN_DOWN = [
  { kind: "hotline", title: "new_call", key: "h", ask: askCall },
  { kind: "order", title: "new_order", key: "g", ask: askOrder },
];

const REFETCH_EVERY_MS = 300;
const LIST_LENGTH = 100;
const NEWS_MAX = 4;
/** What waits for the shift leader's word, or should be known at once. */
const ASKS_THE_LEADER = new Set(["return", "extend", "suspend", "appeal", "reopen"]);

export class Desk extends LivePage {
  /** @param {HTMLElement} root @param {import("shared/login.js").Account} me */
  constructor(root, me) {
    super(root, ["desk", `person/${me.login}`, ...(me.role === "leader" ? ["leader"] : [])], REFETCH_EVERY_MS);
    this.me = me;
    /** What somebody asks of this person, newest first. @type {import("shared/live.js").Notice[]} */
    this.news = [];
    this.list = DESK_LISTS[0].list;
    /** @type {CaseFile[]} */
    this.cases = [];
    this.more = false;
    this.cameras = new CaseCameras(this);
    /** @type {import("./desk-cameras.js").Popup | null} */
    this.popup = null;
    /** @type {import("./wall.js").Figures | null} */
    this.figures = null;
    this.number = decodeURIComponent(location.hash.slice(1));
    /** Another list was chosen and has not come yet: what is open then must be one of its cases. */
    this.listIsNew = false;
    /** @type {Detail | null} */
    this.detail = null;
    /** What became of a command, until its case (number "": of none) is another than this revision.
     * @type {{ number: string, tone: "ok" | "bad", text: string, revision: number } | null} */
    this.message = null;
    this.busy = false;
    /** The question that was asked for last. @type {object | null} */
    this.asked = null;
    /** The report that was taken down last, until its case is there; and what is said of it, until another case is chosen. */
    this.awaited = 0;
    this.taken = "";
  }

  async open() {
    this.draw();
    this.map = new AreaMap(this.place(".map"), { interactive: true });
    await this.map.load();
    document.addEventListener("keydown", (event) => this.#key(event));
    window.addEventListener("hashchange", () => this.choose(decodeURIComponent(location.hash.slice(1))));
    this.stream.start();
    this.refetch();
    setInterval(() => this.draw(), 15_000); // time left goes by itself
  }

  view() {
    return view(this);
  }

  /** @param {import("shared/live.js").Notice} notice */
  heard(notice) {
    if (notice.verb !== "escalate" && !(this.me.role === "leader" && ASKS_THE_LEADER.has(notice.verb))) return;
    const others = this.news.filter(({ case_number }) => case_number !== notice.case_number);
    this.news = [notice, ...others].slice(0, NEWS_MAX);
  }

  /** @param {string} list */
  chooseList(list) {
    this.list = list;
    this.listIsNew = true;
    this.cases = [];
    this.draw();
    this.refetch();
  }

  /** After the first look at a list, or at none yet, the case that is open is one of it; later it may leave the list and stay open. */
  async #chooseFirst() {
    const stays = this.number && (!this.listIsNew || this.cases.some((record) => record.number === this.number));
    this.listIsNew = false;
    if (stays) return this.#fetchDetail();
    this.number = "";
    this.detail = null;
    if (this.cases.length) this.choose(this.cases[0].number);
  }

  /** @param {string} number */
  choose(number) {
    this.news = this.news.filter(({ case_number }) => case_number !== number);
    this.taken = "";
    this.draw();
    if (number === this.number && this.detail) return;
    const { message } = this;
    const failedElsewhere = message?.tone === "bad" && message.number && message.number !== this.number;
    if (!failedElsewhere) this.message = null;
    this.number = number;
    this.detail = null;
    history.replaceState(null, "", `#${encodeURIComponent(number)}`);
    this.draw();
    this.root.querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest" });
    this.#fetchDetail().catch((error) => {
      if (!error.temporary) return this.tell(error, number);
      this.refetch(); // it is repeated until it succeeds
    });
  }

  async fetch() {
    const list = this.list;
    const [answer, figures, { popup }] = await Promise.all([
      get(`/api/cases?list=${encodeURIComponent(list)}&limit=${LIST_LENGTH}`),
      get("/api/wall"),
      get("/api/popup"),
    ]);
    this.figures = figures;
    this.popup = popup;
    setServerNow(figures.as_of_ms);
    this.map?.show(areaStates(figures));
    if (list !== this.list) return;
    this.cases = answer.cases;
    this.more = Boolean(answer.next);
    this.#chooseTaken();
    await this.#chooseFirst().finally(() => this.draw());
  }

  async #fetchDetail() {
    const number = this.number;
    /** @type {Detail | null} */
    const detail = await get(`/api/cases/${encodeURIComponent(number)}`).catch((error) => {
      if (error.status !== 404) throw error;
      this.tell(error, number);
      return null;
    });
    if (number !== this.number) return;
    if (!detail) return this.#giveUp();
    const first = this.detail === null;
    this.detail = detail;
    const { message } = this;
    if (message?.number === number && detail.case.revision > message.revision) this.message = null;
    this.draw();
    const { lat, lon, area } = detail.case.place;
    if (first) this.map?.point(lat, lon, area);
    await this.cameras.follow(number);
  }

  /** The chosen case is not there: the list's first one is, after the next look. */
  #giveUp() {
    this.number = "";
    this.detail = null;
    history.replaceState(null, "", "#");
    this.draw();
  }

  /** Asks what the verb needs, sends it, and says how it went. @param {string} verb */
  async act(verb) {
    const detail = this.detail;
    if (!detail || this.busy) return;
    const offered = detail.verbs.find((row) => row.verb === verb);
    if (!offered) return;
    const { number, revision } = detail.case;
    const subject = { record: detail.case, words: detail.words, route: detail.route };
    const command = new DeskCommand(number, verb, revision);
    const asked = (this.asked = {});
    const still = () => asked === this.asked && number === this.number;
    try {
      const send = (/** @type {Given} */ given) => this.#send(command, given);
      const answer = await askVerb(offered, subject, { still, send, own: DESK_FIELDS });
      if (!answer) return;
      const text = word("done_now", { verb: label("verb", verb), state: label("case_state", answer.state) });
      this.message = { number, tone: "ok", text, revision: answer.revision };
    } catch (error) {
      this.tell(error, number);
    }
    this.draw();
  }

  /** @param {DeskCommand} command @param {Given} given */
  async #send(command, given) {
    this.busy = true;
    this.draw();
    try {
      return await command.send(given);
    } finally {
      this.busy = false;
      this.refetch();
      this.draw();
    }
  }

  /** A call, or a superior's order. @param {typeof TAKEN_DOWN[number]} form */
  async takeDown({ kind, ask: askForm }) {
    const command = new DeskCommand("", kind, 0);
    try {
      const receipt = await askForm((given) => this.#send(command, given));
      if (!receipt) return;
      this.taken = word("taken_as", { n: receipt.seq });
      this.awaited = receipt.seq;
    } catch (error) {
      this.tell(error);
    }
    this.draw();
  }

  /** Once the engine has made a case of what was taken down, or added it to one. */
  #chooseTaken() {
    const record = this.cases.find(({ voices }) => voices.some(({ seq }) => seq === this.awaited));
    if (!record) return;
    const { taken } = this;
    this.awaited = 0;
    this.choose(record.number);
    this.taken = taken;
  }

  /** @param {unknown} error @param {string} [number]  of the case that it is about */
  tell(error, number = "") {
    if (!(error instanceof ApiError)) throw error;
    this.message = { number, tone: "bad", text: refusalText(error), revision: Infinity };
    this.draw();
  }

  // ---- keys ----

  /** @param {KeyboardEvent} event */
  #key(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.altKey || event.metaKey || target.closest("input, textarea, select")) return;
    if (document.querySelector("dialog[open]")) return; // also once a click has taken the focus out of it
    const keys = moreIsOpen(this.root) ? MORE_KEYS : VERB_KEYS;
    const verb = this.detail?.verbs.find((offered) => keys.get(offered.verb) === event.key)?.verb;
    const list = DESK_LISTS.find(({ key }) => key === event.key);
    const form = TAKEN_DOWN.find(({ key }) => key === event.key);
    if (event.key === "m") toggleMore(this.root);
    else if (verb) this.#press(verb);
    else if (form) this.takeDown(form);
    else if (event.key === "j" || event.key === "ArrowDown") this.#step(1);
    else if (event.key === "k" || event.key === "ArrowUp") this.#step(-1);
    else if (event.key === CAMERAS_KEY) this.cameras.toggle();
    else if (event.key === WALL_KEY) askWall(this);
    else if (event.key === "?") showKeys();
    else if (list) this.chooseList(list.list);
    else return;
    event.preventDefault();
  }

  /** @param {string} verb */
  #press(verb) {
    if (moreIsOpen(this.root)) toggleMore(this.root);
    this.act(verb);
  }

  /** @param {number} by */
  #step(by) {
    const at = this.cases.findIndex((record) => record.number === this.number);
    const next = this.cases[at < 0 ? 0 : at + by];
    if (next) this.choose(next.number);
  }
}

/** @param {Desk} desk */
function view(desk) {
  const other = async () => {
    await switchLanguage();
    desk.draw();
  };
  return html`
    <header class="bar">
      <h1>${word("desk_title")}</h1>
      <div class="row">
        ${TAKEN_DOWN.map(
          (form) =>
            html`<button class="button" @click=${() => desk.takeDown(form)}><kbd>${form.key}</kbd> ${word(form.title)}</button>`,
        )}
        ${connectionMark(desk.freshness())}
        <button class="button quiet" @click=${() => askWall(desk)}><kbd>${WALL_KEY}</kbd> ${word("native_wall")}</button>
        <a href="/wall.html">${word("wall_link")}</a>
        <a href="/cameras.html">${word("cameras_link")}</a>
        <a href="/live.html">${word("live_link")}</a>
        <a href="/indicators.html">${word("indicators_link")}</a>
        <a href="/lifecycle.html">${word("lifecycle_link")}</a>
        <button class="button quiet" @click=${showKeys}><kbd>?</kbd> ${word("keys")}</button>
        <button class="button quiet" @click=${other}>${language() === "zh" ? "English" : "中文"}</button>
        <span>${desk.me.name || desk.me.login}</span>
        <button class="button quiet" @click=${signOut}>${word("sign_out")}</button>
      </div>
    </header>
    ${desk.news.map(
      (notice) => html`<button class="note bad strip news" @click=${() => desk.choose(notice.case_number)}>
        <strong>${label("verb", notice.verb)}</strong> ${notice.clock === "none" ? "" : label("clock_kind", notice.clock)} ·
        ${notice.title || notice.case_number}
      </button>`,
    )}
    ${popupStrip(desk, desk.popup)}
    ${messageStrip(desk)}
    ${desk.taken ? html`<p class="note ok strip" role="status">${desk.taken}</p>` : ""}
    <main class="desk">
      ${queueView(desk)} ${detailView(desk)}
      <section class="where" aria-label=${word("map")}><div class="map"></div></section>
    </main>
  `;
}

/** What is said of another case than the one that is shown. @param {Desk} desk */
function messageStrip(desk) {
  const { message, detail } = desk;
  if (!message || (detail && message.number === detail.case.number)) return "";
  const putAway = () => {
    desk.message = null;
    desk.draw();
  };
  return html`<div class="note ${message.tone} strip row" role="alert">
    <span>${[message.number, message.text].filter(Boolean).join(" · ")}</span>
    <button class="button quiet" @click=${putAway}>${word("understood")}</button>
  </div>`;
}

function showKeys() {
  const keys = [
    ["j ↓", word("next_case")],
    ["k ↑", word("previous_case")],
    ["1 – 9 0 -", word("lists")],
    ...TAKEN_DOWN.map(({ key, title }) => [key, word(title)]),
    ...[...VERB_KEYS].map(([verb, key]) => [key, label("verb", verb)]),
    [CAMERAS_KEY, word("near_cameras")],
    [WALL_KEY, word("native_wall")],
    ["m", word("more")],
    ...[...MORE_KEYS].map(([verb, key]) => [`m ${key}`, label("verb", verb)]),
    ["Esc", word("cancel")],
  ];
  ask({
    title: word("keys"),
    confirm: word("understood"),
    content: html`<dl class="keys">${keys.map(([key, words]) => html`<dt><kbd>${key}</kbd></dt><dd>${words}</dd>`)}</dl>`,
  });
}

startCentrePage({
  title: "desk_title",
  roles: ["operator", "leader", "admin"],
  open: (root, me) => new Desk(root, me).open(),
});
