/* A checkup: what this process knows of the health of the cameras, a copy of what the health round found, kept current over the bus
 * (BUS_HEALTH, proto/record/health.h). In the loop's thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "proto/base/fault.h"
#include "proto/base/loop.h"
#include "proto/record/health.h"

struct book;
struct checkup;

/* X(word, name): where the copy comes from. */
#define CHECKUP_WORDS(X) \
    X(CHECKUP, AWAY, "away")     /* ingest does not answer: the copy is what it said last */ \
    X(CHECKUP, NO_ROUND, "none") /* the book has no round, or another process goes it */ \
    X(CHECKUP, CURRENT, "current")
ENUM_DECLARE(checkup_word, CHECKUP_WORDS)

/* The book must outlive it. */
int checkup_open(struct loop *loop, const struct book *book, int64_t bus_port, struct checkup **checkup,
                 struct fault *fault);
void checkup_close(struct checkup *checkup); /* takes NULL; the bus ends with the process: after the loop has ended */

enum checkup_word checkup_word(const struct checkup *checkup);
/* Of the camera at that place in the book; condition unknown where nothing is known of it. Lives until the loop's next round. */
const struct camera_health *checkup_of(const struct checkup *checkup, size_t camera);
