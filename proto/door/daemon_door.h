/* A door as a daemon opens it: its address and certificates from the command line, its limits from the book, its pages from BUILD/pages. */
#pragma once

#include "proto/base/daemon.h"
#include "proto/book/book.h"
#include "proto/door/door.h"
#include "proto/photo/darkroom.h"

int daemon_door_open(struct loop *loop, const struct daemon_options *daemon, const struct book *book,
                     struct door **door, struct fault *fault);
/* What decodes the photos that come in at it, by the limits of the book. */
int daemon_door_darkroom(struct loop *loop, const struct book *book, struct darkroom **darkroom, struct fault *fault);
/* PAGES/<folder> at "/", and what all pages share at "/shared/" and "/vendor/". */
int daemon_door_pages(struct door *door, const struct daemon_options *daemon, const char *folder, struct fault *fault);
