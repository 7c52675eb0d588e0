/* One page that watches: its multiplexed response and the cameras in it. See live.h for the records. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct feeds;
struct page;
struct request;

/* `ended` is called once, when the peer has gone; the page then waits for page_destroy(), which must not be called from inside it. */
struct page *page_create(struct feeds *feeds, void (*ended)(void *context), void *context);
void page_begin(struct page *page, struct request *request, const char *const *ids, size_t count);
void page_pulse(struct page *page);
bool page_has_ended(const struct page *page);
/* Ends the response where it still runs; `ended` is not called any more. */
void page_destroy(struct page *page);

struct page **page_next(struct page *page); /* for the list of whoever owns it */
