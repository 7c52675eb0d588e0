#include "ingest/sources/camera_round.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ingest/enrich/locate.h"
#include "ingest/sources/camera_place.h"
#include "ingest/sources/external.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"

#define ROUND_MEMO "camera/"

enum { TOLD_MAX = 1024 }; /* of one commit */

static struct metric told = METRIC_COUNTER("drumtower_camera_events_total", "Troubles of cameras, and their ends, that "
                                                                            "became events.");

struct camera_round {
    struct camera_round_options options;
    struct arena arena; /* of what this loop round appends */
    struct loop_hook after_commit;
    size_t told; /* in this loop round */
};

/* ---- events ---- */

/* X(condition, Chinese, English) */
#define CONDITION_WORDS(X) \
    X(LOST, "无画面", "no picture") \
    X(BLACK, "黑屏", "black") \
    X(COVERED, "被遮挡", "covered") \
    X(BLURRED, "画面模糊", "out of focus") \
    X(FROZEN, "画面冻结", "frozen") \
    X(WRONG_TIME, "时间不准", "wrong time")

static const char *words_of(enum camera_condition condition, bool chinese)
{
    switch (condition) {
#define CONDITION_CASE(name, zh, en) \
    case CAMERA_IS_##name: \
        return chinese ? zh : en;
        CONDITION_WORDS(CONDITION_CASE)
    default:
        return "";
    }
}

struct event *camera_round_event(const struct book *book, const struct health_news *news, int64_t now_ms,
                                 struct arena *arena)
{
    const struct book_camera *camera = news->camera;
    bool begins = news->health->told, chinese = book_speaks_chinese(book);
    const char *words = words_of(news->rule->condition, chinese);
    const char *thing = arena_format(arena, "%s/%s/%" PRId64, camera->id,
                                     enum_name(&camera_condition_desc, news->rule->condition), news->since_ms);
    struct event *event = arena_alloc(arena, sizeof *event);
    *event = (struct event){
        .kind = begins ? EVENT_CAMERA : EVENT_FOLLOW_UP,
        .source = SOURCE_CAMERA,
        .service = news->rule->service->code,
        .condition = "",
        .title = begins ? arena_format(arena, "%s%s%s", camera->name.zh, chinese ? "：" : ": ", words)
                        : arena_format(arena, "%s%s%s", chinese ? "已恢复正常" : "back to normal",
                                       chinese ? "：" : ": ", words),
        .text = begins ? arena_text(arena, news->health->reason, strlen(news->health->reason)) : "",
        .place = camera_place(book, camera),
        .reporter = camera->id,
        .camera = camera->id,
        .happened_at_ms = begins ? news->since_ms : now_ms,
        .received_at_ms = now_ms,
    };
    locate_time(event->happened_at_ms, now_ms, &event->place);
    external_identify(event, "camera", "cameras", thing, begins ? thing : arena_format(arena, "%s/end", thing), arena);
    return event;
}

/* ---- what is told ---- */

static struct event_memo *memo_of(const struct health_news *news, struct arena *arena)
{
    struct event_memo *memo = arena_alloc(arena, sizeof *memo);
    struct buffer bytes = { 0 };
    if (news->health->told)
        record_encode(&camera_health_desc, news->health, &bytes);
    memo->key = arena_format(arena, ROUND_MEMO "%s", news->camera->id);
    memo->value =
        (struct bytes){ (const uint8_t *)arena_text(arena, (const char *)bytes.bytes, bytes.size), bytes.size };
    buffer_finish(&bytes);
    return memo;
}

static bool tell(void *context, const struct health_news *news)
{
    struct camera_round *round = context;
    log_info("camera round", "camera=%s trouble=%s %s reason=\"%s\" rule=%s", news->camera->id,
             enum_name(&camera_condition_desc, news->rule->condition), news->health->told ? "begins" : "is over",
             news->health->reason, news->rule->rule);
    if (round->told == TOLD_MAX || intake_room(round->options.intake) == 0)
        return false; /* at the next visit */
    struct event_append append = { .event =
                                       camera_round_event(round->options.book, news, clock_now_ms(), &round->arena),
                                   .memos = memo_of(news, &round->arena),
                                   .memo_count = 1 };
    if (intake_add(round->options.intake, &append, NULL, NULL) != INTAKE_TAKEN)
        abort(); /* asked before */
    metric_add(&told, 1);
    round->told++;
    return true;
}

static int forget_loop_round(void *context)
{
    struct camera_round *round = context;
    arena_reset(&round->arena);
    round->told = 0;
    return 0;
}

static int recall(void *context, struct bytes key, struct bytes value)
{
    struct camera_round *round = context;
    struct camera_health health;
    struct fault fault = { "" };
    if (record_decode(&camera_health_desc, value, &round->arena, &health, &fault) < 0)
        log_warn("what was told of a camera cannot be read", "key=%.*s reason=\"%s\"", (int)key.size,
                 (const char *)key.data, fault.text);
    else
        cameras_recall(round->options.cameras, &health);
    return 0;
}

/* ---- start and end ---- */

static int start(struct camera_round *round, struct fault *fault)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s/cameras", round->options.data_folder);
    if (mkdir(folder, 0750) < 0 && errno != EEXIST)
        return fault_set(fault, -errno, "%s: %s", folder, strerror(errno));
    int result = cameras_start_round(round->options.cameras, folder, tell, round, fault);
    if (result == 0)
        result = event_log_memos(round->options.log, ROUND_MEMO, recall, round, fault);
    arena_reset(&round->arena);
    return result;
}

int camera_round_open(const struct camera_round_options *options, struct camera_round **out, struct fault *fault)
{
    *out = NULL;
    if (!options->book->camera_health.minutes)
        return 0;
    struct camera_round *round = calloc(1, sizeof *round);
    if (!round)
        abort();
    *out = round;
    round->options = *options;
    round->after_commit = (struct loop_hook){ .run = forget_loop_round, .context = round };
    loop_add_hook(options->loop, &round->after_commit);
    metric_register(&told);
    return start(round, fault);
}

void camera_round_close(struct camera_round *round)
{
    if (!round)
        return;
    arena_finish(&round->arena);
    free(round);
}
