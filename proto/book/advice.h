/* What a book may hold although its district would hardly want it: what the parts of book_advise() share. Inside proto/book only. */
#pragma once

#include "proto/base/timestamp.h"
#include "proto/book/book.h"

enum { ADVICE_MOMENTS_MAX = 16 };

struct adviser {
    const struct book *book;
    int64_t now_ms, midnight_ms; /* the second: of the district's day that now is in */
    void (*report)(void *context, const char *advice);
    void *context;
    size_t count;
    int64_t moments[ADVICE_MOMENTS_MAX]; /* that differ in what works then, as far as rules ask for it */
    size_t moment_count;
};

void advise(struct adviser *adviser, const char *at, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* "2026-03-02 19:00" on the district's clocks; returns out. */
const char *advice_time(const struct adviser *adviser, char out[TIMESTAMP_TEXT], int64_t at_ms);

void advise_on_services(struct adviser *adviser);    /* advice_services.c */
void advise_on_duty(struct adviser *adviser);        /* advice_duty.c */
void advise_on_departments(struct adviser *adviser); /* advice_departments.c */
void advise_on_escalations(struct adviser *adviser);
