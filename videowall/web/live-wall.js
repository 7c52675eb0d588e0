// The native wall in a page: one stream, however many cameras are on it. Each of them is a place to click on, and is then shown large instead.

import { ApiError, get } from "shared/api.js";
import { nameOf } from "shared/book.js";
import { word } from "shared/i18n.js";
import { ask } from "shared/question.js";
import { refusalText } from "shared/refusal.js";
import { LiveTiles } from "./live-tiles.js";
import { askWall, sceneName } from "./native-wall.js";
import { fullScreen } from "./tile-actions.js";

/** @typedef {import("./live-tile.js").Camera & { x: number, y: number, width: number, height: number }} Place */
/** @typedef {import("./native-wall.js").WallView & { web: string, tiles: number, live: number, places: Place[] }} PageWall */

const FOLLOW_MS = 1_000;
const WIDTH = 1920;
const HEIGHT = 1080;

/** What the native wall shows. @returns {Promise<PageWall | null>} null: pages cannot have its picture */
export async function wallForPages() {
  /** @type {PageWall | null} */
  const view = await get("/api/wall/view").catch((error) => {
    if (error instanceof ApiError && error.code === "no_wall") return null;
    throw error;
  });
  return view?.web ? view : null;
}

export class ComposedWall {
  /**
   * @param {HTMLElement} place @param {HTMLElement} words  where is said what is shown
   * @param {PageWall} view @param {readonly import("./live-tile.js").TileAction[]} actions  on a camera that is shown large
   */
  constructor(place, words, view, actions) {
    this.place = place;
    this.words = words;
    this.view = view;
    this.actions = [...actions, fullScreen(place)]; // of all of it, so that one goes back and forth in it
    /** What the places were made for. */
    this.placed = "";
    this.areas = Object.assign(document.createElement("div"), { className: "areas" });
    /** @type {LiveTiles | null} */
    this.tiles = null;
  }

  start() {
    this.#showWall();
    setInterval(() => this.#follow(), FOLLOW_MS);
    document.addEventListener("keydown", ({ key }) => {
      if (key === "Escape" && this.large && !document.fullscreenElement) this.#showWall();
    });
  }

  /** @param {import("./live-tile.js").Camera} camera @param {readonly import("./live-tile.js").TileAction[]} actions */
  #show(camera, actions) {
    this.tiles?.stop();
    this.tiles = new LiveTiles(this.place, [camera], actions).start();
    return this.tiles.tiles[0].element;
  }

  #showWall() {
    const before = this.large;
    this.large = "";
    const name = word("wall_picture");
    const figure = this.#show({ id: this.view.web, name, name_en: name }, [
      { words: word("native_wall"), run: () => askWall(this) },
      fullScreen(this.place),
    ]);
    figure.classList.add("composed");
    figure.append(this.areas);
    this.#draw();
    /** @type {HTMLElement | null} */ (
      this.areas.querySelector(`[data-camera="${CSS.escape(before ?? "")}"]`)
    )?.focus();
  }

  /** What was refused. @param {unknown} error */
  tell(error) {
    if (!(error instanceof ApiError)) throw error;
    ask({ title: word("native_wall"), confirm: word("understood"), content: refusalText(error) });
  }

  /** @param {Place} camera */
  #showCamera(camera) {
    this.large = camera.id;
    const back = { words: word("back_to_wall"), run: () => this.#showWall() };
    const figure = this.#show(camera, [back, ...this.actions]);
    /** @type {HTMLElement} */ (figure.querySelector("button")).focus();
    this.#draw();
  }

  /** A tour goes on, somebody shows another scene. */
  async #follow() {
    const view = await wallForPages().catch(() => null);
    if (!view) return; // the stream says that it is lost
    this.view = view;
    this.#draw();
  }

  #draw() {
    const { view } = this;
    const shows = word("wall_shows", { scene: sceneName(view), page: view.page, pages: view.pages });
    const how = word("wall_live", { live: view.live, tiles: view.tiles });
    const said = this.large ? shows : `${shows} · ${how} · ${word("composed_hint")}`;
    if (this.words.textContent !== said) this.words.textContent = said;
    const placed = JSON.stringify(view.places);
    if (placed === this.placed) return; // what has the focus keeps it
    this.placed = placed;
    this.areas.replaceChildren(...view.places.map((place) => this.#area(place)));
  }

  /** @param {Place} place */
  #area(place) {
    const button = Object.assign(document.createElement("button"), { type: "button", title: nameOf(place) });
    button.dataset.camera = place.id;
    button.ariaLabel = word("show_large", { name: nameOf(place) });
    button.style.left = `${(100 * place.x) / WIDTH}%`;
    button.style.top = `${(100 * place.y) / HEIGHT}%`;
    button.style.width = `${(100 * place.width) / WIDTH}%`;
    button.style.height = `${(100 * place.height) / HEIGHT}%`;
    button.addEventListener("click", () => this.#showCamera(place));
    return button;
  }
}
