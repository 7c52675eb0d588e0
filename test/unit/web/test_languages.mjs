// Both languages say everything: every name of every enum, and every word that a page asks for.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

const source = process.env.DRUMTOWER_SOURCE;
const constants = readFileSync(join(process.env.DRUMTOWER_PAGES, "shared/constants.js"), "utf8");
const { ENUMS } = await import(`data:text/javascript,${encodeURIComponent(constants)}`); // no package.json above it says "module"
const read = (path) => JSON.parse(readFileSync(join(source, path), "utf8"));

/** The names of an X-macro table that only the centre's pages show: those that match in its header. */
function tableOf(path, pattern) {
  const names = [...readFileSync(join(source, path), "utf8").matchAll(pattern)].map((match) => match[1]);
  assert.ok(names.length > 2, path);
  return names;
}
Object.assign(ENUMS, {
  indicator: tableOf("proto/store/indicator.h", /X\(\w+, "(\w+)", \w+, \w+, (?:MORE|LESS),/g),
  grade: tableOf("proto/store/indicator.h", /X\(GRADE, \w+, "(\w+)"\)/g),
  camera_condition: tableOf("proto/record/camera.h", /X\(CAMERA_IS, \w+, "(\w+)"\)/g),
  tier: tableOf("proto/book/book.h", /X\(TIER, \w+, "(\w+)"\)/g),
});

/** What all pages load, and with what the centre's pages bring. */
const shared = Object.fromEntries(
  ["zh", "en"].map((language) => [language, read(`proto/web/languages/${language}.json`)]),
);
const tables = Object.fromEntries(
  Object.entries(shared).map(([language, table]) => {
    const own = read(`videowall/web/languages/${language}.json`);
    return [
      language,
      { ...table, words: { ...table.words, ...own.words }, labels: { ...table.labels, ...own.labels } },
    ];
  }),
);

function sourcesOf(...folders) {
  return folders
    .flatMap((folder) =>
      readdirSync(join(source, folder))
        .filter((name) => name.endsWith(".js"))
        .map((name) => readFileSync(join(source, folder, name), "utf8")),
    )
    .join("\n");
}

/** Every word that modules ask for by name. */
function askedBy(text) {
  const pairs = (pattern) => [...text.matchAll(pattern)].flatMap((match) => [match[1], match[2]]);
  return [
    ...[...text.matchAll(/(?:word\(\s*|headline\(|words: |title: )"([a-z_0-9]+)"/g)].map((match) => match[1]),
    ...pairs(/word\([^()]*\? "([a-z_0-9]+)" : "([a-z_0-9]+)"\)/g),
    ...pairs(/two\(ms, \w+, "([a-z]+)", \w+, "([a-z]+)"\)/g),
  ];
}

/** Keys that pages put together from an enum or a number. */
const families = [
  ...ENUMS.limit_unit.map((unit) => `limit_${unit}`),
  ...[0, 1, 2, 3, 4, 5].map((n) => `priority_${n}`),
];

for (const [language, table] of Object.entries(tables)) {
  test(`${language} labels every name of every enum, and no other`, () => {
    for (const [kind, names] of Object.entries(ENUMS))
      assert.deepEqual(Object.keys(table.labels[kind] ?? {}).sort(), [...names].sort(), kind);
    assert.deepEqual(Object.keys(table.labels).sort(), Object.keys(ENUMS).sort());
  });

  test(`${language} has every word that the pages ask for, and no other`, () => {
    const field = [...askedBy(sourcesOf("proto/web", "dispatcher/web")), ...families];
    const all = [...field, ...askedBy(sourcesOf("videowall/web"))];
    assert.ok(all.length > 80, "the pattern finds the words");
    assert.deepEqual(Object.keys(table.words).sort(), [...new Set(all)].sort());
    assert.deepEqual(
      Object.keys(shared[language].words).sort(),
      [...new Set(field)].sort(),
      "the centre's are its own",
    );
  });
}

test("what is to be known of a verb is said in both languages, of verbs that there are", () => {
  assert.deepEqual(Object.keys(tables.zh.rules).sort(), Object.keys(tables.en.rules).sort());
  for (const verb of Object.keys(tables.zh.rules)) assert.ok(ENUMS.verb.includes(verb), verb);
});

test("a word has the same blanks in both languages", () => {
  const blanks = (text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  for (const [key, text] of Object.entries(tables.zh.words))
    assert.deepEqual(blanks(text), blanks(tables.en.words[key]), key);
});
