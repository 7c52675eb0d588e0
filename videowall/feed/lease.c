/* Leases: a camera's stream is asked for as long as somebody looks at it, and renewed. */
#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/bus/bus.h"
#include "videowall/feed/feed_inside.h"

enum {
    RENEW_MS = 3000,    /* CAMERA_LEASE_SECONDS leaves room for two that are lost */
    ASK_AGAIN_MS = 500, /* after no answer */
    REFUSED_MS = 5000,  /* after a no */
    ANSWER_MS = 2000    /* how long an answer is waited for */
};

static int refusal(struct feed *feed, const struct camera_grant *grant)
{
    log_warn("camera lease refused", "camera=%s result=%s message=\"%s\"", feed->id,
             enum_name(&camera_result_desc, grant->result), grant->message);
    feed_enter(feed, CAMERA_LOST, grant->message);
    /* The no holds until we ask again: that nothing is heard until then does not mean that nobody is there. */
    feed->word_mono_ms += REFUSED_MS;
    return REFUSED_MS;
}

static void lease_answered(void *context, int status, struct bytes answer)
{
    struct feed *feed = context;
    struct feeds *feeds = feed->feeds;
    feed->asking = false;
    int64_t again_ms = ASK_AGAIN_MS;
    struct camera_grant grant;
    arena_reset(&feeds->arena);
    if (status == 0 && record_decode(&camera_grant_desc, answer, &feeds->arena, &grant, NULL) == 0) {
        feed->word_mono_ms = clock_mono_ms();
        again_ms = RENEW_MS;
        if (grant.result != CAMERA_RESULT_OK)
            again_ms = refusal(feed, &grant);
        else if (grant.status.state != CAMERA_NONE)
            feed_set_status(feed, &grant.status);
    }
    feed->ask_mono_ms = clock_mono_ms() + again_ms;
}

static void release_answered(void *context, int status, struct bytes answer)
{
    (void)context, (void)status, (void)answer; /* what was not released ends by itself */
}

int feeds_ask(struct feeds *feeds, const struct camera_lease *wish, int64_t timeout_ms,
              void (*answered)(void *context, int status, struct bytes answer), void *context)
{
    buffer_clear(&feeds->request);
    record_encode(&camera_lease_desc, wish, &feeds->request);
    return bus_ask(feeds->client, buffer_view(&feeds->request), timeout_ms, answered, context);
}

static int ask(struct feed *feed, enum camera_verb verb,
               void (*answered)(void *context, int status, struct bytes answer))
{
    const struct feeds *feeds = feed->feeds;
    struct camera_lease lease = { .verb = verb,
                                  .camera = feed->id,
                                  .holder = feeds->holders[feed->main],
                                  .seconds = CAMERA_LEASE_SECONDS,
                                  .shown = true,
                                  .wide_px = feed->main ? feed->camera->sub_wide_px + 1 : 0 };
    return feeds_ask(feed->feeds, &lease, ANSWER_MS, answered, feed);
}

void lease_ask(struct feed *feed)
{
    if (!feed->camera) {
        feed->leased = true;
        feed_enter(feed, CAMERA_OPENING, "");
        feed->watched(feed->context, true);
    } else if (ask(feed, CAMERA_VERB_LEASE, lease_answered) == 0) { /* else at the next tick */
        feed->asking = feed->leased = true;
    }
}

void lease_release(struct feed *feed)
{
    if (feed->camera)
        ask(feed, CAMERA_VERB_RELEASE, release_answered);
    else
        feed->watched(feed->context, false);
    feed->leased = false;
    feed_forget_pictures(feed);
}
