#include "ingest/cameras/health.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/metrics.h"
#include "proto/record/text.h"

static struct metric visits_made = METRIC_COUNTER("drumtower_camera_visits_total", "Visits of cameras by the health "
                                                                                   "round.");
static struct metric visits_late = METRIC_COUNTER("drumtower_camera_visits_late_total", "Visits that began late "
                                                                                        "because "
                                                                                        "too many were under way.");
static struct metric rounds_made = METRIC_COUNTER("drumtower_camera_rounds_total", "Health rounds over all cameras.");
static struct metric cameras_known = METRIC_GAUGE("drumtower_cameras_known", "Cameras of the book.");
static struct metric cameras_online = METRIC_GAUGE("drumtower_cameras_online", "Cameras from which the last visit "
                                                                               "brought a picture.");
static struct metric cameras_well = METRIC_GAUGE("drumtower_cameras_well", "Cameras whose last visit found nothing "
                                                                           "wrong.");

/* A camera, and its visit while there is one. */
struct patient {
    struct health *health;
    const struct book_camera *camera;
    struct camera_health state;
    char reason[CAMERA_WORDS_BYTES + 1];
    struct look_print *print; /* of the last visit; NULL: none yet */
    int64_t same;             /* visits in a row that brought the same picture */
    int64_t change;           /* number of the newest one; 0: nothing is known of it */
    void *source;             /* NULL: none, or the picture is being looked at */
    bool visiting, looking;
    int64_t begun_mono_ms, clock_ahead_ms;
    struct patient *next; /* under way */
};

struct health {
    struct health_options options;
    struct patient *patients; /* as in the book */
    size_t count, next;       /* of this round: the next to be visited */
    int64_t round_mono_ms;
    bool begun;
    int64_t run, change; /* see health.h of the records */
    struct patient *under_way;
    int64_t under_way_count;
};

/* ---- what a visit found ---- */

static const struct book_camera_trouble *rule_of(const struct health *health, enum camera_condition condition)
{
    const struct book_camera_health *book = &health->options.book->camera_health;
    for (size_t i = 0; i < book->trouble_count; i++)
        if (book->troubles[i].condition == condition)
            return &book->troubles[i];
    return NULL;
}

static void count_condition(enum camera_condition condition, int64_t step)
{
    if (condition > CAMERA_IS_LOST || condition == CAMERA_IS_WELL)
        metric_add(&cameras_online, step);
    if (condition == CAMERA_IS_WELL)
        metric_add(&cameras_well, step);
}

static void note(struct patient *patient, enum camera_condition condition, const char *reason)
{
    struct camera_health *state = &patient->state;
    int64_t now_ms = patient->health->options.now_ms();
    if (state->condition != condition) {
        count_condition(state->condition, -1);
        count_condition(condition, 1);
        state->condition = condition;
        state->since_ms = now_ms;
        state->visits = 0;
    }
    state->visits++;
    state->visited_at_ms = now_ms;
    patient->change = ++patient->health->change;
    text_plain(reason, patient->reason, sizeof patient->reason);
}

/* `after` is how the state will be once it is kept. */
static void tell(struct patient *patient, const struct book_camera_trouble *rule, struct camera_health after,
                 int64_t since_ms)
{
    struct health *health = patient->health;
    after.reason = patient->reason;
    struct health_news news = { patient->camera, rule, &after, since_ms };
    if (health->options.tell(health->options.tell_context, &news))
        patient->state = after;
}

static void tell_what_is_new(struct patient *patient)
{
    struct camera_health *state = &patient->state, after = *state;
    if (state->told && state->told_condition != state->condition) {
        after.told = false;
        after.told_condition = CAMERA_IS_UNKNOWN;
        after.told_since_ms = 0;
        const struct book_camera_trouble *old = rule_of(patient->health, state->told_condition);
        if (old)
            tell(patient, old, after, state->told_since_ms);
        else
            *state = after; /* the book tells nothing of it any more */
    }
    const struct book_camera_trouble *rule = rule_of(patient->health, state->condition);
    if (!rule || state->told || state->visits < rule->visits)
        return;
    after = *state;
    after.told = true;
    after.told_condition = state->condition;
    after.told_since_ms = state->since_ms;
    tell(patient, rule, after, state->since_ms);
}

