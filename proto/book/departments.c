/* departments.yaml: who disposes. */
#include <string.h>

#include "proto/book/loader.h"
#include "proto/book/schema.h"
#include "proto/book/stages.h"

static const cyaml_strval_t assignment_strings[] = { ASSIGNMENTS(ENUM_STRING) };

struct raw_department {
    char *code, *name, *name_en, *hand_up_to, *remote_listen;
    enum tier tier;
    enum assignment assignment;
    bool worker_reports;
    struct raw_stage_texts *limits;
};

struct raw_departments {
    struct raw_department *departments;
    uint32_t departments_count;
};

#define RAW struct raw_department
static const cyaml_schema_field_t department_fields[] = { RAW_CODE(code),
                                                          RAW_TEXT(name),
                                                          RAW_TEXT_OPTIONAL(name_en),
                                                          RAW_ENUM(tier, tier_strings),
                                                          RAW_ENUM_OPTIONAL(assignment, assignment_strings),
                                                          RAW_BOOL_OPTIONAL(worker_reports),
                                                          RAW_TEXT_OPTIONAL(hand_up_to),
                                                          RAW_MAPPING_OPTIONAL(limits, stage_texts_fields),
                                                          RAW_TEXT_OPTIONAL(remote_listen),
                                                          CYAML_FIELD_END };
static const cyaml_schema_value_t department_schema = RAW_ENTRY(department_fields);
#undef RAW
#define RAW struct raw_departments
static const cyaml_schema_field_t file_fields[] = { RAW_LIST(departments, &department_schema), CYAML_FIELD_END };
static const cyaml_schema_value_t file_schema = RAW_FILE(file_fields);
#undef RAW

static void take_department(struct loader *loader, struct spot spot, const struct raw_department *raw,
                            struct book_department *department)
{
    *department = (struct book_department){
        .code = loader_text(loader, raw->code),
        .name = loader_name(loader, raw->name, raw->name_en),
        .tier = raw->tier,
        .assignment = raw->assignment,
        .worker_reports = raw->worker_reports,
        .stages = raw->limits ? stages_take(loader, spot_key(spot, "limits"), true) : NULL,
        .remote_listen = loader_text(loader, raw->remote_listen),
        .at = loader_rule(loader, spot),
    };
    loader_check_id(loader, spot_key(spot, "code"), department->code);
    if (*department->remote_listen && strncmp(department->remote_listen, "tls+tcp://", 10) != 0)
        problem(loader, spot_key(spot, "remote_listen"),
                "'%s' is not an address of a department's own socket; "
                "expected tls+tcp://HOST:PORT",
                department->remote_listen);
}

/* Tiers that rise leave no room for a cycle. */
static void take_hand_up(struct loader *loader, struct spot spot, const char *code, struct book_department *department)
{
    const struct book_department *next = loader_department(loader, spot, code);
    department->hand_up_to = next;
    if (next && next->tier >= department->tier)
        problem(loader, spot, "'%s' is of tier %s; expected a department of a higher tier than %s", code,
                enum_name(&tier_desc, (int)next->tier), enum_name(&tier_desc, (int)department->tier));
}

void departments_load(struct loader *loader)
{
    struct raw_departments *raw = loader_open(loader, BOOK_FILE_DEPARTMENTS, &file_schema);
    if (!raw)
        return;
    struct spot list = spot_key(loader_spot(loader, BOOK_FILE_DEPARTMENTS), "departments");
    size_t count = raw->departments_count;
    struct book_department *departments = loader_array(loader, count, sizeof *departments);
    for (size_t i = 0; i < count; i++)
        take_department(loader, spot_item(list, i), &raw->departments[i], &departments[i]);
    loader->book->departments = departments;
    loader->book->department_count = count;
    loader_index(loader, &loader->loaded->departments, departments, count, sizeof *departments, list, "code");
    for (size_t i = 0; i < count; i++)
        take_hand_up(loader, spot_key(spot_item(list, i), "hand_up_to"), raw->departments[i].hand_up_to,
                     &departments[i]);
    loader_close(&file_schema, raw);
}
