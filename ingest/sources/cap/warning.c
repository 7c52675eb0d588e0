#include "ingest/sources/cap/warning.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "ingest/enrich/clip.h"
#include "ingest/enrich/locate.h"
#include "ingest/sources/external.h"
#include "proto/base/crypto.h"
#include "proto/base/timestamp.h"
#include "proto/book/zone.h"

ENUM_DEFINE(cap_fate, CAP_FATES)

enum {
    AREAS_TOLD = 64, /* areas named in the attributes */
    EXTERNAL_ID_BYTES = 128,
    TITLE_BYTES = 200,
    TEXT_BYTES = 4000,
    ATTRIBUTE_BYTES = 1000,
    POINT_RADIUS_M = 1000, /* a circle up to this is a place, not an area */
};

static const char *clipped(struct arena *arena, const char *text, size_t most)
{
    return arena_text(arena, text, clip_utf8(text, most));
}

/* ---- what it is about ---- */

static bool same_language(const char *a, const char *b)
{
    size_t length = strcspn(a, "-_");
    return length == strcspn(b, "-_") && strncasecmp(a, b, length) == 0;
}

static int rank_severity(enum cap_severity severity)
{
    return severity == CAP_SEVERITY_UNKNOWN ? CAP_SEVERITY_MODERATE : (int)severity; /* in falling order else */
}

/* Of those that are about the district, or of all where none is: the most severe one in the first of the district's languages that there is; the
 * most severe of all else. NULL where it says nothing. */
static const struct cap_info *choose_info(const struct book *book, const struct cap_alert *alert, const bool *ours)
{
    const struct cap_info *best = NULL;
    bool any = alert->info_count && memchr(ours, true, alert->info_count);
    size_t best_language = 0;
    for (size_t i = 0; i < alert->info_count; i++) {
        const struct cap_info *info = &alert->infos[i];
        size_t language = 0;
        if (any && !ours[i])
            continue;
        while (language < book->language_count && !same_language(book->languages[language], info->language))
            language++;
        bool better = !best || language < best_language ||
                      (language == best_language && rank_severity(info->severity) < rank_severity(best->severity));
        if (!better)
            continue;
        best = info;
        best_language = language;
    }
    return best;
}

int64_t warning_priority(const struct cap_info *info)
{
    int64_t priority = rank_severity(info->severity); /* EXTREME 1 … MINOR 4 */
    priority += info->urgency == CAP_URGENCY_PAST ? 2 : info->urgency == CAP_URGENCY_FUTURE;
    priority += info->certainty == CAP_CERTAINTY_UNLIKELY;
    return priority > 5 ? 5 : priority;
}

static bool has_category(const struct cap_info *info, const char *category)
{
    for (size_t i = 0; i < info->category_count; i++)
        if (strcmp(info->categories[i].value, category) == 0)
            return true;
    return false;
}

/* The last row fits any. */
static const struct book_feed_matter *find_matter(const struct book_feed *feed, const struct cap_info *info)
{
    size_t i = 0;
    for (; i + 1 < feed->matter_count; i++) {
        const struct book_feed_matter *matter = &feed->matters[i];
        if (info && (!*matter->category || has_category(info, matter->category)) &&
            (!*matter->event || strcasestr(info->event, matter->event)))
            break;
    }
    return &feed->matters[i];
}

/* ---- where ---- */

/* What of the district the alert's shapes touch. */
struct reach {
    const struct book_area *areas[AREAS_TOLD]; /* the first of them */
    size_t count;
    const struct book_area *common; /* NULL: none */
    const struct book_shape *point; /* a small circle, where that is all */
    bool shapes, geocodes;          /* does it say where? */
};

static void add_touched(const struct book_area *area, struct reach *reach)
{
    reach->common = book_area_common(reach->common, area);
    for (size_t i = 0; i < reach->count; i++)
        if (reach->areas[i] == area)
            return;
    if (reach->count < AREAS_TOLD)
        reach->areas[reach->count++] = area;
}

