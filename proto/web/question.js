// A question before a command: a reason, a department, a worker, a photo … in a modal dialog of the platform.

import { html, render } from "lit-html";
import { ApiError } from "shared/api.js";
import { narrowByTyping } from "shared/choice.js";
import { word } from "shared/i18n.js";
import { refusalText } from "shared/refusal.js";

/**
 * @typedef {object} Field
 * @property {unknown} content  a lit template
 * @property {(data: FormData) => object} take  what the command gets of it
 * @property {(form: HTMLFormElement) => void} [opened]
 * @property {() => void} [closed]
 * @property {Blob[]} [photos]
 */

/** What the fields gave. @typedef {{ body: any, photos: Blob[] }} Given */

const TOUCH = "(pointer: coarse)";

/** @param {unknown} error */
function whyNot(error) {
  if (error instanceof ApiError) return refusalText(error);
  console.error(error);
  return String(error);
}

/**
 * Shows a dialog with a form and waits for its end. It stays open until what was given has been taken, so that nobody types it twice.
 * @template T
 * @param {object} question
 * @param {string} question.title
 * @param {unknown} question.content  the form's fields (a lit template)
 * @param {string} question.confirm  label of the main button
 * @param {(form: HTMLFormElement) => void} [question.opened]  called once the dialog is there
 * @param {(given: FormData) => Promise<T>} [question.send]  takes it; why it could not is said in the dialog
 * @returns {Promise<T | null>} what `send` gave; null: put away
 */
export function ask({ title, content, confirm, opened, send }) {
  const dialog = document.createElement("dialog");
  dialog.className = "question";
  document.body.append(dialog);
  return new Promise((resolve) => {
    /** While it is on its way, and once it was taken. @type {Promise<T> | null} */
    let sent = null;
    const submit = async (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      if (main.disabled) return; // Ctrl+Enter does not look at the button
      if (!send) return dialog.close();
      sent = send(new FormData(form));
      const typing = /** @type {HTMLElement | null} */ (document.activeElement);
      wait(true);
      try {
        await sent;
        dialog.close();
      } catch (error) {
        if (!dialog.open) return; // put away by force: who asked is told
        sent = null;
        wait(false);
        told.textContent = whyNot(error);
        told.hidden = false;
        told.scrollIntoView({ block: "nearest" });
        typing?.focus({ preventScroll: true });
      }
    };
    /** What is changed while it is being sent would be lost. @param {boolean} waiting */
    const wait = (waiting) => {
      form.inert = main.disabled = waiting;
      main.textContent = waiting ? word("sending") : confirm;
      if (waiting) told.hidden = true;
    };
    dialog.addEventListener("cancel", (event) => sent && event.preventDefault());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(sent);
    });
    render(
      html`<form class="stack" @submit=${submit}>
        <h2 id="question-title" tabindex="-1">${title}</h2>
        ${content}
        <p class="note bad" role="alert" data-told hidden></p>
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
    const main = /** @type {HTMLButtonElement} */ (form.querySelector(".main"));
    const told = /** @type {HTMLElement} */ (form.querySelector("[data-told]"));
    const begin = matchMedia(TOUCH).matches ? "h2" : "input, select, textarea, .main"; // a keyboard would rise over the question
    /** @type {HTMLElement | null} */ (form.querySelector(begin))?.focus();
    opened?.(form);
  });
}

/**
 * Asks with fields and puts together what they give.
 * @template T
 * @param {{ title: string, confirm: string, hint?: string }} words @param {readonly Field[]} fields
 * @param {(given: Given) => Promise<T>} send
 * @returns {Promise<T | null>} what `send` gave; null: put away
 */
export function askFields({ title, confirm, hint }, fields, send) {
  return ask({
    title,
    confirm,
    content: html`${hint ? html`<p class="soft">${hint}</p>` : ""} ${fields.map(({ content }) => content)}`,
    opened: (form) => {
      fields.forEach((field) => field.opened?.(form));
      narrowByTyping(form);
      submitOnControlEnter(form);
    },
    send: async (data) =>
      send({
        body: Object.assign({}, ...fields.map((field) => field.take(data))),
        photos: fields.flatMap((field) => field.photos ?? []),
      }),
  }).finally(() => fields.forEach((field) => field.closed?.()));
}

/** Ctrl+Enter sends a form whose Enter makes a new line. @param {HTMLFormElement} form */
function submitOnControlEnter(form) {
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.repeat && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
}
