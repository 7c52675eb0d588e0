// What can be done with a tile: the whole screen for it.

import { word } from "shared/i18n.js";

/** @typedef {import("./live-tile.js").TileAction} TileAction */

/** @returns {TileAction} */
export function fullScreen() {
  return {
    words: word("full_screen"),
    run: ({ element }) => {
      const done = document.fullscreenElement ? document.exitFullscreen() : element.requestFullscreen();
      done.catch((error) => console.warn("full screen:", error.message));
    },
  };
}
