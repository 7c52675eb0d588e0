/* Residents, and whatever else reports: grid workers on patrol, sensors, cameras. */
#include <stdlib.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "test/sim/sim.h"

enum { BURST_REPORTS = 80, BURST_MS = 10 * MS_PER_MINUTE, GRID_MICRO_DEGREES = 8000 };

static void place(struct sim *sim, struct event *event)
{
    struct dice *dice = &sim->people.dice;
    const struct district *district = sim_district(sim);
    int area = (int)dice_roll(dice, (uint64_t)district->area_count);
    event->place.area = strcmp(district->areas[area].tier, "grid") == 0 || chance(dice, 300)
                            ? district->areas[area].code
                            : district->areas[district->area_count - 1].code;
    event->place.lat = 39.9 + area * 0.01 + (double)dice_roll(dice, GRID_MICRO_DEGREES) * 1e-6;
    event->place.lon = 116.4 + (double)dice_roll(dice, GRID_MICRO_DEGREES) * 1e-6;
    if (chance(dice, 60))
        event->place.marks = 1 << dice_roll(dice, MARK_IMPLAUSIBLE_TIME + 1);
}

static void talk_nonsense(struct sim *sim, struct event *event)
{
    static const char *const services[] = { "", "4711", "0101", "0201" };
    static const char *const areas[] = { "", "nowhere", "s0", "town0" };
    struct dice *dice = &sim->people.dice;
    event->service = services[dice_roll(dice, 4)];
    event->condition = chance(dice, 500) ? "k7" : "";
    event->place.area = areas[dice_roll(dice, 4)];
    event->priority = between(dice, -2, 9);
    event->about_seq = chance(dice, 300) ? between(dice, -1, sim->channel.last_seq + 5) : 0;
    event->received_at_ms = chance(dice, 300) ? sim->now_ms - about_ms(dice, 10 * MS_PER_MINUTE) : 0;
}

static struct event invent(struct sim *sim)
{
    static const struct {
        unsigned per_mille;
        enum event_kind kind;
        enum event_source source;
    } kinds[] = {
        { 800, EVENT_REPORT, SOURCE_RESIDENT }, { 600, EVENT_PATROL, SOURCE_WORKER },
        { 400, EVENT_ALARM, SOURCE_SENSOR },    { 400, EVENT_REPORT, SOURCE_HOTLINE },
        { 400, EVENT_CAMERA, SOURCE_CAMERA },   { 1000, EVENT_REPORT, SOURCE_ORDER },
    };
    static const char *const numbers[] = { "N-1", "N-2", "N-3", "N-4", "N-5", "N-6", "N-7", "N-8" };
    struct dice *dice = &sim->people.dice;
    const struct district *district = sim_district(sim);
    const struct service_plan *service = &district->services[dice_roll(dice, DISTRICT_SERVICES)];
    size_t kind = 0;
    while (!chance(dice, kinds[kind].per_mille))
        kind++;
    struct event event = {
        .kind = kinds[kind].kind,
        .source = kinds[kind].source,
        .service = service->code,
        .text = "路口东侧的设施坏了,请尽快派人来看看。",
        .reporter = "r-1234567",
        .happened_at_ms = sim->now_ms - 90 * MS_PER_SECOND,
    };
    if (chance(dice, 600))
        event.condition = service->conditions[dice_roll(dice, (uint64_t)service->condition_count)].code;
    if (event.kind == EVENT_PATROL)
        event.reporter = district->people[district->person_count - 1 - (int)dice_roll(dice, 20)].id;
    if (event.source == SOURCE_ORDER && chance(dice, 500))
        event.answer_by_ms = sim->now_ms + about_ms(dice, 2 * MS_PER_DAY);
    event.disposed = event.kind == EVENT_PATROL && chance(dice, 300);
    if (chance(dice, 100)) { /* from another system, which counts its own, and tells some of them twice */
        event.external_source = "neighbour";
        event.external_id = numbers[dice_roll(dice, 8)];
    }
    place(sim, &event);
    if (plan_has(&sim->plan, FAULT_NONSENSE) && chance(dice, 100))
        talk_nonsense(sim, &event);
    return event;
}

static void report(struct sim *sim, const struct agenda_item *item)
{
    struct event event = invent(sim);
    (void)item;
    channel_report(sim, &event);
}

/* ---- bursts: all of a street within minutes ---- */

