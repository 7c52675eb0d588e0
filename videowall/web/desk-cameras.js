// The cameras near the chosen case, live beside its words, each with a button that keeps what it shows for the case (取证), and the strip that tells of
// one whose cameras came up.

import { html } from "lit-html";
import { ApiError, get, post } from "shared/api.js";
import { nameOf } from "shared/book.js";
import { commandId } from "shared/commands.js";
import { word } from "shared/i18n.js";
import { refusalText } from "shared/refusal.js";
import { LiveTiles } from "./live-tiles.js";
import { switchWall } from "./native-wall.js";
import { fullScreen, turning } from "./tile-actions.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {{ id: string, name: string, name_en: string, turns: boolean, away_m: number, looks: boolean }} NearCamera  as videowall/case_popup.h has it */
/** @typedef {{ number: string, title: string, priority: number, at_ms: number, until_ms: number }} Popup */

export const CAMERAS_KEY = "i";

/** Of one case at a time. */
export class CaseCameras {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    this.number = "";
    /** @type {NearCamera[] | null} */
    this.cameras = null;
    this.open = false;
    /** @type {LiveTiles | null} */
    this.tiles = null;
    /** Where they stand: it outlives every drawing of the page. */
    this.place = document.createElement("div");
    this.place.className = "near-tiles";
    /** What became of the last picture that was to be kept. */
    this.said = "";
  }

  /** The case that is shown now, told at each look until its cameras are known; those of an urgent one come up by themselves. @param {string} number */
  async follow(number) {
    if (number !== this.number) {
      this.#close();
      this.number = number;
      this.said = "";
      this.cameras = null;
    }
    if (this.cameras) return;
    const { urgent, cameras } = await get(`/api/cases/${encodeURIComponent(number)}/cameras`);
    if (number !== this.number || this.cameras) return;
    this.cameras = cameras;
    if (urgent && cameras.length) this.toggle();
    else this.desk.draw();
  }

  toggle() {
    if (!this.cameras?.length) return;
    if (this.open) {
      this.#close();
    } else {
      this.open = true;
      const keep = {
        words: word("take_evidence"),
        run: (/** @type {{ camera: { id: string } }} */ tile) => this.#keep(tile),
      };
      this.tiles = new LiveTiles(this.place, this.cameras, [keep, ...turning(this.desk.me), fullScreen()]).start();
    }
    this.desk.draw();
  }

  /** The picture of now, and a clip that follows. @param {{ camera: { id: string } }} tile */
  async #keep({ camera }) {
    const { number } = this;
    const said = await post("/api/evidence", { id: commandId(), camera: camera.id, case: number }).then(
      (kept) => word("evidence_taken", { s: kept.clip_s }),
      (error) => {
        if (!(error instanceof ApiError)) throw error;
        return refusalText(error);
      },
    );
    if (number === this.number) this.said = said;
    this.desk.draw();
  }

  #close() {
    this.tiles?.stop();
    this.tiles = null;
    this.open = false;
  }

  view() {
    const cameras = this.cameras;
    if (!cameras) return "";
    if (cameras.length === 0) return html`<p class="soft">${word("no_camera_near")}</p>`;
    return html`<section class="near-cameras" aria-label=${word("near_cameras")}>
      <div class="row">
        <button class="button" aria-expanded=${this.open ? "true" : "false"} @click=${() => this.toggle()}>
          <kbd>${CAMERAS_KEY}</kbd> ${word("near_cameras")} <span class="number">${cameras.length}</span>
        </button>
        <button class="button quiet" @click=${() => switchWall(this.desk, { verb: "pop", case: this.number })}>${word("to_the_wall")}</button>
      </div>
      ${this.open ? this.place : ""}
      <p class="soft" role="status">${this.said}</p>
      <p class="soft">
        ${cameras.map(({ name, name_en, away_m, looks }, at) => html`${at ? " · " : ""}${nameOf({ name, name_en })} ${word("metres", { n: away_m })}${looks ? ` ${word("looks_there")}` : ""}`)}
      </p>
    </section>`;
  }
}

/** Something that is urgent stands on the wall: a strip that leads to its case. @param {Desk} desk @param {Popup | null} popup */
export function popupStrip(desk, popup) {
  if (!popup || popup.number === desk.number) return "";
  return html`<button class="note bad strip news" data-popup=${popup.number} @click=${() => desk.choose(popup.number)}>
    <strong>▲ ${word("cameras_are_up")}</strong> · ${popup.title}
  </button>`;
}
