/* Merging by place, in figures: the real engine takes a city's failed geocodes, one burst pipe that everybody reports, and generated floods of
 * which the truth is known. Told in TAP; the figures stand behind "#".
 *
 * Of a flood pairs of reports are counted: the precision is how many of those that came into one case are about one thing, the recall how many
 * of those that are about one thing came into one case. The bar of the recall is for pairs of which both places may be measured from: without a
 * position, or with a geocoder's fallback, nothing may be merged by place. The recall over all pairs is told beside it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ingest/enrich/locate.h"
#include "proto/base/args.h"
#include "proto/base/timestamp.h"
#include "test/merge/flood.h"
#include "test/unit/dispatcher/book_copy.h"
#include "test/unit/dispatcher/town.h"
#include "tools/replay/csv.h"

static int64_t floods = 50, from = 1, verbose;
static const struct arg args[] = {
    { "floods", ARG_INT, &floods, "N", "so many generated floods", 1, 10000 },
    { "from", ARG_INT, &from, "S", "seed of the first", 0, 0 },
    { "verbose", ARG_INT, &verbose, "0|1", "1: each flood's figures", 0, 1 },
};
static const struct arg_program program = {
    .name = "merge",
    .usage = "[--floods N --from S] ROOT",
    .summary = "How reports of one trouble come together: a city's failed geocodes, one burst pipe, generated floods.",
    .args = args,
    .arg_count = sizeof args / sizeof *args,
    .min_operands = 1,
    .max_operands = 1,
};

enum { BURST_REPORTS = 200, BURST_NOTICES = 2, PRECISION_PERCENT = 95, RECALL_PERCENT = 80 };
#define BURST_SERVICE "E0502" /* 自来水管破裂 */

static int test_count, failures;

static void tell(bool passed, const char *what)
{
    printf("%sok %d - %s\n", passed ? "" : "not ", ++test_count, what);
    failures += !passed;
}

static void stop(const char *what, const struct fault *fault)
{
    fprintf(stderr, "merge: %s: %s\n", what, fault->text);
    exit(2);
}

static void open_town(struct town *town, const char *book)
{
    if (!town_open(town, book, TOWN_MONDAY_NINE))
        stop(book, &town->fault);
}

/* The case of each report, in the flood's order. */
static int64_t *play(struct town *town, const struct flood *flood)
{
    int64_t *cases = calloc(flood->count + 1, sizeof *cases);
    for (size_t i = 0; i < flood->count; i++) {
        town->now_ms = flood->reports[i].at_ms;
        if (!town_event(town, flood->reports[i].event))
            stop("a report", &town->fault);
    }
    for (size_t i = 0; i < flood->count; i++) {
        struct case_file record;
        if (!town_case(town, (int64_t)i + 1, &record))
            stop("a report without a case", &town->fault);
        cases[i] = record.id;
    }
    return cases;
}

/* ---- one burst pipe ---- */

struct heard {
    int reports, others;
};

/* What the desk hears because of the reports, not of its own clocks. */
static int count_notice(void *context, const struct notice *notice)
{
    struct heard *heard = context;
    bool is_report = notice->verb == VERB_REPORT || notice->verb == VERB_ATTACH;
    heard->reports += is_report;
    heard->others += !is_report;
    return 0;
}

static struct heard heard_at_the_desk(struct town *town)
{
    struct heard heard = { 0 };
    struct txn *txn = txn_begin_read(town->store);
    if (outbox_read(txn, "desk", 0, SIZE_MAX, &town->arena, count_notice, &heard, &town->fault) < 0)
        stop("the outbox", &town->fault);
    txn_abort(txn);
    return heard;
}

static size_t distinct(const int64_t *cases, size_t count)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        bool known = false;
        for (size_t k = 0; k < i; k++)
            known |= cases[k] == cases[i];
        found += !known;
    }
    return found;
}

