// Words in Chinese and English. The tables are languages/zh.json and en.json: "words" for the pages' own, one section per enum of
// constants.js, and "rules": what is to be known of a verb before one does it. The centre's pages bring words of their own, which a handset need
// not load. A test holds both to the same keys and to every name of every enum.

/** @typedef {"zh" | "en"} Language */
/** @typedef {{ words: Record<string, string>, labels: Record<string, Record<string, string>>, rules: Record<string, string> }} LanguageTable */

const KEY = "drumtower-language";

/** @type {Language} */
let current = "zh";
/** @type {LanguageTable} */
let table = { words: {}, labels: {}, rules: {} };
/** Where tables are. */
const folders = ["/shared/languages"];

/** Call before loadLanguage(). @param {string} folder  with more words */
export function bringWords(folder) {
  folders.push(folder);
}

/** @param {string} path @returns {Promise<Partial<LanguageTable>>} */
async function fetchTable(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: status ${answer.status}`);
  return answer.json();
}

/** @returns {Language} what ?lang=, an earlier choice or the browser asks for. */
function preferred() {
  const asked = [new URLSearchParams(location.search).get("lang"), localStorage.getItem(KEY), ...navigator.languages];
  for (const tag of asked) {
    if (tag?.startsWith("zh")) return "zh";
    if (tag?.startsWith("en")) return "en";
  }
  return "zh";
}

/** Loads the words; call once before the first drawing. @param {Language} [language] */
export async function loadLanguage(language = preferred()) {
  const tables = await Promise.all(folders.map((folder) => fetchTable(`${folder}/${language}.json`)));
  table = {
    words: Object.assign({}, ...tables.map(({ words }) => words)),
    labels: Object.assign({}, ...tables.map(({ labels }) => labels)),
    rules: Object.assign({}, ...tables.map(({ rules }) => rules)),
  };
  current = language;
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
}

/** @returns {Language} */
export function language() {
  return current;
}

/** Takes the other language from here on; the caller draws anew. */
export async function switchLanguage() {
  const next = current === "zh" ? "en" : "zh";
  localStorage.setItem(KEY, next);
  await loadLanguage(next);
}

/**
 * A word of the pages, with {name} replaced by a value.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function word(key, values = {}) {
  const text = table.words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (all, name) => String(values[name] ?? all));
}

/** The label of an enum's name, as in label("case_state", "closed"). @param {string} kind @param {string} name */
export function label(kind, name) {
  return table.labels[kind]?.[name] ?? name;
}

/** One after the other, as the language does it. @param {string[]} parts */
export function listed(parts) {
  return parts.join(current === "zh" ? "、" : ", ");
}

/** What is to be known of a verb; "" for those that explain themselves. @param {string} verb */
export function rule(verb) {
  return table.rules[verb] ?? "";
}
