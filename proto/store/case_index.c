#include "proto/store/case_index.h"

#include <string.h>

#include "proto/base/timestamp.h"
#include "proto/store/case_derived.h"
#include "proto/store/indicator_count.h"

static struct {
    int (*offset_minutes)(void *context, int64_t at_ms);
    void *context;
} zone;

void case_index_set_zone(int (*offset_minutes)(void *context, int64_t at_ms), void *context)
{
    zone.offset_minutes = offset_minutes;
    zone.context = context;
}

/* ---- moments ---- */

static int64_t floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

static int64_t local_ms(int64_t at_ms)
{
    return at_ms + (zone.offset_minutes ? zone.offset_minutes(zone.context, at_ms) : 0) * (int64_t)MS_PER_MINUTE;
}

/* "%04d" and "%02d" without a format to parse, as in name_join() below. */
static char *put_digits(char *at, int64_t number, int digits)
{
    for (int i = digits; i-- > 0; number /= 10)
        at[i] = (char)('0' + number % 10);
    return at + digits;
}

static char *put_day(char *at, int64_t day)
{
    struct civil_date date = civil_from_days(day);
    at = put_digits(at, date.year, 4);
    *at++ = '-';
    at = put_digits(at, date.month, 2);
    *at++ = '-';
    return put_digits(at, date.day, 2);
}

/* A moment beyond the years that have four digits counts at their end; it comes from a sender's nonsense. */
static int64_t local_hours(int64_t at_ms)
{
    int64_t hours = floor_div(local_ms(at_ms), MS_PER_HOUR);
    int64_t first = civil_to_days((struct civil_date){ 1, 1, 1 }) * 24;
    int64_t last = civil_to_days((struct civil_date){ 9999, 12, 31 }) * 24 + 23;
    return hours < first ? first : hours > last ? last : hours;
}

void case_local_day(char out[CASE_DAY_TEXT], int64_t at_ms)
{
    *put_day(out, floor_div(local_hours(at_ms), 24)) = 0;
}

