/* drumctl status: what the environments hold, who reads them, how far the dispatcher is, and what is open. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/book/zone.h"
#include "proto/store/case_index.h"
#include "proto/store/case_store.h"
#include "proto/store/event_log.h"
#include "proto/store/journal.h"
#include "proto/store/recount.h"
#include "tools/drumctl/look.h"
#include "tools/drumctl/progress.h"
#include "tools/drumctl/subcommands.h"

struct status {
    const char *data;
    bool json, recount;
    struct zone *zone;
    bool differs; /* the recount found a wrong figure */
};

/* ---- environments ---- */

static json_t *count_tables(struct store *store)
{
    json_t *tables = json_object();
    const struct store_layout *layout = store_layout(store);
    struct txn *txn = txn_begin_read(store);
    for (size_t i = 0; i < layout->table_count; i++)
        json_object_set_new(tables, layout->tables[i], json_integer((json_int_t)txn_count(txn, (int)i)));
    txn_abort(txn);
    return tables;
}

static int add_environment(json_t *environments, struct store *store, struct fault *fault)
{
    struct store_stat stat;
    const char *name = store_layout(store)->name;
    int result = store_stat(store, &stat);
    if (result)
        return fault_set(fault, result, "%s: cannot be measured: %s", name, strerror(-result));
    json_object_set_new(environments, name,
                        json_pack("{so sI sI sI sI sI}", "tables", count_tables(store), "used_bytes",
                                  (json_int_t)stat.used_bytes, "map_bytes", (json_int_t)stat.map_bytes,
                                  "free_disk_bytes", (json_int_t)stat.free_disk_bytes, "readers",
                                  (json_int_t)stat.readers, "oldest_reader_lag", (json_int_t)stat.oldest_reader_lag));
    return 0;
}

static int look_at_events(json_t *root, const struct status *status, struct fault *fault)
{
    struct event_log *log = NULL;
    int result = event_log_open(status->data, STORE_READ_ONLY, &log, fault);
    if (result)
        return result == -ENOENT ? 0 : result;
    result = add_environment(json_object_get(root, "environments"), event_log_store(log), fault);
    int64_t last = result ? 0 : event_log_last(log, fault);
    json_object_set_new(root, "last_event", json_integer(last));
    event_log_close(log);
    return last < 0 ? (int)last : result;
}

/* The tables are the doors' own: only the size is looked at. */
static int look_at_accounts(json_t *root, const struct status *status, struct fault *fault)
{
    static const struct store_layout layout = { .name = "accounts" };
    struct store *store = NULL;
    int result = store_open_in(status->data, &layout, STORE_READ_ONLY, NULL, &store, fault);
    if (result)
        return result == -ENOENT ? 0 : result;
    result = add_environment(json_object_get(root, "environments"), store, fault);
    store_close(store);
    return result;
}

/* ---- cases ---- */

static int add_department(void *context, const char *name, int64_t value)
{
    const char *department = strstr(name, "/dept/");
    if (department)
        json_object_set_new(context, department + strlen("/dept/"), json_integer(value));
    return 0;
}

/* {"open": n, "departments": {…}} of a counter and the same by department. */
static json_t *counter_by_department(struct txn *txn, const char *counter)
{
    char prefix[CASE_INDEX_NAME];
    json_t *departments = json_object();
    snprintf(prefix, sizeof prefix, "%s/dept/", counter);
    counter_visit(txn, prefix, add_department, departments);
    return json_pack("{sI so}", "cases", (json_int_t)counter_get(txn, counter), "departments", departments);
}

static json_t *open_states(struct txn *txn)
{
    json_t *states = json_object();
    for (int state = CASE_NONE + 1; state < (int)case_state_desc.count; state++) {
        char counter[CASE_INDEX_NAME];
        const char *name = enum_name(&case_state_desc, state);
        snprintf(counter, sizeof counter, "state/%s", name);
        if (case_state_is_open((enum case_state)state) && counter_get(txn, counter))
            json_object_set_new(states, name, counter_by_department(txn, counter));
    }
    return states;
}

static void add_difference(void *context, const char *what, int64_t stored, int64_t counted)
{
    json_array_append_new(
        context, json_pack("{ss sI sI}", "what", what, "stored", (json_int_t)stored, "counted", (json_int_t)counted));
}

static int add_recount(json_t *root, struct status *status, struct txn *txn, struct fault *fault)
{
    struct progress progress = { .unit = "cases" };
    struct recount recount = { .progress = progress_tell, .progress_context = &progress };
    json_t *differences = json_array();
    int result = case_recount(txn, &recount, add_difference, differences, fault);
    progress_end(&progress);
    status->differs = result == RECOUNT_DIFFERS;
    json_object_set_new(root, "recount",
                        json_pack("{sI sI sI so}", "cases", (json_int_t)recount.cases, "counters",
                                  (json_int_t)recount.counters, "list_entries", (json_int_t)recount.list_entries,
                                  "differences", differences));
    return result < 0 ? result : 0;
}

static int add_cases(json_t *root, struct status *status, struct txn *txn, struct fault *fault)
{
    char time[TIMESTAMP_TEXT];
    struct journal journal = journal_in_store();
    json_object_set_new(root, "cursor", json_integer(meta_get(txn, META_CURSOR)));
    json_object_set_new(root, "last_case", json_integer(meta_get(txn, META_CASE_ID)));
    json_object_set_new(root, "last_notice", json_integer((json_int_t)outbox_last(txn)));
    json_object_set_new(root, "last_journal_entry", json_integer((json_int_t)journal.ops->last(journal.log, txn)));
    json_object_set_new(root, "engine_time", json_string(look_time(time, status->zone, meta_get(txn, META_TIME))));
    json_object_set_new(root, "time_zone", json_string(status->zone ? zone_name(status->zone) : "UTC"));
    json_object_set_new(root, "open", counter_by_department(txn, "open"));
    json_object_set_new(root, "overdue", counter_by_department(txn, "overdue-open"));
    json_object_set_new(root, "states", open_states(txn));
    int result = status->recount ? add_recount(root, status, txn, fault) : 0;
    return result ? result : txn_error(txn, fault);
}

