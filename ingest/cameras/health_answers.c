#include "ingest/cameras/health_answers.h"

#include <stdlib.h>

#include "ingest/cameras/health.h"
#include "proto/base/log.h"
#include "proto/bus/bus.h"

enum { ASKS_PARALLEL = 4 };

struct health_answers {
    const struct health *health; /* NULL: there is no round yet */
    struct bus_server *server;
    struct arena arena;
    struct buffer answer;
};

static int arrived(void *context, struct bus_ticket *ticket, struct bytes request)
{
    struct health_answers *answers = context;
    struct health_ask ask;
    struct health_report report = { .run = 0 };
    struct fault fault = { "" };
    arena_reset(&answers->arena);
    if (record_decode(&health_ask_desc, request, &answers->arena, &ask, &fault) < 0)
        log_warn("a question about cameras refused", "reason=\"%s\"", fault.text);
    else if (answers->health)
        health_tell(answers->health, &ask, &answers->arena, &report);
    buffer_clear(&answers->answer);
    record_encode(&health_report_desc, &report, &answers->answer);
    bus_answer(ticket, buffer_view(&answers->answer));
    return 0;
}

int health_answers_open(struct loop *loop, int64_t bus_port, struct health_answers **out, struct fault *fault)
{
    struct health_answers *answers = calloc(1, sizeof *answers);
    if (!answers)
        return fault_set(fault, -ENOMEM, "cameras: out of memory");
    *out = answers;
    return bus_server_open(loop, bus_port, BUS_HEALTH, ASKS_PARALLEL, arrived, answers, &answers->server, fault);
}

void health_answers_tell(struct health_answers *answers, const struct health *health)
{
    answers->health = health;
}

void health_answers_close(struct health_answers *answers)
{
    if (!answers)
        return;
    arena_finish(&answers->arena);
    buffer_finish(&answers->answer);
    free(answers);
}
