#include "proto/door/case_api_list.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/door/json.h"
#include "proto/store/case_index.h"

/* A list that a role sees only a part of is looked through for this many entries a request; `next` says where to go on. */
enum { LOOKED_THROUGH = 2000 };

/* What stands behind the slash of a list's name. */
enum list_key { KEY_NONE, KEY_STATE, KEY_DEPARTMENT, KEY_WORKER, KEY_AREA };

static const struct {
    const char *name; /* up to the slash */
    enum list_key key;
    bool newest_first;
    unsigned roles; /* beside the desk, for their own key */
} lists[] = {
    { "open", KEY_NONE, false, 0 },
    { "triage", KEY_NONE, false, 0 },
    { "asked", KEY_NONE, false, 0 },
    { "supervised", KEY_NONE, false, 0 },
    { "state", KEY_STATE, false, 0 }, /* newest first where the state is over */
    { "dept", KEY_DEPARTMENT, false, BY_LIAISON | BY_WORKER },
    { "dept-all", KEY_DEPARTMENT, true, BY_LIAISON },
    { "worker", KEY_WORKER, false, BY_LIAISON | BY_WORKER },
    { "area", KEY_AREA, false, 0 },
    { "all", KEY_NONE, true, 0 },
    { "closed", KEY_NONE, true, 0 },
};

struct listing {
    struct case_api *api;
    struct viewer viewer;
    struct txn *txn;
    struct arena *arena;
    const char *name;
    bool newest_first;
    int64_t after_order, after_id, limit;
    json_t *cases;
    int64_t looked_at, last_order, last_id; /* of the last entry that was looked at */
    bool more;
    struct fault fault;
};

static const char *own_list(const struct viewer *viewer, struct arena *arena)
{
    if (viewer->role == ROLE_WORKER)
        return arena_format(arena, "worker/%s", viewer->login);
    return viewer->role == ROLE_LIAISON ? arena_format(arena, "dept/%s", viewer->department) : "open";
}

/* Does the book know what stands behind the slash? */
static bool key_exists(const struct viewer *viewer, enum list_key kind, const char *key)
{
    switch (kind) {
    case KEY_NONE:
        return !*key;
    case KEY_STATE:
        return enum_value(&case_state_desc, key) > 0;
    case KEY_DEPARTMENT:
        return book_department(viewer->book, key);
    case KEY_WORKER:
        return book_person(viewer->book, key);
    case KEY_AREA:
        return book_area(viewer->book, key);
    }
    return false;
}

static bool key_is_own(const struct viewer *viewer, enum list_key kind, const char *key)
{
    if (kind == KEY_DEPARTMENT)
        return *viewer->department && strcmp(key, viewer->department) == 0;
    if (viewer->role == ROLE_LIAISON) {
        const struct book_person *person = book_person(viewer->book, key);
        return person && access_knows(viewer, person);
    }
    return strcmp(key, viewer->login) == 0;
}

/* False: answered. */
static bool check_name(struct request *request, struct listing *listing)
{
    const char *slash = strchr(listing->name, '/');
    size_t length = slash ? (size_t)(slash - listing->name) : strlen(listing->name);
    const char *key = slash ? slash + 1 : "";
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (strlen(lists[i].name) != length || strncmp(lists[i].name, listing->name, length) != 0)
            continue;
        bool own = lists[i].roles & ROLE_BIT(listing->viewer.role) && key_is_own(&listing->viewer, lists[i].key, key);
        if (!access_is_desk(&listing->viewer) && !own) {
            reply_error(request, 403, "forbidden", "This list is not for your account.",
                        arena_format(listing->arena, "Ask for list=%s.", own_list(&listing->viewer, listing->arena)));
            return false;
        }
        if (!key_exists(&listing->viewer, lists[i].key, key))
            break;
        listing->newest_first = lists[i].newest_first ||
                                (lists[i].key == KEY_STATE && !case_state_is_open(enum_value(&case_state_desc, key)));
        return true;
    }
    reply_error(request, 404, "no_such_list", arena_format(listing->arena, "There is no list '%s'.", listing->name),
                "Ask for open, triage, asked, supervised, state/STATE, dept/CODE, dept-all/CODE, worker/ID, area/CODE, "
                "all or closed.");
    return false;
}

