#include "ingest/sources/chat/judge.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Longer ones before those that begin like them. */
static const char *const courtesies[] = {
    "非常感谢",
    "谢谢大家",
    "谢谢",
    "多谢",
    "感谢",
    "辛苦了",
    "辛苦",
    "收到",
    "好的",
    "好滴",
    "好嘞",
    "好吧",
    "好",
    "嗯嗯",
    "嗯",
    "哦",
    "哈哈",
    "呵呵",
    "知道了",
    "明白了",
    "明白",
    "了解",
    "同意",
    "支持",
    "赞",
    "顶",
    "是的",
    "对的",
    "不是",
    "没事",
    "没关系",
    "客气了",
    "不客气",
    "早上好",
    "上午好",
    "中午好",
    "下午好",
    "晚上好",
    "大家好",
    "你好",
    "您好",
    "早安",
    "晚安",
    "新年快乐",
    "节日快乐",
    "生日快乐",
    "恭喜",
    "欢迎",
    "再见",
    "拜拜",
    "大家",
    "各位",
    "邻居们",
    "师傅",
    "您",
    "你",
    "了",
    "啦",
    "呀",
    "啊",
    "哈",
    "呢",
    "吧",
    "thank you",
    "thanks",
    "thx",
    "okay",
    "ok",
    "yes",
    "no",
    "great",
    "good morning",
    "good evening",
    "good night",
    "hello",
    "hi",
    "bye",
    "welcome",
    "congratulations",
    "happy new year",
    "happy birthday",
    "got it",
    "noted",
    "sure",
    "lol",
    "so much",
    "very much",
    "everyone",
    "all",
    "everybody",
};

/* What is said when it is over. */
static const char *const dones[] = {
    "修好了", "修好啦", "修复了",   "解决了",      "处理好了",      "处理完",  "清理干净",
    "来电了", "来水了", "又亮了",   "恢复正常",    "已恢复",        "已修",    "已经修",
    "fixed",  "solved", "repaired", "works again", "working again", "back on",
};
/* "还没修好", "not fixed": it is not over. */
static const char *const denials[] = { "没", "未", "不", "别", "not", "n't", "never", "nobody" };
enum { DENIAL_BEFORE = 24 /* bytes before it, in which a denial counts */ };

static bool is_sign(unsigned char byte)
{
    return byte < 0x80 && !isalpha(byte);
}

/* Punctuation and emoji, none of which is a letter: of U+2000 to U+2BFF, U+3000 to U+303F, U+FE00 to U+FE0F, U+FF00 to U+FF20, and four bytes
 * that begin with F0 9F. */
static size_t sign_at(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    if (is_sign(b[0]))
        return 1;
    if ((b[0] == 0xe2 && b[1] <= 0xaf) || (b[0] == 0xe3 && b[1] == 0x80) || (b[0] == 0xef && b[1] == 0xb8) ||
        (b[0] == 0xef && b[1] == 0xbc && b[2] <= 0xa0))
        return 3;
    return b[0] == 0xf0 && b[1] == 0x9f ? 4 : 0;
}

/* "[微笑]": how a chat system writes its own pictures. */
static size_t picture_word_at(const char *at)
{
    const char *end = *at == '[' ? strchr(at, ']') : NULL;
    return end && end - at <= 32 ? (size_t)(end - at) + 1 : 0;
}

/* An English one ends where its letters do. */
static size_t courtesy_at(const char *at)
{
    for (size_t i = 0; i < sizeof courtesies / sizeof *courtesies; i++) {
        size_t length = strlen(courtesies[i]);
        if (strncasecmp(at, courtesies[i], length) == 0 &&
            !(isascii(*courtesies[i]) && isalpha((unsigned char)at[length])))
            return length;
    }
    return 0;
}

static bool is_courtesy_alone(const char *text)
{
    while (*text) {
        size_t length = picture_word_at(text);
        if (!length)
            length = sign_at(text);
        if (!length)
            length = courtesy_at(text);
        if (!length)
            return false;
        text += length;
    }
    return true;
}

static bool is_denied(const char *text, const char *at)
{
    size_t before = (size_t)(at - text);
    const char *from = before > DENIAL_BEFORE ? at - DENIAL_BEFORE : text;
    for (size_t i = 0; i < sizeof denials / sizeof *denials; i++)
        for (const char *found = from; (found = strcasestr(found, denials[i])) && found < at; found++)
            return true;
    return false;
}

static bool is_done(const char *text)
{
    for (size_t i = 0; i < sizeof dones / sizeof *dones; i++) {
        const char *at = strcasestr(text, dones[i]);
        if (at && !is_denied(text, at))
            return true;
    }
    return false;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static bool is_question(const char *text)
{
    static const char *const ends[] = { "?", "？", "吗", "呢", "么" };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (ends_with(text, ends[i]))
            return true;
    return false;
}

enum chat_verdict chat_judge(const struct book_chat *chat, const struct chat_hint *hint)
{
    bool known = hint->evidence * 100 >= (double)chat->evidence_percent;
    double percent = known ? hint->confidence * 100 : 0;
    bool answers = hint->addressed || chat->unsure == UNSURE_ASK;
    if (is_courtesy_alone(hint->text))
        return CHAT_IS_CHATTER;
    if (is_done(hint->text))
        return hint->addressed || hint->urgent ? CHAT_MAY_BE_ONE : CHAT_IS_CHATTER;
    if (hint->urgent || (percent >= (double)chat->sure_percent && !is_question(hint->text)))
        return CHAT_IS_REPORT;
    if (hint->addressed || (percent >= (double)chat->ask_percent && answers))
        return CHAT_MAY_BE_ONE;
    return CHAT_IS_CHATTER;
}
