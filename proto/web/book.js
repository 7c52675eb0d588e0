// Names of the district: departments, services, areas and people, as far as the account may see them.

import { get } from "shared/api.js";
import { language } from "shared/i18n.js";
import { setTimeZone } from "shared/time.js";

/** @typedef {{ code: string, name: string, name_en?: string }} Named */
/** @typedef {Named & { unit: string, amount: number, links: (Named & { unit: string, amount: number })[] }} Condition */
/** @typedef {Named & { conditions: Condition[] }} Service */
/** @typedef {{ id: string, name: string, role: string, department: string, areas: string[], on_duty: boolean }} Person */
/** @typedef {{ extensions: number, suspension_days: number, reopen_days: number }} Rules */

/** @type {Record<string, Map<string, any>>} */
let lists = { departments: new Map(), services: new Map(), areas: new Map(), people: new Map() };
/** @type {Rules} */
let ruled = { extensions: 0, suspension_days: 365, reopen_days: 0 };

/** @param {any} book as GET /api/book gave it, now or earlier */
export function useBook(book) {
  setTimeZone(book.time_zone);
  ruled = book.rules ?? ruled; // a device may hold the book of an older door
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
/** The name where the book lets one know it, else "". @param {string} id */
export const knownName = (id) => nameOf(lists.people?.get(id));

/** @returns {Named[]} */
export const departments = () => [...(lists.departments?.values() ?? [])];
/** @returns {Service[]} */
export const services = () => [...(lists.services?.values() ?? [])];
/** @param {string} service @returns {Condition[]} */
export const conditionsOf = (service) => lists.services?.get(service)?.conditions ?? [];
/** The filing condition of a case. @param {{ service: string, condition: string }} record @returns {Condition | undefined} */
export const conditionOf = ({ service, condition }) => conditionsOf(service).find(({ code }) => code === condition);
export const rules = () => ruled;

/** Who is there now, those on duty first; without a network as it was last known. @returns {Promise<Person[]>} */
export async function people() {
  const answer = await get("/api/people").catch(() => null);
  if (answer) lists.people = new Map(answer.people.map((/** @type {Person} */ person) => [person.id, person]));
  return [...(lists.people?.values() ?? [])].sort((a, b) => Number(b.on_duty) - Number(a.on_duty));
}

/** @param {string} department @returns {Promise<Person[]>} its workers */
export async function workersOf(department) {
  return (await people()).filter((person) => person.role === "worker" && person.department === department);
}
