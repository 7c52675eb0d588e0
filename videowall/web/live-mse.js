// A camera's picture by Media Source Extensions, for pages that have no WebCodecs (plain http on a LAN name).

import { Fmp4 } from "./live-fmp4.js";
import { joined } from "./live-records.js";

const BEHIND_MS = 250; // with less Chromium stalls
const JUMP_MS = 600; // farther behind than this, as after the burst at the start: not caught up, but left out
const OFF = 0.2; // so far from BEHIND_MS, as a part of it, is near enough
const KEPT_S = 10;
const QUEUE_MAX = 300;
const RATE_SLOW = 0.97;
const RATE_FAST = 1.1;

/** @param {string} codec */
const typeOf = (codec) => `video/mp4; codecs="${codec}"`;

export class MsePicture {
  static get there() {
    return "MediaSource" in globalThis && MediaSource.isTypeSupported(typeOf("avc1.42c01e"));
  }

  constructor() {
    this.element = document.createElement("video");
    this.element.muted = true;
    this.element.playsInline = true;
    this.element.disableRemotePlayback = true;
    /** Capture time of the picture that is shown; 0 = none yet. */
    this.pictureAtMs = 0;
    /** @type {Uint8Array[]} */
    this.queue = [];
    /** @type {MediaSource | null} */
    this.source = null;
    /** @type {SourceBuffer | null} */
    this.buffer = null;
    this.baseMs = 0;
    this.needsKey = true;
    this.element.requestVideoFrameCallback?.((now, frame) => this.#shown(now, frame));
  }

  /** @param {{ codec: string, width: number, height: number }} config */
  configure(config) {
    const same = this.source && this.config?.codec === config.codec;
    this.config = config;
    this.needsKey = true;
    if (!same) this.#open(config.codec);
  }

  /** @param {string} codec */
  #open(codec) {
    this.close();
    const source = new MediaSource();
    this.source = source;
    this.fmp4 = new Fmp4();
    this.baseMs = 0;
    source.addEventListener("sourceopen", () => {
      if (this.source !== source) return;
      URL.revokeObjectURL(this.element.src);
      this.buffer = source.addSourceBuffer(typeOf(codec));
      this.buffer.mode = "segments";
      this.buffer.addEventListener("updateend", () => this.#append());
      this.#append();
    });
    this.element.src = URL.createObjectURL(source);
  }

  /** @param {{ key: boolean, timeMs: number, payload: Uint8Array }} record */
  decode({ key, timeMs, payload }) {
    if (!this.config || !this.fmp4 || (this.needsKey && !key)) return;
    if (this.element.error || this.queue.length > QUEUE_MAX) return this.#restart();
    this.baseMs ||= timeMs;
    const segment = this.fmp4.segment({ ...this.config, key, atMs: Math.max(0, timeMs - this.baseMs), payload });
    if (!segment) return;
    this.needsKey = false;
    this.queue.push(segment.bytes);
    this.#append();
  }

  /** The element gave up, or does not take what comes: a new source from the next key frame on. */
  #restart() {
    this.needsKey = true;
    if (this.config) this.#open(this.config.codec);
  }

  #append() {
    const { buffer, element } = this;
    if (!buffer || buffer.updating || this.source?.readyState !== "open") return;
    const ranges = buffer.buffered;
    if (ranges.length && element.currentTime - ranges.start(0) > 2 * KEPT_S) {
      buffer.remove(0, element.currentTime - KEPT_S);
      return;
    }
    if (this.queue.length) buffer.appendBuffer(joined(this.queue.splice(0)));
    this.#keepUp(ranges);
  }

  /** Plays a little faster or slower to stay as far behind as is safe; goes over a gap. @param {TimeRanges} ranges */
  #keepUp(ranges) {
    const { element } = this;
    if (!ranges.length) return;
    const last = ranges.length - 1;
    const behindMs = (ranges.end(last) - element.currentTime) * 1000;
    if (behindMs > JUMP_MS || element.currentTime < ranges.start(last)) {
      element.currentTime = Math.max(ranges.start(last), ranges.end(last) - BEHIND_MS / 1000);
    }
    if (element.paused) element.play().catch((error) => console.debug("live:", error.message));
    element.playbackRate =
      behindMs > (1 + OFF) * BEHIND_MS ? RATE_FAST : behindMs < (1 - OFF) * BEHIND_MS ? RATE_SLOW : 1;
  }

  /** @param {number} _now @param {VideoFrameCallbackMetadata} frame */
  #shown(_now, frame) {
    if (this.baseMs) this.pictureAtMs = this.baseMs + Math.round(frame.mediaTime * 1000);
    this.element.requestVideoFrameCallback((now, next) => this.#shown(now, next));
  }

  /** What comes next does not follow what came. */
  lost() {
    this.needsKey = true;
  }

  close() {
    this.queue = [];
    this.buffer = null;
    this.source = null;
    this.element.removeAttribute("src");
  }
}
