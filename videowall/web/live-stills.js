// A camera's picture as JPEGs that the server made: where the browser cannot decode what the camera sends, or nothing at all.

export class StillPicture {
  constructor() {
    this.element = document.createElement("canvas");
    this.element.width = 640;
    this.element.height = 360;
    /** Capture time of the picture that is shown; 0 = none yet. */
    this.pictureAtMs = 0;
    this.busy = false;
  }

  configure() {}

  /** @param {{ timeMs: number, payload: Uint8Array }} record */
  async decode({ timeMs, payload }) {
    if (this.busy) return; // the next one is newer
    this.busy = true;
    try {
      const image = await createImageBitmap(new Blob([/** @type {BlobPart} */ (payload)], { type: "image/jpeg" }));
      this.#draw(image);
      this.pictureAtMs = timeMs;
    } catch (error) {
      console.warn("live: a picture that is none:", error);
    } finally {
      this.busy = false;
    }
  }

  /** @param {ImageBitmap} image */
  #draw(image) {
    const { element } = this;
    if (element.width !== image.width || element.height !== image.height)
      Object.assign(element, { width: image.width, height: image.height });
    element.getContext("2d")?.drawImage(image, 0, 0);
    image.close();
  }

  /** None of them follows another one. */
  lost() {}

  close() {}
}
