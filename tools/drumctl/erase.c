/* drumctl erase: takes out what names a person, and leaves a mark in the chain. Safe to do again, also after a crash in the middle. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "proto/book/zone.h"
#include "proto/store/case_store.h"
#include "proto/store/event_log.h"
#include "proto/store/journal_find.h"
#include "proto/store/media_store.h"
#include "tools/drumctl/look.h"
#include "tools/drumctl/subcommands.h"

struct erasing {
    const char *data;
    bool photos;
    bool bare;      /* the log had nothing of it (any more) */
    int64_t number; /* of the report, or of the journal entry */
    struct erasure erasure;
    struct event_log *log;
    struct store *cases; /* NULL: the dispatcher has never run here */
    struct zone *zone;
    struct arena arena;
};

/* ---- the event log and the photos ---- */

static int erase_photos(const struct erasing *erasing, const struct event *event, struct fault *fault)
{
    size_t gone = 0;
    int result = 0;
    for (size_t i = 0; i < event->media.count && result >= 0; i++) {
        result = media_store_erase(erasing->data, event->media.items[i].hash, fault);
        gone += result == 0;
    }
    if (result >= 0)
        printf("photos: %zu of %zu removed\n", gone, event->media.count);
    return result < 0 ? result : 0;
}

static int erase_in_log(struct erasing *erasing, bool words, struct fault *fault)
{
    struct event event;
    int result = event_log_get(erasing->log, (uint64_t)erasing->number, &erasing->arena, &event, fault);
    if (!result)
        result =
            event_log_erase(erasing->log, (uint64_t)erasing->number, words, &erasing->erasure, &erasing->arena, fault);
    if (result == 1)
        return fault_set(fault, -ENOENT, "no report %" PRId64, erasing->number);
    if (result < 0)
        return result;
    erasing->bare = result == EVENT_LOG_BARE;
    const char *what = words ? "words and contact" : "contact";
    if (erasing->bare)
        printf("event log: nothing of it is there any more: the %s of report %" PRId64 "\n", what, erasing->number);
    else
        printf("event log: %s of report %" PRId64 " erased\n", what, erasing->number);
    return erasing->photos ? erase_photos(erasing, &event, fault) : 0;
}

/* ---- the journal and the cases ---- */

enum { NO_ENTRY, OF_THE_REPORT = -1 }; /* in place of an entry: the mark alone; that which the report is */

/* One transaction: the erasure is an input like the dispatcher's own. The report's entry is looked for in it, and not before: a turn that had
 * read the words from the log has then been committed, and a later one reads them erased. */
static int journal_it(struct erasing *erasing, int64_t entry, struct fault *fault)
{
    struct journal journal = journal_in_store();
    struct erasure *erasure = &erasing->erasure;
    uint64_t n = 0, found = 0;
    struct txn *txn = txn_begin_write(erasing->cases);
    int result = entry == OF_THE_REPORT ? journal_find_event(&journal, txn, erasing->number, &found, fault) : 0;
    erasure->entry = entry == OF_THE_REPORT ? (int64_t)found : entry;
    if (!result)
        result = erase_in_journal(&journal, txn, erasure, &erasing->arena, &n, fault);
    if (result)
        txn_abort(txn);
    else
        result = txn_commit(txn, fault);
    if (result == 0 && erasure->entry)
        printf("journal: words of entry %" PRId64 " erased, also from its case, by entry %" PRIu64 "\n", erasure->entry,
               n);
    else if (result == 0)
        printf("journal: entry %" PRIu64 " says so\n", n);
    return result;
}

/* 1: this entry is a mark about the report. */
static int is_mark(void *context, const struct journal_entry *entry)
{
    struct erasing *erasing = context;
    struct erasure erasure;
    if (entry->kind != INPUT_ERASURE)
        return 0;
    arena_reset(&erasing->arena);
    if (record_decode(&erasure_desc, entry->payload, &erasing->arena, &erasure, NULL) ||
        erasure.event_seq != erasing->number)
        return 0;
    printf("journal: entry %" PRIu64 " said so before\n", entry->n);
    return 1;
}

/* 1: there is a mark, or no need of one, since nothing was ever erased. Whoever was killed between log and journal left none. */
static int is_marked(struct erasing *erasing, struct fault *fault)
{
    struct journal journal = journal_in_store();
    struct erasure erasure;
    int result = event_log_erasure(erasing->log, (uint64_t)erasing->number, &erasing->arena, &erasure, fault);
    if (result)
        return result;
    struct txn *txn = txn_begin_read(erasing->cases);
    result = journal.ops->read(journal.log, txn, 1, SIZE_MAX, is_mark, erasing, fault);
    txn_abort(txn);
    return result;
}

/* Where there is nothing to take out of the journal, the mark alone is left in it, once. */
static int leave_mark(struct erasing *erasing, struct fault *fault)
{
    int result = erasing->bare ? is_marked(erasing, fault) : 0;
    return result ? (result < 0 ? result : 0) : journal_it(erasing, NO_ENTRY, fault);
}

static int erase_report_in_journal(struct erasing *erasing, bool words, struct fault *fault)
{
    if (!erasing->cases)
        return 0;
    int result = words ? journal_it(erasing, OF_THE_REPORT, fault) : ERASE_NOTHING;
    return result == ERASE_NOTHING ? leave_mark(erasing, fault) : result;
}

static int erase_report(struct erasing *erasing, bool words, struct fault *fault)
{
    erasing->erasure.event_seq = erasing->number;
    int result = event_log_open(erasing->data, STORE_READ_WRITE, &erasing->log, fault);
    if (!result)
        result = erase_in_log(erasing, words, fault);
    if (!result)
        result = erase_report_in_journal(erasing, words, fault);
    if (result == ERASE_ALREADY)
        puts("journal: its words were erased before");
    return result < 0 ? result : 0;
}

