#include "ingest/sources/chat/command.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { NUMBER_DIGITS = 18 };

/* What a word is followed by. */
enum shape {
    ALONE,      /* nothing */
    NUMBERED,   /* nothing, a number, or (behind a number) words */
    WITH_WORDS, /* anything that does not go on with the word */
};

static const struct {
    const char *word;
    enum chat_verb verb;
    enum shape shape;
} table[] = {
    { "帮助", CHAT_HELP, ALONE },
    { "菜单", CHAT_HELP, ALONE },
    { "怎么用", CHAT_HELP, ALONE },
    { "help", CHAT_HELP, ALONE },
    { "上报", CHAT_REPORT, WITH_WORDS },
    { "报修", CHAT_REPORT, WITH_WORDS },
    { "投诉", CHAT_REPORT, WITH_WORDS },
    { "举报", CHAT_REPORT, WITH_WORDS },
    { "report", CHAT_REPORT, WITH_WORDS },
    { "查询", CHAT_STATUS, NUMBERED },
    { "进度", CHAT_STATUS, NUMBERED },
    { "status", CHAT_STATUS, NUMBERED },
    { "补充", CHAT_ADD, WITH_WORDS },
    { "add", CHAT_ADD, WITH_WORDS },
    { "催办", CHAT_URGE, NUMBERED },
    { "催单", CHAT_URGE, NUMBERED },
    { "urge", CHAT_URGE, NUMBERED },
    { "评价", CHAT_RATE, NUMBERED },
    { "评分", CHAT_RATE, NUMBERED },
    { "rate", CHAT_RATE, NUMBERED },
    { "重新办理", CHAT_REOPEN, WITH_WORDS },
    { "重办", CHAT_REOPEN, WITH_WORDS },
    { "reopen", CHAT_REOPEN, WITH_WORDS },
    { "是的", CHAT_YES, ALONE },
    { "是", CHAT_YES, ALONE },
    { "对", CHAT_YES, ALONE },
    { "1", CHAT_YES, ALONE },
    { "yes", CHAT_YES, ALONE },
    { "不是", CHAT_NO, ALONE },
    { "否", CHAT_NO, ALONE },
    { "不用", CHAT_NO, ALONE },
    { "0", CHAT_NO, ALONE },
    { "no", CHAT_NO, ALONE },
};

/* ---- signs, in half and full width ---- */

static size_t starts_with_any(const char *at, const char *const *signs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strncmp(at, signs[i], strlen(signs[i])) == 0)
            return strlen(signs[i]);
    return 0;
}

static const char *skip_blanks(const char *at)
{
    static const char *const blanks[] = { " ", "\t", "\r", "\n", "\u3000", "\u00a0", "\u2005", "\u200b" };
    size_t length;
    while (*at && (length = starts_with_any(at, blanks, sizeof blanks / sizeof *blanks)))
        at += length;
    return at;
}

/* Also what people put between a command, its number and their words. */
static const char *skip_signs(const char *at)
{
    static const char *const signs[] = { ":", "：", ",", "，", "。", ".", "、", "#", "＃", "号", "No.", "-", "—" };
    size_t length;
    do {
        at = skip_blanks(at);
        length = *at ? starts_with_any(at, signs, sizeof signs / sizeof *signs) : 0;
        at += length;
    } while (length);
    return at;
}

/* The digit here, with its length in bytes; -1 for anything else. Full width: U+FF10 to U+FF19. */
static int digit_at(const char *at, size_t *length)
{
    const unsigned char *bytes = (const unsigned char *)at;
    *length = 1;
    if (isdigit(bytes[0]))
        return bytes[0] - '0';
    if (bytes[0] == 0xef && bytes[1] == 0xbc && bytes[2] >= 0x90 && bytes[2] <= 0x99) {
        *length = 3;
        return bytes[2] - 0x90;
    }
    return -1;
}

/* 0: none is here, or it is none of ours. */
static uint64_t take_number(const char **at)
{
    uint64_t number = 0;
    int digits = 0;
    size_t length;
    for (int digit = digit_at(*at, &length); digit >= 0; digit = digit_at(*at, &length)) {
        number = digits < NUMBER_DIGITS ? number * 10 + (uint64_t)digit : 0;
        digits++;
        *at += length;
    }
    return digits <= NUMBER_DIGITS ? number : 0;
}

/* ---- the pieces ---- */

/* "@NAME " at the beginning; the name is the book's. */
static const char *skip_name(const struct book_chat *chat, const char *at, bool *addressed)
{
    size_t sign = starts_with_any(at, (const char *const[]){ "@", "＠" }, 2);
    for (size_t i = 0; sign && i < chat->name_count; i++) {
        size_t length = strlen(chat->names[i]);
        if (strncasecmp(at + sign, chat->names[i], length) == 0) {
            *addressed = true;
            return skip_signs(at + sign + length);
        }
    }
    return at;
}

static const char *trimmed(const char *text, struct arena *arena)
{
    const char *start = skip_blanks(text), *end = start;
    for (const char *at = start; *at; at = skip_blanks(at + 1))
        end = at + 1;
    return arena_text(arena, start, (size_t)(end - start));
}

/* Does the word end here? A letter goes on with an English word; these go on with a Chinese one. */
static bool ends_word(const char *word, const char *rest)
{
    static const char *const on[] = { "的", "了", "过", "给", "到", "吗", "呢", "啊", "电话", "中心" };
    if (isascii(word[0]))
        return !isalnum((unsigned char)rest[0]) || (isdigit((unsigned char)rest[0]) && isalpha((unsigned char)word[0]));
    return !starts_with_any(rest, on, sizeof on / sizeof *on);
}

static bool fits(enum shape shape, const char *rest)
{
    const char *after = skip_signs(rest);
    size_t length;
    return shape == WITH_WORDS || !*after || (shape == NUMBERED && digit_at(after, &length) >= 0);
}

/* ---- rating ---- */

static bool says_any(const char *words, const char *const *what, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcasestr(words, what[i]))
            return true;
    return false;
}

/* One number is the score, of two the first is the receipt's. */
static void read_rating(struct chat_command *command)
{
    static const char *const not_solved[] = { "未解决", "没解决", "没有解决", "not solved", "unsolved" };
    static const char *const solved[] = { "已解决", "解决了", "solved" };
    const char *at = skip_signs(command->words);
    uint64_t score = take_number(&at);
    if (!score) {
        score = command->number;
        command->number = 0;
    }
    command->words = skip_signs(at);
    command->score = score >= 1 && score <= 5 ? (int64_t)score : 0;
    command->solved = command->score >= 3;
    if (says_any(command->words, not_solved, sizeof not_solved / sizeof *not_solved))
        command->solved = false;
    else if (says_any(command->words, solved, sizeof solved / sizeof *solved))
        command->solved = true;
}

struct chat_command chat_command_read(const struct book_chat *chat, const char *text, struct arena *arena)
{
    struct chat_command command = { .verb = CHAT_PLAIN };
    command.words = trimmed(skip_name(chat, skip_blanks(text), &command.addressed), arena);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t length = strlen(table[i].word);
        const char *rest = command.words + length;
        if (strncasecmp(command.words, table[i].word, length) != 0 || !ends_word(table[i].word, rest) ||
            !fits(table[i].shape, rest))
            continue;
        command.verb = table[i].verb;
        command.words = skip_signs(rest);
        if (command.verb != CHAT_REPORT)
            command.number = take_number(&command.words);
        if (command.verb == CHAT_RATE)
            read_rating(&command);
        command.words = skip_signs(command.words);
        break;
    }
    return command;
}
