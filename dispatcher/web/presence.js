// Here or away: a worker says so with a switch, and while here the handset tells now and then where it is, so that what happens near by
// comes to whom is near. Kept to what dispatch needs: not more often than every few minutes, and only after a walk or a while.

import { html } from "lit-html";
import { ApiError, get, post } from "shared/api.js";
import { commandId } from "shared/commands.js";
import { word } from "shared/i18n.js";
import { refusalText } from "shared/refusal.js";

const EVERY_MS = 3 * 60_000;
const AT_LEAST_EVERY_MS = 30 * 60_000;
const WALK_M = 200;
const AGAIN_MS = 15_000;
const DEGREE_M = 111_195;

/** @typedef {{ lat: number, lon: number }} Point */

/** @param {Point} a @param {Point} b */
function metresBetween(a, b) {
  const east = (a.lon - b.lon) * Math.cos((a.lat * Math.PI) / 180);
  return Math.hypot(a.lat - b.lat, east) * DEGREE_M;
}

export class Presence {
  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    this.away = false;
    this.isKnown = false;
    this.busy = false;
    this.refusal = "";
    this.toldAtMs = 0;
    /** @type {Point | null} */
    this.told = null;
    this.watching = 0;
  }

  /** Asks the door what it knows, until it answers: who may be away is not followed. */
  async open() {
    try {
      const me = await get("/api/me");
      if (!this.isKnown) this.away = me.away;
      this.isKnown = true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.temporary) setTimeout(() => this.open(), AGAIN_MS);
    }
    this.#watch();
    this.onChange();
  }

  /** The switch. @param {boolean} away */
  async set(away) {
    this.busy = true;
    this.refusal = "";
    this.onChange();
    try {
      await post(away ? "/api/away" : "/api/here", { id: commandId(), ...this.told });
      this.away = away;
      this.isKnown = true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.refusal = refusalText(error);
    }
    this.busy = false;
    this.#watch();
    this.onChange();
  }

  #watch() {
    if (!this.isKnown || !("geolocation" in navigator)) return;
    if (this.away && this.watching) {
      navigator.geolocation.clearWatch(this.watching);
      this.watching = 0;
    } else if (!this.away && !this.watching) {
      this.watching = navigator.geolocation.watchPosition(
        ({ coords }) => this.#moved({ lat: coords.latitude, lon: coords.longitude }),
        () => {}, // not allowed, or no satellite in sight: the worker counts as where the book says
        { maximumAge: 60_000 },
      );
    }
  }

  /** @param {Point} point */
  async #moved(point) {
    const silentMs = Date.now() - this.toldAtMs;
    const walked = !this.told || metresBetween(this.told, point) >= WALK_M;
    if (silentMs < EVERY_MS || (!walked && silentMs < AT_LEAST_EVERY_MS)) return;
    const before = this.toldAtMs;
    this.toldAtMs = Date.now();
    try {
      await post("/api/moved", { id: commandId(), ...point }); // whoever is away, as another tab may know, stays so
      this.told = point;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.toldAtMs = before; // an old position is of no use later: the next one is told
    }
  }
}

/** @param {Presence} presence */
export function presenceSwitch(presence) {
  return html`<div class="presence row" role="group" aria-label=${word("presence")}>
      <button class="button" aria-pressed=${!presence.away} ?disabled=${presence.busy} @click=${() => presence.set(false)}>${word("on_duty")}</button>
      <button class="button" aria-pressed=${presence.away} ?disabled=${presence.busy} @click=${() => presence.set(true)}>${word("away")}</button>
    </div>
    ${presence.refusal ? html`<p class="note bad" role="alert">${presence.refusal}</p>` : ""}`;
}
