// The district's areas as polygons, without tiles: a closed network has no tile server.

import { get } from "shared/api.js";
import { nameOf } from "shared/book.js";
import { LEVEL_SHAPES } from "shared/time.js";

/** Leaflet is a classic script of the page. */
const L = /** @type {typeof import("leaflet")} */ (/** @type {any} */ (globalThis).L);

/** @typedef {import("shared/time.js").Level} Level */
/** @typedef {{ level: Level, count: number }} AreaState  how many cases stand at that level */

const GRID = "grid";

/** @param {import("./wall.js").Figures} figures @returns {Map<string, AreaState>} */
export function areaStates({ areas }) {
  return new Map(
    areas.map(({ code, open, due, overdue }) => [
      code,
      { level: overdue ? "overdue" : due ? "due" : "normal", count: overdue || due || open },
    ]),
  );
}

/** Is the point in the polygon, or in one of several, and in none of its holes? @param {any} geometry  of GeoJSON */
function holds({ type, coordinates }, lon = 0, lat = 0) {
  const polygons = type === "Polygon" ? [coordinates] : type === "MultiPolygon" ? coordinates : [];
  return polygons.some(
    (/** @type {number[][][]} */ rings) => rings.filter((ring) => isInside(ring, lon, lat)).length % 2,
  );
}

/** By the crossings of a ray to the east. @param {number[][]} ring @param {number} lon @param {number} lat */
function isInside(ring, lon, lat) {
  let inside = false;
  for (let i = 0, before = ring.length - 1; i < ring.length; before = i++) {
    const [x, y] = ring[i];
    const [x0, y0] = ring[before];
    if (y > lat !== y0 > lat && lon < ((x0 - x) * (lat - y)) / (y0 - y) + x) inside = !inside;
  }
  return inside;
}

export class AreaMap {
  /** @param {HTMLElement} place @param {{ interactive: boolean }} options */
  constructor(place, { interactive }) {
    this.map = L.map(place, {
      zoomControl: interactive,
      attributionControl: false,
      dragging: interactive,
      scrollWheelZoom: interactive,
      doubleClickZoom: interactive,
      boxZoom: interactive,
      keyboard: interactive,
      touchZoom: interactive,
      zoomSnap: 0,
    });
    /** @type {Map<string, import("leaflet").Path & { getBounds(): import("leaflet").LatLngBounds, feature?: any }>} */
    this.areas = new Map();
    this.labels = L.layerGroup().addTo(this.map);
    this.cases = L.layerGroup().addTo(this.map);
    this.casesShown = "[]";
    /** @type {import("leaflet").Marker | null} */
    this.pin = null;
    this.removed = false;
    this.resizes = new ResizeObserver(() => this.fit());
    this.resizes.observe(place);
  }

  /** For good: Leaflet listens to the whole document as long as a map is there. */
  remove() {
    this.removed = true;
    this.resizes.disconnect();
    this.map.remove();
  }

  /** Fetches and draws the polygons: grids filled, what is above them as outlines. */
  async load() {
    const collection = await get("/api/map.geojson");
    if (this.removed) return;
    const finest = collection.features.some((/** @type {any} */ feature) => feature.properties.tier === GRID);
    const layer = L.geoJSON(collection, {
      style: (feature) => ({ className: !finest || feature?.properties.tier === GRID ? "area" : "area-outline" }),
      interactive: false,
      onEachFeature: (feature, shape) => this.areas.set(feature.properties.code, /** @type {any} */ (shape)),
    }).addTo(this.map);
    this.bounds = layer.getBounds();
    this.fit();
  }

  fit() {
    this.map.invalidateSize({ animate: false });
    if (this.bounds?.isValid()) this.map.fitBounds(this.bounds, { animate: false, padding: [8, 8] });
  }

  /** Colours, shapes and numbers; areas that are not named stand as "nothing open". @param {Map<string, AreaState>} states */
  show(states) {
    this.labels.clearLayers();
    for (const [code, shape] of this.areas) {
      const state = states.get(code) ?? { level: "none", count: 0 };
      const element = /** @type {SVGElement | undefined} */ (shape.getElement());
      if (element) element.dataset.level = state.level;
      if (state.level === "overdue" || state.level === "due") this.#label(shape, state);
    }
  }

  /** Cases that stand out, where they are: the worst first, and on top. @param {[number, number, Level][]} pins */
  showCases(pins) {
    const shown = JSON.stringify(pins);
    if (shown === this.casesShown) return;
    this.casesShown = shown;
    this.cases.clearLayers();
    for (const [lat, lon, level] of [...pins].reverse())
      L.circleMarker([lat, lon], { className: `case-point ${level}`, radius: 5, interactive: false }).addTo(this.cases);
  }

  /** @param {{ getBounds(): import("leaflet").LatLngBounds }} shape @param {AreaState} state */
  #label(shape, { level, count }) {
    const icon = L.divIcon({ className: "area-label", iconSize: [0, 0], html: "<span></span>" });
    const marker = L.marker(shape.getBounds().getCenter(), { icon, interactive: false, keyboard: false }).addTo(
      this.labels,
    );
    const span = /** @type {HTMLElement} */ (marker.getElement()?.firstElementChild);
    span.dataset.level = level;
    span.textContent = `${LEVEL_SHAPES[level]}${count}`;
  }

  /** Marks one place and brings its surroundings up; 0, 0 = none. @param {number} lat @param {number} lon @param {string} area */
  point(lat, lon, area) {
    this.pin?.remove();
    this.pin = null;
    for (const [code, shape] of this.areas) shape.getElement()?.classList.toggle("here", code === area);
    /** @type {any} */ (this.areas.get(area))?.bringToFront();
    if (!lat && !lon) return this.fit();
    this.#pinAt(lat, lon);
    const around = this.areas.get(area)?.getBounds().pad(1.5);
    if (around) this.map.fitBounds(around, { animate: false });
  }

  /** Lets a place be chosen: a click puts the pin there and tells it, with the name of the finest area around it, "" in none.
   * @param {(lat: number, lon: number, area: string) => void} picked */
  onPick(picked) {
    this.map.getContainer().classList.add("picks");
    this.map.on("click", ({ latlng }) => {
      const code = this.#areaAt(latlng);
      this.#pinAt(latlng.lat, latlng.lng);
      for (const [other, shape] of this.areas) shape.getElement()?.classList.toggle("here", other === code);
      picked(latlng.lat, latlng.lng, code ? this.nameOf(code) : "");
    });
  }

  /** The last area that holds the point: finer ones come after those that they lie in. @param {import("leaflet").LatLng} at */
  #areaAt({ lat, lng }) {
    let found = "";
    for (const [code, { feature }] of this.areas) if (holds(feature.geometry, lng, lat)) found = code;
    return found;
  }

  /** @param {number} lat @param {number} lon */
  #pinAt(lat, lon) {
    this.pin?.remove();
    const icon = L.divIcon({ className: "pin", iconSize: [28, 28], iconAnchor: [14, 28] });
    this.pin = L.marker([lat, lon], { icon, interactive: false, keyboard: false }).addTo(this.map);
  }

  /** @param {string} code */
  nameOf(code) {
    return nameOf(this.areas.get(code)?.feature?.properties);
  }
}
