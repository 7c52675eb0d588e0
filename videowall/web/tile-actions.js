// What can be done with a tile: the whole screen for it, its camera turned.

import { word } from "shared/i18n.js";
import { Pad } from "./tile-pad.js";

/** @typedef {import("./live-tile.js").TileAction} TileAction */

/** As videowall/centre.c has it. */
const MAY_TURN = new Set(["operator", "leader"]);

/** @param {HTMLElement} [whole]  what gets the screen, where it is not the tile alone @returns {TileAction} */
export function fullScreen(whole) {
  return {
    words: word("full_screen"),
    run: ({ element }) => {
      const done = document.fullscreenElement ? document.exitFullscreen() : (whole ?? element).requestFullscreen();
      done.catch((error) => console.warn("full screen:", error.message));
    },
  };
}

/** The controls to turn and zoom, on cameras that can be turned. @param {{ role: string }} me @returns {TileAction[]} none for who may not */
export function turning(me) {
  if (!MAY_TURN.has(me.role)) return [];
  return [
    {
      words: word("turn"),
      fits: ({ turns }) => turns === true,
      run: (tile, button) => {
        tile.pad ??= new Pad(tile);
        button.ariaExpanded = String(tile.pad.toggle());
      },
    },
  ];
}
