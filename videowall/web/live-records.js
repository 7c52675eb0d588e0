// The records of GET /live (videowall/live/live.h): a head of 16 bytes and a payload, numbers big-endian.

export const LIVE_KIND = { unit: 1, config: 2, status: 3, pulse: 4, picture: 5 };
export const NO_CAMERA = 0xffff;

const HEAD_BYTES = 16;
const RECORD_BYTES_MAX = 4 << 20;

/** @typedef {{ camera: number, kind: number, key: boolean, timeMs: number, payload: Uint8Array }} LiveRecord */

/** @param {readonly Uint8Array[]} parts */
export function joined(parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Cuts the response into records, however the network cut it. */
export class LiveRecordParser {
  constructor() {
    /** @type {Uint8Array} */
    this.rest = new Uint8Array(0);
  }

  /** @param {Uint8Array} bytes @returns {LiveRecord[]} the records that are whole now; throws where these are none */
  push(bytes) {
    const all = this.rest.length ? joined([this.rest, bytes]) : bytes;
    const view = new DataView(all.buffer, all.byteOffset, all.length);
    const records = [];
    let at = 0;
    while (all.length - at >= HEAD_BYTES) {
      const size = view.getUint32(at) + 4;
      if (size < HEAD_BYTES || size > RECORD_BYTES_MAX) throw new Error(`live: a record of ${size} bytes`);
      if (all.length - at < size) break;
      records.push({
        camera: view.getUint16(at + 4),
        kind: view.getUint8(at + 6),
        key: (view.getUint8(at + 7) & 1) !== 0,
        timeMs: Number(view.getBigUint64(at + 8)),
        payload: all.subarray(at + HEAD_BYTES, at + size),
      });
      at += size;
    }
    this.rest = all.subarray(at);
    return records;
  }
}
