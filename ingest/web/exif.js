// What a camera writes beside a picture (Exif 2.32, the segment APP1 of JPEG): when and where it was taken is part of a report, and drawing it anew loses it.

const START = 0xffd8;
const APP1 = 0xffe1;
const SCAN = 0xffda;
const FIRST_WITH_SIZE = 0xffc0;
const NAME = [0x45, 0x78, 0x69, 0x66, 0, 0]; // "Exif"
const LITTLE_ENDIAN = 0x4949;
const ENTRY_BYTES = 12;
const ORIENTATION = 0x0112;
const UPRIGHT = 1;

/** @param {Uint8Array} bytes */
const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** A copy of the segment, with its marker and size; undefined where there is none. @param {Uint8Array} jpeg */
function segmentOf(jpeg) {
  const view = viewOf(jpeg);
  if (jpeg.length < 4 || view.getUint16(0) !== START) return undefined;
  for (let at = 2; at + 4 <= jpeg.length; ) {
    const marker = view.getUint16(at);
    const end = at + 2 + view.getUint16(at + 2);
    if (marker < FIRST_WITH_SIZE || marker === SCAN || end > jpeg.length) return undefined;
    if (marker === APP1 && NAME.every((byte, i) => jpeg[at + 4 + i] === byte)) return jpeg.slice(at, end);
    at = end;
  }
  return undefined;
}

/** Of a picture that was drawn as it is to be seen: nobody turns it once more. @param {Uint8Array} segment */
function standUpright(segment) {
  const tiff = viewOf(segment.subarray(4 + NAME.length));
  const little = tiff.getUint16(0) === LITTLE_ENDIAN;
  const list = tiff.getUint32(4, little);
  for (let i = 0; i < tiff.getUint16(list, little); i++) {
    const entry = list + 2 + i * ENTRY_BYTES;
    if (tiff.getUint16(entry, little) === ORIENTATION) tiff.setUint16(entry + 8, UPRIGHT, little);
  }
}

/** The parts of the JPEG that was drawn, with what stood beside the original. A RangeError where that is broken.
 * @param {Uint8Array} original @param {Uint8Array} drawn */
export function withExifOf(original, drawn) {
  const segment = segmentOf(original);
  if (!segment) return [drawn];
  standUpright(segment);
  return [drawn.subarray(0, 2), segment, drawn.subarray(2)];
}
