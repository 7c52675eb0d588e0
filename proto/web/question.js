// A question before a command: a reason, a department, a worker, a photo … in a modal dialog of the platform.

import { html, render } from "lit-html";
import { narrowByTyping } from "shared/choice.js";
import { word } from "shared/i18n.js";

/**
 * @typedef {object} Field
 * @property {unknown} content  a lit template
 * @property {(data: FormData) => object} take  what the command gets of it
 * @property {(form: HTMLFormElement) => void} [opened]
 * @property {() => void} [closed]
 * @property {Blob[]} [photos]
 */

const TOUCH = "(pointer: coarse)";

/**
 * Shows a dialog with a form and waits for its end.
 * @param {object} question
 * @param {string} question.title
 * @param {unknown} question.content  the form's fields (a lit template)
 * @param {string} question.confirm  label of the main button
 * @param {(form: HTMLFormElement) => void} [question.opened]  called once the dialog is there
 * @returns {Promise<FormData | null>} null: put away
 */
export function ask({ title, content, confirm, opened }) {
  const dialog = document.createElement("dialog");
  dialog.className = "question";
  document.body.append(dialog);
  return new Promise((resolve) => {
    /** @type {FormData | null} */
    let given = null;
    /** @param {SubmitEvent} event */
    const submit = (event) => {
      event.preventDefault();
      given = new FormData(/** @type {HTMLFormElement} */ (event.target));
      dialog.close();
    };
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(given);
    });
    render(
      html`<form class="stack" @submit=${submit}>
        <h2 id="question-title" tabindex="-1">${title}</h2>
        ${content}
        <div class="row actions">
          <button class="button main">${confirm}</button>
          <button class="button" type="button" @click=${() => dialog.close()}>${word("cancel")}</button>
        </div>
      </form>`,
      dialog,
    );
    dialog.setAttribute("aria-labelledby", "question-title");
    dialog.showModal();
    const form = /** @type {HTMLFormElement} */ (dialog.querySelector("form"));
    const begin = matchMedia(TOUCH).matches ? "h2" : "input, select, textarea, .main"; // a keyboard would rise over the question
    /** @type {HTMLElement | null} */ (form.querySelector(begin))?.focus();
    opened?.(form);
  });
}

/**
 * Asks with fields and puts together what they give.
 * @param {{ title: string, confirm: string, hint?: string }} words @param {readonly Field[]} fields
 * @returns {Promise<{ body: any, photos: Blob[] } | null>} null: put away
 */
export async function askFields({ title, confirm, hint }, fields) {
  const given = await ask({
    title,
    confirm,
    content: html`${hint ? html`<p class="soft">${hint}</p>` : ""} ${fields.map(({ content }) => content)}`,
    opened: (form) => {
      fields.forEach((field) => field.opened?.(form));
      narrowByTyping(form);
      submitOnControlEnter(form);
    },
  });
  fields.forEach((field) => field.closed?.());
  if (!given) return null;
  return {
    body: Object.assign({}, ...fields.map((field) => field.take(given))),
    photos: fields.flatMap((field) => field.photos ?? []),
  };
}

/** Ctrl+Enter sends a form whose Enter makes a new line. @param {HTMLFormElement} form */
function submitOnControlEnter(form) {
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
}
