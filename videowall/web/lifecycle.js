// The closed loop of a case as a document: the table by which the engine acts and the buttons are made (proto/record/lifecycle.h), with the
// rules that go with its verbs. `drumctl lifecycle` prints the same.

import { html, render } from "lit-html";
import { OPEN_STATES, TRANSITIONS } from "shared/constants.js";
import { bringWords, label, language, listed, loadLanguage, rule, switchLanguage, word } from "shared/i18n.js";

const STATES = [...new Set(TRANSITIONS.map(({ from }) => from))];
const root = /** @type {HTMLElement} */ (document.getElementById("app"));

/** @param {string} kind @param {readonly string[]} names */
const list = (kind, names) => listed(names.map((name) => label(kind, name)));

/** @param {string} state */
function stateSection(state) {
  return html`<section class="card stack" id=${state}>
    <h2>${label("case_state", state)} ${OPEN_STATES.has(state) ? "" : html`<span class="mark">${word("over_state")}</span>`}</h2>
    <table class="facts-table">
      <thead>
        <tr>
          <th>${word("verb")}</th>
          <th>${word("who")}</th>
          <th>${word("becomes")}</th>
          <th>${word("needs")}</th>
          <th>${word("rule")}</th>
        </tr>
      </thead>
      <tbody>
        ${TRANSITIONS.filter(({ from }) => from === state).map(
          ({ verb, roles, to, needs }) => html`<tr>
            <th scope="row">${label("verb", verb)}</th>
            <td>${list("role", roles)}</td>
            <td>${to === state ? "—" : html`<a href="#${to}">${label("case_state", to)}</a>`}</td>
            <td>${list("need", needs) || "—"}</td>
            <td>${rule(verb)}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

function draw() {
  const other = async () => {
    await switchLanguage();
    draw();
  };
  render(
    html`<header class="bar">
        <h1>${word("lifecycle_title")}</h1>
        <button class="button quiet" @click=${other}>${language() === "zh" ? "English" : "中文"}</button>
      </header>
      <main class="lifecycle stack">
        <p>${word("lifecycle_lead")}</p>
        <nav class="row" aria-label=${word("states")}>
          ${STATES.map((state) => html`<a class="mark" href="#${state}">${label("case_state", state)}</a>`)}
        </nav>
        ${STATES.map(stateSection)}
      </main>`,
    root,
  );
  document.title = word("lifecycle_title");
}

bringWords("/languages");
await loadLanguage();
draw();
document.getElementById(location.hash.slice(1))?.scrollIntoView();
