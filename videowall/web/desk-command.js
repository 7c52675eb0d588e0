// A command of somebody who sits at a desk and waits for the answer.

import { ApiError, uploadPhoto } from "shared/api.js";
import { commandId, sendCommand } from "shared/commands.js";

/** What the desk takes down, as POST /api/hotline and /api/order take it.
 * @typedef {{ service: string, text: string, address: string, lat?: number, lon?: number, priority?: number, number: string,
 *   caller?: string, phone?: string, ordered_by?: string, answer_by_ms?: number, demanded?: string }} DeskReportBody */

const TRIES = 3;
const TRY_AGAIN_MS = 1_000;

export class DeskCommand {
  /** @param {string} number  "" = of no case: a report of that kind @param {string} verb @param {number} revision  that the person saw */
  constructor(number, verb, revision) {
    this.number = number;
    this.verb = verb;
    this.revision = revision;
    this.id = "";
    /** What that id names. */
    this.named = "";
  }

  /**
   * May be called again after it threw: a lost answer is asked for under the same id, unless something else is to be sent now.
   * @param {{ body: import("shared/commands.js").CommandBody | DeskReportBody, photos?: readonly Blob[] }} given
   */
  async send({ body, photos = [] }) {
    for (let left = TRIES; ; ) {
      try {
        const media = await Promise.all(photos.map((photo) => uploadPhoto(photo)));
        return await sendCommand(this.number, this.verb, this.#name({ ...body, ...(media.length && { media }) }));
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (!error.temporary) this.#refused(error);
        if (!error.temporary || --left === 0) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
    }
  }

  /** @param {object} body */
  #name(body) {
    const json = { ...(this.number && { revision: this.revision }), ...body };
    const named = JSON.stringify(json);
    if (named !== this.named) Object.assign(this, { named, id: commandId() });
    return { id: this.id, ...json };
  }

  /** That id has its answer. After a conflict the person is told what the case is now, and decides again. @param {ApiError} error */
  #refused({ body }) {
    this.named = "";
    this.revision = body?.case?.revision ?? this.revision;
  }
}
