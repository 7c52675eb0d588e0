// Moments and time left in words, in the district's own time zone.

import { language, word } from "shared/i18n.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const SOON_MS = HOUR_MS;

let zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** @param {string} name of the tz database: "Asia/Shanghai" */
export function setTimeZone(name) {
  if (name) zone = name;
}

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {string} name @param {Intl.DateTimeFormatOptions} options */
function format(name, options) {
  const key = `${language()} ${zone} ${name}`;
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(language() === "zh" ? "zh-CN" : "en-GB", {
      timeZone: zone,
      hourCycle: "h23",
      ...options,
    });
    formats.set(key, made);
  }
  return made;
}

/** "14:05:09" @param {number} ms */
export function clockTime(ms) {
  return format("clock", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(ms);
}

/** "11-22 14:05", without the day where it is today. @param {number} ms @param {number} nowMs */
export function shortTime(ms, nowMs) {
  if (!ms) return "—";
  const day = format("day", { year: "numeric", month: "2-digit", day: "2-digit" });
  const time = format("time", { hour: "2-digit", minute: "2-digit" }).format(ms);
  if (day.format(ms) === day.format(nowMs)) return time;
  return `${format("month", { month: "2-digit", day: "2-digit" }).format(ms)} ${time}`;
}

/** "2026-11-22": the district's day. @param {number} ms */
export function dayOf(ms) {
  const parts = format("parts", { year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(ms);
  const part = (/** @type {string} */ type) => parts.find((found) => found.type === type)?.value;
  return `${part("year")?.padStart(4, "0")}-${part("month")}-${part("day")}`;
}

/** The first moment of a day of the district. @param {string} day "2026-11-22" @returns {number} */
export function startOfDay(day) {
  const utc = Date.parse(`${day}T00:00:00Z`);
  const step = 15 * MINUTE_MS; // zones are whole quarters of an hour
  for (let at = utc - 14 * HOUR_MS; at <= utc + 14 * HOUR_MS; at += step) if (dayOf(at) === day) return at;
  return utc; // a day that the zone left out, when it changed sides of the date line
}

/** When the district's clocks show that. @param {string} local "2026-11-22T14:05" @returns {number} */
export function momentOf(local) {
  const [day, time] = local.split("T");
  const [hour, minute] = time.split(":").map(Number);
  const at = startOfDay(day) + hour * HOUR_MS + minute * MINUTE_MS;
  const shifted = [at, at - HOUR_MS, at + HOUR_MS]; // on the day of a change of summer time
  return shifted.find((moment) => clockTime(moment).startsWith(time)) ?? at;
}

/** "2026-11-22, Sunday" @param {number} ms */
export function longDate(ms) {
  return format("date", { year: "numeric", month: "long", day: "numeric", weekday: "long" }).format(ms);
}

/** The two largest units: "3 天 2 小时", "12 分". @param {number} ms not negative */
export function duration(ms) {
  if (ms < MINUTE_MS) return word("seconds", { n: Math.floor(ms / 1000) });
  if (ms < HOUR_MS) return word("minutes", { n: Math.floor(ms / MINUTE_MS) });
  if (ms < DAY_MS) return two(ms, HOUR_MS, "hours", MINUTE_MS, "minutes");
  return two(ms, DAY_MS, "days", HOUR_MS, "hours");
}

/** @param {number} ms @param {number} unit @param {string} name @param {number} part @param {string} partName */
function two(ms, unit, name, part, partName) {
  const whole = word(name, { n: Math.floor(ms / unit) });
  const rest = Math.floor((ms % unit) / part);
  return rest ? `${whole} ${word(partName, { n: rest })}` : whole;
}

/** @typedef {"overdue" | "due" | "normal" | "none"} Level */

/**
 * How a clock stands: past its deadline; due: within the hour and past its warn point; later; or no clock at all.
 * @param {{ deadline_ms: number, warn_at_ms: number } | null} clock
 * @param {number} nowMs
 * @returns {Level}
 */
export function level(clock, nowMs) {
  if (!clock?.deadline_ms) return "none";
  if (clock.deadline_ms <= nowMs) return "overdue";
  return clock.deadline_ms - nowMs <= SOON_MS && clock.warn_at_ms <= nowMs ? "due" : "normal";
}

/** "剩 2 小时" or "超 3 天". @param {number} deadlineMs @param {number} nowMs */
export function timeLeft(deadlineMs, nowMs) {
  if (!deadlineMs) return word("no_limit");
  const left = deadlineMs - nowMs;
  return left > 0 ? word("left", { time: duration(left) }) : word("over", { time: duration(-left) });
}

/** Each level has a shape and a word beside its colour. */
export const LEVEL_SHAPES = { overdue: "▲", due: "◆", normal: "●", none: "○" };
