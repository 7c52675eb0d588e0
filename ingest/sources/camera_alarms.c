#include "ingest/sources/camera_alarms.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/enrich/locate.h"
#include "ingest/sources/camera_place.h"
#include "ingest/sources/external.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"

static struct metric kept = METRIC_COUNTER("drumtower_gb28181_alarm_events_total", "Alarms of devices that became "
                                                                                   "events.");

struct camera_alarms {
    struct camera_alarms_options options;
};

/* An alarm until it is durable. */
struct waiting {
    struct arena arena;
    struct event_append append;
    struct gb_ticket *ticket;
};

/* ---- events ---- */

struct words {
    const char *zh, *en;
};

/* By the number of the method (GB/T 28181-2016, A.2.5). */
static const struct words method_words[] = {
    { "报警", "alarm" },
    { "电话报警", "alarm by phone" },
    { "设备报警", "alarm input" },
    { "短信报警", "alarm by message" },
    { "定位报警", "alarm of a position" },
    { "视频报警", "alarm by video" },
    { "设备故障", "device fault" },
    { "报警", "alarm" },
};

/* Of alarms by video, by the number of the type. */
static const struct words video_words[] = {
    { "视频报警", "alarm by video" },
    { "人工报警", "raised by hand" },
    { "运动目标", "movement" },
    { "遗留物", "object left behind" },
    { "物体移除", "object removed" },
    { "绊线", "line crossed" },
    { "入侵", "intrusion" },
    { "逆行", "against the traffic" },
    { "徘徊", "loitering" },
    { "流量异常", "unusual flow" },
    { "人群密集", "crowd" },
    { "视频异常", "picture disturbed" },
    { "快速移动", "something moves fast" },
};

static struct words words_of(const struct manscdp_alarm *said)
{
    size_t type = (size_t)said->type, method = (size_t)said->method;
    if (said->method == GB_ALARM_VIDEO && type < sizeof video_words / sizeof *video_words)
        return video_words[type];
    return method_words[method < sizeof method_words / sizeof *method_words ? method : 0];
}

static struct place place_of(const struct book *book, const struct gb_alarm *alarm)
{
    if (isnan(alarm->said.position.lat))
        return camera_place(book, alarm->camera);
    struct place place = {
        .lat = alarm->said.position.lat, .lon = alarm->said.position.lon, .address = "", .area = ""
    };
    locate_place(book, true, &place);
    return place;
}

struct event *camera_alarm_event(const struct book *book, const struct gb_alarm *alarm, int64_t now_ms,
                                 struct arena *arena)
{
    const struct book_camera *camera = alarm->camera;
    bool chinese = book_speaks_chinese(book), dated = alarm->said.position.at_ms != INT64_MIN;
    struct words words = words_of(&alarm->said);
    struct event *event = arena_alloc(arena, sizeof *event);
    *event = (struct event){
        .kind = EVENT_ALARM,
        .source = SOURCE_CAMERA,
        .service = alarm->rule->service->code,
        .condition = alarm->rule->condition ? alarm->rule->condition->code : "",
        .title = arena_format(arena, "%s%s%s", camera->name.zh, chinese ? "：" : ": ", chinese ? words.zh : words.en),
        .text = arena_text(arena, alarm->said.text, strnlen(alarm->said.text, EVENT_TEXT_BYTES)),
        .place = place_of(book, alarm),
        .reporter = camera->id,
        .camera = camera->id,
        .priority = alarm->rule->priority,
        .happened_at_ms = dated ? alarm->said.position.at_ms : now_ms,
        .received_at_ms = now_ms,
    };
    locate_time(event->happened_at_ms, now_ms, &event->place);
    /* a device counts anew when it restarts: the time tells its alarms apart, where it says one */
    const char *number = arena_format(arena, "%s/%" PRId64 "/%" PRId64, alarm->device, alarm->serial,
                                      dated ? alarm->said.position.at_ms : 0);
    external_identify(event, "gbalarm", "gb28181", number, number, arena);
    return event;
}

/* ---- what is kept ---- */

static void forget(struct waiting *waiting)
{
    arena_finish(&waiting->arena);
    free(waiting);
}

static void durable(struct request *request, const struct event_append *done, void *context)
{
    (void)request, (void)done;
    struct waiting *waiting = context;
    metric_add(&kept, 1);
    gb28181_answer(waiting->ticket, true);
    forget(waiting);
}

static void hear(void *context, const struct gb_alarm *alarm)
{
    struct camera_alarms *alarms = context;
    struct waiting *waiting = calloc(1, sizeof *waiting);
    if (!waiting)
        abort();
    waiting->ticket = alarm->ticket;
    waiting->append.event = camera_alarm_event(alarms->options.book, alarm, clock_now_ms(), &waiting->arena);
    if (intake_add(alarms->options.intake, &waiting->append, durable, waiting) != INTAKE_TAKEN) {
        gb28181_answer(alarm->ticket, false);
        forget(waiting);
    }
}

int camera_alarms_open(const struct camera_alarms_options *options, struct camera_alarms **out, struct fault *fault)
{
    struct camera_alarms *alarms = calloc(1, sizeof *alarms);
    if (!alarms)
        abort();
    alarms->options = *options;
    metric_register(&kept);
    *out = alarms;
    return cameras_take_devices(options->cameras, options->keys, hear, alarms, fault);
}

void camera_alarms_close(struct camera_alarms *alarms)
{
    free(alarms);
}