static bool is_ours(const struct book_feed *feed, const struct cap_pair *geocode)
{
    size_t length = strlen(geocode->name);
    for (size_t i = 0; i < feed->geocode_count; i++)
        if (strncmp(feed->geocodes[i], geocode->name, length) == 0 && feed->geocodes[i][length] == '=' &&
            strcmp(feed->geocodes[i] + length + 1, geocode->value) == 0)
            return true;
    return false;
}

static const struct book_area *district_of(const struct book *book)
{
    for (size_t i = 0; i < book->area_count; i++)
        if (book->areas[i].tier == TIER_DISTRICT)
            return &book->areas[i];
    return NULL;
}

/* True where it is about the district, or may be, as it says nothing of where. */
static bool reach_info(const struct warning_desk *desk, const struct cap_info *info, const struct book_area **scratch,
                       struct reach *reach)
{
    bool ours = !info->shape_count && !(info->geocode_count && desk->feed->geocode_count);
    for (size_t i = 0; i < info->shape_count; i++) {
        const struct book_shape *shape = &info->shapes[i];
        size_t touched = book_areas_touched(desk->book, shape, scratch);
        ours |= touched > 0;
        for (size_t j = 0; j < touched; j++)
            add_touched(scratch[j], reach);
        bool only = !reach->shapes || reach->point;
        reach->point = only && shape->radius_m >= 0 && shape->radius_m <= POINT_RADIUS_M ? shape : NULL;
        reach->shapes = true;
    }
    for (size_t i = 0; i < info->geocode_count; i++) {
        reach->geocodes = true;
        if (!is_ours(desk->feed, &info->geocodes[i]))
            continue;
        reach->common = book_area_common(reach->common, district_of(desk->book));
        ours = true;
    }
    return ours;
}

/* A shape is surer than a code; codes count where the feed names some of ours. Who says nothing of where may mean us. */
static bool concerns_us(const struct book_feed *feed, const struct reach *reach)
{
    if (reach->common || feed->everywhere)
        return true;
    return !reach->shapes && !(reach->geocodes && feed->geocode_count);
}

static struct place place_of(const struct warning_desk *desk, const struct cap_info *info, const struct reach *reach,
                             struct arena *arena)
{
    struct place place = { .area = "", .address = info ? clipped(arena, info->area_words, CAP_AREA_WORDS) : "" };
    if (reach->point && reach->count) {
        place.lat = reach->point->points[0].lat;
        place.lon = reach->point->points[0].lon;
        place.accuracy_m = (int64_t)reach->point->radius_m;
    }
    locate_place(desk->book, reach->point && reach->count, &place);
    if (!*place.area && reach->common)
        place.area = reach->common->code;
    return place;
}

/* ---- which others it belongs to ---- */

/* As the record takes it. */
static const char *thing_of(const char *identity, struct arena *arena)
{
    if (strlen(identity) <= EXTERNAL_ID_BYTES)
        return identity;
    char hex[HASH_HEX];
    struct hash hash = hash_of(identity, strlen(identity));
    return arena_text(arena, hash_hex(hex, &hash), HASH_HEX - 1);
}

struct kinship {
    const char *source, *number, *thing;
    bool known;  /* the log has this very message */
    bool joined; /* it has one that this belongs to */
};

static int find(const struct warning_desk *desk, const struct kinship *kinship, const char *number, struct arena *arena,
                struct event *event, struct fault *fault)
{
    return event_log_find(desk->log, external_event_id("cap", kinship->source, number, arena), arena, event, fault);
}

/* The log has one of this identity: this very message, or one sent at another time. */
static int compare_with(const struct warning_desk *desk, const struct cap_alert *alert, const struct event *first,
                        struct arena *arena, struct kinship *kinship, struct fault *fault)
{
    struct event again;
    kinship->thing = first->external_id;
    kinship->joined = true;
    kinship->known = first->happened_at_ms == alert->sent_ms;
    if (kinship->known)
        return 0;
    kinship->number = arena_format(arena, "%s,%" PRId64, alert->identity, alert->sent_ms);
    int result = find(desk, kinship, kinship->number, arena, &again, fault);
    kinship->known = result == 0;
    return result < 0 ? result : 0;
}

