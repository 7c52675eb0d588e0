// Names of the district: departments, services, areas and people, as far as the account may see them.

import { get } from "shared/api.js";
import { language } from "shared/i18n.js";
import { setTimeZone } from "shared/time.js";

/** @typedef {{ code: string, name: string, name_en?: string }} Named */
/** @typedef {{ id: string, name: string, role: string, department: string, on_duty?: boolean }} Person */

/** @type {Record<string, Map<string, any>>} */
let lists = { departments: new Map(), services: new Map(), areas: new Map(), people: new Map() };

/** @param {any} book as GET /api/book gave it, now or earlier */
export function useBook(book) {
  setTimeZone(book.time_zone);
  lists = {};
  for (const [list, key] of [
    ["departments", "code"],
    ["services", "code"],
    ["areas", "code"],
    ["people", "id"],
  ])
    lists[list] = new Map((book[list] ?? []).map((/** @type {any} */ row) => [row[key], row]));
}

/** @returns {Promise<any>} the book, already in use */
export async function loadBook() {
  const book = await get("/api/book");
  useBook(book);
  return book;
}

/** The name in the page's language. @param {any} row */
export function nameOf(row) {
  if (!row) return "";
  if (typeof row.name === "object") return row.name[language()] || row.name.zh;
  return (language() === "en" && row.name_en) || row.name;
}

/** @param {string} list @param {string} code */
function nameIn(list, code) {
  return nameOf(lists[list]?.get(code)) || code;
}

/** @param {string} code */
export const departmentName = (code) => nameIn("departments", code);
/** @param {string} code */
export const serviceName = (code) => nameIn("services", code);
/** @param {string} code */
export const areaName = (code) => nameIn("areas", code);
/** @param {string} id */
export const personName = (id) => nameIn("people", id);

/** @returns {Named[]} */
export const departments = () => [...(lists.departments?.values() ?? [])];

/** @param {string} department @returns {Person[]} its workers */
export function workersOf(department) {
  return [...(lists.people?.values() ?? [])].filter(
    (person) => person.role === "worker" && person.department === department,
  );
}
