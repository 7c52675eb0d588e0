/* Merging by place: which open case a report of the same trouble joins (并案). One rule for the engine, which joins it, and for ingest, which
 * tells the reporter beforehand.
 *
 * The nearest case of that service, of equals the older, within a radius, with its last voice not before a moment, of which nobody has said yet
 * that it is disposed. A case is where the middle of its reports is: each says it from where it stands, the first no better than the others, so
 * that whoever stands on the other side still finds it. Where very many stand around, those are looked at of which somebody spoke last. Such
 * cases stand in the list near/CELL (case_index.h), where a cell is the service's code and a square of 0.002 degrees: 222 m from south to
 * north.
 */
#pragma once

#include "proto/store/case_store.h"

/* "CODE/Y,X"; lives in the arena. */
const char *near_cell(struct arena *arena, const char *service, double lat, double lon);

/* The middle of a case's reports; its own place while there is one only. */
void near_middle(const struct case_file *record, double *lat, double *lon);

/* A case of so many voices is full: none is joined to it any more, so a report finds the next one. */
enum { NEAR_VOICES_MAX = 1000 };

struct near_query {
    const char *service;
    double lat, lon;
    int64_t radius_m, since_ms;
};
/* 0, 1 where there is none, <0. */
int near_find(struct txn *txn, const struct near_query *query, struct arena *arena, int64_t *id, struct fault *fault);
