// What live pictures cost and how late they are, with the real daemons, simulated cameras and Chromium. Prints "FIGURE VALUE" lines, which bench-live
// judges. DRUMTOWER_BUILD names the build folder.
//
// usage: node live.mjs --seconds N [--drift-seconds N]
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import http from "node:http";
import net from "node:net";
import { setPriority } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { signIn, startChromium } from "../../district/chromium.mjs";
import { District, until } from "../../district/district.mjs";

const TILES = 16;
const LOADS = 10;
const VIEWERS = 8;
const WAIT_MS = 120_000;
const SETTLE_MS = 5000;
const HEAD_BYTES = 16; // videowall/live/live.h
const UNIT = 1;
const BROWSER_NICE = 5;
const TICKS_PER_S = 100; // of /proc/PID/stat

const { values } = parseArgs({ options: { seconds: { type: "string" }, "drift-seconds": { type: "string" } } });
const WINDOW_MS = Number(values.seconds ?? 10) * 1000;
const DRIFT_MS = Number(values["drift-seconds"] ?? 60) * 1000;

const ids = Array.from({ length: TILES }, (_, at) => `cam-${String(at + 1).padStart(2, "0")}`);

function tell(name, value) {
  console.log(`${name} ${value.toFixed(4)}`);
}

function percentile(list, percent) {
  if (!list.length) throw new Error("nothing was measured");
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((percent / 100) * sorted.length) - 1)];
}

/** The book has eight; the others stand beside them. */
function moreCameras(text) {
  const [, port] = text.match(/rtsp:\/\/127\.0\.0\.1:(\d+)/);
  const rows = ids
    .filter((id) => !new RegExp(`^ *- \\{id: ${id},`, "m").test(text))
    .map((id) => `  - {id: ${id}, name: ${id}, url: "rtsp://127.0.0.1:${port}/${id}", lat: 39.94, lon: 116.39}\n`);
  return text.replace("cameras:\n", `cameras:\n${rows.join("")}`);
}

// ---- viewers without a browser ----

/** Reads the response of all tiles and throws it away, or tells each unit. */
class Viewer {
  static async open(url, token, { onUnit } = {}) {
    const viewer = new Viewer();
    viewer.onUnit = onUnit;
    viewer.request = http.get(`${url}/live?cameras=${ids}`, {
      agent: new http.Agent(),
      headers: { Authorization: `Bearer ${token}` },
    });
    [viewer.answer] = await once(viewer.request, "response");
    if (viewer.answer.statusCode !== 200) throw new Error(`/live: ${viewer.answer.statusCode}`);
    viewer.answer.on("error", () => {}); // it is cut off at the end
    viewer.answer.on("data", (piece) => viewer.#take(piece));
    return viewer;
  }

  rest = Buffer.alloc(0);

  #take(piece) {
    if (!this.onUnit) return;
    const bytes = this.rest.length ? Buffer.concat([this.rest, piece]) : piece;
    let at = 0;
    while (bytes.length - at >= HEAD_BYTES && bytes.length - at >= 4 + bytes.readUInt32BE(at)) {
      if (bytes[at + 6] === UNIT) this.onUnit(bytes.readUInt16BE(at + 4), Number(bytes.readBigUInt64BE(at + 8)));
      at += 4 + bytes.readUInt32BE(at);
    }
    this.rest = bytes.subarray(at);
  }

  /** Does not read on. */
  stick() {
    this.answer.pause();
  }

  close() {
    this.request.destroy();
  }
}

/** So that every camera is pulled all the while. Into one buffer: what a viewer as above throws away, four threads collect again and again, and the
 * page that is measured stands still meanwhile. */
