/* district.yaml: what the district is, its stage limits, rules and the limits of its doors. */
#include <string.h>

#include "proto/book/escalations.h"
#include "proto/book/loader.h"
#include "proto/book/schema.h"
#include "proto/book/stages.h"
#include "proto/book/urgent.h"

struct raw_point {
    double lat, lon;
};

/* X(key, default, lowest, highest) */
#define DOOR_LIMITS(X) \
    X(connections, 10000, 10, 1000000) \
    X(connections_per_address, 200, 1, 1000000) \
    X(body_bytes, 16 << 20, 1 << 10, 1 << 30) \
    X(body_memory_bytes, INT64_C(256) << 20, 1 << 20, INT64_C(64) << 30) \
    X(photo_bytes, 8 << 20, 1 << 10, 1 << 30) \
    X(photos, 6, 0, 100) \
    X(header_bytes, 8 << 10, 1 << 10, 1 << 20) \
    X(request_seconds, 60, 1, 3600) \
    X(sign_in_failures, 5, 1, 1000) \
    X(lock_seconds, 60, 1, 86400) \
    X(lock_seconds_most, 3600, 1, 604800) \
    X(address_failures_per_minute, 30, 1, 1000000) \
    X(live_waiting_bytes, 832 << 10, 512 << 10, 16 << 20) \
    X(page_size, 1000, 1, 10000) \
    X(reports_per_address_per_hour, 60, 1, 100000000) \
    X(lists_per_address_per_minute, 60, 1, 100000000) \
    X(list_events, 100000, 1000, 100000000) \
    X(reports_waiting, 4096, 1, 1000000) \
    X(log_seconds, 5, 1, 3600)

/* X(key, default, lowest, highest) */
#define PHOTO_LIMITS(X) \
    X(pixels, 50000000, 10000, 400000000) \
    X(edge_px, 2048, 64, 8192) \
    X(small_px, 320, 16, 2048) \
    X(seconds, 20, 1, 600) \
    X(workers, 2, 1, 64) \
    X(waiting, 256, 1, 100000) \
    X(far_m, 500, 1, 1000000) \
    X(old_hours, 24, 1, 87600)

/* X(key, default, lowest, highest) */
#define RULES(X) \
    X(extensions, 2, 0, 100) \
    X(suspensions, 3, 0, 100) \
    X(suspension_days, 365, 0, 3650) \
    X(reopen_days, 30, 0, 3650) \
    X(offer_to, 3, 1, 100) \
    X(position_minutes, 120, 1, 10080) \
    X(load_m, 500, 0, 1000000) \
    X(suggest_percent, 97, 50, 100)

struct raw_door {
    DOOR_LIMITS(NUMBER_MEMBER)
};
struct raw_photos {
    PHOTO_LIMITS(NUMBER_MEMBER)
};
struct raw_rules {
    RULES(NUMBER_MEMBER)
};

struct raw_district {
    char *code, *name, *name_en, *time_zone;
    char **languages;
    uint32_t languages_count;
    struct raw_point *center;
    struct raw_point *failed_geocodes;
    uint32_t failed_geocodes_count;
    double *failed_geocode_radius_m;
    struct raw_stages *stages;
    int64_t *warn_percents;
    uint32_t warn_percents_count;
    struct raw_escalation *escalations;
    uint32_t escalations_count;
    struct raw_rules *rules;
    struct raw_door *doors;
    struct raw_photos *photos;
    struct raw_urgent *urgent;
};

#define RAW struct raw_point
static const cyaml_schema_field_t point_fields[] = { RAW_REAL(lat), RAW_REAL(lon), CYAML_FIELD_END };
static const cyaml_schema_value_t point_schema = RAW_ENTRY(point_fields);
#undef RAW
#define RAW struct raw_door
static const cyaml_schema_field_t door_fields[] = { DOOR_LIMITS(NUMBER_FIELD) CYAML_FIELD_END };
#undef RAW
#define RAW struct raw_photos
static const cyaml_schema_field_t photo_fields[] = { PHOTO_LIMITS(NUMBER_FIELD) CYAML_FIELD_END };
#undef RAW
#define RAW struct raw_rules
static const cyaml_schema_field_t rule_fields[] = { RULES(NUMBER_FIELD) CYAML_FIELD_END };
#undef RAW
static const cyaml_schema_value_t percent_schema = { CYAML_VALUE_INT(CYAML_FLAG_DEFAULT, int64_t) };
#define RAW struct raw_district
static const cyaml_schema_field_t district_fields[] = { RAW_CODE(code),
                                                        RAW_TEXT(name),
                                                        RAW_TEXT_OPTIONAL(name_en),
                                                        RAW_TEXT(time_zone),
                                                        RAW_LIST(languages, &schema_text),
                                                        RAW_MAPPING_OPTIONAL(center, point_fields),
                                                        RAW_LIST_OPTIONAL(failed_geocodes, &point_schema),
                                                        RAW_REAL_OR_DEFAULT(failed_geocode_radius_m),
                                                        RAW_MAPPING_OPTIONAL(stages, stages_fields),
                                                        RAW_LIST_OPTIONAL(warn_percents, &percent_schema),
                                                        RAW_LIST_OPTIONAL(escalations, &escalation_schema),
                                                        RAW_MAPPING_OPTIONAL(rules, rule_fields),
                                                        RAW_MAPPING_OPTIONAL(doors, door_fields),
                                                        RAW_MAPPING_OPTIONAL(photos, photo_fields),
                                                        RAW_MAPPING_OPTIONAL(urgent, urgent_fields),
                                                        CYAML_FIELD_END };
