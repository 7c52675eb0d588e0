// What the native wall shows, switched from a page.

import { html, render } from "lit-html";
import { get, request } from "shared/api.js";
import { nameOf } from "shared/book.js";
import { word } from "shared/i18n.js";
import { ask } from "shared/question.js";

/** A page that can say that something was refused. @typedef {{ tell: (error: unknown) => void }} Teller */
/** @typedef {{ scene: string, page: number, pages: number, held: boolean, popup: string,
 *   scenes: { id: string, name: { zh: string, en: string } }[] }} WallView  as videowall/wall_control.h has it */

export const WALL_KEY = "q";
const FOLLOW_MS = 500;

/** @param {Teller} page @param {Record<string, string>} order @returns {Promise<WallView | null>} what is shown then */
export async function switchWall(page, order) {
  try {
    return await request("POST", "/api/wall/view", { json: order });
  } catch (error) {
    page.tell(error);
    return null;
  }
}

/** A dialog with the scenes of the book, and what a tour can be told. @param {Teller} page */
export async function askWall(page) {
  const view = await get("/api/wall/view").catch((error) => {
    page.tell(error);
    return null;
  });
  if (!view) return;
  /** @param {Record<string, string>} order */
  const order = (order) => () => switchWall(page, order).then((now) => now && show(now));
  const { scenes } = view;
  const body = document.createElement("div");
  body.className = "stack";
  /** @param {WallView} now */
  const show = (now) =>
    render(
      html`<p role="status">${word("wall_shows", { scene: sceneName(now), page: now.page, pages: now.pages })}${now.held ? ` · ${word("tour_held")}` : ""}</p>
        <div class="row">
          ${scenes.map(
            (
              /** @type {WallView["scenes"][number]} */ scene,
            ) => html`<button type="button" class="button" data-scene=${scene.id}
              aria-pressed=${scene.id === now.scene ? "true" : "false"} @click=${order({ verb: "show", scene: scene.id })}>${nameOf(scene)}</button>`,
          )}
        </div>
        <div class="row">
          <button type="button" class="button quiet" data-order="back" @click=${order({ verb: "back" })}>‹ ${word("previous_page")}</button>
          <button type="button" class="button quiet" data-order="next" @click=${order({ verb: "next" })}>${word("next_page")} ›</button>
          <button type="button" class="button quiet" data-order="hold" @click=${order({ verb: now.held ? "go" : "hold" })}>${word(now.held ? "tour_go" : "tour_hold")}</button>
          ${now.popup ? html`<button type="button" class="button quiet" data-order="clear" @click=${order({ verb: "clear" })}>${word("clear_popup")}</button>` : ""}
        </div>`,
      body,
    );
  show(view);
  const following = setInterval(() => get("/api/wall/view").then(show, () => {}), FOLLOW_MS); // a scene comes once it has its pictures
  await ask({ title: word("native_wall"), confirm: word("understood"), content: html`${body}` });
  clearInterval(following);
}

/** @param {WallView} view */
export function sceneName({ scene, scenes }) {
  const row = scenes.find(({ id }) => id === scene);
  return row ? nameOf(row) : word("cameras");
}
