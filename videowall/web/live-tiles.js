// Live camera tiles: one response for the whole page, however many tiles. Decoded with WebCodecs; where that is missing (a plain http page on
// a LAN name) by Media Source Extensions; where there are neither, the server sends JPEGs.

import { get } from "shared/api.js";
import { LIVE_KIND, LiveRecordParser } from "./live-records.js";
import { StillPicture } from "./live-stills.js";
import { Tile, pictureKind } from "./live-tile.js";

const SILENCE_MS = 5_000; // a pulse comes every second
const RETRY_MS = 1_000;
const LABEL_EVERY_MS = 1_000;

/** @typedef {import("./live-tile.js").Camera} Camera */

export class LiveTiles {
  /** @param {HTMLElement} place @param {readonly Camera[]} cameras @param {readonly import("./live-tile.js").TileAction[]} [actions] */
  constructor(place, cameras, actions = []) {
    this.tiles = cameras.map((camera) => new Tile(camera, actions));
    /** The server's clock before ours. */
    this.serverAheadMs = 0;
    this.ended = false;
    place.replaceChildren(...this.tiles.map((tile) => tile.element));
  }

  start() {
    this.#stream();
    this.labels = setInterval(() => this.#label(), LABEL_EVERY_MS);
    this.#label();
    return this;
  }

  stop() {
    this.ended = true;
    this.connection?.abort();
    clearInterval(this.labels);
    for (const tile of this.tiles) tile.close();
  }

  #label() {
    for (const tile of this.tiles) tile.label(Date.now() + this.serverAheadMs);
  }

  async #stream() {
    const ids = this.tiles.map((tile) => encodeURIComponent(tile.camera.id)).join(",");
    const as = pictureKind() === StillPicture ? "&as=jpeg" : "";
    while (!this.ended) {
      await this.#readOnce(`/live?cameras=${ids}${as}`).catch(
        (error) => this.ended || console.warn("live:", error.message),
      );
      for (const tile of this.tiles) tile.lost();
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** Ends when the response does, or when nothing came for too long. @param {string} path */
  async #readOnce(path) {
    const connection = new AbortController();
    this.connection = connection;
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
    this.tiles[record.camera]?.take(record);
  }
}

/** The first `count` cameras of the book, or those of ?cameras=. @param {number} [count] all @returns {Promise<Camera[]>} */
export async function camerasToShow(count) {
  /** @type {Camera[]} */
  const cameras = (await get("/live/cameras")).cameras;
  const asked = new URLSearchParams(location.search).get("cameras")?.split(",");
  return (asked ? cameras.filter((camera) => asked.includes(camera.id)) : cameras).slice(0, count);
}
