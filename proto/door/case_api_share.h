/* What the parts of the case API share; nobody outside includes it. */
#pragma once

#include <jansson.h>

#include "proto/bus/bus.h"
#include "proto/door/case_api_access.h"
#include "proto/door/case_api_options.h"
#include "proto/record/command.h"
#include "proto/store/case_store.h"

enum { CASE_LIST_DEFAULT = 100, CASE_LIST_MAX = 500 };

/* A first-in-first-out line of watchers, see case_api_stream.c. */
struct watcher;
struct watchers {
    struct watcher *first, **last;
};

struct case_api {
    struct case_api_options options;
    struct store *store;
    struct bus_client *commands;
    struct bus_client *reports; /* NULL where the door has no role that reports */
    struct bus_subscriber *notices;
    struct darkroom *darkroom;
    struct arena arena; /* of a timer's work; requests have their own */

    int64_t heard_mono_ms;   /* when the dispatcher was heard last; 0 = not yet */
    struct loop_timer watch; /* is it still there? Once a heartbeat */
    int64_t beats;
    struct loop_timer look;      /* for the store, while it is not there yet */
    struct fault *opening_fault; /* of the opening that waits for the store */

    uint64_t told; /* notices up to here were given to every watcher that is live */
    struct watchers live, missing;
    struct loop_timer tell, bring;
};

/* Each part adds its own. */
struct case_route {
    const char *method, *path;
    unsigned roles; /* of these the door's own; 0: all of the door's */
    int64_t body_bytes;
    door_handler *handler;
};
int case_routes_add(struct case_api *api, const struct case_route *routes, size_t count, struct fault *fault);

struct viewer case_viewer(const struct case_api *api, struct request *request);
/* A case as JSON, cut to what the viewer may know. */
json_t *case_json(const struct viewer *viewer, const struct case_file *record);
json_t *case_verbs_json(const struct viewer *viewer, const struct case_file *record);
/* 0, 1 where there is none that the viewer may see. */
int case_find(const struct viewer *viewer, const char *number, struct txn *txn, struct arena *arena,
              struct case_file *record, struct fault *fault);
/* A record that a device sent: members by their names, but photos (`media` of the record) by the hashes of POST /api/media. -EINVAL:
 * the fault tells the device what is wrong with it. */
int case_body_read(const struct case_api *api, struct request *request, const json_t *body,
                   const struct record_desc *desc, void *record, struct media_list *media, struct fault *fault);
/* 503: nothing is known to have been done. */
void case_reply_busy(struct request *request, const char *code, const char *message);
/* For what must not happen: logs the fault and answers 500. */
void case_reply_fault(struct request *request, const struct fault *fault);
