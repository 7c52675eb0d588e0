// A photo that is drawn anew keeps what its camera wrote beside it, and is not turned twice.
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./shared.mjs";

const { withExifOf } = await load("ingest/exif.js");

const DRAWN = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xda, 9, 9);
const JFIF = [0xff, 0xe0, 0, 4, 1, 2];
const XMP = [0xff, 0xe1, 0, 6, 0x68, 0x74, 0x74, 0x70];
const SCAN = [0xff, 0xda, 7, 7, 7];

/** A list of two entries: Orientation (6: to be turned) and DateTime, in one order of bytes or the other. */
function exif(little, orientation = 6) {
  const bytes = new Uint8Array(10 + 8 + 2 + 2 * 12 + 4);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xffe1);
  view.setUint16(2, bytes.length - 2);
  bytes.set([0x45, 0x78, 0x69, 0x66, 0, 0], 4);
  view.setUint16(10, little ? 0x4949 : 0x4d4d);
  view.setUint16(12, 42, little);
  view.setUint32(14, 8, little);
  view.setUint16(18, 2, little);
  for (const [at, tag, type, count, value] of [
    [20, 0x0112, 3, 1, orientation],
    [32, 0x0132, 2, 20, 7],
  ]) {
    view.setUint16(at, tag, little);
    view.setUint16(at + 2, type, little);
    view.setUint32(at + 4, count, little);
    view.setUint16(at + 8, value, little);
  }
  return [...bytes];
}

const made = (original) => withExifOf(Uint8Array.from(original), DRAWN).flatMap((part) => [...part]);

for (const little of [true, false])
  test(`what stood beside it is kept, upright, ${little ? "little" : "big"} end first`, () => {
    for (const before of [[], JFIF, XMP])
      assert.deepEqual(made([0xff, 0xd8, ...before, ...exif(little), ...SCAN]), [
        ...DRAWN.slice(0, 2),
        ...exif(little, 1),
        ...DRAWN.slice(2),
      ]);
  });

test("a picture that has nothing beside it is what was drawn", () => {
  for (const original of [
    [],
    [0xff],
    [0x89, 0x50, 0x4e, 0x47, 0, 0],
    [0xff, 0xd8, ...JFIF, ...SCAN, ...exif(true)],
    [0xff, 0xd8, ...XMP],
  ])
    assert.deepEqual(made(original), [...DRAWN]);
});

test("what is broken is told", () => {
  const cut = [0xff, 0xd8, 0xff, 0xe1, 0, 12, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x49, 0x49];
  assert.throws(() => made([...cut, 0, 0]), RangeError);
  assert.deepEqual(made(cut.slice(0, -2)), [...DRAWN], "cut short");
  const wild = exif(true);
  wild[14] = 200; // its list is beyond the end
  assert.throws(() => made([0xff, 0xd8, ...wild]), RangeError);
});
