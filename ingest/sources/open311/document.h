/* The documents of GeoReport v2, in their JSON form; xml.h turns them into XML. All functions give a new reference. */
#pragma once

#include <jansson.h>

#include "ingest/enrich/complaint.h"
#include "ingest/reports.h"
#include "proto/book/book.h"

/* For whom a document is written. */
struct document_reader {
    const struct book *book;
    const char *language; /* "zh" or "en…" */
    const char *base_url; /* "http://host:port" for links */
    bool extensions;      /* with the block "drumtower" */
};

json_t *document_services(const struct document_reader *reader);
json_t *document_definition(const struct document_reader *reader, const struct book_service *service);
json_t *document_request(const struct document_reader *reader, const struct report_view *view, struct arena *arena);
/* report_is_told(), and never of a superior's order. */
bool document_is_told(const struct document_reader *reader, const struct report_view *view);

/* A report that was taken. */
struct document_receipt {
    const char *service; /* its code */
    uint64_t seq;
    const char *token;  /* the event's id */
    const char *secret; /* only shows with extensions */
};
/* The answer to a created request: by its service's type the id, the token or neither. */
json_t *document_receipt(const struct document_reader *reader, const struct document_receipt *receipt,
                         struct arena *arena);
/* The same as JSON, without a block for extensions: written as a text, as it is what most answers are. */
const char *document_receipt_text(const struct document_reader *reader, const struct document_receipt *receipt,
                                  struct arena *arena);
/* Without an id as long as it is not told. */
json_t *document_token(const struct document_reader *reader, const struct report_view *view, struct arena *arena);
json_t *document_update(const struct document_reader *reader, const struct report_update *update, struct arena *arena);
json_t *document_discovery(const struct document_reader *reader, struct arena *arena);
json_t *document_complaints(const struct complaints *complaints, struct arena *arena);
json_t *document_error(int status, const char *description, struct arena *arena);

/* "zh" for Chinese, whatever its region; the other name otherwise. */
const char *document_text(const struct book_text *text, const char *language);
