// The field door's page: who signs in decides whether it is a handset or a liaison's list.

import { loadBook, useBook } from "shared/book.js";
import { inStore, recall, remember } from "shared/database.js";
import { loadLanguage, word } from "shared/i18n.js";
import { signIn, whenSignedOut, whoIsThere } from "shared/login.js";

const root = /** @type {HTMLElement} */ (document.getElementById("app"));

/** What the device shows without a network ends with the session: the next who has it in hand may be somebody else. What waits to be sent stays. */
async function forget() {
  await remember("account", null);
  await inStore("kept", "readwrite", (kept) => kept.delete(IDBKeyRange.bound("cases ", "cases \uffff")));
}

/** The account that is signed in; without a network the one that was. */
async function account() {
  const kept = await recall("account");
  let there;
  try {
    there = await whoIsThere();
  } catch {
    there = kept;
  }
  if (!there) await forget();
  return there ?? signIn(root, { title: "field_title", roles: ["worker", "liaison"] });
}

async function book() {
  try {
    await remember("book", await loadBook());
  } catch (error) {
    const kept = await recall("book");
    if (!kept) throw error;
    useBook(kept);
  }
}

async function start() {
  await loadLanguage();
  document.documentElement.dataset.size = localStorage.getItem("drumtower-size") ?? "";
  const me = await account();
  await remember("account", me);
  await book();
  whenSignedOut(async () => {
    await forget();
    location.reload();
  });
  root.replaceChildren();
  const page = await (me.role === "worker" ? import("./handset.js") : import("./liaison.js"));
  await page.open(root, me);
}

navigator.serviceWorker?.register("/service-worker.js").catch((error) => console.warn("service worker:", error));
start().catch((error) => {
  console.error(error);
  root.textContent = word("start_failed", { reason: error.message });
});