void case_local_hour(char out[CASE_DAY_TEXT], int64_t at_ms)
{
    int64_t hours = local_hours(at_ms), day = floor_div(hours, 24);
    char *at = put_day(out, day);
    *at++ = 'T';
    *put_digits(at, hours - day * 24, 2) = 0;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t case_next_due_ms(const struct case_file *record)
{
    int64_t due = ORDER_NONE;
    for (size_t i = 0; i < record->clocks.count; i++) {
        const struct clock *clock = &record->clocks.items[i];
        if (clock->state == CLOCK_STATE_FIRED && clock->escalate_at_ms)
            due = earlier(due, clock->escalate_at_ms);
        if (clock->state != CLOCK_STATE_RUNNING)
            continue;
        due = earlier(due, clock->deadline_ms);
        if (clock->warn_at_ms)
            due = earlier(due, clock->warn_at_ms);
    }
    return due;
}

int64_t case_nearest_deadline_ms(const struct case_file *record)
{
    int64_t nearest = ORDER_NONE;
    for (size_t i = 0; i < record->clocks.count; i++) {
        const struct clock *clock = &record->clocks.items[i];
        if (clock_is_open(clock) && clock->state != CLOCK_STATE_PAUSED && clock->kind != CLOCK_RESUME)
            nearest = earlier(nearest, clock->deadline_ms);
    }
    return nearest;
}

static bool waits_for_triage(const struct case_file *record)
{
    return record->no_rule && (record->state == CASE_REPORTED || record->state == CASE_ACCEPTED);
}

/* A department has asked for something, and the shift leader has not yet decided. */
static bool is_asked(const struct case_file *record)
{
    return record->state == CASE_RETURNING || record->request.verb || record->appeal == APPEAL_ASKED;
}

/* A further report of the same trouble belongs to it: nobody has said that it is disposed. */
static bool may_be_joined(enum case_state state)
{
    return case_state_is_open(state) && state != CASE_DISPOSED && state != CASE_CHECKED;
}

static bool is_given(const char *text)
{
    return text && *text;
}

/* ---- names ---- */

const char *name_join(struct name *name, const char *a, const char *b, const char *c, const char *d)
{
    char *at = name->text, *end = at + sizeof name->text - 1;
    const char *parts[] = { a, b, c, d };
    for (int i = 0; i < 4; i++)
        for (const char *from = parts[i]; *from && at < end; from++)
            *at++ = *from;
    *at = 0;
    return name->text;
}

/* ---- lists ---- */

struct listing {
    void (*entry)(void *context, const struct index_entry *entry);
    void *context;
    int64_t settled_ms; /* the last one told: most cases have one for all who share in them */
};

static void list(const struct listing *listing, const char *name, const char *of, int64_t order)
{
    listing->entry(listing->context, &(struct index_entry){ name, of, order });
}

static void list_settled(void *context, const struct indicator_entry *entry)
{
    struct listing *listing = context;
    if (entry->anchor != ANCHOR_SETTLED || entry->at_ms == listing->settled_ms)
        return;
    listing->settled_ms = entry->at_ms;
    list(listing, "settled", "", entry->at_ms);
}

static void list_tasks(const struct listing *listing, const struct case_file *record, int64_t left)
{
    for (size_t i = 0; i < record->tasks.count; i++) {
        const struct task *task = &record->tasks.items[i];
        if (case_task_waits(record, task) && is_given(task->department))
            list(listing, "dept/", task->department, left);
        if (task_is_open(task) && is_given(task->worker))
            list(listing, "worker/", task->worker, record->reported_at_ms);
    }
}

/* Where it stands while it is open, beside the list of all that are. */
static void list_open(const struct listing *listing, const struct case_file *record, int64_t left)
{
    list_tasks(listing, record, left);
    if (is_given(record->place.area))
        list(listing, "area/", record->place.area, left);
    if (is_given(record->supervised_by))
        list(listing, "supervised", "", left);
    if (is_given(record->cell) && may_be_joined(record->state))
        list(listing, "near/", record->cell, record->heard_at_ms);
}

/* Thirty-four years: more than lies between any two deadlines of a district. */
static const int64_t URGENT_AHEAD_MS = INT64_C(1) << 40;

int64_t case_desk_order(const struct case_file *record)
{
    int64_t left = case_nearest_deadline_ms(record);
    if (!record->urgent || record->dispatched_at_ms)
        return left;
    int64_t ahead = left == ORDER_NONE ? URGENT_AHEAD_MS : left - URGENT_AHEAD_MS;
    return ahead > 0 ? ahead : 0;
}

void case_index_entries(const struct case_file *record, void (*entry)(void *context, const struct index_entry *entry),
                        void *context)
{
    struct listing listing = { entry, context, 0 };
    bool open = case_state_is_open(record->state);
    int64_t due = case_next_due_ms(record), left = case_nearest_deadline_ms(record), desk = case_desk_order(record);
    if (due != ORDER_NONE)
        list(&listing, "due", "", due);
    if (open)
        list(&listing, "open", "", desk);
    list(&listing, "state/", enum_name(&case_state_desc, record->state), open ? desk : record->closed_at_ms);
    if (open)
        list_open(&listing, record, left);
    if (waits_for_triage(record))
        list(&listing, "triage", "", desk);
    if (is_asked(record))
        list(&listing, "asked", "", left);
    list(&listing, "all", "", record->reported_at_ms);
    list(&listing, "updated", "", case_updated_at_ms(record));
    if (is_given(record->department))
        list(&listing, "dept-all/", record->department, record->reported_at_ms);
    if (record->closed_at_ms)
        list(&listing, "closed", "", record->closed_at_ms);
    if (indicator_is_settled(record))
        indicator_entries(record, list_settled, &listing);
}

/* ---- counters ---- */

struct counting {
    const struct case_file *record;
    void (*entry)(void *context, const char *name);
    void *context;
};

/* NAME/KEY, and the same by department. */
static void count_keyed(const struct counting *counting, const char *counter, const char *key)
{
    struct name name;
    counting->entry(counting->context, name_join(&name, counter, key, "", ""));
    if (is_given(counting->record->department))
        counting->entry(counting->context, name_join(&name, counter, key, "/dept/", counting->record->department));
}

static void count_open(const struct counting *counting, const char *counter)
{
    struct name name;
    count_keyed(counting, counter, "");
    if (is_given(counting->record->place.area))
        counting->entry(counting->context, name_join(&name, counter, "/area/", counting->record->place.area, ""));
}

static void count_hour(const struct counting *counting, const char *counter, int64_t at_ms)
{
    struct name name;
    char hour[CASE_DAY_TEXT];
    case_local_hour(hour, at_ms);
    counting->entry(counting->context, name_join(&name, counter, hour, "", ""));
}

void case_counter_entries(const struct case_file *record, void (*entry)(void *context, const char *name), void *context)
{
    const struct counting counting = { record, entry, context };
    bool open = case_state_is_open(record->state);
    if (open)
        count_open(&counting, "open");
    if (open && record->overdue)
        count_open(&counting, "overdue-open");
    if (waits_for_triage(record))
        entry(context, "triage");
    count_keyed(&counting, "state/", enum_name(&case_state_desc, record->state));
    count_hour(&counting, "reported-hour/", record->reported_at_ms);
    if (record->closed_at_ms)
        count_hour(&counting, "closed-hour/", record->closed_at_ms);
}

struct search {
    const char *counter;
    bool found;
};

static void search_entry(void *context, const char *name)
{
    struct search *search = context;
    search->found |= strcmp(name, search->counter) == 0;
}

struct measure_search {
    struct indicator_counter counter;
    bool found;
};

static void search_measure(void *context, const struct indicator_entry *entry)
{
    struct measure_search *search = context;
    char day[CASE_DAY_TEXT];
    case_local_day(day, entry->at_ms);
    search->found |= entry->measures & MEASURE_BIT(search->counter.measure) &&
                     entry->dimension == search->counter.dimension && strcmp(entry->name, search->counter.name) == 0 &&
                     strcmp(day, search->counter.day) == 0;
}

bool case_is_counted(const struct case_file *record, const char *counter)
{
    struct search search = { counter, false };
    struct measure_search measure = { .found = false };
    if (indicator_counter_parse(counter, &measure.counter))
        indicator_entries(record, search_measure, &measure);
    else
        case_counter_entries(record, search_entry, &search);
    return search.found || measure.found;
}
