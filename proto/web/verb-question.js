// What a verb needs, asked in one dialog: the one place that knows which fields belong to a verb. Those of its needs are called like them.

import { label, rule } from "shared/i18n.js";
import { askFields } from "shared/question.js";
import { FIELDS } from "shared/verb-fields.js";

/** @typedef {{ verb: string, needs: readonly string[] }} OfferedVerb  as GET /api/cases/{number} gives it */

/** Fields that a verb has beside those of its needs. @type {Record<string, string[]>} */
const ALSO = {
  dispatch: ["route"],
  verify: ["verifier"],
  supervise: ["supervisor"],
  confirm: ["photos", "note"],
  unfounded: ["photos"],
  dispose: ["photos", "note"],
  advance: ["photos", "note"],
  rework: ["photos"],
};

/**
 * Asks what a verb needs and may have; of one that has nothing it asks nothing.
 * @param {OfferedVerb} offered @param {import("shared/verb-fields.js").Subject} subject
 * @param {import("shared/verb-fields.js").Fields} [own]  that the page has beside those which all have
 * @returns {ReturnType<typeof askFields>} null: put away
 */
export async function askVerb({ verb, needs }, subject, own = {}) {
  const known = { ...own, ...FIELDS };
  const wanted = new Set([...needs, ...(ALSO[verb] ?? [])]);
  const names = Object.keys(known).filter((name) => wanted.has(name));
  const fields = await Promise.all(names.map((name) => known[name](subject, verb)));
  if (fields.length === 0) return { body: {}, photos: [] };
  return askFields({ title: label("verb", verb), confirm: label("verb", verb), hint: rule(verb) }, fields);
}
