// What handset and liaison have in common: the list of own cases kept fresh by the stream, the queue of commands, the page's head.

import { html } from "lit-html";
import { get, setServerNow } from "shared/api.js";
import { CommandQueue } from "shared/commands.js";
import { connectionMark } from "shared/connection.js";
import { recall, remember } from "shared/database.js";
import { label, language, switchLanguage, word } from "shared/i18n.js";
import { keepCurrent } from "shared/live.js";
import { signOut } from "shared/login.js";
import { askVerb } from "shared/verb-question.js";

/** @typedef {import("shared/case-view.js").CaseFile} CaseFile */
/** @typedef {{ case: CaseFile, steps: import("shared/case-view.js").Step[], words: import("shared/case-view.js").VoiceWords[],
 *   verbs: import("shared/verb-question.js").OfferedVerb[] }} Detail */

const REFETCH_EVERY_MS = 500;
const PAGE_LENGTH = 200;

/** What somebody else did that one has to know at once; own steps are no news. */
const NEWS = new Set([
  "dispatch",
  "assign",
  "offer",
  "verify",
  "join",
  "release",
  "transfer",
  "hand_up",
  "urge",
  "supervise",
  "rework",
  "reopen",
  "resume",
  "cancel",
  "confirm_return",
  "deny_return",
  "grant_extension",
  "deny_extension",
  "grant_suspension",
  "deny_suspension",
  "grant_appeal",
  "deny_appeal",
  "warn",
  "overdue",
  "escalate",
]);

export class FieldPage {
  /**
   * @param {import("shared/login.js").Account} me
   * @param {object} options
   * @param {readonly string[]} options.lists  of the case API: "worker/ID"
   * @param {string} options.topic  of the stream
   * @param {() => void} options.draw
   */
  constructor(me, { lists, topic, draw }) {
    this.me = me;
    this.lists = lists;
    this.draw = draw;
    /** @type {CaseFile[]} */
    this.cases = [];
    /** Of each list, and whether one of them goes on behind them. */
    this.pages = 1;
    this.more = false;
    this.seenAtMs = 0;
    /** @type {Detail | null} */
    this.detail = null;
    this.news = "";
    this.acting = false;
    this.queue = new CommandQueue(me.login, () => this.#queueChanged());
    /** The question that was asked for last. @type {object | null} */
    this.asked = null;
    const { stream, refetch, freshness } = keepCurrent({
      path: `/api/stream?topics=${encodeURIComponent(topic)}`,
      everyMs: REFETCH_EVERY_MS,
      fetch: () => this.#fetchAll(),
      draw,
      onNotice: (notice) => this.#heard(notice),
      onLive: () => this.queue.flush(),
    });
    this.stream = stream;
    this.refetch = refetch;
    this.freshness = freshness;
  }

  async open() {
    const kept = await recall(`cases ${this.me.login}`);
    if (kept) Object.assign(this, { cases: kept.cases, seenAtMs: kept.seenAtMs });
    this.stream.last = (await recall(`notice ${this.me.login}`)) ?? this.stream.last;
    await this.queue.open();
    this.stream.start();
    this.queue.flush();
    this.refetch();
    window.addEventListener("hashchange", () => this.#select());
    setInterval(() => this.draw(), 30_000); // time left goes by itself
    this.#select();
  }

  /** The case that the address names. */
  get number() {
    return decodeURIComponent(location.hash.slice(1));
  }

  get selected() {
    return this.detail?.case.number === this.number
      ? this.detail.case
      : this.cases.find((record) => record.number === this.number);
  }

  /** Asks what the verb needs, then does it on the case as it was seen then. @param {import("shared/verb-question.js").OfferedVerb} offered */
  async ask(offered) {
    const record = this.selected;
    if (!record || this.acting) return; // a second tap before the first one is on the disk
    const asked = (this.asked = {});
    await askVerb(
      offered,
      { record, department: this.me.department },
      {
        still: () => asked === this.asked && record.number === this.number,
        send: ({ body, photos }) => {
          this.acting = true;
          return this.queue.add(record, offered.verb, body, photos).finally(() => (this.acting = false));
        },
      },
    );
  }

  /** Other lists, from their beginning. @param {readonly string[]} lists */
  choose(lists) {
    Object.assign(this, { lists, pages: 1 });
    this.refetch();
  }

  showMore() {
    this.pages++;
    this.refetch();
  }

  #queueChanged() {
    this.draw();
    this.refetch();
  }

  #select() {
    this.draw();
    window.scrollTo(0, 0);
    if (this.number) this.refetch();
  }

