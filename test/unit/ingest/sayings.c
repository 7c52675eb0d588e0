#include "test/unit/ingest/sayings.h"

#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *service, *area; /* NULL: either */
    const char *words[4];
} kinds[SAYING_SERVICES] = {
    { "0101", "west", { "井盖丢了", "下水井盖破了", "窨井盖不见了", "井盖松动 响" } },
    { "internal", "east", { "井盖丢了", "下水井盖破了", "窨井盖不见了", "井盖松动 响" } },
    { "0102", NULL, { "路灯不亮", "路灯坏了", "灯杆歪了 没有灯", "Street light is out" } },
    { "general", NULL, { "垃圾没人收", "半夜施工噪音", "垃圾桶满了", "太吵了" } },
    { "gone", NULL, { "有人遛狗不牵绳", "流浪狗咬人", "狗粪没人收", "Stray dogs" } },
};
static const char *const before[] = { "", "您好，", "小区门口", "请问谁管：", "急！" };
static const char *const after[] = { "", "，请尽快处理", "好几天了", "，就在学校旁边", " please" };

/* A dice of our own, so that the n-th saying is the same everywhere. */
static size_t roll(size_t *dice, size_t sides)
{
    *dice = (*dice * 1103515245u + 12345u) & 0x7fffffff;
    return (*dice >> 8) % sides;
}

void saying_make(struct saying *saying, size_t n)
{
    size_t dice = n * 2654435761u + 17;
    size_t kind = roll(&dice, SAYING_SERVICES);
    const char *first = before[roll(&dice, 5)], *said = kinds[kind].words[roll(&dice, 4)],
               *last = after[roll(&dice, 5)];
    saying->service = kinds[kind].service;
    saying->area = kinds[kind].area ? kinds[kind].area : roll(&dice, 2) ? "west" : "east";
    snprintf(saying->text, sizeof saying->text, "%s%s%s", first, said, last);
}

struct document saying_document(const struct saying *saying)
{
    struct document document = { .text = saying->text };
    document_mark(&document, "title", saying->text);
    document_mark(&document, "source", "resident");
    document_mark(&document, "area", saying->area);
    document_mark(&document, "area1", "t1");
    return document;
}

void sayings_learn(struct lessons *lessons, size_t n, size_t count)
{
    struct saying saying;
    for (size_t i = n; i < n + count; i++) {
        saying_make(&saying, i);
        struct document document = saying_document(&saying);
        lessons_add(lessons, &document, saying.service);
    }
}

void sayings_model(struct classifier *model)
{
    struct lessons lessons = { .settings = FEATURE_SETTINGS_DEFAULT };
    struct fault fault = { "" };
    sayings_learn(&lessons, 0, 600);
    if (learn_classifier(&lessons, 500, 100, model, &fault)) {
        fprintf(stderr, "%s\n", fault.text);
        abort();
    }
    lessons_finish(&lessons);
}
