/** Cuts a text stream into server-sent events (WHATWG HTML, 9.2.6). */
export class EventParser {
  /** @param {(event: { id: string, event: string, data: string }) => void} onEvent */
  constructor(onEvent) {
    this.onEvent = onEvent;
    this.rest = "";
    this.fields = { id: "", event: "", data: "" };
  }

  /** @param {string} text */
  push(text) {
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
  }

  /** @param {string} line */
  #line(line) {
    if (line === "") {
      if (this.fields.data !== "") this.onEvent({ ...this.fields, data: this.fields.data.slice(0, -1) });
      this.fields = { id: this.fields.id, event: "", data: "" };
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (name === "data") this.fields.data += value + "\n";
    else if (name === "id" || name === "event") this.fields[name] = value;
  }
}