static int follow_references(const struct warning_desk *desk, const struct cap_alert *alert, struct arena *arena,
                             struct kinship *kinship, struct fault *fault)
{
    const struct cap_reference *earliest = NULL;
    for (size_t i = 0; i < alert->reference_count && !kinship->joined; i++) {
        const struct cap_reference *reference = &alert->references[i];
        struct event event;
        int result = find(desk, kinship, reference->identity, arena, &event, fault);
        if (result < 0)
            return result;
        if (!earliest || reference->sent_ms < earliest->sent_ms)
            earliest = reference;
        kinship->thing = result == 0 ? event.external_id : thing_of(earliest->identity, arena);
        kinship->joined = result == 0;
    }
    return 0;
}

static int find_kin(const struct warning_desk *desk, const struct cap_alert *alert, struct arena *arena,
                    struct kinship *kinship, struct fault *fault)
{
    struct event event;
    *kinship = (struct kinship){ .source = arena_format(arena, "cap/%s", desk->feed->name),
                                 .number = alert->identity,
                                 .thing = thing_of(alert->identity, arena) };
    int result = find(desk, kinship, alert->identity, arena, &event, fault);
    if (result < 0)
        return result;
    return result == 0 ? compare_with(desk, alert, &event, arena, kinship, fault)
                       : follow_references(desk, alert, arena, kinship, fault);
}

/* Nothing is there to cancel yet: what it refers to may come later, and is over then. */
static void remember_cancelled(const struct warning_desk *desk, const struct cap_alert *cancel)
{
    for (size_t i = 0; i < cancel->reference_count; i++) {
        const char *identity = cancel->references[i].identity;
        struct hash hash = hash_of(identity, strlen(identity));
        seen_add(desk->cancelled, &hash);
    }
}

static bool is_cancelled(const struct warning_desk *desk, const struct cap_alert *alert)
{
    struct hash hash = hash_of(alert->identity, strlen(alert->identity));
    return seen_has(desk->cancelled, &hash);
}

/* ---- the event ---- */

static const char *time_words(const struct book *book, int64_t at_ms, struct arena *arena)
{
    char text[TIMESTAMP_TEXT];
    timestamp_format(text, at_ms, zone_offset_minutes(book->zone, at_ms));
    return arena_text(arena, text, strlen(text));
}

static void add_attribute(struct event *event, struct arena *arena, const char *code, const char *value)
{
    if (value && *value)
        event->attributes.items[event->attributes.count++] =
            (struct attribute){ .code = code, .value = clipped(arena, value, ATTRIBUTE_BYTES) };
}

static void add_attributes(const struct warning_desk *desk, const struct cap_alert *alert, const struct cap_info *info,
                           const struct reach *reach, struct arena *arena, struct event *event)
{
    enum { OTHERS = 8 };
    event->attributes.items = arena_array(arena, OTHERS + reach->count, sizeof *event->attributes.items);
    add_attribute(event, arena, "message", enum_name(&cap_msg_type_desc, (int)alert->type));
    add_attribute(event, arena, "sender", alert->sender);
    if (info) {
        add_attribute(event, arena, "severity", enum_name(&cap_severity_desc, (int)info->severity));
        add_attribute(event, arena, "urgency", enum_name(&cap_urgency_desc, (int)info->urgency));
        add_attribute(event, arena, "certainty", enum_name(&cap_certainty_desc, (int)info->certainty));
        if (info->effective_ms)
            add_attribute(event, arena, "effective", time_words(desk->book, info->effective_ms, arena));
        if (info->expires_ms)
            add_attribute(event, arena, "expires", time_words(desk->book, info->expires_ms, arena));
        add_attribute(event, arena, "web", info->web);
    }
    for (size_t i = 0; i < reach->count; i++)
        add_attribute(event, arena, "area", reach->areas[i]->code);
}

/* What an update is to its case is said first: the case shows its words as a step. */
static const char *type_words(const struct book *book, enum cap_msg_type type)
{
    bool chinese = same_language(book->languages[0], "zh");
    if (type == CAP_CANCEL)
        return chinese ? "【解除】" : "Cancelled: ";
    return type == CAP_UPDATE ? (chinese ? "【更新】" : "Update: ") : "";
}

