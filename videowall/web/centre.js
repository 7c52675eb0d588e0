// What the centre's pages have in common: how they start (words, account, names of the district) and stay current.

import { render } from "lit-html";
import { loadBook } from "shared/book.js";
import { bringWords, loadLanguage, word } from "shared/i18n.js";
import { keepCurrent } from "shared/live.js";
import { signIn, whenSignedOut, whoIsThere } from "shared/login.js";

const RETRY_MS = 10_000;

/**
 * @param {object} page
 * @param {string} page.title  key of its words
 * @param {readonly string[]} page.roles
 * @param {(root: HTMLElement, me: import("shared/login.js").Account) => Promise<void>} page.open
 */
export async function startCentrePage({ title, roles, open }) {
  const root = /** @type {HTMLElement} */ (document.getElementById("app"));
  try {
    bringWords("/languages");
    await loadLanguage();
    const there = await whoIsThere();
    const me = there && roles.includes(there.role) ? there : await signIn(root, { title, roles });
    await loadBook();
    whenSignedOut(() => location.reload());
    root.replaceChildren();
    await open(root, me);
  } catch (error) {
    console.error(error);
    root.textContent = word("start_failed", { reason: String(/** @type {Error} */ (error).message) });
    setTimeout(() => location.reload(), RETRY_MS); // nobody stands at a wall to press a key
  }
}

/** A page that shows a state of the district and asks for it again when the stream says that something changed. */
export class LivePage {
  /** @param {HTMLElement} root @param {readonly string[]} topics  of the stream @param {number} everyMs  asks at most this often */
  constructor(root, topics, everyMs) {
    this.root = root;
    const path = `/api/stream?topics=${encodeURIComponent(topics.join(","))}`;
    const { stream, refetch, freshness } = keepCurrent({
      path,
      everyMs,
      fetch: () => this.fetch(),
      draw: () => this.draw(),
      onNotice: (notice) => this.heard(notice),
    });
    this.stream = stream;
    this.refetch = refetch;
    this.freshness = freshness;
  }

  /** Asks the door for the state and draws it. @returns {Promise<void>} */
  async fetch() {}

  /** Each notice, before the state is asked for. @param {import("shared/live.js").Notice} _notice */
  heard(_notice) {}

  /** @returns {unknown} the page as a lit template */
  view() {
    return "";
  }

  draw() {
    render(this.view(), this.root);
  }

  /** A place of the page that something else draws in. @param {string} selector */
  place(selector) {
    return /** @type {HTMLElement} */ (this.root.querySelector(selector));
  }
}
