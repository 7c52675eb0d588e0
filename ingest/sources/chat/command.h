/* The one-line commands of a group chat, in Chinese and English, as far as they are what a reporter may do on the page of a report as well.
 *
 *   帮助 | help                          查询 [12] | status [12]            上报 WORDS | report WORDS
 *   补充 [12] WORDS | add [12] WORDS     催办 [12] [WORDS] | urge [12]      评价 [12] 5 [未解决] | rate [12] 5 [not solved]
 *   重办 [12] WORDS | reopen [12] WORDS  是, 1 | yes     否, 0 | no         (answers to a question of ours)
 *
 * A command is its word at the beginning, whatever the case of its letters, then blanks, punctuation or "#" as one likes, in full or half width;
 * a word that goes on ("催办的事怎么样了", "reporter") is plain speech. Without a number the sender's last report is meant.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/book/sources.h"

enum chat_verb {
    CHAT_PLAIN, /* no command */
    CHAT_HELP,
    CHAT_REPORT,
    CHAT_STATUS,
    CHAT_ADD,
    CHAT_URGE,
    CHAT_RATE,
    CHAT_REOPEN,
    CHAT_YES,
    CHAT_NO,
};

struct chat_command {
    enum chat_verb verb;
    bool addressed;    /* it began with "@NAME" of the bot */
    uint64_t number;   /* of the receipt; 0: not said */
    int64_t score;     /* CHAT_RATE: 1 to 5; 0: not said, or not one of these */
    bool solved;       /* CHAT_RATE: as said; where it is not, from 3 on */
    const char *words; /* what follows, or (CHAT_PLAIN) all of it, without "@NAME" and the blanks at both ends */
};

/* Pure. The words live in the arena. */
struct chat_command chat_command_read(const struct book_chat *chat, const char *text, struct arena *arena);