/* A whole number ≥ 0; `end` must follow it. */
static bool take_number(const char **at, char end, int64_t *number)
{
    char *stop;
    errno = 0;
    long long value = strtoll(*at, &stop, 10);
    if (errno || stop == *at || *stop != end || value < 0)
        return false;
    *number = value;
    *at = stop + (end != 0);
    return true;
}

/* False: answered. */
static bool check_page(struct request *request, struct listing *listing)
{
    const char *after = request_query(request, "after"), *limit = request_query(request, "limit");
    listing->limit = CASE_LIST_DEFAULT;
    if (after && !(take_number(&after, ',', &listing->after_order) && take_number(&after, 0, &listing->after_id))) {
        reply_error(request, 400, "bad_after", "'after' is not ORDER,ID.", "Give what \"next\" of the last page said.");
        return false;
    }
    if (limit && !(take_number(&limit, 0, &listing->limit) && listing->limit >= 1 && listing->limit <= CASE_LIST_MAX)) {
        reply_error(request, 400, "bad_limit",
                    arena_format(listing->arena, "'limit' is not between 1 and %d.", CASE_LIST_MAX),
                    "Ask for fewer cases and go on with \"next\".");
        return false;
    }
    return true;
}

static int list_case(void *context, int64_t order, int64_t id)
{
    struct listing *listing = context;
    struct case_file record;
    if (json_array_size(listing->cases) == (size_t)listing->limit || listing->looked_at == LOOKED_THROUGH) {
        listing->more = true;
        return 1;
    }
    int result = case_get(listing->txn, id, listing->arena, &record, &listing->fault);
    if (result)
        return result < 0
                   ? result
                   : fault_set(&listing->fault, -EBADMSG, "list '%s' names a case that is not there", listing->name);
    listing->looked_at++;
    listing->last_order = order;
    listing->last_id = id;
    if (access_sees(&listing->viewer, &record))
        json_array_append_new(listing->cases, case_json(&listing->viewer, &record));
    return 0;
}

static void list_cases(struct request *request, void *context)
{
    struct case_api *api = context;
    struct listing listing = { .api = api, .viewer = case_viewer(api, request), .arena = request_arena(request) };
    const char *asked = request_query(request, "list");
    listing.name = asked && *asked ? asked : own_list(&listing.viewer, listing.arena);
    if (!check_name(request, &listing) || !check_page(request, &listing))
        return;
    listing.cases = json_array();
    listing.txn = txn_begin_read(api->store);
    int result = index_visit(listing.txn, listing.name, listing.after_order, listing.after_id, listing.newest_first,
                             list_case, &listing);
    if (result < 0)
        txn_error(listing.txn, &listing.fault);
    txn_abort(listing.txn);
    if (result < 0) {
        json_decref(listing.cases);
        case_reply_fault(request, &listing.fault);
        return;
    }
    json_t *next =
        listing.more ? json_sprintf("%" PRId64 ",%" PRId64, listing.last_order, listing.last_id) : json_null();
    reply_json(request, 200,
               json_pack("{s:s, s:o, s:o, s:I}", "list", listing.name, "cases", listing.cases, "next", next, "now_ms",
                         (json_int_t)clock_now_ms()));
}

int case_list_open(struct case_api *api, struct fault *fault)
{
    static const struct case_route routes[] = {
        { "GET", "/api/cases", ~ROLE_BIT(ROLE_DEVICE), 0, list_cases },
    };
    return case_routes_add(api, routes, sizeof routes / sizeof *routes, fault);
}
