// The stream of notices asks for what it missed, from the first connection on.
import assert from "node:assert/strict";
import { register } from "node:module";
import { join } from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";

// What the pages' import map does: "shared/x.js" is proto/web/x.js.
const shared = pathToFileURL(join(process.env.DRUMTOWER_SOURCE, "proto/web/")).href;
register(
  "data:text/javascript," +
    encodeURIComponent(`export const resolve = (name, context, next) =>
      next(name.startsWith("shared/") ? ${JSON.stringify(shared)} + name.slice(7) : name, context);`),
);
globalThis.window = new EventTarget();
globalThis.document = new EventTarget();
const { LiveStream, keepCurrent } = await import(`${shared}live.js`);

/** Plays the door: one body per connection; keeps the headers that were asked with. */
function playDoor(bodies) {
  const asked = [];
  globalThis.fetch = async (path, { headers }) => {
    asked.push(headers["Last-Event-ID"] ?? null);
    const body = bodies.shift();
    return new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(body ?? ""));
          controller.close();
        },
      }),
    );
  };
  return asked;
}

async function listen(bodies, connections) {
  const asked = playDoor(bodies);
  const heard = [];
  await new Promise((resolve) => {
    const stream = new LiveStream({
      path: "/api/stream",
      onNotice: (notice) => heard.push(notice.n),
      onChange: ({ live }) => {
        if (live || asked.length < connections) return void (stream.retryMs = 1);
        stream.stop();
        resolve();
      },
    });
    stream.retryMs = 1;
    stream.start();
  });
  return { asked, heard };
}

const hello = (seq) => `id: ${seq}\nevent: hello\ndata: {"seq":${seq}}\n\n`;
const notice = (seq) => `id: ${seq}\nevent: notice\ndata: {"n":${seq}}\n\n`;

test("a stream that began on an empty outbox asks for all that came after 0", async () => {
  const { asked, heard } = await listen([hello(0), notice(1)], 2);
  assert.deepEqual(asked, [null, "0"]);
  assert.deepEqual(heard, [1]);
});

test("after a break it asks from the last notice, and a repeat is not told twice", async () => {
  const { asked, heard } = await listen([hello(5) + notice(7), notice(7) + notice(9)], 2);
  assert.deepEqual(asked, [null, "7"]);
  assert.deepEqual(heard, [7, 9]);
});

/** A page on a connection that stays; its fetches fail or succeed as told. */
async function keep(...fetches) {
  globalThis.fetch = async (path, { signal }) =>
    new Response(
      new ReadableStream({
        start: (controller) => signal.addEventListener("abort", () => controller.error(signal.reason)),
      }),
    );
  const drawn = [];
  const asked = [];
  await new Promise((resolve) => {
    const { stream, freshness } = keepCurrent({
      path: "/api/stream",
      everyMs: 1,
      fetch: async () => {
        asked.push(performance.now());
        const error = fetches.shift();
        setTimeout(() => fetches.length || (stream.stop(), resolve())); // once this look's end has been heard of
        if (error) throw error;
      },
      draw: () => drawn.push(freshness().live),
    });
    stream.start();
  });
  return { asked, drawn };
}

const busy = Object.assign(new Error("busy"), { temporary: true });

test("a page is live once it has what it asked for, and asks again after a failure", async () => {
  const { asked, drawn } = await keep(busy, null);
  assert.equal(asked.length, 2);
  assert.ok(asked[1] - asked[0] > 2_500 && asked[1] - asked[0] < 5_000, `${asked[1] - asked[0]} ms`);
  assert.deepEqual(drawn.slice(0, 1), [true], "not before it had anything");
});

test("a page that could not fetch is not live on its connection alone", async () => {
  const { drawn } = await keep(busy);
  assert.ok(!drawn.includes(true));
});
