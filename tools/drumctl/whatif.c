/* drumctl whatif: the recorded inputs under another book, and both sets of figures side by side. */
#include "tools/drumctl/whatif.h"

#include <stdio.h>
#include <string.h>

#include "dispatcher/shelf.h"
#include "proto/book/zone.h"
#include "tools/drumctl/progress.h"
#include "tools/drumctl/scratch.h"
#include "tools/drumctl/subcommands.h"

enum { INPUTS_A_TURN = 1000, LIMIT = 20 };

struct asking {
    const char *data, *book_folder, *books_folder, *scratch_folder, *from, *to;
    int64_t limit;
    bool json;
    struct book *book;
    struct shelf shelf;
    struct scratch scratch;
    struct zone *zone;
    struct store *snapshot, *cut, *other; /* cut: what was recorded up to --to; NULL: all of it */
    struct whatif_outcome outcome;
};

/* ---- both ---- */

static int run_one(const struct asking *asking, const struct whatif *whatif, const char *name, struct store **store,
                   struct whatif_outcome *outcome, struct fault *fault)
{
    struct turn turn;
    int result = scratch_cases(&asking->scratch, name, store, fault);
    if (result)
        return result;
    turn_init(&turn, *store, asking->book);
    result = outcome ? whatif_run(whatif, &turn, outcome, fault) : whatif_run_recorded(whatif, &turn, fault);
    turn_finish(&turn);
    return result;
}

/* The books of then are asked for only where they are needed. */
static int run(struct asking *asking, int64_t from_ms, int64_t until_ms, struct fault *fault)
{
    const struct replay_books books = shelf_books(&asking->shelf);
    struct progress progress = { .unit = "inputs" };
    const struct whatif whatif = { .recorded = asking->snapshot,
                                   .book = asking->book,
                                   .books = &books,
                                   .from_ms = from_ms,
                                   .until_ms = until_ms,
                                   .inputs = INPUTS_A_TURN,
                                   .progress = progress_tell,
                                   .progress_context = &progress };
    int result = run_one(asking, &whatif, "other", &asking->other, &asking->outcome, fault);
    progress_end(&progress);
    if (!result && until_ms)
        result = run_one(asking, &whatif, "cut", &asking->cut, NULL, fault);
    progress_end(&progress);
    return result;
}

/* ---- compared ---- */

static json_t *inputs_json(const struct whatif_outcome *outcome)
{
    json_t *refused = json_object();
    int64_t sum = 0;
    for (size_t verb = 0; verb < verb_desc.count; verb++) {
        sum += outcome->refused_now[verb];
        if (outcome->refused_now[verb])
            json_object_set_new(refused, enum_name(&verb_desc, (int)verb), json_integer(outcome->refused_now[verb]));
    }
    return json_pack("{sI sI sI sI sI sI sI sI so}", "entries", (json_int_t)outcome->entries, "events",
                     (json_int_t)outcome->events, "commands", (json_int_t)outcome->commands, "erased",
                     (json_int_t)outcome->erased, "stood_in", (json_int_t)outcome->stood_in, "refused_then",
                     (json_int_t)outcome->refused_then, "done_now", (json_int_t)outcome->done_now, "refused",
                     (json_int_t)sum, "refused_now", refused);
}

/* Where nothing else is asked for: from the first entry to the end. */
static int all_days(struct txn *then, struct days *days, struct fault *fault)
{
    struct journal journal = journal_in_store();
    struct journal_entry first = { 0 };
    int result = journal_get(&journal, then, 1, &first, fault);
    case_local_day(days->from, first.at_ms);
    case_local_day(days->to, meta_get(then, META_TIME));
    if (strcmp(days->from, days->to) > 0) /* a book came after the last input */
        memcpy(days->from, days->to, sizeof days->from);
    return result < 0 ? result : 0;
}

static int compare(struct asking *asking, const struct whatif_comparison *comparison, struct fault *fault)
{
    json_t *root = json_pack("{s{ss ss} so}", "days", "from", comparison->days.from, "to", comparison->days.to,
                             "inputs", inputs_json(&asking->outcome));
    int result = whatif_compare_figures(comparison, root, fault);
    if (!result)
        result = whatif_compare_cases(comparison, root, fault);
    if (!result && asking->json)
        look_print_json(json_incref(root), 0);
    else if (!result)
        whatif_print(root, asking->zone);
    json_decref(root);
    return result;
}

/* ---- what is asked ---- */

/* The moment at which that local day begins. */
static int64_t day_begins(const struct asking *asking, const char *day, int64_t later)
{
    struct civil_date date;
    return civil_date_parse(day, &date)
               ? 0
               : zone_from_local_ms(asking->book->zone, (civil_to_days(date) + later) * MS_PER_DAY);
}

