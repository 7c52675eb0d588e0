// Live cameras at the desk: up to sixteen tiles, the book's first or those of ?cameras=. No office computer decodes more at a time: who asks for more,
// or for ?wall, is shown what the native wall shows, as one stream.

import { html, render } from "lit-html";
import { word } from "shared/i18n.js";
import { startCentrePage } from "./centre.js";
import { LiveTiles, camerasToShow } from "./live-tiles.js";
import { ComposedWall, wallForPages } from "./live-wall.js";
import { fullScreen, turning } from "./tile-actions.js";

const TILES_MAX = 16;

/** @param {HTMLElement} root @param {import("shared/login.js").Account} me */
async function open(root, me) {
  const query = new URLSearchParams(location.search);
  const asked = await camerasToShow();
  const many = query.has("cameras") && asked.length > TILES_MAX;
  const wanted = many || query.has("wall");
  const wall = wanted ? await wallForPages() : null;
  const cameras = asked.slice(0, TILES_MAX);
  const columns = wall ? 1 : Math.ceil(Math.sqrt(cameras.length));
  render(
    html`
      <header class="bar">
        <h1>${word("live_title")}</h1>
        <div class="row">
          ${wanted ? html`<a href="/live.html">${word("single_cameras")}</a>` : html`<a href="/live.html?wall">${word("wall_picture")}</a>`}
          <a href="/desk.html">${word("desk_link")}</a> <a href="/wall.html">${word("wall_link")}</a>
        </div>
      </header>
      ${cameras.length ? "" : html`<p class="note warn">${word("no_cameras")}</p>`}
      ${wanted && !wall ? html`<p class="note warn">${word("composed_missing", { n: cameras.length })}</p>` : ""}
      ${
        wall
          ? html`<p class="note">
              ${many ? word("composed_why", { n: asked.length, max: TILES_MAX }) : ""} <span class="shown" role="status"></span>
            </p>`
          : ""
      }
      <main class="cameras" data-columns=${columns} aria-label=${word("cameras")}></main>
    `,
    root,
  );
  const place = /** @type {HTMLElement} */ (root.querySelector(".cameras"));
  const words = /** @type {HTMLElement} */ (root.querySelector(".shown"));
  if (wall) new ComposedWall(place, words, wall, turning(me)).start();
  else new LiveTiles(place, cameras, [...turning(me), fullScreen()]).start();
}

startCentrePage({ title: "live_title", roles: ["operator", "leader", "admin"], open });