static const cyaml_schema_value_t district_schema = RAW_FILE(district_fields);
#undef RAW

static void take_doors(struct loader *loader, struct spot spot)
{
    struct book_door_limits *taken = &loader->book->door;
    DOOR_LIMITS(NUMBER_TAKE)
}

static void take_photos(struct loader *loader, struct spot spot)
{
    struct book_photo_limits *taken = &loader->book->photo;
    PHOTO_LIMITS(NUMBER_TAKE)
}

static void take_rules(struct loader *loader, struct spot spot)
{
    struct book_rules *taken = &loader->book->rules;
    RULES(NUMBER_TAKE)
}

static void take_warn_percents(struct loader *loader, struct spot spot, const struct raw_district *raw)
{
    static const int64_t initial[] = { 80 };
    size_t count = raw->warn_percents_count;
    int64_t *percents = loader_array(loader, count, sizeof *percents);
    for (size_t i = 0; i < count; i++) {
        percents[i] = raw->warn_percents[i];
        if (percents[i] < 1 || percents[i] > 99)
            problem(loader, spot_entry(spot, "warn_percents", i), "%lld %% is not between 1 and 99",
                    (long long)percents[i]);
        else if (i && percents[i] <= percents[i - 1])
            problem(loader, spot_entry(spot, "warn_percents", i), "%lld %% comes after %lld %%; expected them to rise",
                    (long long)percents[i], (long long)percents[i - 1]);
    }
    bool said = spot_has(spot, "warn_percents");
    loader->book->warn_percents = said ? percents : initial;
    loader->book->warn_percent_count = said ? count : 1;
}

static void take_failed_geocodes(struct loader *loader, struct spot spot, const struct raw_district *raw)
{
    struct book *book = loader->book;
    struct book_point *points = loader_array(loader, raw->failed_geocodes_count, sizeof *points);
    for (size_t i = 0; i < raw->failed_geocodes_count; i++) {
        points[i] = (struct book_point){ raw->failed_geocodes[i].lat, raw->failed_geocodes[i].lon };
        loader_position_ok(loader, spot_entry(spot, "failed_geocodes", i), points[i].lat, points[i].lon);
    }
    book->failed_geocodes = points;
    book->failed_geocode_count = raw->failed_geocodes_count;
    book->failed_geocode_radius_m = raw->failed_geocode_radius_m ? *raw->failed_geocode_radius_m : 1;
    if (book->failed_geocode_radius_m < 0 || book->failed_geocode_radius_m > 1000)
        problem(loader, spot_key(spot, "failed_geocode_radius_m"), "%g m is not between 0 and 1000",
                book->failed_geocode_radius_m);
}

/* The code is the first part of every case number. */
static void check_code(struct loader *loader, struct spot spot, const char *code)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    if (strspn(code, allowed) != strlen(code) || strlen(code) > 16)
        problem(loader, spot, "code: '%s' begins every case number; expected 1 to 16 letters and digits", code);
}

void district_load(struct loader *loader)
{
    struct raw_district *raw = loader_open(loader, BOOK_FILE_DISTRICT, &district_schema);
    if (!raw)
        return;
    struct spot spot = loader_spot(loader, BOOK_FILE_DISTRICT);
    struct book *book = loader->book;
    book->code = loader_text(loader, raw->code);
    book->name = loader_name(loader, raw->name, raw->name_en);
    check_code(loader, spot_key(spot, "code"), book->code);
    book->time_zone = loader_text(loader, raw->time_zone);
    book->zone = loader_zone(loader, spot_key(spot, "time_zone"), raw->time_zone);
    const char **languages = loader_array(loader, raw->languages_count, sizeof *languages);
    for (size_t i = 0; i < raw->languages_count; i++)
        languages[i] = loader_text(loader, raw->languages[i]);
    book->languages = languages;
    book->language_count = raw->languages_count;
    if (!raw->languages_count)
        problem(loader, spot_key(spot, "languages"), "the list is empty; expected at least one language, such as zh");
    if (raw->center && loader_position_ok(loader, spot_key(spot, "center"), raw->center->lat, raw->center->lon)) {
        book->center_lat = raw->center->lat;
        book->center_lon = raw->center->lon;
    }
    take_failed_geocodes(loader, spot, raw);
    take_warn_percents(loader, spot, raw);
    take_rules(loader, spot_key(spot, "rules"));
    take_doors(loader, spot_key(spot, "doors"));
    take_photos(loader, spot_key(spot, "photos"));
    urgent_take(loader, spot_key(spot, "urgent"), raw->urgent);
    loader_close(&district_schema, raw);
}

void district_load_stages(struct loader *loader)
{
    struct spot spot = loader_spot(loader, BOOK_FILE_DISTRICT), stages = spot_key(spot, "stages");
    loader->book->stages = stages.node != spot.node ? stages_take(loader, stages, false) : NULL;
}
