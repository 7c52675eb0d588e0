/* Prints constants.js: the names of the record tables and the lifecycle, so that the pages know them from the same lines as the engine.
 * Labels in Chinese and English are in languages/; a test compares the two. */
#include <stdio.h>

#include "proto/record/camera.h"
#include "proto/record/command.h"
#include "proto/record/event.h"
#include "proto/record/lifecycle.h"

static const struct printed_enum {
    const struct enum_desc *desc;
    const char *type; /* its name as a type of the pages */
} enums[] = {
    { &case_state_desc, "CaseState" },
    { &role_desc, "Role" },
    { &verb_desc, "Verb" },
    { &need_desc, "Need" },
    { &clock_kind_desc, "ClockKind" },
    { &clock_state_desc, "ClockState" },
    { &limit_unit_desc, "LimitUnit" },
    { &task_role_desc, "TaskRole" },
    { &task_state_desc, "TaskState" },
    { &event_kind_desc, "EventKind" },
    { &event_source_desc, "EventSource" },
    { &text_language_desc, "TextLanguage" },
    { &place_mark_desc, "PlaceMark" },
    { &media_mark_desc, "MediaMark" },
    { &appeal_desc, "Appeal" },
    { &answer_status_desc, "AnswerStatus" },
    { &camera_state_desc, "CameraState" },
};
enum { ENUM_COUNT = sizeof enums / sizeof *enums };

static void print_names(const struct enum_desc *desc, const char *separator)
{
    const char *before = "";
    for (size_t i = 0; i < desc->count; i++) {
        if (!desc->names[i])
            continue;
        printf("%s\"%s\"", before, desc->names[i]);
        before = separator;
    }
}

static void print_enums(void)
{
    for (size_t i = 0; i < ENUM_COUNT; i++) {
        printf("/** @typedef {");
        print_names(enums[i].desc, " | ");
        printf("} %s */\n", enums[i].type);
    }
    printf("\n/** @type {Readonly<Record<string, readonly string[]>>} */\nexport const ENUMS = {\n");
    for (size_t i = 0; i < ENUM_COUNT; i++) {
        printf("  %s: [", enums[i].desc->name);
        print_names(enums[i].desc, ", ");
        printf("],\n");
    }
    printf("};\n");
}

static void print_bits(const struct enum_desc *desc, unsigned bits)
{
    const char *before = "";
    for (size_t bit = 0; bit < desc->count; bit++) {
        if (!(bits >> bit & 1))
            continue;
        printf("%s\"%s\"", before, enum_name(desc, (int)bit));
        before = ", ";
    }
}

static void print_transition(const struct transition *row)
{
    printf("  { from: \"%s\", verb: \"%s\", to: \"%s\", needs: [", enum_name(&case_state_desc, row->from),
           enum_name(&verb_desc, row->verb), enum_name(&case_state_desc, row->to == CASE_NONE ? row->from : row->to));
    print_bits(&need_desc, row->needs);
    printf("], roles: [");
    print_bits(&role_desc, row->roles);
    printf("] },\n");
}

static void print_lifecycle(void)
{
    printf("\n/** @typedef {{ from: CaseState, verb: Verb, to: CaseState, needs: Need[], roles: Role[] }} Transition "
           "*/\n"
           "/** @type {readonly Transition[]} */\nexport const TRANSITIONS = [\n");
    for (size_t state = 0; state < case_state_desc.count; state++) {
        size_t count;
        const struct transition *rows = transitions_of(state, &count);
        for (size_t i = 0; i < count; i++)
            print_transition(&rows[i]);
    }
    printf("];\n\n/** @type {ReadonlySet<string>} */\nexport const OPEN_STATES = new Set([");
    const char *before = "";
    for (size_t state = 0; state < case_state_desc.count; state++) {
        if (!case_state_is_open(state))
            continue;
        printf("%s\"%s\"", before, enum_name(&case_state_desc, state));
        before = ", ";
    }
    printf("]);\n");
}

int main(void)
{
    printf("// Printed by proto/web/constants.c from the tables of proto/record; change those.\n\n");
    print_enums();
    print_lifecycle();
    return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
