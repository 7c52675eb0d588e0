// Requests to the door that served this page. The session is a cookie; a refusal becomes an ApiError that says what to do next.

/** What a person is told when something was refused or did not arrive. */
export class ApiError extends Error {
  /**
   * @param {number} status of HTTP; 0 = no answer came
   * @param {string} code the door's word for it: "conflict", "offline" …
   * @param {string} message what was wrong
   * @param {string} next what to do
   * @param {any} [body] of the answer
   */
  constructor(status, code, message, next, body) {
    super(message);
    this.body = body;
    this.status = status;
    this.code = code;
    this.next = next;
  }

  /** Nothing was decided: the same request may be sent again. */
  get temporary() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

const TIMEOUT_MS = 20_000;
const SLOWEST_BYTES_MS = 4; // 4 kB/s: a picture that still arrives on a bad network is not given up

/** Fired on window when the door says that nobody is signed in. */
export const SIGNED_OUT = "drumtower-signed-out";

let serverAheadMs = 0;

/** The door's clock, as far as its answers tell it. A device's own clock may be wrong. */
export function serverNow() {
  return Date.now() + serverAheadMs;
}

/** @param {number} nowMs the door's own now, where an answer holds it */
export function setServerNow(nowMs) {
  serverAheadMs = nowMs - Date.now();
}

/** @param {Response} answer @returns {Promise<ApiError>} */
async function refusal(answer) {
  const body = await answer.json().catch(() => null);
  const error = body?.error ?? {};
  return new ApiError(
    answer.status,
    error.code ?? String(answer.status),
    error.message ?? answer.statusText,
    error.next ?? "",
    body,
  );
}

/**
 * @param {string} method
 * @param {string} path
 * @param {{ json?: unknown, blob?: Blob, signal?: AbortSignal, keepalive?: boolean }} [content]  keepalive: also
 *   when the page goes away meanwhile
 * @returns {Promise<any>} the JSON of the answer
 */
export async function request(method, path, { json, blob, signal, keepalive } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-Drumtower"] = "1";
  if (json !== undefined) headers["Content-Type"] = "application/json";
  if (blob) headers["Content-Type"] = blob.type;
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers,
      body: blob ?? (json === undefined ? undefined : JSON.stringify(json)),
      cache: "no-store",
      keepalive,
      signal: signal ?? AbortSignal.timeout(TIMEOUT_MS + (blob?.size ?? 0) / SLOWEST_BYTES_MS),
    });
  } catch (cause) {
    throw new ApiError(0, "offline", String(cause), "");
  }
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  if (answer.status === 401) window.dispatchEvent(new Event(SIGNED_OUT));
  throw await refusal(answer);
}

/** @param {string} path @param {AbortSignal} [signal] */
export function get(path, signal) {
  return request("GET", path, { signal });
}

/** @param {string} path @param {unknown} json */
export function post(path, json) {
  return request("POST", path, { json });
}

/** Stores a photo; the same bytes give the same hash. @param {Blob} photo @returns {Promise<string>} its hash */
export async function uploadPhoto(photo) {
  return (await request("POST", "/api/media", { blob: photo })).hash;
}
