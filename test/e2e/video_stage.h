/* What the tests of cameras, feeds and wall share: a small district whose four cameras are simulated and whose fifth is dead, pulled by the
 * real hub and handed on over a real bus, all in this process. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ingest/cameras/cameras.h"
#include "test/unit/book/support.h"
#include "test/unit/bus/bus_harness.h"
#include "tools/citysim/camsim/camsim.h"
#include "videowall/feed/feed.h"

enum { SIMULATED = 4 };
extern const char *const simulated_ids[SIMULATED]; /* "cam-01" to "cam-04"; the dead one is "cam-dead" */
#define TWO_STREAMS "cam-02"                       /* has a main stream of 1920x1080 beside its sub-stream */

struct video_stage {
    struct harness *harness;
    struct book_folder folder;
    struct book *book;
    struct camsim *simulated;
    struct cameras *cameras;
    struct feeds *feeds;
    int64_t rtsp_port;
};

/* Lives to the end of the process, as the bus does. */
void video_stage_open(struct video_stage *stage);
void video_stage_close(struct video_stage *stage);
/* The four on stage->rtsp_port, 0: a free one, which is then there. */
void video_stage_simulate(struct video_stage *stage);