static int look_at_cases(json_t *root, struct status *status, struct fault *fault)
{
    struct store *store = NULL;
    int result = case_store_open(status->data, STORE_READ_ONLY, &store, fault);
    if (result)
        return result == -ENOENT ? 0 : result;
    result = add_environment(json_object_get(root, "environments"), store, fault);
    if (!result)
        result = look_zone(store, &status->zone, fault);
    if (!result) {
        struct txn *txn = txn_begin_read(store);
        result = add_cases(root, status, txn, fault);
        txn_abort(txn);
    }
    store_close(store);
    return result;
}

/* ---- for a person ---- */

static long long number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static void print_environments(const json_t *environments)
{
    const char *name, *table;
    json_t *environment, *rows;
    json_object_foreach((json_t *)environments, name, environment)
    {
        printf("%-9s %lld MiB used of a map of %lld MiB, %lld MiB free on the disk, %lld reading, the oldest %lld "
               "commits behind\n",
               name, number(environment, "used_bytes") >> 20, number(environment, "map_bytes") >> 20,
               number(environment, "free_disk_bytes") >> 20, number(environment, "readers"),
               number(environment, "oldest_reader_lag"));
        const char *comma = "          ";
        json_object_foreach(json_object_get(environment, "tables"), table, rows)
        {
            printf("%s%s %lld", comma, table, (long long)json_integer_value(rows));
            comma = ", ";
        }
        if (*comma == ',')
            putchar('\n');
    }
}

static void print_counter(const char *title, const json_t *counter)
{
    const char *department, *comma = "  ";
    json_t *cases;
    printf("  %-12s %6lld", title, number(counter, "cases"));
    json_object_foreach(json_object_get(counter, "departments"), department, cases)
    {
        printf("%s%s %lld", comma, department, (long long)json_integer_value(cases));
        comma = ", ";
    }
    putchar('\n');
}

static void print_cases(const json_t *root)
{
    const char *name;
    json_t *state;
    printf("dispatcher  event %lld of %lld taken, case %lld, notice %lld, journal entry %lld, its time %s (%s)\n",
           number(root, "cursor"), number(root, "last_event"), number(root, "last_case"), number(root, "last_notice"),
           number(root, "last_journal_entry"), json_string_value(json_object_get(root, "engine_time")),
           json_string_value(json_object_get(root, "time_zone")));
    puts("cases");
    print_counter("open", json_object_get(root, "open"));
    print_counter("overdue", json_object_get(root, "overdue"));
    json_object_foreach(json_object_get(root, "states"), name, state) print_counter(name, state);
}

static void print_recount(const json_t *recount)
{
    size_t i;
    json_t *difference, *differences = json_object_get(recount, "differences");
    printf("recount   %lld cases, %lld counters, %lld list entries: %zu differences\n", number(recount, "cases"),
           number(recount, "counters"), number(recount, "list_entries"), json_array_size(differences));
    json_array_foreach(differences, i, difference)
        printf("  %s: stored %lld, counted %lld\n", json_string_value(json_object_get(difference, "what")),
               number(difference, "stored"), number(difference, "counted"));
}

static void print_text(const json_t *root)
{
    const json_t *environments = json_object_get(root, "environments");
    print_environments(environments);
    if (json_object_size(environments) == 0)
        puts("no data yet: no daemon has written here");
    if (json_object_get(root, "cursor"))
        print_cases(root);
    if (json_object_get(root, "recount"))
        print_recount(json_object_get(root, "recount"));
}

int drumctl_status(int argc, char **argv)
{
    struct status status = { 0 };
    const struct arg args[] = {
        { "data", ARG_TEXT, &status.data, "DIR", "data folder", 0, 0 },
        { "json", ARG_FLAG, &status.json, NULL, "one JSON object", 0, 0 },
        { "recount", ARG_FLAG, &status.recount, NULL, "count every list and counter anew from the cases", 0, 0 },
    };
    const struct arg_program program = {
        .name = "drumctl status",
        .usage = "--data DIR [--recount] [--json]",
        .summary = "Prints what the data folder holds, how far the dispatcher is, and the open cases by state and "
                   "department.\nWith --recount it exits with 1 where a figure is not the count of the cases behind "
                   "it.",
        .args = args,
        .arg_count = sizeof args / sizeof *args,
    };
    struct fault fault = { "" };
    int operands, code = look_parse(&program, argc, argv, &operands, &status.data);
    if (code != LOOK_GO_ON)
        return code;
    json_t *root = json_pack("{s{}}", "environments");
    int result = access(status.data, X_OK) < 0 ? fault_set(&fault, -errno, "%s: %s", status.data, strerror(errno)) : 0;
    if (!result)
        result = look_at_events(root, &status, &fault);
    if (!result)
        result = look_at_cases(root, &status, &fault);
    if (!result)
        result = look_at_accounts(root, &status, &fault);
    if (!result && status.json)
        look_print_json(json_incref(root), 0);
    else if (!result)
        print_text(root);
    json_decref(root);
    zone_destroy(status.zone);
    return result ? look_fail(&program, 1, &fault) : status.differs;
}
