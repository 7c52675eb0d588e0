// Days of the district: what a date in a question means, whatever zone the browser is in.
import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./shared.mjs";

const { dayOf, momentOf, setTimeZone, startOfDay } = await load("shared/time.js");

for (const [zone, day, starts] of [
  ["Asia/Shanghai", "2026-12-05", "2026-12-04T16:00:00Z"],
  ["America/New_York", "2026-03-08", "2026-03-08T05:00:00Z"], // the day that summer time begins
  ["America/New_York", "2026-03-09", "2026-03-09T04:00:00Z"],
  ["Asia/Kathmandu", "2026-12-05", "2026-12-04T18:15:00Z"],
  ["America/Havana", "2026-03-08", "2026-03-08T05:00:00Z"], // has no midnight: it begins at one
  ["Pacific/Kiritimati", "2026-12-05", "2026-12-04T10:00:00Z"],
])
  test(`${day} begins at ${starts} in ${zone}`, () => {
    setTimeZone(zone);
    assert.equal(new Date(startOfDay(day)).toISOString().replace(".000", ""), starts);
    assert.equal(dayOf(startOfDay(day)), day);
    assert.notEqual(dayOf(startOfDay(day) - 1), day);
  });

test("a year of which only two digits were typed is a day like others", { timeout: 10_000 }, () => {
  setTimeZone("Asia/Shanghai");
  assert.equal(dayOf(startOfDay("0026-12-05")), "0026-12-05");
});

test("a day that a zone left out has a beginning", () => {
  setTimeZone("Pacific/Apia");
  assert.equal(new Date(startOfDay("2011-12-30")).toISOString(), "2011-12-30T00:00:00.000Z");
});

for (const [zone, local, moment] of [
  ["Asia/Shanghai", "2026-12-05T08:07", "2026-12-05T00:07:00Z"],
  ["America/New_York", "2026-03-08T01:30", "2026-03-08T06:30:00Z"],
  ["America/New_York", "2026-03-08T18:30", "2026-03-08T22:30:00Z"], // after the clocks were put forward
  ["America/New_York", "2026-11-01T18:30", "2026-11-01T23:30:00Z"], // and back
])
  test(`clocks show ${local} in ${zone} at ${moment}`, () => {
    setTimeZone(zone);
    assert.equal(new Date(momentOf(local)).toISOString().replace(".000", ""), moment);
  });