static int refuse_event(struct erasing *erasing, struct fault *fault)
{
    struct journal journal = journal_in_store();
    struct journal_entry entry;
    struct event event;
    struct txn *txn = txn_begin_read(erasing->cases);
    int result = journal_get(&journal, txn, (uint64_t)erasing->number, &entry, fault);
    if (result == 0 && entry.kind == INPUT_EVENT &&
        record_decode(&event_desc, entry.payload, &erasing->arena, &event, NULL) == 0)
        result = fault_set(fault, -EINVAL, "entry %" PRId64 " is report %" PRId64 ": drumctl erase report %" PRId64,
                           erasing->number, event.seq, event.seq);
    txn_abort(txn);
    return result < 0 ? result : 0;
}

static int erase_entry(struct erasing *erasing, struct fault *fault)
{
    if (!erasing->cases)
        return fault_set(fault, -ENOENT, "%s: no cases yet: the dispatcher has not started", erasing->data);
    int result = refuse_event(erasing, fault);
    if (!result)
        result = journal_it(erasing, erasing->number, fault);
    if (result > 0)
        printf("entry %" PRId64 ": %s\n", erasing->number,
               result == ERASE_ALREADY ? "its words are erased already" : "it has no words");
    return result < 0 ? result : 0;
}

/* ---- the command ---- */

/* Opening to write would make what is not there. */
static bool has_data(const char *data, const char *environment)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s/data.mdb", data, environment);
    return access(path, F_OK) == 0;
}

static int open_cases(struct erasing *erasing, struct fault *fault)
{
    if (!has_data(erasing->data, "events"))
        return fault_set(fault, -ENOENT, "%s: no data yet: the process that writes it has not started", erasing->data);
    if (!has_data(erasing->data, "cases"))
        return 0;
    int result = case_store_open(erasing->data, STORE_READ_WRITE, &erasing->cases, fault);
    return result ? result : look_zone(erasing->cases, &erasing->zone, fault);
}

static int erase(struct erasing *erasing, const char *what, struct fault *fault)
{
    int result = open_cases(erasing, fault);
    if (!result)
        result = strcmp(what, "entry") == 0 ? erase_entry(erasing, fault)
                                            : erase_report(erasing, strcmp(what, "report") == 0, fault);
    event_log_close(erasing->log);
    store_close(erasing->cases);
    zone_destroy(erasing->zone);
    arena_finish(&erasing->arena);
    return result;
}

static int check_call(struct erasing *erasing, char **operands, struct fault *fault)
{
    static const char *const kinds[] = { "contact", "report", "entry" };
    char *end;
    size_t kind = 0;
    while (kind < 3 && strcmp(operands[0], kinds[kind]) != 0)
        kind++;
    if (kind == 3)
        return fault_set(fault, -EINVAL, "'%s': expected contact, report or entry", operands[0]);
    erasing->number = strtoll(operands[1], &end, 10);
    if (*end || erasing->number < 1)
        return fault_set(fault, -EINVAL, "'%s': expected a number from 1 on", operands[1]);
    if (!erasing->erasure.actor || !erasing->erasure.reason)
        return fault_set(fault, -EINVAL,
                         "--by NAME and --reason TEXT are missing: an erasure says who did it, and why");
    erasing->erasure.at_ms = clock_now_ms();
    return record_check(&erasure_desc, &erasing->erasure, fault);
}

static const char summary[] = "Takes out what names a person, for good:\n\n"
                              "  contact N: name, phone and address of whoever made report N.\n"
                              "  report N: the same, and the words of the report: from the event log, the journal, the "
                              "case, its history and notices.\n"
                              "  entry N: the words of a command, for example a name in a reason; N is the number of "
                              "its journal entry.\n\n"
                              "With --photos the report's photos go, too: a photo is kept once, however many reports "
                              "were sent with the same picture,\nand is gone from all of them then.\n\n"
                              "A mark stays in their place, and an entry in the journal that says who erased, when and "
                              "why. The journal still verifies, and\n"
                              "what was proved before still holds. Old bytes stay in freed pages of the data files "
                              "until these are used again, and in backups.";

int drumctl_erase(int argc, char **argv)
{
    struct erasing erasing = { 0 };
    const struct arg args[] = {
        { "data", ARG_TEXT, &erasing.data, "DIR", "data folder", 0, 0 },
        { "by", ARG_TEXT, &erasing.erasure.actor, "NAME", "who erases", 0, 0 },
        { "reason", ARG_TEXT, &erasing.erasure.reason, "TEXT", "why; stays in the journal: do not repeat the words", 0,
          0 },
        { "photos", ARG_FLAG, &erasing.photos, NULL,
          "the report's photos, too; the same picture goes from other reports", 0, 0 },
    };
    const struct arg_program program = {
        .name = "drumctl erase",
        .usage = "contact|report|entry N --by NAME --reason TEXT --data DIR [--photos]",
        .summary = summary,
        .args = args,
        .arg_count = sizeof args / sizeof *args,
        .min_operands = 2,
        .max_operands = 2,
    };
    struct fault fault = { "" };
    int operands, status = look_parse(&program, argc, argv, &operands, &erasing.data);
    if (status != LOOK_GO_ON)
        return status;
    if (check_call(&erasing, argv, &fault) < 0)
        return look_fail(&program, 2, &fault);
    return erase(&erasing, argv[0], &fault) < 0 ? look_fail(&program, 1, &fault) : 0;
}
