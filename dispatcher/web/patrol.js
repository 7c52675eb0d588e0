// What a worker finds on patrol: what, where, a photo; and whether it is fixed already (自行处置).

import { html } from "lit-html";
import { nameOf, services } from "shared/book.js";
import { choice } from "shared/choice.js";
import { word } from "shared/i18n.js";
import { MOST } from "shared/limits.js";
import { photoField } from "shared/photo-field.js";
import { askFields } from "shared/question.js";

/** @typedef {import("shared/question.js").Field} Field */

const POSITION_WITHIN_MS = 10_000;

/** @returns {Field} */
function whatField() {
  const options = services().map((row) => ({ value: row.code, text: nameOf(row) }));
  return {
    content: choice({ name: "service", label: word("service"), options }),
    take: (data) => ({ service: String(data.get("service")) }),
  };
}

/** The position comes by itself; the address says what a position does not, or stands for it. @returns {Field} */
function whereField() {
  /** @type {GeolocationCoordinates | null} */
  let found = null;
  return {
    content: html`<div class="field">
      <label for="address">${word("place")}</label>
      <input id="address" name="address" maxlength=${MOST.address} autocomplete="off" required />
      <p class="soft" id="position" role="status">${word("position_wanted")}</p>
    </div>`,
    opened: (form) => {
      const words = /** @type {HTMLElement} */ (form.querySelector("#position"));
      const address = /** @type {HTMLInputElement} */ (form.elements.namedItem("address"));
      navigator.geolocation?.getCurrentPosition(
        ({ coords }) => {
          found = coords;
          address.required = false;
          words.textContent = word("position_found", { n: Math.round(coords.accuracy) });
        },
        () => (words.textContent = word("position_missing")),
        { enableHighAccuracy: true, timeout: POSITION_WITHIN_MS },
      );
    },
    take: (data) => ({
      address: String(data.get("address")).trim(),
      ...(found && { lat: found.latitude, lon: found.longitude, accuracy_m: Math.round(found.accuracy) }),
    }),
  };
}

/** @returns {Field} */
function wordsField() {
  return {
    content: html`<div class="field">
        <label for="text">${word("note_optional")}</label>
        <textarea id="text" name="text" maxlength=${MOST.text}></textarea>
      </div>
      <label class="row"><input type="checkbox" name="disposed" /> ${word("fixed_on_the_spot")}</label>`,
    take: (data) => ({ text: String(data.get("text")).trim(), disposed: data.get("disposed") !== null }),
  };
}

/** @param {(given: import("shared/question.js").Given) => Promise<void>} send */
export function askPatrol(send) {
  const fields = [whatField(), photoField(word("photos_optional")), whereField(), wordsField()];
  return askFields({ title: word("patrol_report"), confirm: word("send_report") }, fields, send);
}
