// The buttons of a case: what moves it on large, the rest behind "more". Which there are the door says; a page says what is main.

import { html } from "lit-html";
import { label, word } from "shared/i18n.js";

/** @typedef {import("shared/verb-question.js").OfferedVerb} OfferedVerb */

/** What takes something back or ends it. */
const DANGER = new Set([
  "refuse",
  "rework",
  "return",
  "unfounded",
  "cancel",
  "deny_return",
  "deny_extension",
  "deny_suspension",
  "deny_appeal",
]);
/** What only reminds: not the way on. */
const PLAIN = new Set(["urge", "acknowledge", "note", "reply"]);

/**
 * @param {object} bar
 * @param {readonly OfferedVerb[]} bar.verbs
 * @param {ReadonlySet<string>} bar.main
 * @param {(offered: OfferedVerb) => unknown} bar.act
 * @param {ReadonlyMap<string, string>} [bar.keys]  of the main ones
 * @param {ReadonlyMap<string, string>} [bar.moreKeys]  of the others, once "more" is open
 * @param {boolean} [bar.busy]
 */
export function verbBar({ verbs, main, act, keys, moreKeys, busy = false }) {
  const button = (
    /** @type {OfferedVerb} */ offered,
    /** @type {string} */ tone,
    /** @type {string | undefined} */ key,
  ) => {
    const press = (/** @type {Event} */ event) => {
      /** @type {HTMLElement} */ (event.currentTarget).closest("details")?.removeAttribute("open");
      act(offered);
    };
    return html`<button class="button ${tone}" data-verb=${offered.verb} ?disabled=${busy} @click=${press}>
      ${label("verb", offered.verb)} ${key ? html`<kbd>${key}</kbd>` : ""}
    </button>`;
  };
  const others = verbs.filter(({ verb }) => !main.has(verb));
  return html`<div class="row verbs" role="group" aria-label=${word("actions")} data-verbs>
    ${verbs
      .filter(({ verb }) => main.has(verb))
      .map((offered) => button(offered, toneOf(offered.verb), keys?.get(offered.verb)))}
    ${
      others.length
        ? html`<details class="more" @keydown=${walk}>
            <summary class="button">${word("more")} ${keys ? html`<kbd>m</kbd>` : ""}</summary>
            <div class="menu">
              ${others.map((offered) => button(offered, DANGER.has(offered.verb) ? "quiet danger" : "quiet", moreKeys?.get(offered.verb)))}
            </div>
          </details>`
        : ""
    }
  </div>`;
}

/** @param {string} verb */
function toneOf(verb) {
  return DANGER.has(verb) ? "danger" : PLAIN.has(verb) ? "" : "main";
}

/** Opens or closes "more". @param {HTMLElement} root @returns {boolean} false: there is none */
export function toggleMore(root) {
  const more = /** @type {HTMLDetailsElement | null} */ (root.querySelector("details.more"));
  if (!more) return false;
  more.open = !more.open;
  if (more.open) more.querySelector("button")?.focus();
  else more.querySelector("summary")?.focus();
  return true;
}

/** Is "more" open? @param {HTMLElement} root */
export function moreIsOpen(root) {
  return Boolean(root.querySelector("details.more[open]"));
}

/** Arrows walk the open menu, Escape closes it. @param {KeyboardEvent} event */
function walk(event) {
  const more = /** @type {HTMLDetailsElement} */ (event.currentTarget);
  if (event.key === "Escape") {
    more.open = false;
    more.querySelector("summary")?.focus();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0;
  if (!step || !more.open) return;
  const buttons = [...more.querySelectorAll("button")];
  const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
  buttons[(at + step + buttons.length) % buttons.length].focus();
  event.preventDefault();
  event.stopPropagation();
}
