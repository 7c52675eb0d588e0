// What a person did: commands with ids made on the device. The door answers the same id with its first answer, so sending again is
// safe; the queue keeps commands over reloads, app kills and days without a network, and sends them in order.

import { ApiError, request, uploadPhoto } from "shared/api.js";
import { inStore } from "shared/database.js";
import { refusalText } from "shared/refusal.js";

/**
 * @typedef {object} CommandBody
 * @property {string} [reason]
 * @property {string} [to_department]
 * @property {string} [to_worker]
 * @property {string} [to_service]
 * @property {string} [to_condition]
 * @property {number} [to_priority]
 * @property {number} [until_ms]
 * @property {string} [to_case]
 * @property {number} [voice_seq]
 * @property {string} [to_person]
 * @property {number} [lat]
 * @property {number} [lon]
 */

/** What a worker found on patrol, as POST /api/report takes it.
 * @typedef {{ service: string, text: string, address: string, lat?: number, lon?: number, accuracy_m?: number, disposed: boolean }} ReportBody */

/**
 * @typedef {object} QueuedCommand
 * @property {number} order  place in the queue
 * @property {string} id
 * @property {string} account  who did it: nobody else's session sends it
 * @property {string} number  the case; "" = of none: a report
 * @property {string} verb
 * @property {number} revision  that the person saw
 * @property {CommandBody | ReportBody} body
 * @property {Blob[]} photos  not yet uploaded
 * @property {string[]} media  hashes of uploaded ones
 * @property {number} happened_at_ms
 * @property {"waiting" | "refused"} state
 * @property {string} refusal  for a person, where refused
 */

/**
 * An id of 128 bits in hex: the time, then chance, as UUID version 7 has it (RFC 9562). Ids that come one after the other then lie beside
 * each other in the store. crypto.randomUUID needs a secure page; this does not.
 */
export function commandId() {
  const chance = Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => byte.toString(16).padStart(2, "0"));
  return Date.now().toString(16).padStart(12, "0") + chance.join("");
}

/** @param {string} number  "" = of no case @param {string} verb @param {object} json */
export function sendCommand(number, verb, json) {
  return request("POST", number ? `/api/cases/${encodeURIComponent(number)}/${verb}` : `/api/${verb}`, { json });
}

const SENT_KEPT = 100;
const RETRY_FIRST_MS = 1_000;
const RETRY_LAST_MS = 30_000;

export class CommandQueue {
  /**
   * @param {string} account
   * @param {() => void} onChange  called when the queue is another than before
   */
  constructor(account, onChange) {
    this.account = account;
    this.onChange = onChange;
    /** @type {QueuedCommand[]} */
    this.entries = [];
    /** What the door has taken and the page perhaps not yet seen. @type {{ number: string, verb: string, revision: number }[]} */
    this.sent = [];
    this.sending = false;
    this.retryMs = RETRY_FIRST_MS;
    this.timer = 0;
  }

  /** Brings what an earlier run of the app left, and tries again whenever there is a network. */
  async open() {
    await this.#read();
    window.addEventListener("online", () => this.flush());
    return this;
  }

  get waiting() {
    return this.entries.filter((entry) => entry.state === "waiting");
  }

  get refused() {
    return this.entries.filter((entry) => entry.state === "refused");
  }

  /** @param {string} number */
  waitingFor(number) {
    return this.waiting.filter((entry) => entry.number === number);
  }

  /** The verbs that were done on a case since the revision that the page holds, sent or not. @param {{ number: string, revision: number }} record */
  doneSince({ number, revision }) {
    const sent = this.sent.filter((done) => done.number === number && done.revision > revision);
    return [...sent, ...this.waitingFor(number)].map(({ verb }) => verb);
  }

