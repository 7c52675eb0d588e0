// A district for browser tests: the real daemons on free ports and a data folder of their own, with an account for everybody in
// the book. DRUMTOWER_BUILD names the build folder, DRUMTOWER_SOURCE the source tree.
import { spawn, execFile } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

export const source = process.env.DRUMTOWER_SOURCE ?? process.cwd();
export const build = resolve(process.env.DRUMTOWER_BUILD ?? join(source, "build/test"));

const PASSWORD = "drumtower-demo";
const READY_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 50;
const BUS_PORTS = 8; // proto/bus/bus.h

/** Of GB/T 28181: our own id, and the address of the device that camsim numbers so (tools/citysim/camsim/camsim.h). */
const GB_ID = "34020000002000000001";
export const gbAddress = (number) =>
  `gb28181://3402000000111${String(number).padStart(7, "0")}/3402000000131${String(number).padStart(5, "0")}01`;

/** Looks until `condition` gives something true; fails with `what` after `withinMs`. */
export async function until(what, condition, withinMs = READY_WITHIN_MS) {
  const end = Date.now() + withinMs;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

async function bound(port) {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** The first of `count` free TCP ports in a row, below the range that clients' ends are taken from: one of ours would else be some dialler's. */
async function freePorts(count) {
  for (let tries = 0; tries < 100; tries++) {
    const first = randomInt(15_000, 30_000);
    const held = [];
    try {
      while (held.length < count) held.push(await bound(first + held.length));
      return first;
    } catch {
      // somebody else has one of them: another place
    } finally {
      await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
    }
  }
  throw new Error(`no ${count} free ports in a row`);
}

export class District {
  /**
   * @param {object} [options]
   * @param {string} [options.book]
   * @param {Record<string, (text: string) => string>} [options.adapt] the book's files that are other for this district
   * @param {string[]} [options.cameras] ids of the book's that are simulated
   * @param {string[]} [options.devices] ids of the book's that are simulated as devices of GB/T 28181
   */
  static async start({ book = join(source, "examples/gulou"), adapt = {}, cameras = [], devices = [] } = {}) {
    const district = new District();
    district.book = book;
    district.folder = await mkdtemp(join(tmpdir(), "drumtower-e2e-"));
    district.data = join(district.folder, "data");
    district.password = PASSWORD;
    const first = await freePorts(4 + BUS_PORTS);
    district.busPort = first + 4;
    district.gbPort = first + 3;
    district.urls = Object.fromEntries(
      ["ingest", "field", "videowall"].map((name, at) => [name, `http://127.0.0.1:${first + at}`]),
    );
    try {
      if (cameras.length + devices.length) {
        const simulated = await district.#simulateCameras(cameras, devices);
        const more = adapt["cameras.yaml"] ?? ((text) => text);
        adapt = { ...adapt, "cameras.yaml": (text) => more(simulated(text)) };
      }
      if (Object.keys(adapt).length) await district.#adaptBook(adapt);
      await district.#begin();
    } catch (error) {
      await district.stop();
      throw error;
    }
    return district;
  }

  processes = new Map();

  async #begin() {
    const passwordFile = join(this.folder, "password");
    await writeFile(passwordFile, PASSWORD + "\n");
    await this.drumctl("account", "import", "--book", this.book, "--data", this.data, "--password-file", passwordFile);
    for (const name of ["dispatcher", "ingest", "field", "videowall"]) this.run(name);
    await Promise.all(Object.keys(this.urls).map((name) => this.ready(name)));
  }

  /** The book is copied, and the copy's files told otherwise. */
  async #adaptBook(adapt) {
    const copy = join(this.folder, "book");
    await cp(this.book, copy, { recursive: true });
    for (const [name, change] of Object.entries(adapt)) {
      const file = join(copy, name);
      const text = await readFile(file, "utf8");
      const other = change(text);
      if (other === text) throw new Error(`${name} of ${this.book} was not changed`);
      await writeFile(file, other);
    }
    this.book = copy;
  }

  /** Real RTSP on a free port, and devices that register; the book names others. */
  async #simulateCameras(ids, devices) {
    const registers = ["--gb-platform", `127.0.0.1:${this.gbPort}`, "--gb-id", GB_ID, "--gb-password", PASSWORD];
    const words = devices.length ? ["--gb-count", String(devices.length), ...registers, ...ids] : ids;
    this.cameras = spawn(join(build, "tools/citysim/camsim"), words, { stdio: ["pipe", "pipe", "inherit"] });
    this.cameraLines = createInterface(this.cameras.stdout)[Symbol.asyncIterator]();
    const port = (await this.cameraLines.next()).value;
    if (devices.length) await this.#letRegister();
    return (text) => {
      const listens = devices.length ? `gb28181: {id: "${GB_ID}", listen: 127.0.0.1, port: ${this.gbPort}}\n` : "";
      const moved = text.replaceAll(/rtsp:\/\/127\.0\.0\.1:\d+/g, `rtsp://127.0.0.1:${port}`);
      return devices.reduce(
        (told, id, at) => told.replace(`rtsp://127.0.0.1:${port}/${id}"`, `${gbAddress(at + 1)}"`),
        moved + listens,
      );
    };
  }

  /** The key that the devices' passwords are. */
  async #letRegister() {
    await mkdir(join(this.data, "keys"), { recursive: true });
    await writeFile(join(this.data, "keys/gb28181.key"), PASSWORD + "\n", { mode: 0o600 });
  }

  /** What the simulated cameras answer to an order; "counts" is answered with what happened. Only where every order goes this way. */
  async askCameras(order) {
    this.cameras.stdin.write(order + "\n");
    const { value } = await this.cameraLines.next();
    return order === "counts" ? JSON.parse(value) : value;
  }

  /** Runs drumctl; its output. */
  async drumctl(...words) {
    return (await promisify(execFile)(join(build, "tools/drumctl"), words)).stdout;
  }

  /** Starts a daemon, also again after kill(). @param {"dispatcher" | "ingest" | "field" | "videowall"} name @param {string[]} [more] */
  run(name, more = []) {
    const program = { dispatcher: "dispatcher", ingest: "ingest", field: "dispatcher", videowall: "videowall" }[name];
    const words = ["--data", this.data, "--book", this.book, "--bus-port", String(this.busPort), ...more];
    if (this.urls[name])
      words.push("--listen", this.urls[name].slice("http://".length), "--pages", join(build, "pages"));
    const child = spawn(join(build, program, `drumtower-${name}`), words, { stdio: ["ignore", "pipe", "pipe"] });
    const log = createWriteStream(join(this.folder, `${name}.log`), { flags: "a" });
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    this.processes.set(name, child);
  }

  async ready(name) {
    await until(`${name} is ready`, async () => {
      const child = this.processes.get(name);
      if (child.exitCode !== null) throw new Error(`${name} ended at its start:\n${await this.log(name)}`);
      return fetch(`${this.urls[name]}/readyz`).then(
        (answer) => answer.ok,
        () => false,
      );
    });
  }

  log(name) {
    return readFile(join(this.folder, `${name}.log`), "utf8").catch(() => "");
  }

  /** @param {NodeJS.Signals} [signal] */
  async kill(name, signal = "SIGKILL") {
    const child = this.processes.get(name);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  }

  /** The token of a new session of an account at one of the doors. */
  async token(door, login) {
    const answer = await fetch(`${this.urls[door]}/api/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Drumtower": "1" },
      body: JSON.stringify({ login, password: PASSWORD }),
    });
    if (!answer.ok) throw new Error(`${login} cannot sign in at ${door}: ${await answer.text()}`);
    return (await answer.json()).token;
  }

  /** The same, for requests without a browser. */
  async signIn(door, login) {
    const token = await this.token(door, login);
    return async (method, path, json) => {
      const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
      const reply = await fetch(this.urls[door] + path, { method, headers, body: json && JSON.stringify(json) });
      return { status: reply.status, body: await reply.json().catch(() => null) };
    };
  }

  /** Posts a report as an Open311 application would; its service_request_id. */
  async report(fields) {
    const answer = await fetch(`${this.urls.ingest}/open311/v2/requests.json`, {
      method: "POST",
      body: new URLSearchParams(fields),
    });
    if (!answer.ok) throw new Error(`report: ${answer.status} ${await answer.text()}`);
    return (await answer.json())[0].service_request_id;
  }

  async stop() {
    for (const name of ["videowall", "field", "ingest", "dispatcher"]) await this.kill(name, "SIGTERM");
    this.cameras?.stdin.end();
    await rm(this.folder, { recursive: true, force: true });
  }
}
