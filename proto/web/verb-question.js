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
 * Asks what a verb needs and may have; one that has nothing is sent at once.
 * @template T
 * @param {OfferedVerb} offered @param {import("shared/verb-fields.js").Subject} subject
 * @param {object} page
 * @param {(given: import("shared/question.js").Given) => Promise<T>} page.send
 * @param {() => boolean} page.still  is it still wanted once the fields have what they are drawn from?
 * @param {import("shared/verb-fields.js").Fields} [page.own]  that the page has beside those which all have
 * @returns {Promise<T | null>} what `send` gave; null: put away
 */
export async function askVerb({ verb, needs }, subject, { send, still, own = {} }) {
  const known = { ...own, ...FIELDS };
  const wanted = new Set([...needs, ...(ALSO[verb] ?? [])]);
  const names = Object.keys(known).filter((name) => wanted.has(name));
  const fields = await Promise.all(names.map((name) => known[name](subject, verb)));
  if (fields.length === 0) return send({ body: {}, photos: [] });
  if (!still()) return null;
  return askFields({ title: label("verb", verb), confirm: label("verb", verb), hint: rule(verb) }, fields, send);
}
