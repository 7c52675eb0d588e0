/* One page that watches: its multiplexed response and the cameras in it. See live.h for the records. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct feeds;
struct page;
struct request;
struct stills;

/* waiting_most: bytes that wait for a peer that reads too slowly; what does not fit is left out up to the next key frame. `ended` is called once, when the peer has gone; the page then waits for page_destroy(), which must not be called from inside it. */
struct page *page_create(struct feeds *feeds, struct stills *stills, size_t waiting_most, void (*ended)(void *context),
                         void *context);
/* stills_only: the page's browser decodes nothing. */
void page_begin(struct page *page, struct request *request, const char *const *ids, size_t count, bool stills_only);
void page_pulse(struct page *page);
bool page_has_ended(const struct page *page);
/* Ends the response where it still runs; `ended` is not called any more. */
void page_destroy(struct page *page);

struct page **page_next(struct page *page); /* for the list of whoever owns it */