static void add_words(const struct warning_desk *desk, const struct cap_alert *alert, const struct cap_info *info,
                      struct arena *arena, struct event *event)
{
    const char *headline = info && *info->headline ? info->headline : info ? info->event : "";
    if (!*headline)
        headline = *alert->note ? alert->note : alert->identifier;
    const char *type = type_words(desk->book, alert->type);
    const char *description = info ? info->description : "", *instruction = info ? info->instruction : "";
    event->title = clipped(arena, arena_format(arena, "%s%s", type, headline), TITLE_BYTES);
    event->text = clipped(arena,
                          arena_format(arena, "%s%s%s%s%s%s", type, headline, *description ? "\n" : "", description,
                                       *instruction ? "\n" : "", instruction),
                          TEXT_BYTES);
    event->language = info ? clipped(arena, info->language, 16) : "";
}

static struct event *event_of(const struct warning_desk *desk, const struct cap_alert *alert,
                              const struct cap_info *info, const struct reach *reach, const struct kinship *kinship,
                              int64_t now_ms, struct arena *arena)
{
    const struct book_feed_matter *matter = find_matter(desk->feed, info);
    int64_t priority = matter->priority ? matter->priority : info ? warning_priority(info) : 0;
    struct event *event = arena_alloc(arena, sizeof *event);
    *event = (struct event){
        .kind = kinship->joined ? EVENT_FOLLOW_UP : EVENT_ALARM,
        .source = SOURCE_SYSTEM,
        .service = matter->service->code,
        .condition = matter->condition ? matter->condition->code : "",
        .place = place_of(desk, info, reach, arena),
        .reporter = clipped(arena, alert->sender, 64),
        .happened_at_ms = alert->sent_ms,
        .received_at_ms = now_ms,
        .priority = alert->type == CAP_CANCEL ? 0 : priority,
    };
    locate_time(alert->sent_ms, now_ms, &event->place);
    add_words(desk, alert, info, arena, event);
    add_attributes(desk, alert, info, reach, arena, event);
    external_identify(event, "cap", kinship->source, kinship->thing, kinship->number, arena);
    return event;
}

static bool is_expired(const struct cap_alert *alert, int64_t now_ms)
{
    bool expired = alert->info_count > 0 && alert->type != CAP_CANCEL;
    for (size_t i = 0; i < alert->info_count; i++)
        expired &= alert->infos[i].expires_ms && alert->infos[i].expires_ms < now_ms;
    return expired;
}

int warning_of(const struct warning_desk *desk, const struct cap_alert *alert, int64_t now_ms, struct arena *arena,
               struct event **event, struct fault *fault)
{
    struct kinship kinship;
    struct reach reach = { .count = 0 };
    if (alert->status != CAP_ACTUAL && !desk->feed->exercises)
        return CAP_NOT_ACTUAL;
    if (alert->type == CAP_ACK || alert->type == CAP_ERROR)
        return CAP_NO_MATTER;
    int result = find_kin(desk, alert, arena, &kinship, fault);
    if (result < 0)
        return result;
    if (kinship.known)
        return CAP_KNOWN;
    if (is_expired(alert, now_ms))
        return CAP_EXPIRED;
    if (alert->type == CAP_CANCEL && !kinship.joined) {
        remember_cancelled(desk, alert);
        return CAP_NOTHING_TO_CANCEL;
    }
    if (!kinship.joined && is_cancelled(desk, alert))
        return CAP_CANCELLED;
    const struct book_area **scratch = arena_array(arena, desk->book->area_count + 1, sizeof *scratch);
    bool *ours = arena_array(arena, alert->info_count + 1, sizeof *ours);
    for (size_t i = 0; i < alert->info_count; i++)
        ours[i] = reach_info(desk, &alert->infos[i], scratch, &reach);
    if (!kinship.joined && !concerns_us(desk->feed, &reach))
        return CAP_ELSEWHERE;
    *event = event_of(desk, alert, choose_info(desk->book, alert, ours), &reach, &kinship, now_ms, arena);
    return record_check(&event_desc, *event, fault) < 0 ? CAP_REFUSED : CAP_TAKEN;
}
