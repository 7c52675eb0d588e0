// Starting a page of the centre: words, account, names of the district.

import { SIGNED_OUT } from "shared/api.js";
import { loadBook } from "shared/book.js";
import { loadLanguage, word } from "shared/i18n.js";
import { signIn, whoIsThere } from "shared/login.js";

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
    await loadLanguage();
    const there = await whoIsThere();
    const me = there && roles.includes(there.role) ? there : await signIn(root, { title, roles });
    await loadBook();
    window.addEventListener(SIGNED_OUT, () => location.reload());
    root.replaceChildren();
    await open(root, me);
  } catch (error) {
    console.error(error);
    root.textContent = word("start_failed", { reason: String(/** @type {Error} */ (error).message) });
    setTimeout(() => location.reload(), RETRY_MS); // nobody stands at a wall to press a key
  }
}
