/* Rig: a store on a real disk and the dispatcher's turns on it, in this process, without sockets; and stop watches. What is measured is
 * the service's own turn: decode, engine_step through turn_event() and turn_command(), a pulse, one durable commit.
 */
#pragma once

#include "dispatcher/turn.h"
#include "tools/benches/workload.h"

/* Time that went by, and processor time of this process (both µs). */
struct watch {
    int64_t wall_us, cpu_us;
};
struct watch watch_now(void);
/* Bytes that this process has written so far, pages of the store as a whole; 0 where the kernel does not tell. */
int64_t written_bytes(void);
/* Adds what went by since `from`. */
void watch_add(struct watch *watch, struct watch from);

enum { RIG_PATH = 256 };

struct rig {
    const struct book *book;
    char folder[RIG_PATH];
    int64_t map_bytes; /* 0: as the daemons have it */
    struct store *store;
    struct turn turn;
    struct arena arena; /* what one turn decodes */
    struct watch spent; /* in rig_turn() and rig_pulse() */
    int64_t inputs;
};

/* A fresh folder in `parent`, which a bench must be able to fill: data of measurements is big. -EINVAL where it is a file system in
 * memory: a commit there costs nothing. */
int rig_open(struct rig *rig, const char *parent, const char *name, const struct book *book, int64_t map_bytes,
             struct fault *fault);
/* The store is closed, its folder stays: for those that look at it or open it again. */
void rig_stop(struct rig *rig);
int rig_start(struct rig *rig, struct fault *fault);
/* Removes the data; safe on a zeroed struct. */
void rig_close(struct rig *rig);
int64_t rig_file_bytes(const struct rig *rig);

/* One turn with all the inputs of the batch and a pulse, durable on return; counted and timed. */
int rig_turn(struct rig *rig, const struct batch *batch, struct fault *fault);
/* A turn with a pulse only. */
int rig_pulse(struct rig *rig, int64_t now_ms, struct fault *fault);

/* A fresh folder inside `parent`; removal of a folder with all in it. */
int folder_fresh(char out[RIG_PATH], const char *parent, const char *name, struct fault *fault);
void folder_remove(const char *folder);
