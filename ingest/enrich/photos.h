/* The pictures of a form: counted, measured and recognised first, stored when all the rest of the report is right. */
#pragma once

#include "ingest/enrich/complaint.h"
#include "proto/book/book.h"
#include "proto/door/door.h"
#include "proto/record/place.h"

/* Complains about files that are no pictures, too large or too many. An empty file field (nothing chosen) is no picture. */
void photos_check(const struct book_door_limits *limits, const struct form *form, struct arena *arena,
                  struct complaints *complaints);

/* Puts the checked pictures into the media store (durable on return) and appends them to `media`, whose items have room for all
 * files of the form. Complains about the first that begins like a picture and is none, and stores no more. */
int photos_store(const char *data_folder, const struct form *form, struct arena *arena, struct media_list *media,
                 struct complaints *complaints, struct fault *fault);
