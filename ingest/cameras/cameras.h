/* Cameras of the book, pulled while somebody holds a lease (camera.h) and handed on over the bus (frame.h).
 *
 * One reader per camera: a dead camera harms nobody else. A new lease gets the cached group of pictures first.
 * All callbacks run in the loop's thread.
 */
#pragma once

#include <stdint.h>

#include "ingest/cameras/health.h"
#include "proto/base/fault.h"
#include "proto/base/loop.h"
#include "proto/book/places.h"
#include "proto/record/camera.h"

struct book;
struct book_camera;
struct bus_ticket;
struct cameras;
struct gb_alarm;

/* Opens BUS_CAMERAS, BUS_FRAMES and BUS_HEALTH. The book must outlive it. */
int cameras_open(struct loop *loop, const struct book *book, int64_t bus_port, struct cameras **cameras,
                 struct fault *fault);
/* For evidence. `keep` hears requests of CAMERA_VERB_KEEP for a camera of the book and answers each, now or later, with cameras_answer(); `frames` hears
 * what is sent of leased cameras, as packed frames. Both live during the call only. */
struct cameras_keeper {
    void (*keep)(void *context, const struct camera_lease *lease, const struct book_camera *camera,
                 struct bus_ticket *ticket);
    void (*frames)(void *context, const char *topic, struct bytes packed);
    void *context;
};
void cameras_use_keeper(struct cameras *cameras, const struct cameras_keeper *keeper);
void cameras_answer(struct cameras *cameras, struct bus_ticket *ticket, const struct camera_grant *grant);
/* A lease of our own, as from the bus; false: refused. */
bool cameras_lease(struct cameras *cameras, const struct camera_lease *lease);
/* See hub_kept(). */
struct bytes cameras_kept(const struct cameras *cameras, const char *camera, bool *main);

/* Where they are now: a mobile one is where it said last. */
const struct camera_places *cameras_places(const struct cameras *cameras);

void cameras_close(struct cameras *cameras); /* takes NULL */

/* Has devices of GB/T 28181 reach us, where the book says how (gb28181/gb28181.h); without it there are none. `keys`: the folder of their key files, which
 * must outlive it, like the book. `alarm` hears their alarms. */
int cameras_take_devices(struct cameras *cameras, const char *keys,
                         void (*alarm)(void *context, const struct gb_alarm *alarm), void *context,
                         struct fault *fault);

/* Begins the health round (health.h). The newest small picture of each camera is FOLDER/ID.jpg. Texts and folder must outlive it. */
int cameras_start_round(struct cameras *cameras, const char *folder,
                        bool (*tell)(void *context, const struct health_news *news), void *context,
                        struct fault *fault);
/* What was told before a restart; see health_recall(). */
int cameras_recall(struct cameras *cameras, const struct camera_health *kept);
/* NULL: there is no round. */
const struct health *cameras_health(const struct cameras *cameras);

/* `changed` hears each change of a state while a camera is pulled: lost, frozen, and live again (status->before says from what), which ingest
 * may log as events of EVENT_CAMERA. The status lives during the call only. */
void cameras_on_change(struct cameras *cameras, void (*changed)(void *context, const struct camera_status *status),
                       void *context);
