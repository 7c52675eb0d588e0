// What a handset offers while its door cannot be asked: the own part of a case, and what was done on the device since.
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./shared.mjs";

const { nextVerbs, offeredTask, outlook, ownTask } = await load("field/own-task.js");

const me = { login: "w-1", department: "water" };
const task = (role, state, more = {}) => ({
  id: 1,
  role,
  state,
  department: "water",
  worker: "w-1",
  offers: [],
  ...more,
});
const caseOf = (state, ...tasks) => ({ state, tasks });
const verbs = (record, done = []) => nextVerbs(outlook(record, me, done)).map(({ verb }) => verb);

test("the work goes on without the door, step by step", () => {
  const record = caseOf("received", task("lead", "received"));
  assert.deepEqual(verbs(record), ["take", "return"]);
  assert.deepEqual(verbs(record, ["take"]), ["arrive", "return"]);
  assert.deepEqual(verbs(record, ["take", "arrive"]), ["dispose", "advance", "return"]);
  assert.deepEqual(verbs(record, ["take", "arrive", "dispose"]), []);
  assert.equal(outlook(record, me, ["take", "arrive"]).state, "in_progress");
});

test("an assistant's steps leave the case's state to the lead", () => {
  const record = caseOf(
    "dispatched",
    task("lead", "offered", { worker: "w-9" }),
    task("assist", "offered", { worker: "w-1" }),
  );
  const known = outlook(record, me, ["take", "arrive"]);
  assert.equal(known.state, "dispatched");
  assert.deepEqual(known.task, { role: "assist", state: "on_site" });
});

test("who verifies finds it so or not, with a reason where not", () => {
  const record = caseOf("verifying", task("verify", "taken"));
  assert.deepEqual(verbs(record), ["arrive", "confirm", "unfounded"]);
  const unfounded = nextVerbs(outlook(record, me, ["arrive"])).find(({ verb }) => verb === "unfounded");
  assert.deepEqual(unfounded.needs, ["reason"]);
  assert.deepEqual(verbs(record, ["arrive", "confirm"]), []);
});

test("who checks is asked once it is disposed", () => {
  assert.deepEqual(verbs(caseOf("disposed", task("lead", "done", { worker: "w-9" }), task("check", "offered"))), [
    "check",
    "rework",
  ]);
});

test("an offer is for those who were asked and have not let it pass", () => {
  const asked = (worker, ended_at_ms = 0) => ({ worker, at_ms: 1, ended_at_ms });
  const offered = (...offers) => caseOf("dispatched", task("lead", "offered", { worker: "", offers }));
  assert.ok(offeredTask(offered(asked("w-2"), asked("w-1")), me));
  assert.ok(!offeredTask(offered(asked("w-2"), asked("w-1", 5)), me));
  assert.ok(offeredTask(offered(), me), "nobody was asked: whoever of the department takes it first");
  assert.ok(!offeredTask(caseOf("dispatched", task("lead", "offered")), me), "somebody is named");
  assert.ok(!ownTask(offered(asked("w-1")), me));
  assert.deepEqual(verbs(offered(asked("w-1"))), ["take", "return"]);
});

test("what is over is nobody's", () => {
  for (const state of ["done", "returned", "withdrawn"])
    assert.equal(ownTask(caseOf("dispatched", task("lead", state)), me), undefined);
});
