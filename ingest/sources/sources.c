#include "ingest/sources/sources.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "ingest/sources/cap/feed.h"
#include "ingest/sources/chat/chat.h"
#include "ingest/sources/cities/cities.h"
#include "ingest/sources/mqtt/mqtt.h"
#include "ingest/sources/table/tables.h"
#include "ingest/sources/webhook/hook.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/book/sources.h"

enum { LOOK_AGAIN_MS = 5000 };

static struct metric leads = METRIC_GAUGE("drumtower_sources_leading", "1 where this process pulls the sources of the "
                                                                       "data folder, 0 where another one does.");

struct sources {
    struct sources_options options;
    struct loop_timer look_again;
    int lock_fd;
    struct mqtt *mqtt;
    struct feeds *feeds;
    struct cities *cities;
    struct chats *chats;
    struct hooks *hooks;
    struct tables *tables;
};

static int start_pulling(struct sources *sources, struct fault *fault)
{
    const struct sources_options *options = &sources->options;
    metric_set(&leads, 1);
    const struct book *book = options->desk->book;
    int result = mqtt_open(&(struct mqtt_options){ options->loop, book, options->log, options->intake, options->keys },
                           &sources->mqtt, fault);
    if (!result)
        result = feeds_open(&(struct feeds_options){ options->loop, book, options->log, options->intake },
                            &sources->feeds, fault);
    if (!result)
        result = cities_open(&(struct cities_options){ options->loop, book, options->log, options->intake,
                                                       options->reports, options->keys },
                             &sources->cities, fault);
    return result ? result : chats_lead(sources->chats, fault);
}

/* The kernel gives the lock back when its holder ends, however it ends. */
static int lead_if_free(struct sources *sources, struct fault *fault)
{
    if (flock(sources->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return start_pulling(sources, fault);
    if (errno != EWOULDBLOCK)
        return fault_set(fault, -errno, "%s/sources.lock: %s", sources->options.desk->data_folder, strerror(errno));
    loop_timer_arm(sources->options.loop, &sources->look_again, LOOK_AGAIN_MS);
    return 0;
}

static int look_again(void *context)
{
    struct fault fault = { "" };
    int result = lead_if_free(context, &fault);
    if (result < 0)
        log_error("the sources cannot be pulled", "reason=\"%s\"", fault.text);
    return result;
}

static bool is_anything_pulled(const struct book *book)
{
    const struct book_sources *sources = book_sources(book);
    return sources->broker_count || sources->feed_count || sources->city_count || sources->chat_count;
}

int sources_open(const struct sources_options *options, struct sources **out, struct fault *fault)
{
    struct sources *sources = calloc(1, sizeof *sources);
    if (!sources)
        abort();
    *out = sources;
    sources->options = *options;
    sources->lock_fd = -1;
    sources->look_again = (struct loop_timer){ .fire = look_again, .context = sources };
    int result = tables_open(
        &(struct tables_options){ options->desk, options->log, options->intake, options->door, options->keys },
        &sources->tables, fault);
    if (!result)
        result = hooks_open(&(struct hooks_options){ options->desk, options->intake, options->door, options->keys },
                            &sources->hooks, fault);
    if (!result)
        result =
            chats_open(&(struct chats_options){ options->loop, options->desk, options->log, options->intake,
                                                options->door, options->reports, options->suggester, options->keys },
                       &sources->chats, fault);
    if (result < 0 || !is_anything_pulled(options->desk->book))
        return result;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/sources.lock", options->desk->data_folder);
    metric_register(&leads);
    sources->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (sources->lock_fd < 0)
        return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
    return lead_if_free(sources, fault);
}

void sources_close(struct sources *sources)
{
    if (!sources)
        return;
    loop_timer_disarm(sources->options.loop, &sources->look_again);
    mqtt_close(sources->mqtt);
    feeds_close(sources->feeds);
    cities_close(sources->cities);
    chats_close(sources->chats);
    hooks_close(sources->hooks);
    tables_close(sources->tables);
    if (sources->lock_fd >= 0)
        close(sources->lock_fd);
    free(sources);
}
