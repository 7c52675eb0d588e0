// Signing in: a form in place of the page until an account of one of the page's roles is there.

import { html, render } from "lit-html";
import { ApiError, SIGNED_OUT, get, post, request } from "shared/api.js";
import { language, switchLanguage, word } from "shared/i18n.js";
import { refusalText } from "shared/refusal.js";

/** @typedef {{ login: string, name: string, role: string, department: string }} Account */

/** @returns {Promise<Account | null>} who is signed in; null = nobody. Throws without a network. */
export async function whoIsThere() {
  try {
    return await get("/api/session");
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

/** Without a network the session goes on, and that has to be known. */
export async function signOut() {
  try {
    await request("DELETE", "/api/session");
    window.dispatchEvent(new Event(SIGNED_OUT)); // as a refused request would say it: the page leaves as it does then
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status !== 401) alert(word("still_signed_in", { reason: refusalText(error) }));
  }
}

/** Leaves the page once nobody is signed in any more, but not while somebody types: a dialog is finished or put away first. @param {() => void} leave */
export function whenSignedOut(leave) {
  window.addEventListener(SIGNED_OUT, () => {
    const dialog = document.querySelector("dialog[open]");
    if (dialog) dialog.addEventListener("close", leave, { once: true });
    else leave();
  });
}

/**
 * @param {HTMLElement} root
 * @param {object} page
 * @param {string} page.title  key of its words
 * @param {readonly string[]} page.roles  that may use it
 * @returns {Promise<Account>}
 */
export function signIn(root, { title, roles }) {
  const place = document.createElement("div"); // its own: the page clears `root` and draws there afterwards
  root.replaceChildren(place);
  return new Promise((resolve) => {
    let refusal = "";
    let busy = false;
    /** @param {SubmitEvent} event */
    const submit = async (event) => {
      event.preventDefault();
      const fields = new FormData(/** @type {HTMLFormElement} */ (event.target));
      busy = true;
      draw();
      try {
        const account = await post("/api/session", { login: fields.get("login"), password: fields.get("password") });
        if (roles.includes(account.role)) return resolve(account);
        refusal = word("wrong_role", { login: account.login });
        await request("DELETE", "/api/session");
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        refusal = refusalText(error);
      }
      busy = false;
      draw();
    };
    const draw = () => render(form({ title, refusal, busy, submit, draw }), place);
    draw();
    place.querySelector("input")?.focus();
  });
}

/** @param {{ title: string, refusal: string, busy: boolean, submit: (event: SubmitEvent) => void, draw: () => void }} view */
function form({ title, refusal, busy, submit, draw }) {
  const other = async () => {
    await switchLanguage();
    draw();
  };
  return html`
    <main class="sign-in">
      <form class="card stack" @submit=${submit}>
        <div>
          <p class="soft">${word("product")}</p>
          <h1>${word(title)}</h1>
        </div>
        <div class="field">
          <label for="login">${word("login")}</label>
          <input id="login" name="login" autocomplete="username" autocapitalize="off" required />
        </div>
        <div class="field">
          <label for="password">${word("password")}</label>
          <input id="password" name="password" type="password" autocomplete="current-password" required />
        </div>
        ${refusal ? html`<p class="note bad" role="alert">${refusal}</p>` : ""}
        <button class="button main big" ?disabled=${busy}>${word("sign_in")}</button>
        <button class="button quiet" type="button" @click=${other}>${language() === "zh" ? "English" : "中文"}</button>
      </form>
    </main>
  `;
}
