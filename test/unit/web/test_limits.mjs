// What a form takes fits its record: three bytes a character, as the records count bytes and the platform characters of UTF-16.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { load } from "./shared.mjs";

const { MOST } = await load("shared/limits.js");
const source = process.env.DRUMTOWER_SOURCE;
const BYTES = 3;

/** Where what is typed ends up. */
const FIELDS = {
  reason: [["command.h", "reason"]],
  text: [["staff_report.h", "text"]],
  address: [
    ["staff_report.h", "address"],
    ["place.h", "address"],
  ],
  phone: [
    ["staff_report.h", "phone"],
    ["event.h", "phone"],
  ],
  name: [
    ["staff_report.h", "caller"],
    ["staff_report.h", "ordered_by"],
    ["event.h", "name"],
  ],
  call: [
    ["staff_report.h", "number"],
    ["event.h", "external_id"],
  ],
  demanded: [["staff_report.h", "demanded"]],
};

function bytesOf(header, field) {
  const text = readFileSync(join(source, "proto/record", header), "utf8");
  const found = text.match(new RegExp(`X\\(\\d+, TEXT, ${field}, (\\d+)\\)`));
  assert.ok(found, `${header} has a text ${field}`);
  return Number(found[1]);
}

test("no field takes more than its record", () => {
  assert.deepEqual(Object.keys(MOST).sort(), Object.keys(FIELDS).sort());
  for (const [name, fields] of Object.entries(FIELDS))
    for (const [header, field] of fields)
      assert.ok(MOST[name] * BYTES <= bytesOf(header, field), `${name}: ${header} ${field}`);
});

test("every field has its limit from there", () => {
  for (const folder of ["proto/web", "dispatcher/web", "videowall/web"])
    for (const name of readdirSync(join(source, folder)).filter((name) => name.endsWith(".js")))
      for (const [line] of readFileSync(join(source, folder, name), "utf8").matchAll(
        /^.*(?:maxlength=|most: (?!number)).*$/gm,
      ))
        assert.match(line, /MOST\.|\$\{most\}|"datetime-local"|name="case" maxlength="64"/, `${folder}/${name}`); // a case's number is ASCII
});