  /**
   * On the disk when this returns; sent as soon as there is a network.
   * @param {{ number: string, revision: number }} record  the case as the person saw it; number "": no case
   * @param {string} verb @param {CommandBody | ReportBody} [body] @param {Blob[]} [photos]
   */
  async add({ number, revision: seen }, verb, body = {}, photos = []) {
    const sent = () => this.sent.filter((done) => done.number === number).map((done) => done.revision);
    const entry = {
      id: commandId(),
      account: this.account,
      number,
      verb,
      body,
      photos,
      media: [],
      happened_at_ms: Date.now(),
      state: "waiting",
      refusal: "",
    };
    // Of the moment in which the disk takes it: an answer that comes after it finds it there.
    await inStore("commands", "readwrite", (store) => store.add({ ...entry, revision: Math.max(seen, ...sent()) }));
    await this.#read();
    this.flush();
  }

  /** Takes a refused command off the list once its person has read why. @param {QueuedCommand} entry */
  async dismiss(entry) {
    await inStore("commands", "readwrite", (store) => store.delete(entry.order));
    await this.#read();
  }

  /** Sends what waits, in order, until the queue is empty or the network is not there. */
  async flush() {
    if (this.sending) return;
    this.sending = true;
    try {
      for (let entry = this.waiting[0]; entry; entry = this.waiting[0]) await this.#sendOne(entry);
      this.retryMs = RETRY_FIRST_MS;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#flushLater();
    } finally {
      this.sending = false;
    }
  }

  #flushLater() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), this.retryMs);
    this.retryMs = Math.min(2 * this.retryMs, RETRY_LAST_MS);
  }

  /** Throws where nothing was decided: the entry stays at the head. @param {QueuedCommand} entry */
  async #sendOne(entry) {
    try {
      await this.#upload(entry);
      const answer = await sendCommand(entry.number, entry.verb, {
        id: entry.id,
        ...(entry.number && { revision: entry.revision }),
        happened_at_ms: entry.happened_at_ms,
        media: entry.media,
        ...entry.body,
      });
      if (entry.number) await this.#followed(entry, answer.revision);
      await inStore("commands", "readwrite", (store) => store.delete(entry.order));
    } catch (error) {
      if (!(error instanceof ApiError) || error.temporary || error.status === 401) throw error;
      await this.#refuse(entry, refusalText(error));
    }
    await this.#read();
  }

  /** A photo that went through is not sent again, whatever happens after it. @param {QueuedCommand} entry */
  async #upload(entry) {
    while (entry.photos.length > 0) {
      entry.media.push(await uploadPhoto(entry.photos[0]));
      entry.photos.shift();
      await this.#write(entry);
    }
  }

  /** The person did the next things on the case knowing of this one: they count from its revision. @param {QueuedCommand} entry @param {number} revision */
  async #followed(entry, revision) {
    this.sent = [...this.sent.slice(-SENT_KEPT), { number: entry.number, verb: entry.verb, revision }];
    await this.#changeLater(entry, { revision });
  }

  /** What was done after a refused step stands on nothing: it is held with it. @param {QueuedCommand} entry @param {string} refusal */
  async #refuse(entry, refusal) {
    await this.#write({ ...entry, state: "refused", refusal });
    if (entry.number) await this.#changeLater(entry, { state: "refused", refusal });
  }

  /**
   * What waits behind a command on its case, as the disk has it: what is being added may not be in `entries` yet.
   * @param {QueuedCommand} entry @param {Partial<QueuedCommand>} change
   */
  async #changeLater({ account, number, order }, change) {
    await inStore("commands", "readwrite", (store) => {
      /** @type {IDBRequest<QueuedCommand[]>} */
      const all = store.getAll();
      all.onsuccess = () =>
        all.result
          .filter((later) => later.account === account && later.number === number && later.order > order)
          .filter(({ state }) => state === "waiting")
          .forEach((later) => store.put({ ...later, ...change }));
      return all;
    });
  }

  /** @param {QueuedCommand} entry */
  async #write(entry) {
    await inStore("commands", "readwrite", (store) => store.put(entry));
  }

  async #read() {
    /** @type {QueuedCommand[]} */
    const all = await inStore("commands", "readonly", (store) => store.getAll());
    this.entries = all.filter((entry) => entry.account === this.account);
    this.onChange();
  }
}
