// Access units become fragmented MP4: what is told before the first picture, what goes with each, and when.
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./shared.mjs";

const { Fmp4, nalUnits } = await load("videowall/live-fmp4.js");

const SEQUENCE = [0x67, 0x42, 0xc0, 0x1e, 0x99];
const PICTURE = [0x68, 0xce, 0x3c, 0x80 | 1];
const DELIMITER = [0x09, 0xf0];
const SEI = [0x06, 0x05, 0x01, 0x80];
const IDR = [0x65, 0x88, 0x84, 0x21];
const SLICE = [0x41, 0x9a, 0x02];

const unit = (...nals) => Uint8Array.from(nals.flatMap((nal) => [0, 0, 0, 1, ...nal]));
const KEY = unit(DELIMITER, SEQUENCE, PICTURE, SEI, IDR);

/** The boxes of a segment as a tree of { type, body, boxes }. */
function boxesOf(bytes, containers = new Set(["moov", "trak", "mdia", "minf", "stbl", "mvex", "moof", "traf"])) {
  const boxes = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; ) {
    const size = view.getUint32(at);
    assert.ok(size >= 8 && at + size <= bytes.length, `a box of ${size} bytes at ${at} of ${bytes.length}`);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const body = bytes.subarray(at + 8, at + size);
    boxes.push({ type, body, at, boxes: containers.has(type) ? boxesOf(body, containers) : [] });
    at += size;
  }
  return boxes;
}

const find = (boxes, ...path) => {
  const box = boxes.find(({ type }) => type === path[0]);
  assert.ok(box, path.join("/"));
  return path.length > 1 ? find(box.boxes, ...path.slice(1)) : box;
};
const word = (box, at) => new DataView(box.body.buffer, box.body.byteOffset).getUint32(at);
const segment = (fmp4, payload, key, atMs) => fmp4.segment({ key, atMs, payload, width: 640, height: 360 });

test("units stand between start codes of three or four bytes, without the zeros before the next", () => {
  const bytes = Uint8Array.from([0, 0, 1, ...SLICE, 0, 0, 0, 1, ...SEI, 0, 0, 1, ...IDR]);
  assert.deepEqual(
    nalUnits(bytes).map((nal) => [...nal]),
    [SLICE, SEI, IDR],
  );
  assert.deepEqual(nalUnits(new Uint8Array(0)), []);
  assert.deepEqual(nalUnits(Uint8Array.from([1, 2, 3])), []);
});

test("nothing can begin before a key frame with parameter sets", () => {
  const fmp4 = new Fmp4();
  assert.equal(segment(fmp4, unit(SLICE), false, 0), null);
  assert.equal(segment(fmp4, unit(IDR), true, 0), null);
  assert.ok(segment(fmp4, KEY, true, 0));
});

test("the first segment tells the parameter sets and the size; the next ones do not", () => {
  const fmp4 = new Fmp4();
  const first = segment(fmp4, KEY, true, 0);
  assert.ok(first.init);
  const boxes = boxesOf(first.bytes);
  assert.deepEqual(
    boxes.map(({ type }) => type),
    ["ftyp", "moov", "moof", "mdat"],
  );
  const entry = find(boxes, "moov", "trak", "mdia", "minf", "stbl", "stsd").body.subarray(8);
  assert.equal(String.fromCharCode(...entry.subarray(4, 8)), "avc1");
  assert.deepEqual([...entry.subarray(32, 36)], [640 >> 8, 640 & 255, 360 >> 8, 360 & 255]);
  const avcc = boxesOf(entry.subarray(86))[0];
  assert.equal(avcc.type, "avcC");
  assert.deepEqual([...avcc.body], [1, 0x42, 0xc0, 0x1e, 255, 0xe1, 0, 5, ...SEQUENCE, 1, 0, 4, ...PICTURE]);
  const second = segment(fmp4, KEY, true, 66);
  assert.equal(second.init, false);
  assert.deepEqual(
    boxesOf(second.bytes).map(({ type }) => type),
    ["moof", "mdat"],
  );
});

test("a camera that changes its parameter sets is told anew", () => {
  const fmp4 = new Fmp4();
  segment(fmp4, KEY, true, 0);
  assert.ok(segment(fmp4, unit([0x67, 0x42, 0xc0, 0x28, 1], PICTURE, IDR), true, 66).init);
});

test("a picture has its slices alone, at its capture time, and says where they are", () => {
  const fmp4 = new Fmp4();
  segment(fmp4, KEY, true, 0);
  const boxes = boxesOf(segment(fmp4, unit(DELIMITER, SEI, SLICE), false, 5_000_000_000).bytes);
  const time = find(boxes, "moof", "traf", "tfdt");
  assert.equal(word(time, 4) * 2 ** 32 + word(time, 8), 5_000_000_000);
  const run = find(boxes, "moof", "traf", "trun");
  const sample = [0, 0, 0, SLICE.length, ...SLICE];
  assert.equal(word(run, 20), sample.length);
  const bytes = find(boxes, "mdat");
  assert.deepEqual([...bytes.body], sample);
  assert.equal(word(run, 8), bytes.at + 8, "the sample's place, counted from the moof");
  assert.equal(word(run, 12) & 0x10000, 0x10000, "no key frame");
});

test("a picture lasts as long as the one before it, and times never go back", () => {
  const fmp4 = new Fmp4();
  const runs = [0, 66, 132, 132].map((atMs, at) => {
    const boxes = boxesOf(segment(fmp4, at ? unit(SLICE) : KEY, at === 0, atMs).bytes);
    return [word(find(boxes, "moof", "traf", "tfdt"), 8), word(find(boxes, "moof", "traf", "trun"), 16)];
  });
  assert.deepEqual(runs, [
    [0, 40],
    [66, 66],
    [132, 66],
    [133, 1],
  ]);
});
