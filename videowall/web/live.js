// Live cameras at the desk: up to sixteen tiles, the book's first or those of ?cameras=.

import { html, render } from "lit-html";
import { word } from "shared/i18n.js";
import { startCentrePage } from "./centre.js";
import { LiveTiles, camerasToShow } from "./live-tiles.js";
import { fullScreen, turning } from "./tile-actions.js";

const TILES_MAX = 16;

/** @param {HTMLElement} root @param {import("shared/login.js").Account} me */
async function open(root, me) {
  const cameras = await camerasToShow(TILES_MAX);
  const columns = Math.ceil(Math.sqrt(cameras.length));
  render(
    html`
      <header class="bar">
        <h1>${word("live_title")}</h1>
        <div class="row"><a href="/desk.html">${word("desk_link")}</a> <a href="/wall.html">${word("wall_link")}</a></div>
      </header>
      ${cameras.length ? "" : html`<p class="note warn">${word("no_cameras")}</p>`}
      <main class="cameras" data-columns=${columns} aria-label=${word("cameras")}></main>
    `,
    root,
  );
  new LiveTiles(/** @type {HTMLElement} */ (root.querySelector(".cameras")), cameras, [
    ...turning(me),
    fullScreen(),
  ]).start();
}

startCentrePage({ title: "live_title", roles: ["operator", "leader", "admin"], open });