static void report_burst(struct sim *sim, const struct agenda_item *item)
{
    struct dice *dice = &sim->people.dice;
    struct event event = invent(sim);
    const struct district *district = sim_district(sim);
    event.service = district->services[item->a % DISTRICT_SERVICES].code;
    event.condition = "";
    event.place.area = district->areas[district->area_count - 1].code;
    event.place.lat = 39.95 + (double)dice_roll(dice, 300) * 1e-6;
    event.place.lon = 116.45 + (double)dice_roll(dice, 300) * 1e-6;
    event.place.marks = 0;
    channel_report(sim, &event);
}

/* ---- days ---- */

/* Local hours: few at night, most in the morning and after work. */
static int64_t moment_of_day(struct dice *dice)
{
    static const unsigned char hours[24] = {
        1, 1, 1, 1, 1, 2, 4, 8, 10, 10, 9, 8, 6, 6, 7, 8, 9, 9, 10, 8, 6, 4, 3, 2
    };
    for (;;) {
        uint64_t hour = dice_roll(dice, 24);
        if (dice_roll(dice, 10) < hours[hour])
            return (int64_t)hour * MS_PER_HOUR + (int64_t)dice_roll(dice, MS_PER_HOUR);
    }
}

/* Of two that the dice say rather the one whose reports are merged. */
static int64_t burst_service(struct sim *sim)
{
    const struct district *district = sim_district(sim);
    int64_t one = (int64_t)dice_roll(&sim->people.dice, DISTRICT_SERVICES);
    int64_t other = (int64_t)dice_roll(&sim->people.dice, DISTRICT_SERVICES);
    return district->services[one].merge_radius_m ? one : other;
}

static void begin_day(struct sim *sim, const struct agenda_item *item)
{
    struct dice *dice = &sim->people.dice;
    int64_t count = sim->plan.reports_per_day;
    if (plan_has(&sim->plan, FAULT_BURSTS) && count > BURST_REPORTS * 2 && chance(dice, 500)) {
        int64_t at_ms = sim->now_ms + moment_of_day(dice), service = burst_service(sim);
        for (int i = 0; i < BURST_REPORTS; i++)
            agenda_enter(&sim->agenda, (struct agenda_item){ .at_ms = at_ms + (int64_t)dice_roll(dice, BURST_MS),
                                                             .happen = report_burst,
                                                             .a = service });
        count -= BURST_REPORTS;
    }
    for (int64_t i = 0; i < count; i++)
        agenda_enter(&sim->agenda,
                     (struct agenda_item){ .at_ms = sim->now_ms + moment_of_day(dice), .happen = report });
    if (item->a + 1 < sim->plan.days)
        agenda_enter(&sim->agenda,
                     (struct agenda_item){ .at_ms = sim->now_ms + MS_PER_DAY, .happen = begin_day, .a = item->a + 1 });
}

void residents_open(struct sim *sim)
{
    agenda_enter(&sim->agenda, (struct agenda_item){ .at_ms = sim->start_ms, .happen = begin_day });
}

/* ---- what they say about their case ---- */

static void speak(struct sim *sim, const struct agenda_item *item)
{
    struct dice *dice = &sim->people.dice;
    struct event event = { .kind = (enum event_kind)item->b,
                           .source = SOURCE_RESIDENT,
                           .reporter = "r-1234567",
                           .about_seq = item->a,
                           .happened_at_ms = sim->now_ms,
                           .text = "再看一下" };
    if (event.kind == EVENT_RATING) {
        event.score = between(dice, 1, 5);
        event.solved = event.score > 2;
    }
    channel_report(sim, &event);
}

static void speak_after(struct sim *sim, int64_t seq, enum event_kind kind, int64_t middle_ms)
{
    agenda_enter(&sim->agenda, (struct agenda_item){ .at_ms = sim->now_ms + about_ms(&sim->people.dice, middle_ms),
                                                     .happen = speak,
                                                     .a = seq,
                                                     .b = (int64_t)kind });
}

void residents_hear(struct sim *sim, const struct notice *notice)
{
    struct dice *dice = &sim->people.dice;
    int64_t seq = strtoll(notice->topic + strlen("receipt/"), NULL, 10);
    if (notice->verb == VERB_CLOSE && chance(dice, 500))
        speak_after(sim, seq, EVENT_RATING, 60 * MS_PER_MINUTE);
    if (notice->verb == VERB_CLOSE && chance(dice, 40))
        speak_after(sim, seq, EVENT_REOPEN, 8 * (int64_t)MS_PER_HOUR);
    if (case_state_is_open(notice->state) && chance(dice, 8))
        speak_after(sim, seq, EVENT_FOLLOW_UP, 30 * MS_PER_MINUTE);
}