static void one_burst_pipe(const char *book)
{
    size_t most_cases = 0;
    int most_reports = 0, most_others = 0;
    for (int64_t seed = from; seed < from + floods; seed++) {
        struct town town;
        struct flood flood;
        open_town(&town, book);
        flood_burst(&flood, town.book, BURST_SERVICE, BURST_REPORTS, 10 * MS_PER_MINUTE, (uint64_t)seed, town.now_ms);
        int64_t *cases = play(&town, &flood);
        size_t count = distinct(cases, flood.count);
        struct heard heard = heard_at_the_desk(&town);
        most_cases = count > most_cases ? count : most_cases;
        most_reports = heard.reports > most_reports ? heard.reports : most_reports;
        most_others = heard.others > most_others ? heard.others : most_others;
        free(cases);
        flood_finish(&flood);
        town_close(&town);
    }
    printf("# burst pipe: %d reports within 10 minutes, %" PRId64 " times: at most %zu case%s; the desk hears of them "
           "at most %d "
           "times (and %d times of its clocks)\n",
           BURST_REPORTS, floods, most_cases, most_cases == 1 ? "" : "s", most_reports, most_others);
    tell(most_cases == 1, "200 reports of one burst pipe make one case");
    tell(most_reports <= BURST_NOTICES, "and at most two notices to the desk");
}

/* ---- floods ---- */

struct pairs {
    int64_t together, both; /* in one case; of these about one thing */
    int64_t one_thing, placed,
        together_placed; /* about one thing; of these with places to be measured from; and of those in one case */
};

static void count_pairs(const struct flood *flood, const int64_t *cases, struct pairs *pairs)
{
    for (size_t i = 0; i < flood->count; i++)
        for (size_t k = 0; k < i; k++) {
            const struct flood_report *one = &flood->reports[i], *other = &flood->reports[k];
            bool together = cases[i] == cases[k];
            bool one_thing = one->incident != FLOOD_ALONE && one->incident == other->incident;
            bool placed = one_thing && place_is_known(&one->event.place) && place_is_known(&other->event.place);
            pairs->together += together;
            pairs->one_thing += one_thing;
            pairs->both += together && one_thing;
            pairs->placed += placed;
            pairs->together_placed += placed && together;
        }
}

static void add_pairs(struct pairs *all, const struct pairs *more)
{
    all->together += more->together;
    all->both += more->both;
    all->one_thing += more->one_thing;
    all->placed += more->placed;
    all->together_placed += more->together_placed;
}

static double percent(int64_t part, int64_t all)
{
    return all ? 100.0 * (double)part / (double)all : 100;
}

static void generated_floods(const char *book)
{
    struct pairs all = { 0 };
    size_t reports = 0, made = 0, incidents = 0;
    for (int64_t seed = from; seed < from + floods; seed++) {
        struct town town;
        struct flood flood;
        struct pairs pairs = { 0 };
        open_town(&town, book);
        flood_make(&flood, town.book, (uint64_t)seed, town.now_ms);
        int64_t *cases = play(&town, &flood);
        count_pairs(&flood, cases, &pairs);
        size_t count = distinct(cases, flood.count);
        if (verbose)
            printf("# seed %" PRId64 ": %zu reports of %d incidents and others, %zu cases, precision %.1f %%, recall "
                   "%.1f %%\n",
                   seed, flood.count, flood.incidents, count, percent(pairs.both, pairs.together),
                   percent(pairs.together_placed, pairs.placed));
        add_pairs(&all, &pairs);
        reports += flood.count;
        incidents += (size_t)flood.incidents;
        made += count;
        free(cases);
        flood_finish(&flood);
        town_close(&town);
    }
    double precision = percent(all.both, all.together), recall = percent(all.together_placed, all.placed);
    printf("# floods: %" PRId64 " of them, seeds from %" PRId64 ", %zu reports of %zu incidents and others, %zu "
           "cases\n",
           floods, from, reports, incidents, made);
    printf("# precision %.1f %%, recall %.1f %% (over all pairs, also those without a place: %.1f %%)\n", precision,
           recall, percent(all.both, all.one_thing));
    tell(precision >= PRECISION_PERCENT, "precision at least 95 % on generated floods");
    tell(recall >= RECALL_PERCENT, "recall at least 80 % on generated floods");
}

/* ---- a city's failed geocodes ---- */

struct columns {
    size_t type, lat, lon, opened;
};

static size_t column(const struct csv_record *header, const char *name)
{
    for (size_t i = 0; i < header->count; i++)
        if (strcmp(header->fields[i], name) == 0)
            return i;
    fprintf(stderr, "merge: no column '%s'\n", name);
    exit(2);
}

