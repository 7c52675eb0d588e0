// The question that goes with "disposed": a photo as proof and a note, both in one dialog.

import { html, render } from "lit-html";
import { word } from "shared/i18n.js";
import { shrinkPhoto } from "shared/photo.js";
import { ask, submitOnControlEnter } from "shared/question.js";

const PHOTOS_MAX = 4;

/** @returns {Promise<{ note: string, photos: Blob[] } | null>} null: put away */
export async function askDisposal() {
  /** @type {Blob[]} */
  const photos = [];
  /** @type {string[]} */
  const previews = [];
  const content = html`
    <div class="field">
      <span class="label">${word("proof_photo")}</span>
      <input id="photo" class="sr" type="file" accept="image/*" capture="environment" multiple />
      <label class="button" for="photo">${word("take_photo")}</label>
      <div id="previews" aria-live="polite"></div>
    </div>
    <div class="field">
      <label for="note">${word("note_optional")}</label>
      <textarea id="note" name="note" maxlength="1000"></textarea>
    </div>
  `;
  const given = await ask({
    title: word("dispose_question"),
    confirm: word("dispose_confirm"),
    content,
    opened: (form) => {
      submitOnControlEnter(form);
      const input = /** @type {HTMLInputElement} */ (form.querySelector("#photo"));
      const confirm = /** @type {HTMLButtonElement} */ (form.querySelector(".main"));
      input.addEventListener("change", async () => {
        confirm.disabled = true;
        for (const file of [...(input.files ?? [])].slice(0, PHOTOS_MAX - photos.length))
          photos.push(await shrinkPhoto(file));
        input.value = "";
        confirm.disabled = false;
        showPreviews(form, photos, previews);
      });
    },
  });
  previews.forEach((url) => URL.revokeObjectURL(url));
  return given && { note: String(given.get("note")).trim(), photos };
}

/** @param {HTMLFormElement} form @param {Blob[]} photos @param {string[]} previews */
function showPreviews(form, photos, previews) {
  while (previews.length < photos.length) previews.push(URL.createObjectURL(photos[previews.length]));
  const place = /** @type {HTMLElement} */ (form.querySelector("#previews"));
  render(
    html`<ul class="photos">${previews.map((url) => html`<li><img src=${url} alt=${word("photo")} /></li>`)}</ul>`,
    place,
  );
}
