// Turning and zooming a camera from its tile (PTZ, 云台): controls that are held. What an order is, videowall/live/move.h says.

import { ApiError, request } from "shared/api.js";
import { commandId } from "shared/commands.js";
import { word } from "shared/i18n.js";
import { refusalText } from "shared/refusal.js";

const SPEED = 50; // of 100: slow enough to stop at what one wants to see
const RENEW_MS = 1_000; // a camera stops by itself after 2 s
const ANSWER_MS = 2_000; // then it has stopped

/** @typedef {{ pan: number, tilt: number, zoom: number }} Speeds */

/** @type {Readonly<Speeds>} */
const REST = { pan: 0, tilt: 0, zoom: 0 };

/** Each control: its words, its sign, its keys, what it does. */
const CONTROLS = [
  { name: "up", words: () => word("turn_up"), sign: "▲", keys: ["ArrowUp"], speeds: { ...REST, tilt: SPEED } },
  { name: "left", words: () => word("turn_left"), sign: "◀", keys: ["ArrowLeft"], speeds: { ...REST, pan: -SPEED } },
  { name: "right", words: () => word("turn_right"), sign: "▶", keys: ["ArrowRight"], speeds: { ...REST, pan: SPEED } },
  { name: "down", words: () => word("turn_down"), sign: "▼", keys: ["ArrowDown"], speeds: { ...REST, tilt: -SPEED } },
  { name: "in", words: () => word("turn_in"), sign: "+", keys: ["+", "="], speeds: { ...REST, zoom: SPEED } },
  { name: "out", words: () => word("turn_out"), sign: "−", keys: ["-", "_"], speeds: { ...REST, zoom: -SPEED } },
];
const KEYS = new Map(CONTROLS.flatMap((control) => control.keys.map((key) => [key, control.name])));

/** @param {Speeds} a @param {Speeds} b */
const same = (a, b) => a.pan === b.pan && a.tilt === b.tilt && a.zoom === b.zoom;

/** Tells the door how the camera is to move: one order after the other, so that none overtakes another, and the newest wish alone. */
class Mover {
  #wanted = REST;
  #press = "";
  #serial = 0;
  #told = true;
  #sending = false;
  #renewal = 0;

  /** @param {string} camera @param {(words: string, detail?: string) => void} tell @param {() => void} giveUp  the hold is over */
  constructor(camera, tell, giveUp) {
    this.path = `/api/cameras/${encodeURIComponent(camera)}/move`;
    this.tell = tell;
    this.giveUp = giveUp;
  }

