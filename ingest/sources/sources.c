#include "ingest/sources/sources.h"

#include <stdlib.h>

#include "ingest/sources/cap/feed.h"
#include "ingest/sources/chat/chat.h"
#include "ingest/sources/cities/cities.h"
#include "ingest/sources/mqtt/mqtt.h"
#include "ingest/sources/table/tables.h"
#include "ingest/sources/webhook/hook.h"

struct sources {
    struct sources_options options;
    struct mqtt *mqtt;
    struct feeds *feeds;
    struct cities *cities;
    struct chats *chats;
    struct hooks *hooks;
    struct tables *tables;
};

int sources_lead(struct sources *sources, struct fault *fault)
{
    const struct sources_options *options = &sources->options;
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

int sources_open(const struct sources_options *options, struct sources **out, struct fault *fault)
{
    struct sources *sources = calloc(1, sizeof *sources);
    if (!sources)
        abort();
    *out = sources;
    sources->options = *options;
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
    return result;
}

void sources_close(struct sources *sources)
{
    if (!sources)
        return;
    mqtt_close(sources->mqtt);
    feeds_close(sources->feeds);
    cities_close(sources->cities);
    chats_close(sources->chats);
    hooks_close(sources->hooks);
    tables_close(sources->tables);
    free(sources);
}
