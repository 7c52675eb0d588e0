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
 * @param {() => Promise<unknown>} work
 * @param {number} everyMs
 * @returns {() => void}
 */
function gathered(work, everyMs) {
  let timer = 0;
  let running = false;
  let again = false;
  let last = 0;
  const start = () => {
    timer = 0;
    running = true;
    last = Date.now();
    work()
      .catch((error) => error.temporary || console.error(error)) // without a network: the next connection asks again
      .finally(() => {
        running = false;
        if (again) ask();
      });
  };
  const ask = () => {
    if (running) again = true;
    else if (timer === 0) {
      again = false;
      timer = setTimeout(start, Math.max(0, last + everyMs - Date.now()));
    }
  };
  return ask;
}

/**
 * Keeps what a page shows current: every notice, and every connection anew, asks for the state again.
 * @param {object} page
 * @param {string} page.path  of the stream
 * @param {number} page.everyMs  at most this often
 * @param {() => Promise<unknown>} page.fetch
 * @param {() => void} page.draw
 * @param {(notice: Notice) => void} [page.onNotice]
 * @param {() => void} [page.onLive]
 * @returns {{ stream: LiveStream, refetch: () => void }}
 */
export function keepCurrent({ path, everyMs, fetch, draw, onNotice, onLive }) {
  const refetch = gathered(fetch, everyMs);
  const stream = new LiveStream({
    path,
    onNotice: (notice) => {
      onNotice?.(notice);
      refetch();
    },
    onChange: ({ live }) => {
      draw();
      if (!live) return;
      onLive?.();
      refetch();
    },
  });
  return { stream, refetch };
}