  /** @param {Speeds} speeds */
  want(speeds) {
    if (same(speeds, this.#wanted)) return;
    if (same(this.#wanted, REST)) {
      this.#press = commandId();
      this.#serial = 0;
      this.tell("");
    }
    this.#wanted = speeds;
    this.#told = false;
    this.#send();
  }

  /** The page goes away: a stop at once, whatever is under way; the door knows by its number that it is the newest. */
  leave() {
    if (same(this.#wanted, REST)) return;
    this.#wanted = REST;
    clearTimeout(this.#renewal);
    this.#order(REST).catch((error) => console.debug("move:", error.message));
  }

  async #send() {
    clearTimeout(this.#renewal);
    if (this.#sending) return;
    this.#sending = true;
    while (!this.#told) {
      this.#told = true;
      await this.#tellDoor(this.#wanted);
    }
    this.#sending = false;
    if (same(this.#wanted, REST)) return;
    this.#renewal = setTimeout(() => {
      this.#told = false;
      this.#send();
    }, RENEW_MS);
  }

  /** @param {Speeds} speeds */
  #order(speeds) {
    const json = { press: this.#press, serial: ++this.#serial, ...speeds };
    return request("POST", this.path, { json, keepalive: true, signal: AbortSignal.timeout(ANSWER_MS) });
  }

  /** @param {Speeds} speeds */
  async #tellDoor(speeds) {
    const press = this.#press;
    try {
      const { from } = await this.#order(speeds);
      if (from) this.tell(word("turn_from", { name: from }));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (press !== this.#press) return; // of a hold that is over
      this.#refused(speeds, error);
    }
  }

  /** @param {Speeds} speeds @param {ApiError} error */
  #refused(speeds, error) {
    const taken = error.code === "taken";
    if (!(taken && same(speeds, REST))) this.tell(meaning(error), error.message); // who let go has nothing to hear of the other
    this.#wanted = REST;
    // Perhaps it moves all the same. A stop that is lost, too, is none: the camera stops by itself.
    this.#told = !error.temporary || same(speeds, REST);
    this.giveUp();
  }
}

/** What a refusal means for who holds a control. @param {ApiError} error */
function meaning(error) {
  if (error.code === "taken") return word("turn_taken", { name: error.body.by });
  if (error.code === "unable") return word("turn_unable");
  if (error.code === "limit") return word("turn_limit");
  return error.temporary ? word("turn_unanswered") : refusalText(error);
}

/** The controls of one tile, beside its picture while they are open. */
export class Pad {
  /** The controls that are held. @type {Set<string>} */
  #held = new Set();
  #closed = new AbortController();

  /** @param {import("./live-tile.js").Tile} tile */
  constructor(tile) {
    this.tile = tile;
    this.open = false;
    this.status = Object.assign(document.createElement("p"), { className: "pad-status", role: "status" });
    this.mover = new Mover(
      tile.camera.id,
      (text, detail = "") => Object.assign(this.status, { textContent: text, title: detail }),
      () => this.release(),
    );
    this.element = Object.assign(document.createElement("div"), { className: "pad", role: "group" });
    this.element.ariaLabel = word("turn_pad", { name: tile.name });
    this.element.append(...CONTROLS.map((control) => this.#button(control)));
    tile.element.addEventListener("keydown", (event) => this.#keyDown(event));
    tile.element.addEventListener("keyup", (event) => this.#let(this.#controlOf(event)));
    tile.element.addEventListener("focusout", ({ relatedTarget }) => {
      if (!tile.element.contains(/** @type {Node | null} */ (relatedTarget))) this.release();
    });
    const { signal } = this.#closed;
    window.addEventListener("blur", () => this.release(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden && this.release(), { signal });
    window.addEventListener("pagehide", () => this.mover.leave(), { signal });
  }

  /** @returns {boolean} open now */
  toggle() {
    this.open = !this.open;
    this.release();
    if (this.open) {
      this.tile.element.append(this.element, this.status);
      this.tile.element.tabIndex = 0;
      this.tile.element.focus();
    } else {
      this.element.remove();
      this.status.remove();
      this.tile.element.removeAttribute("tabindex");
    }
    return this.open;
  }

  /** Whatever is held is let go. */
  release() {
    this.#held.clear();
    this.#follow();
  }

  /** The tile goes, the page may stay. */
  close() {
    this.release();
    this.#closed.abort();
  }

  /** @param {(typeof CONTROLS)[number]} control */
  #button({ name, words, sign, keys }) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button" });
    button.textContent = sign;
    button.dataset.turn = name;
    button.ariaLabel = words();
    button.title = `${words()} (${keys[0].replace("Arrow", "")})`;
    button.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      button.releasePointerCapture(event.pointerId); // a finger that slides off lets go, as a mouse does
      this.#hold(name);
    });
    for (const end of ["pointerup", "pointerleave", "pointercancel"])
      button.addEventListener(end, () => this.#let(name));
    button.addEventListener("contextmenu", (event) => event.preventDefault()); // a long press of a finger
    return button;
  }

  /** By its key, or a button's own. @param {KeyboardEvent} event */
  #controlOf({ key, target }) {
    if (key === "Enter" || key === " ") return /** @type {HTMLElement} */ (target).dataset.turn;
    return KEYS.get(key);
  }

  /** @param {KeyboardEvent} event */
  #keyDown(event) {
    const control = this.#controlOf(event);
    if (!this.open || !control || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation(); // the page has keys of its own
    if (!event.repeat) this.#hold(control);
  }

  /** @param {string} name */
  #hold(name) {
    this.#held.add(name);
    this.#follow();
  }

  /** @param {string | undefined} name */
  #let(name) {
    if (name && this.#held.delete(name)) this.#follow();
  }

  #follow() {
    const held = CONTROLS.filter(({ name }) => this.#held.has(name));
    for (const button of this.element.children)
      button.toggleAttribute("data-held", this.#held.has(/** @type {HTMLElement} */ (button).dataset.turn ?? ""));
    /** @param {keyof Speeds} way */
    const sum = (way) => held.reduce((speed, { speeds }) => speed + speeds[way], 0);
    this.mover.want({ pan: sum("pan"), tilt: sum("tilt"), zoom: sum("zoom") });
  }
}