static bool take_row(struct town *town, const struct csv_record *row, const struct columns *columns, bool *failed)
{
    struct event event = { .kind = EVENT_REPORT, .source = SOURCE_RESIDENT };
    struct place *place = &event.place;
    const char *type = row->fields[columns->type];
    bool has_position = locate_degrees(row->fields[columns->lat], 90, &place->lat) &&
                        locate_degrees(row->fields[columns->lon], 180, &place->lon);
    int64_t opened_ms;
    if (timestamp_parse(row->fields[columns->opened], -240, &opened_ms) < 0)
        return false;
    town->now_ms = opened_ms > town->now_ms ? opened_ms : town->now_ms;
    event.service = book_service(town->book, type) ? type : "general";
    event.title = arena_text(&town->arena, type, strlen(type));
    event.service = arena_text(&town->arena, event.service, strlen(event.service));
    locate_place(town->book, has_position, place);
    *failed = place_has_mark(place, MARK_FAILED_GEOCODE);
    return town_event(town, event) > 0;
}

/* All rows, of which those with the fallback are remembered. */
static size_t take_rows(struct town *town, const char *path, int64_t **failed)
{
    struct csv csv = { 0 };
    struct csv_record row;
    struct fault fault = { "" };
    size_t count = 0, room = 0;
    if (csv_open(&csv, path, &fault) || csv_next(&csv, &row, &fault) != CSV_RECORD)
        stop(path, &fault);
    struct columns columns = { column(&row, "type"), column(&row, "latitude"), column(&row, "longitude"),
                               column(&row, "open_dt") };
    size_t width = row.count;
    for (int result; (result = csv_next(&csv, &row, &fault)) != CSV_END;) {
        bool is_failed = false;
        if (result != CSV_RECORD || row.count != width || !take_row(town, &row, &columns, &is_failed) || !is_failed)
            continue;
        if (count == room) {
            room = room ? 2 * room : 1024;
            *failed = realloc(*failed, room * sizeof **failed);
        }
        (*failed)[count++] = town->last_seq;
    }
    csv_close(&csv);
    return count;
}

static void failed_geocodes(const char *root)
{
    char path[1000], book[1000], copy[64];
    int64_t *failed = NULL;
    size_t merged = 0;
    struct town town;
    snprintf(path, sizeof path, "%s/boston311_2011_first40000.csv.gz", getenv("DRUMTOWER_TEST_DATA"));
    snprintf(book, sizeof book, "%s/examples/boston", root);
    if (access(path, R_OK) != 0) {
        printf("ok %d - the failed-geocode point of a city's rows # SKIP no %s\n", ++test_count, path);
        return;
    }
    /* this city merges nothing by its own book: here it does, everywhere and widely */
    if (!book_copy_make(book, copy) ||
        !book_copy_change(copy, "services.yaml", "defaults:\n", "defaults:\n  merge: {radius_m: 200, hours: 48}\n"))
        stop(book, &(struct fault){ "its copy cannot be changed" });
    open_town(&town, copy);
    size_t count = take_rows(&town, path, &failed);
    for (size_t i = 0; i < count; i++) {
        struct case_file record;
        if (!town_case(&town, failed[i], &record))
            stop("a row without a case", &town.fault);
        merged += record.voices.count > 1;
    }
    printf("# failed geocodes: %zu of %" PRId64 " rows are on one point, %zu of them were merged\n", count,
           town.last_seq, merged);
    tell(count > 3000 && merged == 0, "the failed-geocode point of a city's rows merges nothing");
    free(failed);
    town_close(&town);
    town_remove_folder(copy);
}

int main(int argc, char **argv)
{
    char book[1000], data[1000];
    int operands;
    struct fault fault = { "" };
    int result = args_parse(&program, argc, argv, &operands, &fault);
    if (result) {
        if (result != ARGS_EXIT)
            fprintf(stderr, "%s\n", fault.text);
        return result == ARGS_EXIT ? 0 : 2;
    }
    const char *root = argv[argc - 1];
    snprintf(book, sizeof book, "%s/examples/gulou", root);
    snprintf(data, sizeof data, "%s/../shared/data", root);
    setenv("DRUMTOWER_TEST_DATA", data, 0);
    one_burst_pipe(book);
    generated_floods(book);
    failed_geocodes(root);
    printf("1..%d\n", test_count);
    return failures ? 1 : 0;
}
