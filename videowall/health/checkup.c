#include "videowall/health/checkup.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/log.h"
#include "proto/book/book.h"
#include "proto/bus/bus.h"

ENUM_DEFINE(checkup_word, CHECKUP_WORDS)

enum { EVERY_MS = 2000, ANSWER_MS = 5000 };

struct checkup {
    struct loop *loop;
    const struct book *book;
    struct bus_client *client;
    struct loop_timer due;
    struct arena arena;
    struct buffer request;
    enum checkup_word word;
    struct health_ask ask;      /* the next one */
    int64_t change;             /* of the first report of this turn; 0: none yet */
    struct camera_health *each; /* as in the book; reasons are our own, "" is nobody's */
};

static void forget(struct checkup *checkup, size_t camera)
{
    struct camera_health *health = &checkup->each[camera];
    if (health->reason && *health->reason)
        free((char *)health->reason);
    *health = (struct camera_health){ .camera = checkup->book->cameras[camera].id, .reason = "" };
}

static void forget_all(struct checkup *checkup)
{
    for (size_t i = 0; i < checkup->book->camera_count; i++)
        forget(checkup, i);
}

static void learn(struct checkup *checkup, const struct camera_health *told)
{
    const struct book_camera *camera = book_camera(checkup->book, told->camera);
    if (!camera)
        return; /* of another version of the book */
    size_t at = (size_t)(camera - checkup->book->cameras);
    forget(checkup, at);
    checkup->each[at] = *told;
    checkup->each[at].camera = camera->id;
    checkup->each[at].reason = *told->reason ? strdup(told->reason) : "";
    checkup->each[at].extra = (struct record_extra){ 0 };
    assert(checkup->each[at].reason);
}

static void take_report(struct checkup *checkup, const struct health_report *report)
{
    if (report->run != checkup->ask.run) {
        forget_all(checkup);
        checkup->ask = (struct health_ask){ .run = report->run };
        checkup->change = 0;
    }
    checkup->word = report->run ? CHECKUP_CURRENT : CHECKUP_NO_ROUND;
    for (size_t i = 0; i < report->cameras.count; i++)
        learn(checkup, &report->cameras.items[i]);
    if (!checkup->change)
        checkup->change = report->change;
    checkup->ask.from = report->next;
    if (report->next)
        return;
    checkup->ask.since = checkup->change;
    checkup->change = 0;
}

static void answered(void *context, int status, struct bytes answer)
{
    struct checkup *checkup = context;
    struct health_report report;
    struct fault fault = { "" };
    int64_t again_ms = EVERY_MS;
    arena_reset(&checkup->arena);
    if (status < 0) {
        checkup->word = CHECKUP_AWAY;
    } else if (record_decode(&health_report_desc, answer, &checkup->arena, &report, &fault) < 0) {
        log_warn("what is told of the cameras' health refused", "reason=\"%s\"", fault.text);
    } else {
        take_report(checkup, &report);
        again_ms = checkup->ask.from ? 0 : EVERY_MS;
    }
    loop_timer_arm(checkup->loop, &checkup->due, again_ms);
}

static int ask(void *context)
{
    struct checkup *checkup = context;
    buffer_clear(&checkup->request);
    record_encode(&health_ask_desc, &checkup->ask, &checkup->request);
    if (bus_ask(checkup->client, buffer_view(&checkup->request), ANSWER_MS, answered, checkup) < 0)
        loop_timer_arm(checkup->loop, &checkup->due, EVERY_MS);
    return 0;
}

enum checkup_word checkup_word(const struct checkup *checkup)
{
    return checkup->word;
}

const struct camera_health *checkup_of(const struct checkup *checkup, size_t camera)
{
    assert(camera < checkup->book->camera_count);
    return &checkup->each[camera];
}

int checkup_open(struct loop *loop, const struct book *book, int64_t bus_port, struct checkup **out,
                 struct fault *fault)
{
    struct checkup *checkup = calloc(1, sizeof *checkup);
    if (!checkup)
        return fault_set(fault, -ENOMEM, "cameras: out of memory");
    checkup->loop = loop;
    checkup->book = book;
    checkup->each = calloc(book->camera_count + 1, sizeof *checkup->each);
    checkup->due = (struct loop_timer){ .fire = ask, .context = checkup };
    assert(checkup->each);
    forget_all(checkup);
    int result = bus_client_open(loop, bus_port, BUS_HEALTH, 1, &checkup->client, fault);
    if (result < 0) {
        checkup_close(checkup);
        return result;
    }
    loop_timer_arm(loop, &checkup->due, 0);
    *out = checkup;
    return 0;
}

void checkup_close(struct checkup *checkup)
{
    if (!checkup)
        return;
    loop_timer_disarm(checkup->loop, &checkup->due);
    forget_all(checkup);
    free(checkup->each);
    arena_finish(&checkup->arena);
    buffer_finish(&checkup->request);
    free(checkup);
}