async function keepPulled(url, token) {
  const { hostname, port } = new URL(url);
  const onread = { buffer: Buffer.alloc(1 << 16), callback: () => true };
  const socket = net.connect({ host: hostname, port, onread });
  await once(socket, "connect");
  socket.once("end", () => {
    throw new Error("the stream that keeps all cameras pulled has ended");
  });
  socket.write(`GET /live?cameras=${ids} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  return socket;
}

// ---- the server ----

/** Processor time, of all threads. */
async function cpuMs(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_S;
}

async function residentMb(pid) {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(status.match(/VmRSS:\s+(\d+)/)[1]) / 1024;
}

/** Percent of a core, over a window. */
async function cpuPercent(pid) {
  const began = await cpuMs(pid);
  await pause(WINDOW_MS);
  return (100 * ((await cpuMs(pid)) - began)) / WINDOW_MS;
}

// ---- pages ----

const probeText = await readFile(new URL("probe.js", import.meta.url), "utf8");

/** The cameras' page with so many tiles, signed in; not yet measured. */
async function openPage(stage, { missing = [], tiles = TILES } = {}) {
  const context = await stage.chromium.newContext({ viewport: { width: 1920, height: 1080 } });
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  page.address = `${stage.district.urls.videowall}/live.html?cameras=${ids.slice(0, tiles)}`;
  await signIn(page, stage.district.urls.videowall + "/desk.html", "o-01", stage.district.password);
  // In a scope of its own; the page's own scripts find what is missing only afterwards.
  await page.addInitScript(`{ ${probeText} }`);
  await page.addInitScript((names) => names.forEach((name) => delete globalThis[name]), missing);
  return page;
}

/** From the asking to the first picture of each tile. */
async function firstPictures(page) {
  await page.goto(page.address);
  const wanted = new URL(page.address).searchParams.get("cameras").split(",").length;
  await page.waitForFunction((count) => globalThis.probe.first.size === count, wanted);
  return page.evaluate(() => [...globalThis.probe.first.values()].map((atMs) => atMs - globalThis.probe.askedMs));
}

/** What stands on the screen in a window from now on. */
async function look(page) {
  await page.evaluate(() => void (globalThis.probe.ages = []));
  await pause(WINDOW_MS);
  return page.evaluate(() => globalThis.probe.ages);
}

/** A camera sends its pictures some part of their distance after the clock in them says, always the same: of each tile, the earliest tenth of what ingest had. */
function sendingDelays(found) {
  return ids.map((_, tile) =>
    percentile(
      found.filter((one) => one.tile === tile).map((one) => one.capturedMs),
      10,
    ),
  );
}

/** From the sending to the screen. */
async function ages(stage, page) {
  const found = await look(page);
  stage.sendingDelays ??= sendingDelays(found);
  return found.map(({ tile, ms }) => ms - stage.sendingDelays[tile]);
}

// ---- the chapters ----

async function measurePages(stage, kind, missing) {
  const page = await openPage(stage, { missing });
  const firsts = [];
  for (let load = 0; load < LOADS; load++) {
    firsts.push(...(await firstPictures(page)));
    await page.goto("about:blank");
  }
  tell(`first_picture_${kind}_p50_ms`, percentile(firsts, 50));
  tell(`first_picture_${kind}_p95_ms`, percentile(firsts, 95));
  await firstPictures(page);
  await pause(SETTLE_MS); // what came in a burst is over
  const found = await ages(stage, page);
  tell(`to_screen_${kind}_p50_ms`, percentile(found, 50));
  tell(`to_screen_${kind}_p95_ms`, percentile(found, 95));
  await page.context().close();
}

async function measureServer(stage) {
  const { district, token } = stage;
  const { pid } = district.processes.get("videowall");
  const open = () => Viewer.open(district.urls.videowall, token);
  const one = await cpuPercent(pid);
  const viewers = [];
  for (let at = 0; at < VIEWERS; at++) viewers.push(await open());
  await pause(2000);
  const many = await cpuPercent(pid);
  tell("viewer_stream_cpu", (many - one) / (VIEWERS * TILES));
  for (const viewer of viewers) viewer.close();
}

async function measureStuck(stage) {
  const { district, token } = stage;
  const { pid } = district.processes.get("videowall");
  const delays = [];
  const polite = await Viewer.open(district.urls.videowall, token, {
    onUnit: (_camera, capturedMs) => delays.push(Date.now() - capturedMs),
  });
  await pause(3000);
  delays.length = 0;
  await pause(WINDOW_MS);
  const before = percentile(delays, 95);
  const beforeMb = await residentMb(pid);
  const stuck = [];
  for (let at = 0; at < VIEWERS; at++) stuck.push(await Viewer.open(district.urls.videowall, token));
  for (const viewer of stuck) viewer.stick();
  await pause(Math.max(WINDOW_MS, 15_000)); // their kernels' buffers are full
  delays.length = 0;
  await pause(WINDOW_MS);
  tell("stuck_viewer_mb", ((await residentMb(pid)) - beforeMb) / VIEWERS);
  tell("polite_p95_ms", before);
  tell("polite_beside_stuck_p95_ms", percentile(delays, 95));
  for (const viewer of [...stuck, polite]) viewer.close();
}

/** One tile each way, from the first minute to the last. */
async function measureDrift(stage) {
  const kinds = { webcodecs: [], mse: ["VideoDecoder"] };
  const pages = {};
  for (const [kind, missing] of Object.entries(kinds)) {
    pages[kind] = await openPage(stage, { missing, tiles: 1 });
    await firstPictures(pages[kind]);
  }
  await pause(5000);
  const first = {};
  for (const kind of Object.keys(kinds)) first[kind] = percentile(await ages(stage, pages[kind]), 50);
  await pause(DRIFT_MS);
  for (const kind of Object.keys(kinds)) {
    tell(`drift_${kind}_ms`, percentile(await ages(stage, pages[kind]), 50) - first[kind]);
    await pages[kind].context().close();
  }
}

async function main() {
  const stage = { district: await District.start({ cameras: ids, adapt: { "cameras.yaml": moreCameras } }) };
  try {
    const { district } = stage;
    stage.token = await district.token("videowall", "o-01");
    const warm = await keepPulled(district.urls.videowall, stage.token);
    const operator = await district.signIn("videowall", "o-01");
    await until("all cameras live", async () => {
      const { body } = await operator("GET", "/live/cameras");
      return body.cameras.filter(({ state }) => state === "live").length === TILES;
    });
    setPriority(BROWSER_NICE); // what is started from here on stands elsewhere in a district, and takes no processor from the servers there
    stage.chromium = await startChromium();
    await measurePages(stage, "webcodecs", []);
    await measurePages(stage, "mse", ["VideoDecoder"]);
    await measureServer(stage);
    await measureStuck(stage);
    tell("drift_s", DRIFT_MS / 1000);
    await measureDrift(stage);
    warm.destroy();
  } finally {
    await stage.chromium?.close();
    await stage.district.stop();
  }
}

await main();