static int answer(struct asking *asking, struct fault *fault)
{
    struct whatif_comparison comparison = { .book = asking->book, .limit = asking->limit };
    if (asking->from)
        comparison.from_ms = day_begins(asking, asking->from, 0);
    if (asking->to)
        comparison.until_ms = day_begins(asking, asking->to, 1);
    int result = run(asking, comparison.from_ms, comparison.until_ms, fault);
    if (result)
        return result;
    comparison.then = txn_begin_read(asking->cut ? asking->cut : asking->snapshot);
    comparison.now = txn_begin_read(asking->other);
    result = all_days(comparison.then, &comparison.days, fault);
    if (!result)
        result = days_parse(asking->from, asking->to, &comparison.days, fault);
    if (!result)
        result = compare(asking, &comparison, fault);
    txn_abort(comparison.now);
    txn_abort(comparison.then);
    return result;
}

static int open_all(struct asking *asking, struct fault *fault)
{
    int result = book_load(asking->book_folder, &asking->book, NULL, NULL, fault);
    if (!result)
        result = shelf_load(&asking->shelf, asking->book, asking->books_folder, fault);
    if (!result)
        result = scratch_make(&asking->scratch, asking->scratch_folder, fault);
    if (!result)
        result = scratch_snapshot(&asking->scratch, asking->data, &asking->snapshot, fault);
    return result ? result : look_zone(asking->snapshot, &asking->zone, fault);
}

static void close_all(struct asking *asking)
{
    store_close(asking->other);
    store_close(asking->cut);
    store_close(asking->snapshot);
    scratch_remove(&asking->scratch);
    zone_destroy(asking->zone);
    shelf_finish(&asking->shelf);
    book_destroy(asking->book);
}

/* Wrong days are told before anything is copied. */
static int check_call(const struct asking *asking, struct fault *fault)
{
    struct days days = { "0001-01-01", "9999-12-31" };
    if (!asking->book_folder)
        return fault_set(fault, -EINVAL, "--book DIR is missing: the other book");
    return days_parse(asking->from, asking->to, &days, fault);
}

static const char summary[] = "Replays the recorded inputs under another book (limits, calendars, routing, roster) and "
                              "prints what came of them "
                              "beside what\nwould have come of them: the indicators, what each department had to do, "
                              "and the cases that would have "
                              "been late or in time.\n\n"
                              "Reports, and what people did at which moment, stay the same. A case is found by its "
                              "report; a task is done by whoever "
                              "has it\nnow (but a return or a hand-up is not made in the name of another department); "
                              "what was refused then is tried "
                              "as it was.\nWhat is refused now is counted by its verb. It cannot know whether people "
                              "would have worked faster or "
                              "slower, nor what they\nwould have done where nobody did anything then: a case that "
                              "waits for somebody now waits to the "
                              "end.\n\n"
                              "The dispatcher may run meanwhile: all is done on a snapshot, in files that are gone "
                              "when it ends. With --from the other "
                              "book is in\nforce from that day on, with --to the inputs end with that day; both need "
                              "the books of then (--books).";

int drumctl_whatif(int argc, char **argv)
{
    struct asking asking = { .limit = LIMIT };
    const struct arg args[] = {
        { "data", ARG_TEXT, &asking.data, "DIR", "data folder", 0, 0 },
        { "book", ARG_TEXT, &asking.book_folder, "DIR", "the other book", 0, 0 },
        { "books", ARG_TEXT, &asking.books_folder, "DIR", "folder of the books that the journal names", 0, 0 },
        { "from", ARG_TEXT, &asking.from, "DAY", "first local day of the other book, as 2026-01-05; default all", 0,
          0 },
        { "to", ARG_TEXT, &asking.to, "DAY", "last local day; default all", 0, 0 },
        { "limit", ARG_INT, &asking.limit, "N", "how many cases are listed at most", 0, INT64_MAX },
        { "scratch", ARG_TEXT, &asking.scratch_folder, "DIR",
          "where there is room for two or three times the cases (default $TMPDIR or /tmp)", 0, 0 },
        { "json", ARG_FLAG, &asking.json, NULL, "one JSON object", 0, 0 },
    };
    const struct arg_program program = {
        .name = "drumctl whatif",
        .usage = "--data DIR --book DIR [--books DIR] [--from DAY] [--to DAY] [--limit N] [--json]",
        .summary = summary,
        .args = args,
        .arg_count = sizeof args / sizeof *args,
    };
    struct fault fault = { "" };
    int operands, code = look_parse(&program, argc, argv, &operands, &asking.data);
    if (code != LOOK_GO_ON)
        return code;
    if (check_call(&asking, &fault))
        return look_fail(&program, 2, &fault);
    int result = open_all(&asking, &fault);
    if (!result)
        result = answer(&asking, &fault);
    close_all(&asking);
    return result ? look_fail(&program, 1, &fault) : 0;
}
