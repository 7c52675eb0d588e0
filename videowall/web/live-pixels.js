// A decoded frame as something that is quick to draw.

/** Without a graphics card a browser looks for one whenever it draws a frame, and keeps nothing of the colours that it converts: to copy the pixels
 * first takes half the time. With one the frame is in its memory already, and stays there. */
function hasGraphics() {
  return Boolean(new OffscreenCanvas(1, 1).getContext("webgl", { failIfMajorPerformanceCaveat: true }));
}

/** @type {boolean | undefined} */
let graphics; // asked for with the first frame

const FORMAT = /** @type {VideoFrameCopyToOptions} */ ({ format: "RGBX" }); // newer than the types, and than some browsers

/** @param {VideoFrame} frame @param {DOMRectReadOnly} size */
function canCopy(frame, { width, height }) {
  try {
    return frame.allocationSize(FORMAT) === 4 * width * height; // who does not know formats tells of the frame's own
  } catch {
    return false;
  }
}

/** @param {DOMRectReadOnly} size @param {ImageData} image */
function isOf({ width, height }, image) {
  return image.width === width && image.height === height;
}

/** @param {DOMRectReadOnly} size */
function makeCopy({ width, height }) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  return { canvas, context, image: new ImageData(width, height) };
}

export class Pixels {
  constructor() {
    /** @type {ReturnType<typeof makeCopy> | null} */
    this.copy = null;
  }

  /** @param {VideoFrame} frame @returns {Promise<CanvasImageSource>} until the frame is closed, or the next call */
  async of(frame) {
    const size = frame.visibleRect;
    graphics ??= hasGraphics();
    if (graphics || !size || !canCopy(frame, size)) return frame;
    const copy = this.copy && isOf(size, this.copy.image) ? this.copy : makeCopy(size);
    this.copy = copy;
    await frame.copyTo(copy.image.data, FORMAT);
    copy.context?.putImageData(copy.image, 0, 0);
    return copy.canvas;
  }
}