static void end_visit(struct patient *patient, enum camera_condition condition, const char *reason)
{
    struct health *health = patient->health;
    patient->visiting = patient->looking = false;
    for (struct patient **at = &health->under_way; *at; at = &(*at)->next)
        if (*at == patient) {
            *at = patient->next;
            break;
        }
    health->under_way_count--;
    metric_add(&visits_made, 1);
    note(patient, condition, reason);
    tell_what_is_new(patient);
}

static bool has_wrong_time(const struct patient *patient)
{
    int64_t most_ms = patient->health->options.book->camera_health.wrong_time_seconds * 1000;
    return patient->clock_ahead_ms != SOURCE_CLOCK_UNKNOWN &&
           (patient->clock_ahead_ms > most_ms || patient->clock_ahead_ms < -most_ms);
}

static enum camera_condition judge(struct patient *patient, const struct look *look)
{
    enum camera_condition condition = look_condition(look);
    if (!patient->print) {
        patient->print = calloc(1, sizeof *patient->print);
        assert(patient->print);
        patient->same = 0;
    } else {
        patient->same = look_same(patient->print, &look->print) ? patient->same + 1 : 0;
    }
    *patient->print = look->print;
    if (condition == CAMERA_IS_WELL && patient->same + 1 >= HEALTH_SAME_VISITS)
        condition = CAMERA_IS_FROZEN;
    return condition == CAMERA_IS_WELL && has_wrong_time(patient) ? CAMERA_IS_WRONG_TIME : condition;
}

const struct book_camera *health_seen(struct health *health, void *visit, const struct look *look)
{
    struct patient *patient = visit;
    assert(patient->health == health && patient->looking);
    if (look)
        end_visit(patient, judge(patient, look), "");
    else
        end_visit(patient, CAMERA_IS_LOST, "its picture cannot be decoded");
    return patient->camera;
}

/* ---- visits ---- */

static void stop_source(struct patient *patient)
{
    if (patient->source)
        patient->health->options.source->stop(patient->source);
    patient->source = NULL;
}

static void unit_came(void *context, const struct source_unit *unit)
{
    struct patient *patient = context;
    if (!unit->key)
        return;
    patient->looking = true;
    patient->clock_ahead_ms = unit->clock_ahead_ms;
    patient->health->options.look(patient->health->options.look_context, unit, patient);
    stop_source(patient);
}

static void source_ended(void *context, int code, const char *reason)
{
    (void)code;
    struct patient *patient = context;
    char kept[CAMERA_WORDS_BYTES + 1];
    snprintf(kept, sizeof kept, "%s", reason); /* it goes with the source */
    stop_source(patient);
    end_visit(patient, CAMERA_IS_LOST, kept);
}

static void visit(struct patient *patient)
{
    struct health *health = patient->health;
    const struct book_camera *camera = patient->camera;
    struct source_sink sink = { .unit = unit_came, .ended = source_ended, .context = patient };
    struct fault fault = { "" };
    patient->visiting = true;
    patient->begun_mono_ms = health->options.mono_ms();
    patient->next = health->under_way;
    health->under_way = patient;
    health->under_way_count++;
    const char *url = *camera->sub_url ? camera->sub_url : camera->url;
    if (health->options.source->start(health->options.reader, url, &sink, &patient->source, &fault) < 0)
        end_visit(patient, CAMERA_IS_LOST, fault.text);
}

static void give_up_late(struct health *health, int64_t now_mono_ms)
{
    int64_t most_ms = health->options.book->camera_health.visit_seconds * 1000;
    struct patient *next;
    for (struct patient *patient = health->under_way; patient; patient = next) {
        next = patient->next;
        if (patient->looking || now_mono_ms - patient->begun_mono_ms < most_ms)
            continue;
        stop_source(patient);
        end_visit(patient, CAMERA_IS_LOST, "connected, but no picture in time");
    }
}

/* ---- the round ---- */

