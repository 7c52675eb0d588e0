// Fragmented MP4 (ISO/IEC 14496-12 and -15) from access units of H.264, for browsers with Media Source Extensions and without WebCodecs. Made
// here and not at the server, so that one form of the pictures goes to every page and a viewer of this kind costs the server no more.

import { joined } from "./live-records.js";

const NAL = { sei: 6, sequence: 7, picture: 8, delimiter: 9 };
/** What an access unit has beside its slices, and a decoder that was told at the start does not want. */
const BESIDE = new Set(Object.values(NAL));
/** Ticks a second: times are milliseconds. */
const TIMESCALE = 1000;
const TRACK = 1;
/** ISO/IEC 14496-12 8.8.3.1: sample_depends_on, sample_is_non_sync_sample. */
const KEY_FLAGS = 0x02000000;
const DELTA_FLAGS = 0x01010000;

/** The units between the start codes (ITU-T H.264 annex B). @param {Uint8Array} bytes @returns {Uint8Array[]} */
export function nalUnits(bytes) {
  const units = [];
  let start = -1;
  for (let at = bytes.indexOf(1, 2); at >= 0; at = bytes.indexOf(1, at + 1)) {
    if (bytes[at - 1] !== 0 || bytes[at - 2] !== 0) continue;
    if (start >= 0) units.push(withoutZeros(bytes.subarray(start, at - 2)));
    start = at + 1;
  }
  if (start >= 0) units.push(withoutZeros(bytes.subarray(start)));
  return units.filter((unit) => unit.length > 0);
}

/** The zero bytes before the next start code are no part of a unit. @param {Uint8Array} unit */
function withoutZeros(unit) {
  let end = unit.length;
  while (end > 0 && unit[end - 1] === 0) end--;
  return unit.subarray(0, end);
}

/** @param {Uint8Array} nal */
const kindOf = (nal) => nal[0] & 31;

/** @param {...number} values */
function words(...values) {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, at) => view.setUint32(4 * at, value));
  return bytes;
}

/** @param {...number} values */
function halves(...values) {
  return Uint8Array.from(values.flatMap((value) => [value >> 8, value & 0xff]));
}

/** @param {string} text */
const letters = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** @param {string} type @param {...Uint8Array} parts */
function box(type, ...parts) {
  const body = joined(parts);
  return joined([words(8 + body.length), letters(type), body]);
}

