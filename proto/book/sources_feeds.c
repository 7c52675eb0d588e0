/* Feeds of alerts: where they are polled, and what of them concerns the district. */
#include <string.h>

#include "proto/book/sources_inside.h"

enum { POLL_SECONDS_DEFAULT = 60 };

#define RAW struct raw_feed_matter
static const cyaml_schema_field_t matter_fields[] = {
    RAW_TEXT_OPTIONAL(category),  RAW_TEXT_OPTIONAL(event),     RAW_TEXT(service),
    RAW_TEXT_OPTIONAL(condition), RAW_INT_OR_DEFAULT(priority), CYAML_FIELD_END
};
static const cyaml_schema_value_t matter_schema = RAW_ENTRY(matter_fields);
#undef RAW
#define RAW struct raw_feed
static const cyaml_schema_field_t feed_fields[] = { RAW_CODE(name),
                                                    RAW_TEXT_OPTIONAL(url),
                                                    RAW_TEXT_OPTIONAL(folder),
                                                    RAW_INT_OR_DEFAULT(poll_seconds),
                                                    RAW_LIST(matters, &matter_schema),
                                                    RAW_LIST_OPTIONAL(geocodes, &schema_text),
                                                    RAW_LIST_OPTIONAL(hosts, &schema_text),
                                                    RAW_BOOL_OPTIONAL(everywhere),
                                                    RAW_BOOL_OPTIONAL(exercises),
                                                    CYAML_FIELD_END };
const cyaml_schema_value_t feed_schema = RAW_ENTRY(feed_fields);
#undef RAW

/* CAP 1.2, 3.2.2: the values of category. */
static const char *const categories[] = { "Geo",    "Met", "Safety",    "Security", "Rescue", "Fire",
                                          "Health", "Env", "Transport", "Infra",    "CBRNE",  "Other" };

static void check_category(struct loader *loader, struct spot spot, const char *category)
{
    struct suggestion suggestion;
    char hint[100];
    suggestion_start(&suggestion, category);
    for (size_t i = 0; i < sizeof categories / sizeof *categories; i++) {
        if (strcmp(categories[i], category) == 0)
            return;
        suggestion_offer(&suggestion, categories[i]);
    }
    problem(loader, spot, "no category '%s' in CAP%s", category, suggestion_text(&suggestion, hint, sizeof hint));
}

static void take_matters(struct loader *loader, struct spot list, const struct raw_feed *raw, struct book_feed *feed)
{
    struct book_feed_matter *matters = loader_array(loader, raw->matters_count, sizeof *matters);
    for (size_t i = 0; i < raw->matters_count; i++) {
        const struct raw_feed_matter *row = &raw->matters[i];
        struct spot spot = spot_item(list, i);
        struct matter matter = sources_matter(loader, spot, &(struct raw_matter){ row->service, row->condition });
        matters[i] = (struct book_feed_matter){ .category = loader_text(loader, row->category),
                                                .event = loader_text(loader, row->event),
                                                .service = matter.service,
                                                .condition = matter.condition,
                                                .priority = matter.priority };
        if (row->category)
            check_category(loader, spot_key(spot, "category"), row->category);
    }
    feed->matters = matters;
    feed->matter_count = raw->matters_count;
    if (!raw->matters_count || raw->matters[raw->matters_count - 1].category ||
        raw->matters[raw->matters_count - 1].event)
        problem(loader, list, "expected a last row with a service alone, for alerts that no other row is about");
}

static void take_feed(struct loader *loader, struct spot spot, const struct raw_feed *raw, struct book_feed *feed)
{
    *feed = (struct book_feed){
        .name = loader_text(loader, raw->name),
        .url = loader_text(loader, raw->url),
        .folder = loader_text(loader, raw->folder),
        .poll_ms = 1000 * loader_number(loader, spot, "poll_seconds", POLL_SECONDS_DEFAULT, 1, 86400),
        .geocodes = sources_texts(loader, raw->geocodes, raw->geocodes_count),
        .geocode_count = raw->geocodes_count,
        .hosts = sources_texts(loader, raw->hosts, raw->hosts_count),
        .host_count = raw->hosts_count,
        .everywhere = raw->everywhere,
        .exercises = raw->exercises,
    };
    sources_check_name(loader, spot_key(spot, "name"), feed->name);
    if (!raw->url == !raw->folder)
        problem(loader, spot, "the feed has %s; expected either a url or a folder",
                raw->url ? "a url and a folder" : "neither a url nor a folder");
    if (raw->url && strncmp(raw->url, "http://", 7) != 0 && strncmp(raw->url, "https://", 8) != 0)
        problem(loader, spot_key(spot, "url"), "'%s'; expected http://… or https://…", raw->url);
    take_matters(loader, spot_key(spot, "matters"), raw, feed);
    for (size_t i = 0; i < raw->geocodes_count; i++)
        if (!strchr(raw->geocodes[i], '='))
            problem(loader, spot_entry(spot, "geocodes", i), "'%s'; expected NAME=VALUE, such as UGC=MTZ014",
                    raw->geocodes[i]);
}

void sources_take_feeds(struct loader *loader, struct spot root, const struct raw_sources *raw)
{
    struct book_feed *feeds = loader_array(loader, raw->feeds_count, sizeof *feeds);
    struct spot list = spot_key(root, "feeds");
    struct lookup names;
    for (size_t i = 0; i < raw->feeds_count; i++)
        take_feed(loader, spot_item(list, i), &raw->feeds[i], &feeds[i]);
    loader_index(loader, &names, feeds, raw->feeds_count, sizeof *feeds, list, "name");
    loader->loaded->sources.feeds = feeds;
    loader->loaded->sources.feed_count = raw->feeds_count;
}