/* How many visits of this round should have begun by now. */
static size_t due(const struct health *health, int64_t now_mono_ms)
{
    int64_t round_ms = health->options.book->camera_health.minutes * 60000,
            passed_ms = now_mono_ms - health->round_mono_ms;
    size_t due = (size_t)((double)health->count * (double)passed_ms / (double)round_ms) + 1;
    return due < health->count ? due : health->count;
}

static void begin_round_if_due(struct health *health, int64_t now_mono_ms)
{
    int64_t round_ms = health->options.book->camera_health.minutes * 60000;
    bool over = health->begun && health->next == health->count && now_mono_ms - health->round_mono_ms >= round_ms;
    if (health->begun && !over)
        return;
    if (over)
        metric_add(&rounds_made, 1);
    health->begun = true;
    health->round_mono_ms = now_mono_ms;
    health->next = 0;
}

void health_tick(struct health *health)
{
    const struct book_camera_health *book = &health->options.book->camera_health;
    int64_t now_mono_ms = health->options.mono_ms();
    if (!book->minutes || !health->count)
        return;
    give_up_late(health, now_mono_ms);
    begin_round_if_due(health, now_mono_ms);
    size_t until = due(health, now_mono_ms);
    for (; health->next < until && health->under_way_count < book->at_once; health->next++)
        if (!health->patients[health->next].visiting) /* else the last round's visit is not over yet */
            visit(&health->patients[health->next]);
    if (health->next < until)
        metric_add(&visits_late, 1);
}

/* ---- what is known ---- */

static struct patient *find(const struct health *health, const char *id)
{
    const struct book_camera *camera = book_camera(health->options.book, id);
    return camera ? &health->patients[camera - health->options.book->cameras] : NULL;
}

int health_recall(struct health *health, const struct camera_health *kept)
{
    struct patient *patient = find(health, kept->camera);
    if (!patient)
        return 1;
    patient->state = *kept;
    patient->state.camera = patient->camera->id;
    snprintf(patient->reason, sizeof patient->reason, "%s", kept->reason);
    patient->change = ++health->change;
    count_condition(kept->condition, 1);
    return 0;
}

struct camera_health health_of(const struct health *health, size_t camera)
{
    assert(camera < health->count);
    struct camera_health state = health->patients[camera].state;
    state.reason = health->patients[camera].reason;
    return state;
}

void health_tell(const struct health *health, const struct health_ask *ask, struct arena *arena,
                 struct health_report *report)
{
    bool known = ask->run == health->run;
    int64_t since = known ? ask->since : 0;
    size_t at = known && ask->from > 0 ? (size_t)ask->from : 0;
    *report = (struct health_report){ .run = health->run, .change = health->change };
    report->cameras.items = arena_array(arena, HEALTH_REPORT_CAMERAS, sizeof *report->cameras.items);
    for (; at < health->count; at++) {
        if (health->patients[at].change <= since)
            continue;
        if (report->cameras.count == HEALTH_REPORT_CAMERAS) {
            report->next = (int64_t)at;
            return;
        }
        report->cameras.items[report->cameras.count++] = health_of(health, at);
    }
}

struct health *health_create(const struct health_options *options)
{
    const struct book *book = options->book;
    struct health *health = calloc(1, sizeof *health);
    assert(health && options->source && options->look && options->tell && options->mono_ms && options->now_ms);
    health->options = *options;
    health->run = options->now_ms();
    health->count = book->camera_count;
    health->patients = calloc(book->camera_count + 1, sizeof *health->patients);
    assert(health->patients);
    for (size_t i = 0; i < health->count; i++)
        health->patients[i] = (struct patient){ .health = health,
                                                .camera = &book->cameras[i],
                                                .state = { .camera = book->cameras[i].id, .reason = "" } };
    metric_register(&visits_made);
    metric_register(&visits_late);
    metric_register(&rounds_made);
    metric_register(&cameras_online);
    metric_register(&cameras_well);
    metric_set(&cameras_known, (int64_t)health->count);
    return health;
}

void health_destroy(struct health *health)
{
    if (!health)
        return;
    for (size_t i = 0; i < health->count; i++) {
        stop_source(&health->patients[i]);
        free(health->patients[i].print);
    }
    free(health->patients);
    free(health);
}
