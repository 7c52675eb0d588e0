#include <inttypes.h>
#include <stdio.h>

#include "proto/base/clock.h"
#include "proto/book/sources.h"
#include "proto/book/zone.h"
#include "tools/drumctl/look.h"
#include "tools/drumctl/subcommands.h"

static void print_error(void *context, const char *error)
{
    size_t *count = context;
    ++*count;
    fprintf(stderr, "%s\n", error);
}

static void print_warning(void *context, const char *warning)
{
    (void)context;
    fprintf(stderr, "%s\n", warning);
}

static void print_areas(const struct book *book)
{
    for (int tier = TIER_DISTRICT; tier <= TIER_GRID; tier++) {
        size_t count = 0, polygons = 0;
        for (size_t i = 0; i < book->area_count; i++) {
            count += (int)book->areas[i].tier == tier;
            polygons += (int)book->areas[i].tier == tier && book->areas[i].has_polygon;
        }
        if (count)
            printf("%-12s %zu of tier %s, %zu with a polygon\n", "areas", count, enum_name(&tier_desc, tier), polygons);
    }
}

static void print_services(const struct book *book)
{
    size_t conditions = 0, limited = 0;
    for (size_t i = 0; i < book->service_count; i++)
        for (size_t j = 0; j < book->services[i].condition_count; j++, conditions++)
            limited += book->services[i].conditions[j].limit.unit != UNIT_NONE;
    printf("%-12s %zu\n", "services", book->service_count);
    printf("%-12s %zu, %zu with a limit\n", "conditions", conditions, limited);
}

static void print_people(const struct book *book)
{
    for (int role = ROLE_NONE + 1; role < (int)role_desc.count; role++) {
        size_t count = 0;
        for (size_t i = 0; i < book->person_count; i++)
            count += (int)book->people[i].role == role;
        if (count)
            printf("%-12s %zu with the role %s\n", "people", count, enum_name(&role_desc, role));
    }
}

static size_t count_groups(const struct book_sources *sources)
{
    size_t count = 0;
    for (size_t i = 0; i < sources->chat_count; i++)
        count += sources->chats[i].group_count;
    return count;
}

static void print_sources(const struct book *book)
{
    const struct book_sources *sources = book_sources(book);
    if (sources->table_count)
        printf("%-12s %zu\n", "tables", sources->table_count);
    if (sources->hook_count)
        printf("%-12s %zu\n", "webhooks", sources->hook_count);
    if (sources->chat_count)
        printf("%-12s %zu with %zu groups\n", "chats", sources->chat_count, count_groups(sources));
    if (sources->feed_count)
        printf("%-12s %zu\n", "feeds", sources->feed_count);
    if (sources->broker_count || sources->sensor_count)
        printf("%-12s %zu with %zu rules, from %zu brokers\n", "sensors", sources->sensor_count,
               sources->sensor_rule_count, sources->broker_count);
}

static void print_summary(const struct book *book)
{
    char hash[HASH_HEX];
    printf("%-12s %s %s (%s), %s\n", "district", book->code, book->name.zh, book->name.en, book->time_zone);
    print_areas(book);
    printf("%-12s %zu\n", "departments", book->department_count);
    print_services(book);
    printf("%-12s %zu\n", "calendars", book->calendar_count);
    printf("%-12s %zu\n", "rules", book->route_count);
    printf("%-12s %zu\n", "escalations", book->escalation_count);
    print_people(book);
    printf("%-12s %zu\n", "cameras", book->camera_count);
    printf("%-12s %zu\n", "scenes", book->scene_count);
    print_sources(book);
    printf("%-12s %s\n", "hash", hash_hex(hash, &book->hash));
}

int drumctl_check(int argc, char **argv)
{
    bool strict = false;
    const char *time = NULL;
    const struct arg args[] = {
        { "strict", ARG_FLAG, &strict, NULL, "exit with 1 for a warning too", 0, 0 },
        { "time", ARG_TEXT, &time, "TIME", "warn as at this local time; default now", 0, 0 },
    };
    const struct arg_program program = {
        .name = "drumctl check",
        .usage = "[--strict] BOOK",
        .summary = "Reads the district book in the folder BOOK. Prints every error with file, line and column and\n"
                   "exits with 1, or prints what the book holds, and warnings: services that no rule has, grids "
                   "without\n"
                   "a worker on duty, calendars whose holidays end within 60 days, departments without cases or "
                   "people,\n"
                   "lower tiers whose cases end there, escalations that reach nobody.",
        .args = args,
        .arg_count = sizeof args / sizeof *args,
        .min_operands = 1,
        .max_operands = 1,
    };
    int operands;
    int code = look_parse(&program, argc, argv, &operands, NULL);
    if (code != LOOK_GO_ON)
        return code;
    struct fault fault = { "" };
    struct book *book = NULL;
    size_t errors = 0, warnings = 0;
    int64_t at_ms = clock_now_ms();
    if (book_load(argv[0], &book, print_error, &errors, &fault) < 0) {
        fprintf(stderr, "%s: %zu error%s; nothing can start with this book\n", argv[0], errors, errors == 1 ? "" : "s");
        return 1;
    }
    if (time && zone_parse(book->zone, time, &at_ms) < 0) {
        fault_set(&fault, -EINVAL, "--time '%s': expected a time such as '2026-03-02 10:00'", time);
        code = look_fail(&program, 2, &fault);
    } else {
        print_summary(book);
        warnings = book_advise(book, at_ms, print_warning, NULL);
        printf("%-12s %zu\n", "warnings", warnings);
        code = strict && warnings;
    }
    book_destroy(book);
    return code;
}