const MATRIX = words(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

/** 14496-15 5.3.3.1. @param {Uint8Array} sequence @param {Uint8Array} picture */
function decoderConfiguration(sequence, picture) {
  return box(
    "avcC",
    Uint8Array.of(1, sequence[1], sequence[2], sequence[3], 0xff, 0xe1),
    halves(sequence.length),
    sequence,
    Uint8Array.of(1),
    halves(picture.length),
    picture,
  );
}

/** @param {number} width @param {number} height @param {Uint8Array} configuration */
function sampleTable(width, height, configuration) {
  const entry = box(
    "avc1",
    words(0),
    halves(0, 1), // data reference 1
    new Uint8Array(16),
    halves(width, height),
    words(0x480000, 0x480000, 0), // 72 dpi
    halves(1), // a picture in a sample
    new Uint8Array(32),
    halves(24, 0xffff),
    configuration,
  );
  return box(
    "stbl",
    box("stsd", words(0, 1), entry),
    box("stts", words(0, 0)),
    box("stsc", words(0, 0)),
    box("stsz", words(0, 0, 0)),
    box("stco", words(0, 0)),
  );
}

/** What a source buffer gets first. @param {number} width @param {number} height @param {Uint8Array} sequence @param {Uint8Array} picture */
function initSegment(width, height, sequence, picture) {
  const media = box(
    "mdia",
    box("mdhd", words(0, 0, 0, TIMESCALE, 0), halves(0x55c4, 0)), // language "und"
    box("hdlr", words(0, 0), letters("vide"), words(0, 0, 0), Uint8Array.of(0)),
    box(
      "minf",
      box("vmhd", words(1, 0, 0)),
      box("dinf", box("dref", words(0, 1), box("url ", words(1)))),
      sampleTable(width, height, decoderConfiguration(sequence, picture)),
    ),
  );
  const track = box(
    "trak",
    box("tkhd", words(3, 0, 0, TRACK, 0, 0, 0, 0, 0, 0), MATRIX, words(width << 16, height << 16)),
    media,
  );
  const movie = box(
    "mvhd",
    words(0, 0, 0, TIMESCALE, 0, 0x10000, 0x1000000, 0, 0),
    MATRIX,
    new Uint8Array(24),
    words(2),
  );
  return joined([
    box("ftyp", letters("isom"), words(0x200), letters("isomiso5avc1")),
    box("moov", movie, track, box("mvex", box("trex", words(0, TRACK, 1, 0, 0, 0)))),
  ]);
}

/** One picture. @param {{ serial: number, atMs: number, lastsMs: number, key: boolean, sample: Uint8Array }} picture */
function mediaSegment({ serial, atMs, lastsMs, key, sample }) {
  /** @param {number} offset of the sample in the segment */
  const movieFragment = (offset) =>
    box(
      "moof",
      box("mfhd", words(0, serial)),
      box(
        "traf",
        box("tfhd", words(0x020000, TRACK)), // offsets count from this box
        box("tfdt", words(0x01000000, Math.floor(atMs / 2 ** 32), atMs >>> 0)),
        box("trun", words(0x000305, 1, offset, key ? KEY_FLAGS : DELTA_FLAGS, lastsMs, sample.length)),
      ),
    );
  return joined([movieFragment(movieFragment(0).length + 8), box("mdat", sample)]);
}

const LASTS_FIRST_MS = 40;
const LASTS_LONGEST_MS = 500;

/** Makes the segments of one camera, in the order of their times. */
export class Fmp4 {
  #serial = 0;
  /** Of the last picture; -1: none yet. */
  #lastMs = -1;
  #lastsMs = LASTS_FIRST_MS;
  /** The parameter sets that were told last. */
  #sets = "";

  /**
   * @param {{ key: boolean, atMs: number, payload: Uint8Array, width: number, height: number }} unit  atMs: from 0, the capture time less a
   *   base of the caller's
   * @returns {{ bytes: Uint8Array, init: boolean } | null}  init: begins with other parameter sets than before; null: cannot begin here
   */
  segment({ key, atMs, payload, width, height }) {
    const nals = nalUnits(payload);
    const init = key ? this.#init(nals, width, height) : null;
    if (!this.#sets) return null;
    const slices = nals.filter((nal) => !BESIDE.has(kindOf(nal)));
    const sample = joined(slices.flatMap((nal) => [words(nal.length), nal]));
    // One picture is not held back to learn how long it lasts: it lasts as long as the one before it did.
    const startsMs = Math.max(atMs, this.#lastMs + 1);
    if (this.#lastMs >= 0) this.#lastsMs = Math.min(startsMs - this.#lastMs, LASTS_LONGEST_MS);
    this.#lastMs = startsMs;
    const media = mediaSegment({ serial: ++this.#serial, atMs: startsMs, lastsMs: this.#lastsMs, key, sample });
    return { bytes: init ? joined([init, media]) : media, init: Boolean(init) };
  }

  /** @param {Uint8Array[]} nals @param {number} width @param {number} height */
  #init(nals, width, height) {
    const sequence = nals.find((nal) => kindOf(nal) === NAL.sequence);
    const picture = nals.find((nal) => kindOf(nal) === NAL.picture);
    if (!sequence || !picture) return null;
    const sets = `${sequence} ${picture}`;
    if (sets === this.#sets) return null;
    this.#sets = sets;
    return initSegment(width, height, sequence, picture);
  }
}
