/* What the readers of services.yaml and of an imported table share. Inside proto/book only. */
#pragma once

#include "proto/book/loader.h"
#include "proto/book/table.h"

enum service_kind { SERVICE_EVENT, SERVICE_PART };

/* The code of the condition that a service without `conditions` has. */
#define SERVICE_ONLY_CONDITION "only"

/* X(member, key, initial): each may stand at the service, or in `defaults` for all services of the book */
#define SERVICE_SWITCHES(X) \
    X(is_public, "public", true) \
    X(auto_accept, "auto_accept", false) \
    X(auto_dispatch, "auto_dispatch", false) \
    X(auto_check, "auto_check", false) \
    X(limit_from_report, "limit_from_report", false) \
    X(verify, "verify", false) \
    X(check_task, "check_task", false) \
    X(is_for_triage, "triage", false)

struct raw_switches {
#define SWITCH_MEMBER(member, key, initial) bool *member;
    SERVICE_SWITCHES(SWITCH_MEMBER)
    struct raw_stages *limits;
    int64_t *priority;
};

/* import: a district's own table of limits, as CSV with a header line; `code`, `name`, `unit`, `amount` are its columns. */
struct raw_import {
    char *file, *code, *name, *unit, *amount;
};

struct import {
    const struct raw_import *raw;
    struct spot spot;
    const struct calendar *calendar;
    struct table table;
    size_t code, name, unit, amount; /* columns */
    size_t row_count;                /* 0 after a problem */
};

void import_read(struct loader *loader, struct import *import);
/* Fills all but the switches. */
void import_take(struct loader *loader, struct import *import, size_t row, struct book_service *service);
/* Reports rows whose code is taken; `imported` are theirs among the book's services, behind those of the list. */
void import_check_doubles(struct loader *loader, const struct import *import, const struct book_service *imported,
                          struct spot list);
void import_finish(struct import *import);
