/* The wall's words, Chinese and English: the same ones as on the page (proto/web/languages). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WALL_WORDS(X) \
    X(OPEN, "未结案件", "open cases") \
    X(DUE_SOON, "临近超时", "due soon") \
    X(OVERDUE, "已超时", "overdue") \
    X(CLOSED_TODAY, "今日结案", "closed today") \
    X(DEPARTMENTS, "部门", "department") \
    X(NO_PICTURE, "无画面", "no picture") \
    X(LIVE, "实时", "live") \
    X(OPENING, "打开中", "opening") \
    X(FROZEN, "停住", "frozen") \
    X(LOST, "中断", "lost") \
    X(IDLE, "未打开", "idle") \
    X(NO_DATA, "暂无数据", "no data") \
    X(DATA_AGE, "数据时间：", "data from ") \
    X(SECONDS_AGO, "%lld 秒前", "%lld s ago") \
    X(MINUTES_AGO, "%lld 分钟前", "%lld min ago") \
    X(HOURS_AGO, "%lld 小时前", "%lld h ago")

#define WALL_WORD_ENUM(name, zh, en) WORD_##name,
enum wall_word { WALL_WORDS(WALL_WORD_ENUM) WORD_COUNT };

/* NULL or anything but a text that begins with "en": Chinese. */
bool words_are_english(const char *language);
const char *wall_word(bool english, enum wall_word word);
/* "12 s ago": whole seconds to 2 minutes, minutes to 2 hours, then hours. */
void wall_age(char *out, size_t size, bool english, int64_t age_ms);
