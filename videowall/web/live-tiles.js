// Live camera tiles: one response for the whole page, decoded with WebCodecs, the newest picture of each camera drawn once per
// animation frame. Where WebCodecs is missing (a plain http page on a LAN name): a JPEG of each camera every two seconds.

import { get } from "shared/api.js";
import { label, language, word } from "shared/i18n.js";
import { duration } from "shared/time.js";
import { LIVE_KIND, LiveRecordParser } from "./live-records.js";

const SILENCE_MS = 5_000; // a pulse comes every second
const RETRY_MS = 1_000;
const JPEG_EVERY_MS = 2_000;
const STALE_PICTURE_MS = 5_000;

/** @typedef {{ id: string, name: string, name_en: string }} Camera */

/** One camera's place on the page: picture, name, and what is wrong where something is. */
class Tile {
  /** @param {Camera} camera */
  constructor(camera) {
    this.camera = camera;
    this.state = "opening";
    this.pictureAtMs = 0;
    /** @type {VideoDecoder | null} */
    this.decoder = null;
    this.needsKey = true;
    /** @type {VideoFrame | null} */
    this.newest = null;
    this.element = document.createElement("figure");
    this.element.className = "tile";
    this.canvas = document.createElement("canvas");
    this.canvas.width = 640;
    this.canvas.height = 360;
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", this.name);
    this.status = document.createElement("span");
    const caption = document.createElement("figcaption");
    caption.append(Object.assign(document.createElement("strong"), { textContent: this.name }), this.status);
    this.element.append(this.canvas, caption);
  }

  get name() {
    return (language() === "en" && this.camera.name_en) || this.camera.name;
  }

  /** @param {{ codec: string, width: number, height: number }} config */
  configure({ codec, width, height }) {
    this.close();
    if (width && height) Object.assign(this.canvas, { width, height });
    this.decoder = new VideoDecoder({
      output: (frame) => {
        this.newest?.close();
        this.newest = frame;
        this.pictureAtMs = frame.timestamp / 1000;
      },
      error: () => (this.needsKey = true),
    });
    this.decoder.configure({ codec, optimizeForLatency: true });
    this.codec = { codec, width, height };
    this.needsKey = true;
  }

  /** @param {import("./live-records.js").LiveRecord} record */
  decode({ key, timeMs, payload }) {
    if (this.needsKey && !key) return;
    if (this.decoder?.state === "closed" && this.codec) this.configure(this.codec);
    if (this.decoder?.state !== "configured") return;
    this.needsKey = false;
    this.decoder.decode(
      new EncodedVideoChunk({ type: key ? "key" : "delta", timestamp: timeMs * 1000, data: payload }),
    );
  }

  draw() {
    if (!this.newest) return;
    this.canvas.getContext("2d")?.drawImage(this.newest, 0, 0, this.canvas.width, this.canvas.height);
    this.newest.close();
    this.newest = null;
  }

  /** @param {CanvasImageSource} image @param {number} atMs */
  drawStill(image, atMs) {
    this.canvas.getContext("2d")?.drawImage(image, 0, 0, this.canvas.width, this.canvas.height);
    this.pictureAtMs = atMs;
  }

  /** Name, and state and age where the picture is not of now. @param {number} nowMs the server's */
  label(nowMs) {
    const age = this.pictureAtMs ? nowMs - this.pictureAtMs : Infinity;
    const well = this.state === "live" && age < STALE_PICTURE_MS;
    this.element.dataset.state = well ? "live" : "stale";
    this.status.textContent = well ? `● ${label("camera_state", "live")}` : this.#trouble(age);
  }

  /** What is wrong, in as few words as a tile has room for. @param {number} ageMs of the picture that is shown */
  #trouble(ageMs) {
    const state = label("camera_state", this.state === "live" ? "frozen" : this.state);
    return Number.isFinite(ageMs)
      ? `▲ ${state} · ${word("picture_age", { time: duration(Math.max(0, ageMs)) })}`
      : `▲ ${state}`;
  }

  close() {
    if (this.decoder && this.decoder.state !== "closed") this.decoder.close();
    this.decoder = null;
  }
}

