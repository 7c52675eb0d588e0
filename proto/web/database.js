// The device's own memory (IndexedDB): commands that wait to be sent, and the last state that was seen.

const NAME = "drumtower";
const VERSION = 1;

/** @type {Promise<IDBDatabase> | null} */
let opened = null;

/** @returns {Promise<IDBDatabase>} */
function database() {
  opened ??= new Promise((resolve, reject) => {
    const opening = indexedDB.open(NAME, VERSION);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore("commands", { keyPath: "order", autoIncrement: true });
      opening.result.createObjectStore("kept");
    };
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  return opened;
}

/**
 * Runs one request in a transaction of its own and waits until it is on the disk.
 * @template T
 * @param {"commands" | "kept"} store
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} ask
 * @returns {Promise<T>}
 */
export async function inStore(store, mode, ask) {
  const transaction = (await database()).transaction(store, mode, { durability: "strict" });
  const asked = ask(transaction.objectStore(store));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(asked.result);
    transaction.onabort = () => reject(transaction.error ?? new Error(`IndexedDB ${store}: aborted`));
  });
}

/** What was last seen under a name, for a start without a network. @param {string} name @returns {Promise<any>} */
export function recall(name) {
  return inStore("kept", "readonly", (store) => store.get(name));
}

/** @param {string} name @param {unknown} value */
export function remember(name, value) {
  return inStore("kept", "readwrite", (store) => store.put(value, name));
}
