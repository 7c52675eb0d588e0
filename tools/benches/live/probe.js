// Runs in the page that is measured, before its own scripts: when each tile shows its first picture, and how old the pictures are when they
// stand on the screen, by the clock in them: the number that is drawn into each (tools/citysim/camsim/programme.h). Leaves all in globalThis.probe.

const BITS = 10;
const BIT_PX = 16;
const RATE = 15; // pictures a second of a sub-stream
const LOOP = 14 * RATE;
const SAMPLE_EVERY_MS = 50;

const probe = { askedMs: 0, first: new Map(), ages: [] };
globalThis.probe = probe;

const strip = new OffscreenCanvas(BITS * BIT_PX, BIT_PX).getContext("2d", { willReadFrequently: true });
const drawImage = CanvasRenderingContext2D.prototype.drawImage;

/** The number in a picture of 360 lines. */
function numberIn(picture) {
  strip.drawImage(picture, 0, 360 - BIT_PX, BITS * BIT_PX, BIT_PX, 0, 0, BITS * BIT_PX, BIT_PX);
  const { data } = strip.getImageData(0, BIT_PX / 2, BITS * BIT_PX, 1);
  let number = 0;
  for (let bit = 0; bit < BITS; bit++) number = number * 2 + (data[(bit * BIT_PX + BIT_PX / 2) * 4] > 127 ? 1 : 0);
  return number;
}

/** When the newest picture of that number was due at its camera: what the clock in it says. */
function dueMs(number, nowMs) {
  const now = Math.floor((nowMs * RATE) / 1000);
  return ((now - ((((now - number) % LOOP) + LOOP) % LOOP)) * 1000) / RATE;
}

/** A picture is on the screen. @param {number} [capturedMs] when ingest had it */
function note(element, number, nowMs, capturedMs) {
  const due = dueMs(number, nowMs);
  const tile = [...document.querySelectorAll(".tile")].indexOf(element.closest(".tile"));
  probe.ages.push({ tile, ms: nowMs - due, capturedMs: capturedMs && capturedMs - due });
}

const clockMs = (atMs) => performance.timeOrigin + atMs;

function seen(tile) {
  if (!probe.first.has(tile)) probe.first.set(tile, performance.now());
}

/** One tile after the other, not each picture: what is measured must not be slowed down by it. */
let sampledMs = 0;
let turn = 0;
function isItsTurn(tile, tiles) {
  const due = performance.now() - sampledMs >= SAMPLE_EVERY_MS && tiles[turn % tiles.length] === tile;
  if (due) {
    sampledMs = performance.now();
    turn++;
  }
  return due;
}

// WebCodecs: the page draws a frame, or a copy of its pixels, into its canvas; it stands on the screen when the next animation frame begins.
let copied;
if ("VideoFrame" in globalThis) {
  const { copyTo } = VideoFrame.prototype;
  VideoFrame.prototype.copyTo = function (...rest) {
    copied = this;
    return copyTo.apply(this, rest);
  };
}
CanvasRenderingContext2D.prototype.drawImage = function (picture, ...rest) {
  drawImage.call(this, picture, ...rest);
  if (!this.canvas.closest(".tile")) return;
  seen(this.canvas);
  if (!isItsTurn(this.canvas, [...probe.first.keys()])) return;
  const number = numberIn(picture);
  const capturedMs = (picture.timestamp ?? copied.timestamp) / 1000;
  requestAnimationFrame(() => note(this.canvas, number, clockMs(performance.now()), capturedMs));
};

// Media Source Extensions: the element tells when a frame is on the screen.
const play = HTMLMediaElement.prototype.play;
const watched = new WeakSet();
HTMLMediaElement.prototype.play = function () {
  if (!watched.has(this)) {
    watched.add(this);
    const shown = (_now, { expectedDisplayTime }) => {
      seen(this);
      if (isItsTurn(this, [...probe.first.keys()])) note(this, numberIn(this), clockMs(expectedDisplayTime));
      this.requestVideoFrameCallback(shown);
    };
    this.requestVideoFrameCallback(shown);
  }
  return play.call(this);
};

const ask = globalThis.fetch;
globalThis.fetch = (...words) => {
  if (String(words[0]).startsWith("/live?")) probe.askedMs ||= performance.now();
  return ask(...words);
};
