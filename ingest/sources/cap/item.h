/* What a poll finds that may be an alert: the entries of an index, one alert that stands for itself, the files of a folder. */
#pragma once

#include "ingest/sources/xml_tree.h"
#include "proto/book/sources.h"

struct item {
    struct hash version;             /* what tells it from all that were seen */
    const char *from;                /* address or path: where it is, and for the log */
    const struct xml_element *alert; /* where the index held it */
};

struct item_list {
    struct item *items; /* earlier ones first */
    size_t count;
    const char *left_out, *reason; /* the last entry that cannot be asked for, and why; NULL: none */
};

/* Everything lives in the arena. `body`: of the answer to the feed's own address. <0: no Atom feed and no alert. */
int item_list_of_index(const struct book_feed *feed, struct bytes body, struct arena *arena, struct item_list *list,
                       struct fault *fault);
/* <0: the folder cannot be read. */
int item_list_of_folder(const struct book_feed *feed, struct arena *arena, struct item_list *list, struct fault *fault);
