#include "test/merge/flood.h"

#include <math.h>
#include <stdlib.h>

#include "ingest/enrich/locate.h"
#include "proto/base/geo.h"
#include "proto/base/timestamp.h"
#include "tools/benches/grow.h"

static const double DEGREE_M = 111195, PI = 3.14159265358979323846;
enum {
    SQUARE_M = 500,         /* in which all of it is */
    DEVICE_M = 12,          /* how far off a telephone is (one sigma) */
    HOME_M = 400,           /* how far away people live who report where they are, not where it is */
    SAME_SERVICE_APART = 3, /* radii between two incidents of one service */
    INCIDENTS_MIN = 3,
    INCIDENTS_MAX = 7,
    REPORTS_MIN = 4,
    REPORTS_MAX = 45,
    ALONE_MIN = 15,
    ALONE_MAX = 45,
    SERVICES_MAX = 64,
};
/* Of a thousand reports of an incident. */
enum { NO_POSITION = 40, FALLBACK = 20, AT_HOME = 30, WRONG_SERVICE = 30, TWICE = 80 };

struct incident {
    const struct book_service *service;
    double lat, lon;
    int64_t from_ms, within_ms;
    int reports;
};

struct making {
    struct flood *flood;
    const struct book *book;
    struct dice dice;
    const struct book_service *merged[SERVICES_MAX]; /* by place */
    size_t merged_count;
    int64_t from_ms;
    int reporters;
};

/* ---- dice ---- */

/* In (0, 1). */
static double share(struct dice *dice)
{
    return ((double)dice_roll(dice, 1000000) + 0.5) / 1000000;
}

/* Box and Muller. */
static double gauss(struct dice *dice)
{
    double far = sqrt(-2 * log(share(dice)));
    return far * cos(2 * PI * share(dice));
}

static void move(double *lat, double *lon, double north_m, double east_m)
{
    *lat += north_m / DEGREE_M;
    *lon += east_m / (DEGREE_M * cos(*lat * PI / 180));
}

/* Evenly over a disc. */
static void move_within(struct dice *dice, double *lat, double *lon, double radius_m)
{
    double far = radius_m * sqrt(share(dice)), turn = 2 * PI * share(dice);
    move(lat, lon, far * cos(turn), far * sin(turn));
}

/* ---- reports ---- */

static struct flood_report *add(struct making *making, int incident, const struct book_service *service, int64_t at_ms)
{
    struct flood *flood = making->flood;
    flood->reports = grow(flood->reports, flood->count, &flood->room, sizeof *flood->reports);
    struct flood_report *report = &flood->reports[flood->count++];
    *report = (struct flood_report){ .incident = incident, .at_ms = at_ms };
    report->event = (struct event){
        .kind = EVENT_REPORT,
        .source = SOURCE_RESIDENT,
        .service = service->code,
        .title = service->name.zh,
        .text = service->name.zh,
        .reporter = arena_format(&flood->arena, "r-%d", making->reporters++),
    };
    return report;
}

static void locate(struct making *making, struct flood_report *report, bool has_position, double lat, double lon)
{
    report->event.place = (struct place){ .lat = lat, .lon = lon, .address = "路口", .area = "" };
    locate_place(making->book, has_position, &report->event.place);
}

/* As the telephone has it. */
static void locate_by_device(struct making *making, struct flood_report *report, double lat, double lon)
{
    move(&lat, &lon, DEVICE_M * gauss(&making->dice), DEVICE_M * gauss(&making->dice));
    locate(making, report, true, lat, lon);
}

static void say_where(struct making *making, struct flood_report *report, const struct incident *incident)
{
    struct dice *dice = &making->dice;
    const struct book_point *fallback = making->book->failed_geocodes;
    double lat = incident->lat, lon = incident->lon;
    if (chance(dice, NO_POSITION)) {
        locate(making, report, false, 0, 0);
    } else if (chance(dice, FALLBACK)) {
        locate(making, report, true, fallback->lat, fallback->lon);
    } else if (chance(dice, AT_HOME)) {
        move_within(dice, &lat, &lon, HOME_M);
        locate_by_device(making, report, lat, lon);
    } else {
        move_within(dice, &lat, &lon, (double)incident->service->merge.radius_m / 3);
        locate_by_device(making, report, lat, lon);
    }
}

static const struct book_service *any_merged(struct making *making)
{
    return making->merged[dice_roll(&making->dice, making->merged_count)];
}

static void report_incident(struct making *making, int number, const struct incident *incident)
{
    struct dice *dice = &making->dice;
    for (int i = 0; i < incident->reports; i++) {
        int64_t at_ms = incident->from_ms + (i ? (int64_t)(share(dice) * (double)incident->within_ms) : 0);
        bool wrong = chance(dice, WRONG_SERVICE);
        struct flood_report *report = add(making, number, wrong ? any_merged(making) : incident->service, at_ms);
        say_where(making, report, incident);
        if (!chance(dice, TWICE))
            continue;
        struct flood_report again = *report;
        report = add(making, number, incident->service, at_ms + between(dice, MS_PER_MINUTE, 30 * MS_PER_MINUTE));
        report->event = again.event; /* the same person, the same words and place */
    }
}

