// What comes over the network in pieces is put together whole, however it was cut.
import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";

const load = (path) => import(pathToFileURL(join(process.env.DRUMTOWER_SOURCE, path)));
const { EventParser } = await load("proto/web/event-parser.js");
const { LIVE_KIND, LiveRecordParser } = await load("videowall/web/live-records.js");

function eventsOf(pieces) {
  const events = [];
  const parser = new EventParser((event) => events.push(event));
  for (const piece of pieces) parser.push(piece);
  return events;
}

const stream = ': hello\n\nid: 7\nevent: notice\ndata: {"a":1}\n\nid: 8\ndata:two\ndata: lines\n\n: still here\n\n';

test("an event is the same in one piece and byte by byte", () => {
  const whole = eventsOf([stream]);
  assert.deepEqual(whole, [
    { id: "7", event: "notice", data: '{"a":1}' },
    { id: "8", event: "", data: "two\nlines" },
  ]);
  assert.deepEqual(eventsOf([...stream]), whole);
});

test("CR LF ends a line like LF, also when it is cut in the middle", () => {
  const windows = stream.replaceAll("\n", "\r\n");
  assert.deepEqual(eventsOf([windows]), eventsOf([stream]));
  assert.deepEqual(eventsOf([...windows]), eventsOf([stream]));
});

test("an event without its empty line is not told", () => {
  assert.deepEqual(eventsOf(["id: 9\ndata: half\n"]), []);
});

function record({ camera, kind, key = false, timeMs = 0, payload = [] }) {
  const bytes = new Uint8Array(16 + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 12 + payload.length);
  view.setUint16(4, camera);
  view.setUint8(6, kind);
  view.setUint8(7, key ? 1 : 0);
  view.setBigUint64(8, BigInt(timeMs));
  bytes.set(payload, 16);
  return bytes;
}

test("live records come out whole and in order, however the response was cut", () => {
  const all = new Uint8Array([
    ...record({ camera: 0, kind: LIVE_KIND.unit, key: true, timeMs: 1_700_000_000_123, payload: [0, 0, 0, 1, 0x65] }),
    ...record({ camera: 0xffff, kind: LIVE_KIND.pulse, timeMs: 5 }),
    ...record({ camera: 3, kind: LIVE_KIND.unit, payload: [1, 2, 3] }),
  ]);
  for (const step of [1, 7, 16, all.length]) {
    const parser = new LiveRecordParser();
    const records = [];
    for (let at = 0; at < all.length; at += step) records.push(...parser.push(all.subarray(at, at + step)));
    assert.deepEqual(
      records.map(({ camera, kind, key, payload }) => [camera, kind, key, payload.length]),
      [
        [0, LIVE_KIND.unit, true, 5],
        [0xffff, LIVE_KIND.pulse, false, 0],
        [3, LIVE_KIND.unit, false, 3],
      ],
    );
    assert.equal(records[0].timeMs, 1_700_000_000_123);
  }
});

test("a record of an impossible size ends the stream", () => {
  assert.throws(() => new LiveRecordParser().push(new Uint8Array(16).fill(0xff)), /record of/);
  assert.throws(() => new LiveRecordParser().push(new Uint8Array(16)), /record of/);
});