  /** @param {import("shared/live.js").Notice} notice */
  #heard(notice) {
    remember(`notice ${this.me.login}`, notice.seq);
    if (!NEWS.has(notice.verb)) return;
    this.news = `${label("verb", notice.verb)} · ${notice.title || notice.case_number}`;
    navigator.vibrate?.(200);
  }

  async #fetchAll() {
    const { number, lists: asked } = this;
    const [detail, ...lists] = await Promise.all([
      number ? detailOf(number) : null,
      ...asked.map((list) => fetchList(list, this.pages)),
    ]);
    if (asked !== this.lists) return; // others were chosen: they are asked for already
    const cases = lists.flatMap((list) => list.cases);
    this.cases = [...new Map(cases.map((record) => [record.number, record])).values()];
    this.more = lists.some(({ next }) => next);
    this.detail = detail;
    this.seenAtMs = lists[0].now_ms;
    setServerNow(this.seenAtMs);
    await remember(`cases ${this.me.login}`, { cases: this.cases, seenAtMs: this.seenAtMs });
    this.draw();
  }
}

/** @param {string} number @returns {Promise<Detail | null>} null: not there, or not for this person */
function detailOf(number) {
  return get(`/api/cases/${encodeURIComponent(number)}`).catch((error) => {
    if (error.temporary) throw error;
    return null;
  });
}

/** @param {string} list @param {number} pages @returns {Promise<{ cases: CaseFile[], next: string | null, now_ms: number }>} its first ones */
async function fetchList(list, pages) {
  const cases = [];
  for (let after = ""; ; pages--) {
    const answer = await get(`/api/cases?list=${encodeURIComponent(list)}&limit=${PAGE_LENGTH}${after}`);
    cases.push(...answer.cases);
    if (!answer.next || pages <= 1) return { ...answer, cases };
    after = `&after=${answer.next}`;
  }
}

/** @param {FieldPage} page @param {string} title */
export function pageHead(page, title) {
  const waiting = page.queue.waiting.length;
  return html`<header class="bar">
      <h1>${title}</h1>
      <div class="row">${connectionMark({ ...page.freshness(), since_ms: page.seenAtMs || page.freshness().since_ms })}</div>
    </header>
    ${waiting ? html`<p class="note warn strip" role="status">${word("queue_waiting", { n: waiting })}</p>` : ""}
    ${page.queue.refused.map(
      (entry) => html`<div class="note bad strip" role="alert">
        <p><strong>${[label("verb", entry.verb), entry.number].filter(Boolean).join(" · ")}</strong></p>
        <p>${entry.refusal}</p>
        <button class="button" @click=${() => page.queue.dismiss(entry)}>${word("understood")}</button>
      </div>`,
    )}
    ${
      page.news
        ? html`<button
          class="note ok strip news"
          @click=${() => {
            page.news = "";
            page.draw();
          }}
        >
          ${page.news}
        </button>`
        : ""
    }`;
}

/** @param {FieldPage} page */
export function pageFoot(page) {
  const larger = () => {
    const next = document.documentElement.dataset.size === "large" ? "" : "large";
    document.documentElement.dataset.size = next;
    localStorage.setItem("drumtower-size", next);
  };
  const other = async () => {
    await switchLanguage();
    page.draw();
  };
  return html`<footer class="page row foot">
    <span class="soft">${page.me.name || page.me.login}</span>
    <button class="button quiet" @click=${larger}>${word("large_text")}</button>
    <button class="button quiet" @click=${other}>${language() === "zh" ? "English" : "中文"}</button>
    <button class="button quiet" @click=${signOut}>${word("sign_out")}</button>
  </footer>`;
}
