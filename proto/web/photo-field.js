// Photos in a question: taken or chosen, made small at once, shown before they go.

import { html, render } from "lit-html";
import { word } from "shared/i18n.js";
import { shrinkPhoto } from "shared/photo.js";

const PHOTOS_MAX = 4;

/** @param {string} label @returns {import("shared/question.js").Field} */
export function photoField(label) {
  /** @type {Blob[]} */
  const photos = [];
  /** @type {string[]} */
  const previews = [];
  return {
    photos,
    content: html`<div class="field">
      <span class="label">${label}</span>
      <input id="photo" class="sr" type="file" accept="image/*" capture="environment" multiple />
      <label class="button" for="photo">${word("take_photo")}</label>
      <div id="previews" aria-live="polite"></div>
      <p class="note bad" id="unreadable" role="alert" hidden></p>
    </div>`,
    opened: (form) => watch(form, photos, previews),
    closed: () => previews.forEach((url) => URL.revokeObjectURL(url)),
    take: () => ({}),
  };
}

/** @param {HTMLFormElement} form @param {Blob[]} photos @param {string[]} previews */
function watch(form, photos, previews) {
  const input = /** @type {HTMLInputElement} */ (form.querySelector("#photo"));
  const confirm = /** @type {HTMLButtonElement} */ (form.querySelector(".main"));
  const told = /** @type {HTMLElement} */ (form.querySelector("#unreadable"));
  input.addEventListener("change", async () => {
    confirm.disabled = true;
    told.hidden = true;
    for (const file of [...(input.files ?? [])].slice(0, PHOTOS_MAX - photos.length)) {
      try {
        photos.push(await shrinkPhoto(file));
      } catch {
        told.textContent = word("photo_unreadable", { name: file.name });
        told.hidden = false;
      }
    }
    input.value = "";
    confirm.disabled = false;
    while (previews.length < photos.length) previews.push(URL.createObjectURL(photos[previews.length]));
    const place = /** @type {HTMLElement} */ (form.querySelector("#previews"));
    render(
      html`<ul class="photos">${previews.map((url) => html`<li><img src=${url} alt=${word("photo")} /></li>`)}</ul>`,
      place,
    );
  });
}
