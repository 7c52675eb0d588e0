// The stream of notices (server-sent events) with the sequence number of the last one, so that a reconnect brings what was missed.
// Read with fetch and not with EventSource: the door's comment line every 15 s then counts as a sign of life, and a stream that
// went silent in a tunnel is known to be dead instead of looking current.

import { SIGNED_OUT } from "shared/api.js";
import { EventParser } from "shared/event-parser.js";

/**
 * @typedef {object} Notice  as proto/record/notice.h has it
 * @property {number} seq
 * @property {string} topic
 * @property {string} case_number
 * @property {string} verb
 * @property {string} state
 * @property {number} revision
 * @property {number} at_ms
 * @property {string} title
 * @property {string} text
 * @property {string} department
 * @property {string} clock
 */

/** @typedef {{ live: boolean, since_ms: number }} Liveness */

const FROM_NOW = -1; // 0 is a number like others: the outbox was empty when the stream began
const SILENCE_MS = 40_000; // two comment lines and a little
const RETRY_FIRST_MS = 500;
const RETRY_LAST_MS = 10_000;
const FETCH_AGAIN_MS = 3_000;

export class LiveStream {
  /**
   * @param {object} options
   * @param {string} options.path   "/api/stream?topics=desk"
   * @param {number} [options.after]  last sequence number that is known already; without it: from now on
   * @param {(notice: Notice) => void} options.onNotice
   * @param {(liveness: Liveness) => void} options.onChange  called when the connection is made or lost
   */
  constructor({ path, after = FROM_NOW, onNotice, onChange }) {
    this.path = path;
    this.last = after;
    this.onNotice = onNotice;
    this.onChange = onChange;
    /** @type {Liveness} */
    this.liveness = { live: false, since_ms: Date.now() };
    this.retryMs = RETRY_FIRST_MS;
    /** @type {AbortController | null} */
    this.connection = null;
    this.stopped = true;
    this.wakeUp = () => {};
  }

  start() {
    this.stopped = false;
    window.addEventListener("online", () => this.#hurry());
    window.addEventListener("offline", () => this.connection?.abort());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#hurry());
    this.#run();
    return this;
  }

  stop() {
    this.stopped = true;
    this.connection?.abort();
    this.wakeUp();
  }

  #hurry() {
    this.retryMs = RETRY_FIRST_MS;
    this.wakeUp();
  }

  async #run() {
    while (!this.stopped) {
      await this.#connect().catch(() => {});
      this.#say(false);
      if (this.stopped) return;
      const delay = this.retryMs * (0.75 + Math.random() / 2);
      this.retryMs = Math.min(this.retryMs * 2, RETRY_LAST_MS);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, delay);
        this.wakeUp = () => {
          clearTimeout(timer);
          resolve(undefined);
        };
      });
    }
  }

  /** Reads until the stream ends, fails or falls silent. */
  async #connect() {
    const connection = (this.connection = new AbortController());
    let watchdog = setTimeout(() => connection.abort(), SILENCE_MS);
    try {
      /** @type {Record<string, string>} */
      const headers = { Accept: "text/event-stream" };
      if (this.last !== FROM_NOW) headers["Last-Event-ID"] = String(this.last);
      const answer = await fetch(this.path, { headers, cache: "no-store", signal: connection.signal });
      if (answer.status === 401) window.dispatchEvent(new Event(SIGNED_OUT));
      if (!answer.ok || !answer.body) throw new Error(`stream: status ${answer.status}`);
      this.retryMs = RETRY_FIRST_MS;
      this.#say(true);
      const parser = new EventParser((event) => this.#take(event));
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(watchdog);
        watchdog = setTimeout(() => connection.abort(), SILENCE_MS);
        parser.push(value);
      }
    } finally {
      clearTimeout(watchdog);
      connection.abort();
    }
  }

  /** @param {{ id: string, event: string, data: string }} event */
  #take({ id, event, data }) {
    const seq = Number(id);
    if (event === "hello") this.last = seq; // the stream begins now: nothing was asked for, or it was another data folder's number
    if (event !== "notice" || seq <= this.last) return; // a repeat
    this.last = seq;
    this.onNotice(JSON.parse(data));
  }

  /** @param {boolean} live */
  #say(live) {
    if (live === this.liveness.live) return;
    this.liveness = { live, since_ms: Date.now() };
    this.onChange(this.liveness);
  }
}

/**
 * Runs `work` soon, at most once every `everyMs`, and once more if it was asked for while it ran: how notices become one refetch.
 * @param {() => Promise<unknown>} work  gives true where it wants to run once more
 * @param {number} everyMs
 * @returns {(pauseMs?: number) => void}  pauseMs: after the last run, where it is not everyMs
 */
function gathered(work, everyMs) {
  let timer = 0;
  let dueMs = Infinity; // when the timer runs; Infinity = it does not
  let running = false;
  let pauseMs = Infinity; // what was asked for while it ran
  let last = 0;
  const startAt = (/** @type {number} */ ms) => {
    if (ms >= dueMs) return;
    dueMs = ms;
    clearTimeout(timer);
    timer = setTimeout(start, Math.max(0, ms - Date.now()));
  };
  const start = async () => {
    dueMs = pauseMs = Infinity;
    running = true;
    last = Date.now();
    const failed = await work().catch((error) => console.error(error));
    running = false;
    startAt(last + pauseMs);
    if (failed) startAt(Date.now() + FETCH_AGAIN_MS);
  };
  return (pause = everyMs) => {
    if (running) pauseMs = Math.min(pauseMs, pause);
    else startAt(last + pause);
  };
}

/**
 * Keeps what a page shows current: every notice, and every connection anew, asks for the state again; so does a fetch that failed. A page
 * is live while it is connected and has what it asked for last.
 * @param {object} page
 * @param {string} page.path  of the stream
 * @param {number} page.everyMs  at most this often
 * @param {() => Promise<unknown>} page.fetch
 * @param {() => void} page.draw
 * @param {(notice: Notice) => void} [page.onNotice]
 * @param {() => void} [page.onLive]
 * @returns {{ stream: LiveStream, refetch: () => void, freshness: () => Liveness }}
 */
export function keepCurrent({ path, everyMs, fetch, draw, onNotice, onLive }) {
  /** @type {Liveness} */
  let fresh = { live: false, since_ms: Date.now() };
  let fetched = false;
  const settle = (sinceMs = Date.now()) => {
    const live = stream.liveness.live && fetched;
    if (live === fresh.live) return;
    fresh = { live, since_ms: sinceMs };
    draw();
  };
  const refetch = gathered(async () => {
    const askedMs = Date.now();
    const error = await fetch().then(
      () => null,
      (error) => error,
    );
    fetched = !error;
    settle(askedMs);
    if (error && !error.temporary) console.error(error);
    return error?.temporary && stream.liveness.live; // without a network: the next connection asks again
  }, everyMs);
  const stream = new LiveStream({
    path,
    onNotice: (notice) => {
      onNotice?.(notice);
      refetch();
    },
    onChange: ({ live }) => {
      fetched = false; // not since the connection was made
      settle();
      if (!live) return;
      onLive?.();
      refetch(0);
    },
  });
  return { stream, refetch: () => refetch(), freshness: () => fresh };
}
