// A command from the desk is taken once, however often it has to be sent; and what is large may take its time.
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./shared.mjs";

globalThis.window = new EventTarget();
const { DeskCommand } = await load("videowall/desk-command.js");
const { uploadPhoto } = await load("shared/api.js");

/** Plays the door: an answer a request, or none; gives what was asked. */
function playDoor(...answers) {
  const asked = [];
  globalThis.fetch = async (path, { body }) => {
    asked.push({ path, at: performance.now(), ...(typeof body === "string" && { json: JSON.parse(body) }) });
    const answer = answers.shift();
    if (!answer) throw new TypeError("no network");
    return new Response(JSON.stringify(answer.body), { status: answer.status });
  };
  return asked;
}

const TAKEN = { status: 200, body: { status: "ok", revision: 8 } };
const given = { body: { reason: "远" } };

test("a lost answer is asked for again under the same id, after a pause", async () => {
  const asked = playDoor(null, { status: 503, body: {} }, TAKEN);
  assert.equal((await new DeskCommand("GL-1", "refuse", 7).send(given)).revision, 8);
  assert.equal(asked.length, 3);
  assert.equal(new Set(asked.map(({ json }) => json.id)).size, 1);
  assert.ok(asked[1].at - asked[0].at > 800 && asked[2].at - asked[1].at > 800, "it is not hammered at");
});

test("sent again by its person after a failure it still has that id; something else has another", async () => {
  const asked = playDoor(null, null, null, TAKEN, TAKEN);
  const command = new DeskCommand("", "hotline", 0);
  await assert.rejects(command.send(given), { code: "offline" });
  await command.send(given);
  assert.equal(new Set(asked.map(({ json }) => json.id)).size, 1);
  await command.send({ body: { reason: "近" } });
  assert.notEqual(asked[4].json.id, asked[0].json.id);
});

test("what was refused is sent anew, on the case that its person was told of", async () => {
  const asked = playDoor({ status: 409, body: { error: { code: "conflict" }, case: { revision: 9 } } }, TAKEN);
  const command = new DeskCommand("GL-1", "refuse", 7);
  await assert.rejects(command.send(given), { code: "conflict" });
  await command.send(given);
  assert.deepEqual(
    asked.map(({ json }) => json.revision),
    [7, 9],
  );
  assert.notEqual(asked[0].json.id, asked[1].json.id);
});

test("a photo has as long as a bad network takes for its size", async (t) => {
  playDoor({ status: 200, body: { hash: "h" } });
  const timeout = t.mock.method(AbortSignal, "timeout");
  await uploadPhoto(new Blob([new Uint8Array(400_000)]));
  assert.equal(timeout.mock.calls[0].arguments[0], 20_000 + 100_000);
});
