// A camera's picture by WebCodecs: decoded as it comes, the newest drawn once per animation frame.

import { Pixels } from "./live-pixels.js";

/** More waiting for the decoder than this: the machine does not keep up, and the picture goes on at the next key frame instead of ever later. */
const WAITING_MAX = 12;

export class WebCodecsPicture {
  static get there() {
    return "VideoDecoder" in globalThis;
  }

  constructor() {
    this.element = document.createElement("canvas");
    this.element.width = 640;
    this.element.height = 360;
    // Opaque, not held back until the page around it is drawn, and with no more pixels than are seen: sixteen tiles are a third as late on a
    // machine without a graphics card.
    this.context = this.element.getContext("2d", { alpha: false, desynchronized: true });
    this.shown = { width: 0, height: 0 };
    this.resized = new ResizeObserver(([{ contentRect }]) => (this.shown = contentRect));
    this.resized.observe(this.element);
    /** Capture time of the picture that is shown; 0 = none yet. */
    this.pictureAtMs = 0;
    /** Before the first picture a burst comes: the group of pictures that is under way. */
    this.started = false;
    /** @type {VideoDecoder | null} */
    this.decoder = null;
    this.needsKey = true;
    /** @type {VideoFrame | null} */
    this.newest = null;
    /** The next animation frame, or is drawing. */
    this.asked = false;
    this.pixels = new Pixels();
  }

  /** @param {{ codec: string, width: number, height: number }} config */
  configure(config) {
    this.#closeDecoder();
    const { codec } = config;
    this.decoder = new VideoDecoder({
      output: (frame) => this.#take(frame),
      error: () => (this.needsKey = true),
    });
    this.decoder.configure({ codec, optimizeForLatency: true });
    this.config = config;
    this.needsKey = true;
    this.started = false;
  }

  /** @param {{ key: boolean, timeMs: number, payload: Uint8Array }} record */
  decode({ key, timeMs, payload }) {
    if (this.needsKey && !key) return;
    if (this.decoder?.state === "closed" && this.config) this.configure(this.config);
    if (this.decoder?.state !== "configured") return;
    this.needsKey = this.started && this.decoder.decodeQueueSize > WAITING_MAX;
    if (this.needsKey) return;
    this.decoder.decode(
      new EncodedVideoChunk({ type: key ? "key" : "delta", timestamp: timeMs * 1000, data: payload }),
    );
  }

  /** The tile is filled (object-fit: cover) with the picture as it is, or made smaller. @param {VideoFrame} frame */
  #fit({ displayWidth, displayHeight }) {
    const { width, height } = this.shown;
    const scale = devicePixelRatio * Math.max(width / displayWidth, height / displayHeight);
    const by = scale > 0 ? Math.min(1, scale) : 1; // it is not shown yet
    const size = { width: Math.round(displayWidth * by), height: Math.round(displayHeight * by) };
    if (size.width !== this.element.width || size.height !== this.element.height) Object.assign(this.element, size);
  }

  /** @param {VideoFrame} frame */
  #take(frame) {
    this.newest?.close();
    this.newest = frame;
    this.#ask();
  }

  #ask() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(async () => {
      await this.#draw();
      this.asked = false;
      if (this.newest) this.#ask();
    });
  }

  async #draw() {
    const frame = this.newest;
    this.newest = null;
    if (!frame) return; // closed meanwhile
    try {
      const pixels = await this.pixels.of(frame);
      this.#fit(frame);
      this.context?.drawImage(pixels, 0, 0, this.element.width, this.element.height);
      this.pictureAtMs = frame.timestamp / 1000;
      this.started = true;
    } catch (error) {
      console.warn("live: a picture that cannot be drawn:", error);
    } finally {
      frame.close();
    }
  }

  /** What comes next does not follow what came. */
  lost() {
    this.needsKey = true;
  }

  close() {
    this.#closeDecoder();
    this.newest?.close();
    this.newest = null;
    this.resized.disconnect();
  }

  #closeDecoder() {
    if (this.decoder && this.decoder.state !== "closed") this.decoder.close();
    this.decoder = null;
  }
}
