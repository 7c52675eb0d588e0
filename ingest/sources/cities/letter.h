/* What goes to another city's Open311 endpoint and what it answers: the forms and the XML of GeoReport v2, which every server speaks. */
#pragma once

#include "proto/book/sources.h"

/* Appends the form that hands a case on: what it is about, where, in whose words; never who reported it. api_key: NULL for none.
 * False: they have no code for its service. */
bool letter_report(const struct book *book, const struct book_city *city, const struct case_file *record,
                   const char *api_key, struct buffer *form);
/* The same for what is asked: "jurisdiction_id=…&service_request_id=1,2". */
void letter_question(const struct book_city *city, const char *const *numbers, size_t count, struct buffer *query);

/* What one report became; "" where they do not say. */
struct letter_row {
    const char *number, *token;
    bool is_closed;
    const char *notes;
};
/* Reads <service_requests>; texts live in the arena. -EINVAL: it is none. */
int letter_read(struct bytes body, struct arena *arena, struct letter_row **rows, size_t *count, struct fault *fault);
/* The descriptions of <errors>, "; " between them; "" where there are none. */
const char *letter_errors(struct bytes body, struct arena *arena);
