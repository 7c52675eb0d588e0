// A door that a test plays: the built pages over HTTP, and answers as the test has them: late, refused, or none at all.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { build } from "../../tools/district/district.mjs";

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".svg": "image/svg+xml",
};

/** What an answer may be instead of { status, body }: the connection breaks. */
export const LOST = null;

/** @param {string} number @param {object} [more] */
export function caseOf(number, more = {}) {
  const at = Date.now();
  return {
    id: Number(number.split("-").pop()),
    number,
    revision: 1,
    state: "reported",
    service: "P0101",
    condition: "",
    title: `件 ${number}`,
    text: "",
    place: { lat: 0, lon: 0, address: "钟楼", area: "", marks: 0 },
    priority: 3,
    urgent: false,
    written: "zh",
    source: "resident",
    voices: [{ seq: 1, at_ms: at, source: "resident", step: 0, home: "", again: false }],
    media: [],
    tasks: [],
    clocks: [],
    department: "",
    reported_at_ms: at,
    request: { verb: "none", by: "", at_ms: 0, until_ms: 0, note: "" },
    appeal: "none",
    ...more,
  };
}

export class PlayedDoor {
  /** @param {"videowall" | "field"} own  whose pages @param {object} me  who is signed in */
  static async start(own, me) {
    const door = new PlayedDoor();
    door.own = own;
    door.me = me;
    door.server = createServer((request, response) => door.#serve(request, response));
    door.server.listen(0, "127.0.0.1");
    await once(door.server, "listening");
    door.url = `http://127.0.0.1:${door.server.address().port}`;
    return door;
  }

  /** The district's cases, and the verbs that are offered for each. */
  cases = [];
  verbs = [];
  /** By method and path, before what else the door says: functions of the request's JSON that give LOST or { status, body }. */
  answers = new Map();
  /** What was posted. */
  posted = [];
  streams = new Set();

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** A notice makes the pages ask anew. */
  notify() {
    this.seq = (this.seq ?? 0) + 1;
    const notice = { seq: this.seq, topic: "desk", case_number: "", verb: "note", state: "reported", clock: "none" };
    for (const stream of this.streams)
      stream.write(`id: ${this.seq}\nevent: notice\ndata: ${JSON.stringify(notice)}\n\n`);
  }

  async #serve(request, response) {
    const { pathname, searchParams } = new URL(request.url, this.url);
    if (!pathname.startsWith("/api/")) return this.#file(pathname, response);
    if (pathname === "/api/stream") return this.#stream(response);
    let text = "";
    for await (const piece of request) text += piece;
    const json = text.startsWith("{") ? JSON.parse(text) : null;
    if (request.method === "POST") this.posted.push({ pathname, json });
    const own = this.answers.get(`${request.method} ${pathname}`);
    const answer = own ? await own(json, searchParams) : this.#usual(pathname);
    if (answer === LOST) return request.socket.destroy();
    response.writeHead(answer.status ?? 200, { "Content-Type": "application/json" });
    response.end(JSON.stringify(answer.body));
  }

  #stream(response) {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(":\n\n");
    this.streams.add(response);
    response.on("close", () => this.streams.delete(response));
  }

  #usual(pathname) {
    const [, , , number, part] = pathname.split("/");
    const record = this.cases.find((record) => record.number === number);
    const bodies = {
      "/api/session": this.me,
      "/api/me": { away: true },
      "/api/book": {
        time_zone: "Asia/Shanghai",
        departments: [],
        services: ["P0101", "P0102", "P0103", "P0104", "P0105", "P0106", "P0107", "E0102"].map((code) => ({
          code,
          name: `类 ${code}`,
          conditions: [],
        })),
        areas: [],
        people: [],
      },
      "/api/cases": { cases: this.cases, next: null, now_ms: Date.now() },
      "/api/map.geojson": { type: "FeatureCollection", features: [] },
      "/api/wall": { as_of_ms: Date.now(), open: this.cases.length, triage: 0, states: {}, areas: [] },
      "/api/popup": { popup: null },
      "/api/people": { people: [] },
    };
    if (bodies[pathname]) return { body: bodies[pathname] };
    if (record && part === "cameras") return { body: { urgent: false, cameras: [] } };
    if (record && !part) return { body: { case: record, steps: [], words: [], verbs: this.verbs, route: null } };
    return { status: 404, body: { error: { code: "not_found", message: "There is no such case.", next: "" } } };
  }

  async #file(pathname, response) {
    const shared = /^\/(shared|vendor)\//.test(pathname);
    const path = pathname === "/" ? "/index.html" : pathname;
    try {
      const bytes = await readFile(join(build, "pages", shared ? "" : this.own, path));
      response.writeHead(200, { "Content-Type": TYPES[extname(path)] ?? "application/octet-stream" });
      response.end(bytes);
    } catch {
      response.writeHead(404);
      response.end();
    }
  }
}