export class LiveTiles {
  /** @param {HTMLElement} place @param {Camera[]} cameras */
  constructor(place, cameras) {
    this.tiles = cameras.map((camera) => new Tile(camera));
    this.serverAheadMs = 0;
    this.over = false;
    /** Of the response under way. @type {AbortController | null} */
    this.connection = null;
    place.replaceChildren(...this.tiles.map((tile) => tile.element));
  }

  start() {
    if ("VideoDecoder" in globalThis) {
      this.#stream();
      this.#animate();
    } else {
      this.#snapshots();
    }
    this.labels = setInterval(() => this.#label(), 1000);
    this.#label();
  }

  /** For a page that shows others now. */
  stop() {
    this.over = true;
    clearInterval(this.labels);
    this.connection?.abort();
    for (const tile of this.tiles) tile.close();
  }

  #label() {
    for (const tile of this.tiles) tile.label(Date.now() + this.serverAheadMs);
  }

  #animate() {
    if (this.over) return;
    for (const tile of this.tiles) tile.draw();
    requestAnimationFrame(() => this.#animate());
  }

  async #stream() {
    const ids = this.tiles.map((tile) => encodeURIComponent(tile.camera.id)).join(",");
    while (!this.over) {
      await this.#readOnce(`/live?cameras=${ids}`).catch((error) => this.over || console.warn("live:", error.message));
      for (const tile of this.tiles) Object.assign(tile, { state: "lost", needsKey: true });
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** Ends when the response does, or when nothing came for too long. @param {string} path */
  async #readOnce(path) {
    const connection = (this.connection = new AbortController());
    let watchdog = setTimeout(() => connection.abort(), SILENCE_MS);
    try {
      const answer = await fetch(path, { cache: "no-store", signal: connection.signal });
      if (!answer.ok || !answer.body) throw new Error(`status ${answer.status}`);
      const parser = new LiveRecordParser();
      const reader = answer.body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(watchdog);
        watchdog = setTimeout(() => connection.abort(), SILENCE_MS);
        if (this.over) return;
        for (const record of parser.push(value)) this.#take(record);
      }
    } finally {
      clearTimeout(watchdog);
      connection.abort();
    }
  }

  /** @param {import("./live-records.js").LiveRecord} record */
  #take(record) {
    if (record.kind === LIVE_KIND.pulse) this.serverAheadMs = record.timeMs - Date.now();
    const tile = this.tiles[record.camera];
    if (!tile) return;
    if (record.kind === LIVE_KIND.unit) tile.decode(record);
    else if (record.kind === LIVE_KIND.config) tile.configure(JSON.parse(new TextDecoder().decode(record.payload)));
    else if (record.kind === LIVE_KIND.status) tile.state = JSON.parse(new TextDecoder().decode(record.payload)).state;
  }

  async #snapshots() {
    while (!this.over) {
      await Promise.all(this.tiles.map((tile) => this.#snapshot(tile).catch(() => (tile.state = "lost"))));
      await new Promise((resolve) => setTimeout(resolve, JPEG_EVERY_MS));
    }
  }

  /** @param {Tile} tile */
  async #snapshot(tile) {
    const answer = await fetch(`/live/snapshot/${encodeURIComponent(tile.camera.id)}.jpg`, { cache: "no-store" });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const image = await createImageBitmap(await answer.blob());
    tile.drawStill(image, Number(answer.headers.get("X-Capture-Time")));
    tile.state = "live";
    image.close();
  }
}

/** The first `count` cameras of the book, or those of ?cameras=. @param {number} count @returns {Promise<Camera[]>} */
export async function camerasToShow(count) {
  /** @type {Camera[]} */
  const cameras = (await get("/live/cameras")).cameras;
  const asked = new URLSearchParams(location.search).get("cameras")?.split(",");
  return (asked ? cameras.filter((camera) => asked.includes(camera.id)) : cameras).slice(0, count);
}
