/* Files of the pages. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/fault.h"

struct request;

/* A list of folders. */
struct files {
    char *prefix;
    size_t prefix_size;
    int folder_fd;
    bool immutable;
    struct files *next;
};

/* See door_static(). */
int files_add(struct files **list, const char *prefix, const char *folder, bool immutable, struct fault *fault);
/* Those with the longest prefix that the path begins with; NULL where there are none. */
const struct files *files_find(const struct files *list, const char *path);
/* Answers from request->files. */
void files_reply(struct request *request);
void files_finish(struct files **list);
