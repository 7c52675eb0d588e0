/* Alarms that devices of GB/T 28181 raise, as events: which become some, and of which service, the book says (cameras.yaml, `gb28181`). A device is
 * answered when its event is durable; one that was not answered sends its alarm again, and it is the same event. */
#pragma once

#include "ingest/cameras/cameras.h"
#include "ingest/cameras/gb28181/gb28181.h"
#include "ingest/intake.h"

struct camera_alarms;

struct camera_alarms_options {
    const struct book *book;
    const char *keys; /* folder of key files */
    struct intake *intake;
    struct cameras *cameras;
};

/* Has devices reach us, where the book says how. */
int camera_alarms_open(const struct camera_alarms_options *options, struct camera_alarms **out, struct fault *fault);
void camera_alarms_close(struct camera_alarms *alarms); /* takes NULL; after the intake's end */

struct event *camera_alarm_event(const struct book *book, const struct gb_alarm *alarm, int64_t now_ms,
                                 struct arena *arena);
