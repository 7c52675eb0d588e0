#include "proto/book/escalations.h"
#include "proto/book/schema.h"

static const cyaml_strval_t clock_strings[] = { CLOCK_KINDS(ENUM_STRING) };
static const cyaml_strval_t to_strings[] = { ESCALATE_TOS(ENUM_STRING) };

#define RAW struct raw_escalation
static const cyaml_schema_field_t escalation_fields[] = {
    CYAML_FIELD_ENUM("clock", CYAML_FLAG_STRICT, RAW, clock, clock_strings + CLOCK_ACCEPT, CLOCK_RESUME - CLOCK_ACCEPT),
    RAW_TEXT_OPTIONAL(after),
    RAW_TEXT_OPTIONAL(calendar),
    RAW_ENUM(to, to_strings),
    RAW_TEXT_OPTIONAL(person),
    RAW_INT_OR_DEFAULT(priority_at_most),
    CYAML_FIELD_END
};
const cyaml_schema_value_t escalation_schema = RAW_ENTRY(escalation_fields);
#undef RAW

static const char *text_at(struct spot spot, const char *key)
{
    return spot_has(spot, key) ? spot_text(spot_key(spot, key)) : NULL;
}

static bool has_department(enum clock_kind clock)
{
    return clock != CLOCK_VERIFY && clock != CLOCK_ACCEPT && clock != CLOCK_DISPATCH;
}

static void take_person(struct loader *loader, struct spot spot, struct book_escalation *escalation)
{
    bool meant = escalation->to == ESCALATE_TO_PERSON;
    if (meant && !spot_has(spot, "person"))
        problem(loader, spot, "the step goes to a person; expected an id of people.yaml at `person`");
    else if (!meant && spot_has(spot, "person"))
        problem(loader, spot_key(spot, "person"), "person: the step goes to another; expected to: person");
    else if (meant)
        escalation->person =
            loader_refer(loader, &loader->loaded->people, spot_key(spot, "person"), "person", text_at(spot, "person"));
}

static void take_escalation(struct loader *loader, struct spot spot, struct book_escalation *escalation)
{
    const struct calendar *calendar =
        spot_has(spot, "calendar") ? loader_calendar(loader, spot_key(spot, "calendar"), text_at(spot, "calendar"))
                                   : loader_first_calendar(loader);
    *escalation = (struct book_escalation){
        .clock = (enum clock_kind)enum_value(&clock_kind_desc, text_at(spot, "clock")),
        .after = loader_limit(loader, spot_key(spot, "after"), text_at(spot, "after"), calendar),
        .to = (enum escalate_to)enum_value(&escalate_to_desc, text_at(spot, "to")),
        .priority_at_most = loader_number(loader, spot, "priority_at_most", 0, 1, 5),
        .rule = loader_rule(loader, spot),
    };
    take_person(loader, spot, escalation);
    if ((escalation->to == ESCALATE_TO_DEPARTMENT || escalation->to == ESCALATE_TO_NEXT_TIER) &&
        !has_department(escalation->clock))
        problem(loader, spot_key(spot, "to"), "%s: no department has the case while the clock %s runs",
                text_at(spot, "to"), text_at(spot, "clock"));
}

/* As far as the two are of one unit. */
static bool is_before(const struct book_limit *a, const struct book_limit *b)
{
    return b->unit != UNIT_NONE &&
           (a->unit == UNIT_NONE || (a->unit == b->unit && a->calendar == b->calendar && a->amount < b->amount));
}

static void check_order(struct loader *loader, struct spot list, const struct book_escalation *escalations, size_t at)
{
    for (size_t i = at; i-- > 0;) {
        if (escalations[i].clock != escalations[at].clock)
            continue;
        if (is_before(&escalations[at].after, &escalations[i].after))
            problem(loader, spot_key(spot_item(list, at), "after"),
                    "the step of %s above it (line %zu) comes later; expected the steps of a clock in their order",
                    enum_name(&clock_kind_desc, (int)escalations[at].clock), spot_line(spot_item(list, i)));
        return;
    }
}

void escalations_load(struct loader *loader)
{
    struct spot root = loader_spot(loader, BOOK_FILE_DISTRICT), list = spot_key(root, "escalations");
    size_t count = 0;
    if (!loader->book->code) /* the file could not be read */
        return;
    while (spot_item(list, count).node != list.node)
        count++;
    struct book_escalation *escalations = loader_array(loader, count, sizeof *escalations);
    for (size_t i = 0; i < count; i++) {
        take_escalation(loader, spot_item(list, i), &escalations[i]);
        check_order(loader, list, escalations, i);
    }
    loader->book->escalations = escalations;
    loader->book->escalation_count = count;
}
