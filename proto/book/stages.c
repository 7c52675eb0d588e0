#include "proto/book/stages.h"

#include <string.h>

#include "proto/book/schema.h"

#define RAW struct raw_stage_texts
#define STAGE_FIELD(key, clock, has_department) RAW_TEXT_OPTIONAL(key),
const cyaml_schema_field_t stage_texts_fields[] = { RAW_TEXT_OPTIONAL(calendar), STAGES(STAGE_FIELD) CYAML_FIELD_END };
#undef RAW
#define RAW struct raw_stages
#define STAGE_FIELD_ANY(key, clock, has_department) \
    CYAML_FIELD_STRING_PTR(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, RAW, any.key, 1, 1000),
const cyaml_schema_field_t stages_fields[] = { STAGE_FIELD_ANY(calendar, NONE, false) STAGES(STAGE_FIELD_ANY)
                                                   RAW_MAPPING_OPTIONAL(district, stage_texts_fields),
                                               RAW_MAPPING_OPTIONAL(street, stage_texts_fields),
                                               RAW_MAPPING_OPTIONAL(community, stage_texts_fields),
                                               RAW_MAPPING_OPTIONAL(grid, stage_texts_fields), CYAML_FIELD_END };
#undef RAW

static struct book_limit take_limit(struct loader *loader, struct spot spot, const char *key,
                                    const struct calendar *calendar)
{
    struct spot value = spot_key(spot, key);
    if (!spot_has(spot, key))
        return (struct book_limit){ .rule = "" };
    if (strcmp(spot_text(value), "none") == 0)
        return (struct book_limit){ .rule = loader_rule(loader, value) };
    return loader_limit(loader, value, spot_text(value), calendar);
}

/* Returns the calendar of the limits. */
static const struct calendar *take_texts(struct loader *loader, struct spot spot, const struct calendar *calendar,
                                         bool with_department, struct book_stages *stages)
{
    if (spot_has(spot, "calendar"))
        calendar = loader_calendar(loader, spot_key(spot, "calendar"), spot_text(spot_key(spot, "calendar")));
#define STAGE_TAKE(key, clock, has_department) \
    stages->limits[CLOCK_##clock] = take_limit(loader, spot, #key, calendar); \
    if (with_department && !(has_department) && spot_has(spot, #key)) \
        problem(loader, spot_key(spot, #key), \
                #key ": no department has the case yet; expected this limit at a service or for all tiers");
    STAGES(STAGE_TAKE)
    return calendar;
}

const struct book_stages *stages_take(struct loader *loader, struct spot spot, bool of_department)
{
    struct book_stages *stages = loader_array(loader, TIER_GRID + 1, sizeof *stages);
    const struct calendar *calendar =
        take_texts(loader, spot, loader_first_calendar(loader), of_department, &stages[TIER_NONE]);
    for (int tier = TIER_DISTRICT; tier <= TIER_GRID; tier++)
        if (spot_has(spot, enum_name(&tier_desc, tier)))
            take_texts(loader, spot_key(spot, enum_name(&tier_desc, tier)), calendar, true, &stages[tier]);
    return stages;
}

/* ---- look-up ---- */

static const struct book_limit *said(const struct book_stages *stages, enum tier tier, enum clock_kind kind)
{
    const struct book_limit *limit = stages ? &stages[tier].limits[kind] : NULL;
    return limit && limit->rule && *limit->rule ? limit : NULL;
}

const struct book_limit *book_stage_limit(const struct book *book, const struct book_service *service,
                                          const struct book_condition *condition,
                                          const struct book_department *department, enum clock_kind kind)
{
    static const struct book_limit none = { .rule = "" };
    const struct book_stages *const places[] = { service ? service->stages : NULL,
                                                 department ? department->stages : NULL, book->service_stages,
                                                 book->stages };
    enum tier tier = department ? department->tier : TIER_NONE;
    const struct book_limit *found = kind == CLOCK_DISPOSE && condition ? &condition->limit : NULL;
    for (size_t i = 0; i < sizeof places / sizeof *places && !found; i++) {
        found = said(places[i], tier, kind);
        if (!found)
            found = said(places[i], TIER_NONE, kind);
    }
    return found ? found : &none;
}
