#include "proto/door/case_api.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/bus/doorbell.h"
#include "proto/door/case_api_command.h"
#include "proto/door/case_api_evidence.h"
#include "proto/door/case_api_list.h"
#include "proto/door/case_api_media.h"
#include "proto/door/case_api_names.h"
#include "proto/door/case_api_near.h"
#include "proto/door/case_api_report.h"
#include "proto/door/case_api_show.h"
#include "proto/door/case_api_stream.h"
#include "proto/photo/darkroom.h"

enum {
    COMMANDS_AT_ONCE = 64,
    COMMAND_TIMEOUT_MS = 8000,
    STREAM_PATIENCE_MS = 10 * 1000,
    STORE_LOOK_MS = 50,
    READERS_EVERY = 60, /* beats */
    SILENCE_MS = 3 * DOORBELL_HEARTBEAT_MS,
};

/* ---- is the dispatcher there? ---- */

static void judge_silence(struct case_api *api)
{
    int64_t silent_ms = clock_mono_ms() - api->heard_mono_ms;
    char reason[128];
    if (!api->heard_mono_ms)
        snprintf(reason, sizeof reason, "dispatcher not heard yet; is it running on --bus-port %" PRId64 "?",
                 api->options.bus_port_base);
    else
        snprintf(reason, sizeof reason, "dispatcher not heard for %" PRId64 " s", silent_ms / 1000);
    door_set_ready(api->options.door, api->heard_mono_ms && silent_ms <= SILENCE_MS ? NULL : reason);
}

static int watch_dispatcher(void *context)
{
    struct case_api *api = context;
    judge_silence(api);
    if (++api->beats % READERS_EVERY == 0)
        store_check_readers(api->store); /* a reader that was killed keeps old pages alive until its slot is cleared */
    loop_timer_arm(api->options.loop, &api->watch, DOORBELL_HEARTBEAT_MS);
    return 0;
}

static int doorbell_heard(void *context, const char *topic, struct bytes message)
{
    struct case_api *api = context;
    bool was_silent = !api->heard_mono_ms || clock_mono_ms() - api->heard_mono_ms > SILENCE_MS;
    api->heard_mono_ms = clock_mono_ms();
    if (was_silent)
        judge_silence(api);
    if (strcmp(topic, DOORBELL_HEARTBEAT_TOPIC) != 0 || doorbell_seq(message) > api->told)
        case_stream_ring(api);
    return 0;
}

/* ---- opening ---- */

/* 1: not there yet. */
static int try_store(struct case_api *api)
{
    int result = case_store_open(api->options.data_folder, STORE_READ_ONLY, &api->store, api->opening_fault);
    return result == -ENOENT ? 1 : result;
}

static int look_for_store(void *context)
{
    struct case_api *api = context;
    int result = try_store(api);
    if (result == 0)
        loop_stop(api->options.loop, 0);
    else
        loop_timer_arm(api->options.loop, &api->look, STORE_LOOK_MS);
    return result < 0 ? result : 0;
}

/* The daemons may be started in any order: until the dispatcher's first start there is nothing to read. */
static int open_store(struct case_api *api, struct fault *fault)
{
    api->opening_fault = fault;
    int result = try_store(api);
    if (result != 1)
        return result;
    log_info("waits for the dispatcher to make the cases store", "data=%s", api->options.data_folder);
    door_set_ready(api->options.door, "the dispatcher has not made the cases store yet; start drumtower-dispatcher");
    api->look = (struct loop_timer){ .fire = look_for_store, .context = api };
    loop_timer_arm(api->options.loop, &api->look, STORE_LOOK_MS);
    result = loop_run(api->options.loop);
    loop_timer_disarm(api->options.loop, &api->look);
    if (result || api->store)
        return result;
    return fault_set(fault, -EINTR, "%s/cases: ended before the dispatcher had made it", api->options.data_folder);
}

static int open_bus(struct case_api *api, struct fault *fault)
{
    const struct case_api_options *options = &api->options;
    int result =
        bus_client_open(options->loop, options->bus_port_base, BUS_COMMANDS, COMMANDS_AT_ONCE, &api->commands, fault);
    if (!result)
        result = bus_subscriber_open(options->loop, options->bus_port_base, BUS_NOTICES, NULL, 0, doorbell_heard, api,
                                     &api->notices, fault);
    return result;
}

static int add_routes(struct case_api *api, struct fault *fault)
{
    static int (*const parts[])(struct case_api *, struct fault *) = {
        case_list_open,  case_show_open,     case_near_open,  case_command_open, case_report_open,
        case_media_open, case_evidence_open, case_names_open, case_stream_open,
    };
    int result = 0;
    for (size_t i = 0; !result && i < sizeof parts / sizeof *parts; i++)
        result = parts[i](api, fault);
    return result;
}

int case_api_open(const struct case_api_options *options, struct case_api **out, struct fault *fault)
{
    *out = NULL;
    struct case_api *api = calloc(1, sizeof *api);
    if (!api)
        return fault_set(fault, -ENOMEM, "case API: out of memory");
    api->options = *options;
    if (!api->options.command_timeout_ms)
        api->options.command_timeout_ms = COMMAND_TIMEOUT_MS;
    if (!api->options.stream_patience_ms)
        api->options.stream_patience_ms = STREAM_PATIENCE_MS;
    api->watch = (struct loop_timer){ .fire = watch_dispatcher, .context = api };
    int result = open_store(api, fault);
    if (!result)
        result = add_routes(api, fault);
    if (!result)
        result = open_bus(api, fault);
    if (result) {
        case_api_close(api);
        return result;
    }
    loop_timer_arm(options->loop, &api->watch, 0);
    *out = api;
    return 0;
}

void case_api_close(struct case_api *api)
{
    if (!api)
        return;
    case_stream_close(api);
    darkroom_close(api->darkroom);
    loop_timer_disarm(api->options.loop, &api->watch);
    arena_finish(&api->arena);
    store_close(api->store);
    free(api);
}

struct store *case_api_store(struct case_api *api)
{
    return api->store;
}
