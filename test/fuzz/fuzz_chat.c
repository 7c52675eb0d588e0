/* A message of a group chat: its JSON, the command in its words, and whether they are a complaint.
 *
 * Input: a byte that says how the bot is spoken to and what the model finds of the words, and the body. */
#include <assert.h>
#include <string.h>

#include "ingest/sources/chat/command.h"
#include "ingest/sources/chat/judge.h"
#include "ingest/sources/chat/message.h"
#include "proto/book/sources.h"
#include "test/fuzz/fuzz.h"
#include "test/fuzz/made_request.h"

static const char sources_yaml[] = "chats:\n"
                                   "  - {name: wx, callback: \"http://127.0.0.1/a\", names: [小鼓, drum], groups: "
                                   "[{id: g1, name: 一群, area: g1}]}\n";

static const struct book *open_book(void)
{
    static const char *const files[][2] = { { "sources.yaml", sources_yaml } };
    static struct book *book;
    if (!book) {
        fuzz_quiet();
        book = FUZZ_BOOK(files);
    }
    return book;
}

static void check_words(const struct book_chat *chat, const char *text, uint8_t found, struct arena *arena)
{
    struct chat_command command = chat_command_read(chat, text, arena);
    fuzz_touch_text(command.words);
    assert(strlen(command.words) <= strlen(text));
    assert(command.score >= 0 && command.score <= 5 && (command.verb == CHAT_RATE || !command.score));
    const struct chat_hint hint = { .text = command.words,
                                    .addressed = found & 1,
                                    .urgent = found & 2,
                                    .confidence = (found >> 2 & 7) / 7.0,
                                    .evidence = (found >> 5 & 7) / 7.0 };
    enum chat_verdict verdict = chat_judge(chat, &hint);
    assert(verdict != CHAT_IS_REPORT || hint.urgent || hint.confidence * 100 >= (double)chat->sure_percent);
    assert(verdict == CHAT_IS_CHATTER || *command.words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct book *book = open_book();
    const struct book_chat *chat = &book_sources(book)->chats[0];
    struct fault fault = { "" };
    struct chat_message message;
    struct complaints complaints = { .count = 0 };
    if (!size)
        return 0;
    struct request *request = made_request((struct bytes){ data + 1, size - 1 });
    struct arena *arena = request_arena(request);
    made_request_header(request, "Content-Type", "application/json");
    if (chat_message_read(request, book, chat, &message, &complaints, &fault)) {
        for (size_t i = 0; i < complaints.count; i++)
            fuzz_touch_text(complaint_words(&complaints.items[i], COMPLAINT_FOR_PROGRAMS, arena));
        assert(complaints.count || (*message.id && *message.sender && (*message.text || message.has_picture)));
        check_words(chat, message.text, data[0], arena);
    }
    made_request_destroy(request);
    return 0;
}
