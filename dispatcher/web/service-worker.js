// Keeps the handset's pages on the device, so that it starts without a network. What people did and saw is not here: see
// shared/database.js. A new build has another version of the list; it is fetched whole before it takes over.

/** @type {any} */
const worker = self;
worker.importScripts("/offline-list.js");

const { version, paths } = worker.OFFLINE;
const CACHE = `drumtower-${version}`;

async function install() {
  const cache = await caches.open(CACHE);
  await cache.addAll(paths.map((/** @type {string} */ path) => new Request(path, { cache: "reload" })));
  await worker.skipWaiting();
}

async function activate() {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith("drumtower-") && name !== CACHE).map((name) => caches.delete(name)),
  );
  await worker.clients.claim();
}

/** @param {Request} request */
async function answer(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request.mode === "navigate" ? "/" : request, { ignoreSearch: true });
  return kept ?? fetch(request);
}

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(install()));
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(activate()));
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const url = new URL(event.request.url);
  const ours = event.request.method === "GET" && url.origin === location.origin && !url.pathname.startsWith("/api/");
  if (ours) event.respondWith(answer(event.request));
});
