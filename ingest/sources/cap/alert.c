#include "ingest/sources/cap/alert.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/timestamp.h"

ENUM_DEFINE(cap_msg_type, CAP_MSG_TYPES)
ENUM_DEFINE(cap_status, CAP_STATUSES)
ENUM_DEFINE(cap_severity, CAP_SEVERITIES)
ENUM_DEFINE(cap_urgency, CAP_URGENCIES)
ENUM_DEFINE(cap_certainty, CAP_CERTAINTIES)

static const char *const spaces[] = { "urn:oasis:names:tc:emergency:cap:1.1", "urn:oasis:names:tc:emergency:cap:1.2" };

/* An alert while it is read. */
struct reading {
    struct arena *arena;
    struct cap_complaints *complaints;
};

static void complain(struct reading *reading, const struct xml_element *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void complain(struct reading *reading, const struct xml_element *at, const char *format, ...)
{
    struct cap_complaints *complaints = reading->complaints;
    if (complaints->count++ >= CAP_COMPLAINTS_MAX)
        return;
    char words[300];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    complaints->items[complaints->count - 1] =
        arena_format(reading->arena, "line %zu: %s: %s", at->line, at->name, words);
}

static size_t count_children(const struct xml_element *parent, const char *name)
{
    size_t count = 0;
    for (const struct xml_element *at = xml_child(parent, name); at; at = xml_next(at->next, name))
        count++;
    return count;
}

/* A word of a list of the standard's; `unknown` for any other. */
static int take_word(struct reading *reading, const struct xml_element *info, const char *name,
                     const struct enum_desc *words, int unknown)
{
    const struct xml_element *element = xml_child(info, name);
    if (!element) {
        complain(reading, info, "%s is missing", name);
        return unknown;
    }
    int value = enum_value(words, element->text);
    if (value >= 0)
        return value;
    complain(reading, element, "'%.60s' is none of the standard's words", element->text);
    return unknown;
}

static int64_t take_time(struct reading *reading, const struct xml_element *parent, const char *name)
{
    const struct xml_element *element = xml_child(parent, name);
    int64_t at_ms = 0;
    if (element && *element->text && timestamp_parse(element->text, 0, &at_ms) < 0)
        complain(reading, element, "'%.60s' is not a date and time like 2026-01-05T08:30:00-00:00", element->text);
    return at_ms;
}

/* ---- shapes ---- */

/* "lat,lon" at *text, which moves behind it; false where it is none. */
static bool take_point(const char **text, struct book_point *point)
{
    char *end;
    point->lat = strtod(*text, &end);
    if (end == *text || *end != ',')
        return false;
    const char *second = end + 1;
    point->lon = strtod(second, &end);
    if (end == second || (*end && !strchr(" \t\r\n", *end)))
        return false;
    *text = end + strspn(end, " \t\r\n");
    return fabs(point->lat) <= 90 && fabs(point->lon) <= 180;
}

/* Points that are none are named and left out; what then is no border any more is left out too. */
static bool take_polygon(struct reading *reading, const struct xml_element *element, struct book_shape *shape)
{
    struct book_point *points = arena_array(reading->arena, strlen(element->text) / 4 + 1, sizeof *points);
    size_t count = 0;
    for (const char *at = element->text; *at;) {
        const char *start = at;
        if (take_point(&at, &points[count])) {
            count++;
            continue;
        }
        size_t length = strcspn(start, " \t\r\n");
        complain(reading, element, "'%.*s' is not a point LAT,LON", length > 60 ? 60 : (int)length, start);
        at = start + length;
        at += strspn(at, " \t\r\n");
    }
    *shape = (struct book_shape){ points, count, -1 };
    if (count < 4)
        complain(reading, element, "%zu points; expected at least 4, the last one the first again", count);
    else if (points[0].lat != points[count - 1].lat || points[0].lon != points[count - 1].lon)
        complain(reading, element, "the last point is not the first one again");
    return count >= 4;
}

/* "lat,lon radius_km" */
static bool take_circle(struct reading *reading, const struct xml_element *element, struct book_shape *shape)
{
    struct book_point *center = arena_alloc(reading->arena, sizeof *center);
    const char *at = element->text;
    char *end = NULL;
    double radius_km = take_point(&at, center) ? strtod(at, &end) : -1;
    if (!end || end == at || *end || !(radius_km >= 0 && radius_km <= 20000)) {
        complain(reading, element, "'%.60s' is not a circle LAT,LON KILOMETRES", element->text);
        return false;
    }
    *shape = (struct book_shape){ center, 1, radius_km * 1000 };
    return true;
}

static void take_area(struct reading *reading, const struct xml_element *area, struct book_shape *shapes,
                      struct cap_pair *geocodes, struct cap_info *info)
{
    for (const struct xml_element *at = area->first; at; at = at->next) {
        if (strcmp(at->name, "polygon") == 0)
            info->shape_count += take_polygon(reading, at, &shapes[info->shape_count]);
        else if (strcmp(at->name, "circle") == 0)
            info->shape_count += take_circle(reading, at, &shapes[info->shape_count]);
        else if (strcmp(at->name, "geocode") == 0)
            geocodes[info->geocode_count++] =
                (struct cap_pair){ xml_child_text(at, "valueName"), xml_child_text(at, "value") };
    }
    const char *words = xml_child_text(area, "areaDesc");
    if (!*words)
        complain(reading, area, "areaDesc is missing");
    if (strlen(info->area_words) <= CAP_AREA_WORDS) /* a feed may name any number of areas */
        info->area_words =
            arena_format(reading->arena, "%s%s%s", info->area_words, *info->area_words && *words ? "; " : "", words);
}

/* ---- info ---- */

static void take_areas(struct reading *reading, const struct xml_element *element, struct cap_info *info)
{
    size_t shape_count = 0, geocode_count = 0;
    for (const struct xml_element *area = xml_child(element, "area"); area; area = xml_next(area->next, "area")) {
        shape_count += count_children(area, "polygon") + count_children(area, "circle");
        geocode_count += count_children(area, "geocode");
    }
    struct book_shape *shapes = arena_array(reading->arena, shape_count + 1, sizeof *shapes);
    struct cap_pair *geocodes = arena_array(reading->arena, geocode_count + 1, sizeof *geocodes);
    for (const struct xml_element *area = xml_child(element, "area"); area; area = xml_next(area->next, "area"))
        take_area(reading, area, shapes, geocodes, info);
    info->shapes = shapes;
    info->geocodes = geocodes;
}

static void take_categories(struct reading *reading, const struct xml_element *element, struct cap_info *info)
{
    struct cap_pair *categories =
        arena_array(reading->arena, count_children(element, "category") + 1, sizeof *categories);
    for (const struct xml_element *at = xml_child(element, "category"); at; at = xml_next(at->next, "category"))
        categories[info->category_count++].value = at->text;
    info->categories = categories;
    if (!info->category_count)
        complain(reading, element, "category is missing");
}

static void take_info(struct reading *reading, const struct xml_element *element, struct cap_info *info)
{
    const char *language = xml_child_text(element, "language");
    int urgency = take_word(reading, element, "urgency", &cap_urgency_desc, CAP_URGENCY_UNKNOWN);
    int severity = take_word(reading, element, "severity", &cap_severity_desc, CAP_SEVERITY_UNKNOWN);
    int64_t effective_ms = take_time(reading, element, "effective"),
            expires_ms = take_time(reading, element, "expires");
    int certainty = take_word(reading, element, "certainty", &cap_certainty_desc, CAP_CERTAINTY_UNKNOWN);
    *info = (struct cap_info){
        .language = *language ? language : "en-US",
        .event = xml_child_text(element, "event"),
        .headline = xml_child_text(element, "headline"),
        .description = xml_child_text(element, "description"),
        .instruction = xml_child_text(element, "instruction"),
        .sender_name = xml_child_text(element, "senderName"),
        .web = xml_child_text(element, "web"),
        .urgency = (enum cap_urgency)urgency,
        .severity = (enum cap_severity)severity,
        .certainty = (enum cap_certainty)certainty,
        .effective_ms = effective_ms,
        .expires_ms = expires_ms,
        .area_words = "",
    };
    if (!*info->event)
        complain(reading, element, "event is missing");
    take_categories(reading, element, info);
    take_areas(reading, element, info);
}

/* ---- the alert ---- */

/* "sender,identifier,sent" with blanks between; an identifier holds neither. */
static void take_references(struct reading *reading, const struct xml_element *root, struct cap_alert *alert)
{
    const struct xml_element *element = xml_child(root, "references");
    if (!element)
        return;
    struct cap_reference *references = arena_array(reading->arena, strlen(element->text) / 4 + 1, sizeof *references);
    for (const char *at = element->text; *at; at += strspn(at, " \t\r\n")) {
        size_t length = strcspn(at, " \t\r\n");
        const char *word = arena_text(reading->arena, at, length);
        const char *first = strchr(word, ','), *last = strrchr(word, ',');
        struct cap_reference *reference = &references[alert->reference_count];
        if (first && last > first + 1 && timestamp_parse(last + 1, 0, &reference->sent_ms) == 0) {
            reference->identity = arena_text(reading->arena, word, (size_t)(last - word));
            alert->reference_count++;
        } else {
            complain(reading, element, "'%.80s' is not SENDER,IDENTIFIER,SENT", word);
        }
        at += length;
    }
    alert->references = references;
    if (!*element->text)
        complain(reading, element, "empty; expected SENDER,IDENTIFIER,SENT");
}

bool cap_is_alert(const struct xml_element *root)
{
    bool known = false;
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
        known |= strcmp(root->space, spaces[i]) == 0;
    return known && strcmp(root->name, "alert") == 0;
}

/* Without these nobody can tell which alert it is, or what it does to which other. */
static int take_head(const struct xml_element *root, struct arena *arena, struct cap_alert *alert, struct fault *fault)
{
    alert->identifier = xml_child_text(root, "identifier");
    alert->sender = xml_child_text(root, "sender");
    int type = enum_value(&cap_msg_type_desc, xml_child_text(root, "msgType"));
    int status = enum_value(&cap_status_desc, xml_child_text(root, "status"));
    if (!*alert->identifier || strpbrk(alert->identifier, " ,<&\t\r\n"))
        return fault_set(fault, -EINVAL, "identifier '%.60s'; expected one without blanks, commas, < and &",
                         alert->identifier);
    if (!*alert->sender)
        return fault_set(fault, -EINVAL, "the alert has no sender");
    alert->identity = arena_format(arena, "%s,%s", alert->sender, alert->identifier);
    if (timestamp_parse(xml_child_text(root, "sent"), 0, &alert->sent_ms) < 0)
        return fault_set(fault, -EINVAL, "sent '%.60s'; expected a date and time like 2026-01-05T08:30:00-00:00",
                         xml_child_text(root, "sent"));
    if (type < 0)
        return fault_set(fault, -EINVAL, "msgType '%.60s'; expected Alert, Update, Cancel, Ack or Error",
                         xml_child_text(root, "msgType"));
    if (status < 0)
        return fault_set(fault, -EINVAL, "status '%.60s'; expected Actual, Exercise, System, Test or Draft",
                         xml_child_text(root, "status"));
    alert->type = (enum cap_msg_type)type;
    alert->status = (enum cap_status)status;
    return 0;
}

int cap_read(const struct xml_element *root, struct arena *arena, struct cap_alert *alert,
             struct cap_complaints *complaints, struct fault *fault)
{
    struct reading reading = { arena, complaints };
    *alert = (struct cap_alert){ .note = xml_child_text(root, "note") };
    if (!cap_is_alert(root))
        return fault_set(fault, -EINVAL, "<%s> of '%s'; expected an alert of CAP 1.1 or 1.2", root->name, root->space);
    int result = take_head(root, arena, alert, fault);
    if (result < 0)
        return result;
    if (!*xml_child_text(root, "scope"))
        complain(&reading, root, "scope is missing");
    take_references(&reading, root, alert);
    struct cap_info *infos = arena_array(arena, count_children(root, "info") + 1, sizeof *infos);
    for (const struct xml_element *at = xml_child(root, "info"); at; at = xml_next(at->next, "info"))
        take_info(&reading, at, &infos[alert->info_count++]);
    alert->infos = infos;
    return 0;
}