/* What would be there on any day: anywhere around, of any service. */
static void report_alone(struct making *making, double lat, double lon, int64_t within_ms)
{
    struct dice *dice = &making->dice;
    for (int64_t left = between(dice, ALONE_MIN, ALONE_MAX); left > 0; left--) {
        const struct book_service *service =
            chance(dice, 500) ? any_merged(making)
                              : &making->book->services[dice_roll(dice, making->book->service_count)];
        struct flood_report *report =
            add(making, FLOOD_ALONE, service, making->from_ms + (int64_t)(share(dice) * (double)within_ms));
        double at_lat = lat, at_lon = lon;
        move(&at_lat, &at_lon, (share(dice) - 0.5) * 2 * SQUARE_M, (share(dice) - 0.5) * 2 * SQUARE_M);
        locate_by_device(making, report, at_lat, at_lon);
    }
}

/* ---- incidents ---- */

/* Two of one service and near each other are one and the same, to anybody. */
static bool is_apart(const struct incident *incidents, int count, const struct incident *other)
{
    for (int i = 0; i < count; i++)
        if (incidents[i].service == other->service &&
            geo_distance_m(incidents[i].lat, incidents[i].lon, other->lat, other->lon) <
                SAME_SERVICE_APART * other->service->merge.radius_m)
            return false;
    return true;
}

static struct incident draw_incident(struct making *making, double lat, double lon)
{
    struct dice *dice = &making->dice;
    struct incident incident = { .service = any_merged(making), .lat = lat, .lon = lon };
    int64_t span_ms = incident.service->merge.hours * MS_PER_HOUR / 2;
    move(&incident.lat, &incident.lon, (share(dice) - 0.5) * SQUARE_M, (share(dice) - 0.5) * SQUARE_M);
    incident.from_ms = making->from_ms + between(dice, 0, MS_PER_HOUR);
    incident.within_ms = between(dice, 10 * MS_PER_MINUTE, span_ms < 6 * MS_PER_HOUR ? span_ms : 6 * MS_PER_HOUR);
    incident.reports = (int)between(dice, REPORTS_MIN, REPORTS_MAX);
    return incident;
}

static int by_time(const void *a, const void *b)
{
    const struct flood_report *first = a, *second = b;
    return (first->at_ms > second->at_ms) - (first->at_ms < second->at_ms);
}

static struct making begin(struct flood *flood, const struct book *book, uint64_t seed, int64_t from_ms)
{
    struct making making = { .flood = flood, .book = book, .dice = chance_begin(seed, 0), .from_ms = from_ms };
    *flood = (struct flood){ .incidents = 0 };
    for (size_t i = 0; i < book->service_count && making.merged_count < SERVICES_MAX; i++)
        if (book->services[i].merge.radius_m)
            making.merged[making.merged_count++] = &book->services[i];
    return making;
}

static void in_order(struct flood *flood)
{
    qsort(flood->reports, flood->count, sizeof *flood->reports, by_time);
}

void flood_make(struct flood *flood, const struct book *book, uint64_t seed, int64_t from_ms)
{
    struct making making = begin(flood, book, seed, from_ms);
    struct incident incidents[INCIDENTS_MAX];
    double lat = 39.940, lon = 116.390; /* in the middle of the district */
    move(&lat, &lon, (share(&making.dice) - 0.5) * 1500, (share(&making.dice) - 0.5) * 1500);
    int wanted = (int)between(&making.dice, INCIDENTS_MIN, INCIDENTS_MAX);
    while (flood->incidents < wanted) {
        struct incident incident = draw_incident(&making, lat, lon);
        if (!is_apart(incidents, flood->incidents, &incident))
            continue;
        report_incident(&making, flood->incidents, &incident);
        incidents[flood->incidents++] = incident;
    }
    report_alone(&making, lat, lon, 6 * MS_PER_HOUR);
    in_order(flood);
}

void flood_burst(struct flood *flood, const struct book *book, const char *code, int count, int64_t within_ms,
                 uint64_t seed, int64_t from_ms)
{
    struct making making = begin(flood, book, seed, from_ms);
    const struct incident incident = { .service = book_service(book, code), .lat = 39.940, .lon = 116.390 };
    for (flood->incidents = 1; count > 0; count--) {
        struct flood_report *report =
            add(&making, 0, incident.service, from_ms + (int64_t)(share(&making.dice) * (double)within_ms));
        double lat = incident.lat, lon = incident.lon;
        move_within(&making.dice, &lat, &lon, (double)incident.service->merge.radius_m / 3);
        locate_by_device(&making, report, lat, lon);
    }
    in_order(flood);
}

void flood_finish(struct flood *flood)
{
    free(flood->reports);
    arena_finish(&flood->arena);
    *flood = (struct flood){ .incidents = 0 };
}
