// One camera's place on a page: its picture, its name, how it does, and what can be done with it.

import { label, language, word } from "shared/i18n.js";
import { duration } from "shared/time.js";
import { MsePicture } from "./live-mse.js";
import { LIVE_KIND } from "./live-records.js";
import { StillPicture } from "./live-stills.js";
import { WebCodecsPicture } from "./live-webcodecs.js";

const STALE_PICTURE_MS = 5_000;

/** @typedef {{ id: string, name: string, name_en: string, turns?: boolean }} Camera */
/** A button on the tiles that it fits. @typedef {{ words: string, fits?: (camera: Camera) => boolean, run: (tile: Tile, button: HTMLButtonElement) => void }} TileAction */

/** The best that this browser has. */
export function pictureKind() {
  return WebCodecsPicture.there ? WebCodecsPicture : MsePicture.there ? MsePicture : StillPicture;
}

export class Tile {
  /** @param {Camera} camera @param {readonly TileAction[]} [actions]  with some the tile tells its latency too */
  constructor(camera, actions = []) {
    this.camera = camera;
    this.state = "opening";
    this.detailed = actions.length > 0;
    /** @type {import("./tile-pad.js").Pad | null} */
    this.pad = null;
    this.element = document.createElement("figure");
    this.element.className = "tile";
    this.status = document.createElement("span");
    const caption = document.createElement("figcaption");
    caption.append(Object.assign(document.createElement("strong"), { textContent: this.name }), this.status);
    this.element.append(caption, ...(actions.length ? [this.#bar(actions)] : []));
    this.#show(new (pictureKind())());
  }

  get name() {
    return (language() === "en" && this.camera.name_en) || this.camera.name;
  }

  get pictureAtMs() {
    return this.picture?.pictureAtMs ?? 0;
  }

  /** @param {readonly TileAction[]} actions */
  #bar(actions) {
    const bar = Object.assign(document.createElement("div"), { className: "tile-actions" });
    for (const { words, fits, run } of actions) {
      if (fits && !fits(this.camera)) continue;
      const button = Object.assign(document.createElement("button"), { type: "button", className: "button" });
      button.textContent = words;
      button.setAttribute("aria-label", `${words}: ${this.name}`);
      button.addEventListener("click", () => run(this, button));
      bar.append(button);
    }
    return bar;
  }

  /** @param {WebCodecsPicture | MsePicture | StillPicture} picture */
  #show(picture) {
    this.picture?.close();
    this.picture?.element.remove();
    this.picture = picture;
    picture.element.setAttribute("role", "img");
    picture.element.setAttribute("aria-label", this.name);
    this.element.prepend(picture.element);
  }

  /** @param {import("./live-records.js").LiveRecord} record */
  take(record) {
    const json = () => JSON.parse(new TextDecoder().decode(record.payload));
    if (record.kind === LIVE_KIND.unit) this.picture?.decode(record);
    else if (record.kind === LIVE_KIND.picture) this.#takeStill(record);
    else if (record.kind === LIVE_KIND.config) this.picture?.configure(json());
    else if (record.kind === LIVE_KIND.status) this.state = json().state;
  }

  /** The server decodes what this browser cannot. @param {import("./live-records.js").LiveRecord} record */
  #takeStill(record) {
    if (!(this.picture instanceof StillPicture)) this.#show(new StillPicture());
    this.picture?.decode(record);
  }

  /** The response ended: what comes next begins with a key frame. */
  lost() {
    this.state = "lost";
    this.picture?.lost();
  }

  /** Name, and state and age where the picture is not of now. @param {number} nowMs the server's */
  label(nowMs) {
    const age = this.pictureAtMs ? nowMs - this.pictureAtMs : Infinity;
    const well = this.state === "live" && age < STALE_PICTURE_MS;
    const said = well ? this.#well(age) : this.#trouble(age);
    if (said === this.status.textContent) return; // the page is laid out for each change
    this.element.dataset.state = well ? "live" : "stale";
    this.status.textContent = said;
  }

  /** @param {number} ageMs */
  #well(ageMs) {
    const live = `● ${label("camera_state", "live")}`;
    const tenths = Math.max(1, Math.ceil(ageMs / 100)); // no picture is of no age, and most are within the first
    return this.detailed ? `${live} · ${word("latency", { s: (tenths / 10).toFixed(1) })}` : live;
  }

  /** What is wrong, in as few words as a tile has room for. @param {number} ageMs of the picture that is shown */
  #trouble(ageMs) {
    const state = label("camera_state", this.state === "live" ? "frozen" : this.state);
    return Number.isFinite(ageMs)
      ? `▲ ${state} · ${word("picture_age", { time: duration(Math.max(0, ageMs)) })}`
      : `▲ ${state}`;
  }

  close() {
    this.pad?.close();
    this.picture?.close();
  }
}
