// Why a door refused something, for a person.

import { label, word } from "shared/i18n.js";

/** What a person is told, in the page's language as far as it has words. @param {import("shared/api.js").ApiError} error */
export function refusalText(error) {
  if (error.code === "offline") return word("offline_try_again");
  if (error.status === 409 && error.body?.case)
    return word("conflict", { state: label("case_state", error.body.case.state) });
  if (error.code === "wrong") return word("login_wrong");
  if (error.code === "locked") return word("login_locked");
  return [label("answer_status", error.code), error.message, error.next].filter(Boolean).join(" · ");
}
