// The cameras as points on a map, ten thousand of them: drawn on one canvas, those in trouble larger and above the others.

import { conditionTone } from "./camera-list.js";

/** Leaflet is a classic script of the page. */
const L = /** @type {typeof import("leaflet")} */ (/** @type {any} */ (globalThis).L);

/** @typedef {[string, number, number, string]} CameraPoint  id, latitude, longitude, condition */

/** By tone: the token of its colour, and its radius. @type {Record<string, [string, number]>} */
const LOOKS = { bad: ["--bad", 7], warn: ["--warn", 6], ok: ["--ok", 4], "": ["--ink-soft", 4] };
const ORDER = ["", "ok", "warn", "bad"];

export class CameraPoints {
  /** @param {import("leaflet").Map} map @param {(id: string) => void} chosen */
  constructor(map, chosen) {
    this.layer = L.layerGroup().addTo(map);
    map.createPane("cameras"); // above the polygons
    this.renderer = L.canvas({ pane: "cameras", padding: 0.5, tolerance: 4 });
    this.chosen = chosen;
    /** @type {Map<string, import("leaflet").CircleMarker>} */
    this.points = new Map();
    this.shown = "";
    this.marked = "";
  }

  /** @param {CameraPoint[]} points @param {string} marked  the id of one that is chosen */
  show(points, marked) {
    const shown = JSON.stringify(points);
    if (shown === this.shown) return;
    this.shown = shown;
    this.layer.clearLayers();
    this.points.clear();
    const rank = (/** @type {CameraPoint} */ point) => ORDER.indexOf(conditionTone(point[3]));
    for (const [id, lat, lon, condition] of points.sort((a, b) => rank(a) - rank(b))) {
      const point = L.circleMarker([lat, lon], { renderer: this.renderer, ...this.#look(condition) });
      point.on("click", () => this.chosen(id));
      this.points.set(id, point.addTo(this.layer));
    }
    this.marked = "";
    this.mark(marked);
  }

  /** @param {string} condition */
  #look(condition) {
    const [token, radius] = LOOKS[conditionTone(condition)];
    const style = getComputedStyle(document.documentElement);
    return {
      radius,
      weight: 1,
      color: style.getPropertyValue("--panel").trim(),
      fillColor: style.getPropertyValue(token).trim(),
      fillOpacity: 1,
      condition,
    };
  }

  /** A ring around the one that is chosen. @param {string} id */
  mark(id) {
    const ring = getComputedStyle(document.documentElement).getPropertyValue("--focus").trim();
    const before = this.points.get(this.marked);
    if (before) before.setStyle(this.#look(/** @type {any} */ (before.options).condition));
    this.points.get(id)?.setStyle({ color: ring, weight: 4 }).bringToFront();
    this.marked = id;
  }
}
