/* The darkroom: photos from outside, each developed by a confined program of its own (drumtower-photo), a few at a time.
 *
 * A file that makes a decoder crash, hang or eat costs its sender an error and nobody else anything: the program that had it in its hands is
 * ended, and the next photo gets a new one. Nothing of this process is in that program: it is executed, not forked into.
 */
#pragma once

#include "proto/base/loop.h"
#include "proto/photo/answer.h"
#include "proto/photo/photo_limits.h"

struct darkroom;

struct darkroom_options {
    struct loop *loop;
    const char *program; /* NULL: drumtower-photo of the same build or folder as this program */
    struct photo_limits limits;
    int64_t workers; /* so many programs at a time */
    int64_t waiting; /* so many photos may wait for one */
};

/* -ENOENT: the program is not there. */
int darkroom_open(const struct darkroom_options *options, struct darkroom **darkroom, struct fault *fault);
/* Ends what is under way; nobody is told. Takes NULL; the loop must not run any more. */
void darkroom_close(struct darkroom *darkroom);

/* Called once, from the loop: 0 and the photo, which lives as long as the call; -EINVAL: the file is none, or none that can be taken, and the
 * fault says why; any other: it is not the file's fault. */
typedef void darkroom_done(void *context, int result, const struct photo *photo, const struct fault *fault);

enum { DARKROOM_TAKEN = 0, DARKROOM_FULL = 1 };
/* The file's bytes live until `done` was called. */
int darkroom_develop(struct darkroom *darkroom, struct bytes file, darkroom_done *done, void *context);
