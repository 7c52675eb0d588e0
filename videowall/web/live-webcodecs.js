// A camera's picture by WebCodecs: decoded as it comes, the newest drawn once per animation frame.

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
    /** Capture time of the picture that is shown; 0 = none yet. */
    this.pictureAtMs = 0;
    /** Before the first picture a burst comes: the group of pictures that is under way. */
    this.started = false;
    /** @type {VideoDecoder | null} */
    this.decoder = null;
    this.needsKey = true;
    /** @type {VideoFrame | null} */
    this.newest = null;
  }

  /** @param {{ codec: string, width: number, height: number }} config */
  configure(config) {
    this.close();
    const { codec, width, height } = config;
    if (width && height) Object.assign(this.element, { width, height });
    this.decoder = new VideoDecoder({
      output: (frame) => {
        this.newest?.close();
        this.newest = frame;
      },
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

  draw() {
    if (!this.newest) return;
    this.element.getContext("2d")?.drawImage(this.newest, 0, 0, this.element.width, this.element.height);
    this.pictureAtMs = this.newest.timestamp / 1000;
    this.started = true;
    this.newest.close();
    this.newest = null;
  }

  close() {
    if (this.decoder && this.decoder.state !== "closed") this.decoder.close();
    this.decoder = null;
  }
}
