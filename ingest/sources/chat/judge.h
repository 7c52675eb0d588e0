/* Is what somebody says in a group chat a complaint? Most of what is said there is not, and a case made of "ok thanks" costs the district more
 * than a question does.
 *
 * The model knows which service a complaint is about, not whether it is one: of words that it never learned it may be confident of what is left.
 * So these must speak for the service by themselves (the evidence_percent of the book) before its confidence counts; and what people say of other
 * things speaks against it:
 *   courtesy alone (谢谢, 收到, ok, 早上好, [微笑] …)      silence, whatever the model finds
 *   it is done (修好了, 解决了, fixed …)                   silence; a question where the bot is spoken to, or a word is urgent
 *   an urgent word                                       a report
 *   a question (…吗, …?)                                  at most a question back
 *   sure_percent, ask_percent of the book                a report; a question, or silence where the book says so
 * Who speaks to the bot by its name is never met with silence but for courtesy.
 */
#pragma once

#include <stdbool.h>

#include "proto/book/sources.h"

enum chat_verdict { CHAT_IS_CHATTER, CHAT_MAY_BE_ONE, CHAT_IS_REPORT };

struct chat_hint {
    const char *text;
    bool addressed;
    bool urgent;       /* it says an urgent word of the book */
    double confidence; /* of the model's suggestion, 0 to 1; 0: it has none */
    double evidence;   /* its score: how much the words speak for the suggestion, where 1 is much */
};
/* Pure. CHAT_MAY_BE_ONE: to be asked. */
enum chat_verdict chat_judge(const struct book_chat *chat, const struct chat_hint *hint);
