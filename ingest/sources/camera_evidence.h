/* Evidence (取证): what a camera shows now, and a clip of the seconds around now, kept for a case: because an operator wants it (CAMERA_VERB_KEEP, answered when
 * the picture is durable), or because a report came of a service that cameras.yaml names, from near a camera.
 *
 * The clip begins with what is kept of the camera and ends `after_s` later; both files hold what the camera sent. They go to DATA/evidence, a media store of
 * its own, so that no door shows them but where who looks is recorded. Each becomes an event of kind EVENT_EVIDENCE about a report of the case, which
 * has the file's names: its place in the store and its SHA-256. After `keep_days` the file is erased; a memo in the commit of the event says when. */
#pragma once

#include "ingest/cameras/cameras.h"
#include "ingest/intake.h"

struct camera_evidence;

struct camera_evidence_options {
    struct loop *loop;
    const struct book *book;
    const char *data_folder;
    struct event_log *log;
    struct intake *intake;
    struct cameras *cameras;
};

int camera_evidence_open(const struct camera_evidence_options *options, struct camera_evidence **out,
                         struct fault *fault);
/* Takes NULL; the loop must not run any more; before the cameras' end, after the intake has settled. A clip that was not at its end is lost, and the
 * log says so; its picture is not. */
void camera_evidence_close(struct camera_evidence *evidence);
