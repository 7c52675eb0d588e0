/* people.yaml: who works where and when. No passwords: accounts have a store of their own. */
#include "proto/book/loader.h"
#include "proto/book/schema.h"

static const cyaml_strval_t role_strings[] = {
    { "worker", ROLE_WORKER }, { "liaison", ROLE_LIAISON }, { "operator", ROLE_OPERATOR },
    { "leader", ROLE_LEADER }, { "admin", ROLE_ADMIN },     { "device", ROLE_DEVICE },
};

struct raw_shift {
    char *code, *from, *to, *calendar;
    uint32_t weekdays;
};

struct raw_person {
    char *id, *name, *department;
    enum role role;
    char **areas, **shifts;
    uint32_t areas_count, shifts_count;
};

struct raw_people {
    struct raw_shift *shifts;
    uint32_t shifts_count;
    struct raw_person *people;
    uint32_t people_count;
};

#define RAW struct raw_shift
static const cyaml_schema_field_t shift_fields[] = { RAW_CODE(code),
                                                     RAW_TEXT(from),
                                                     RAW_TEXT(to),
                                                     RAW_TEXT_OPTIONAL(calendar),
                                                     RAW_FLAGS_OPTIONAL(weekdays, weekday_strings),
                                                     CYAML_FIELD_END };
static const cyaml_schema_value_t shift_schema = RAW_ENTRY(shift_fields);
#undef RAW
#define RAW struct raw_person
static const cyaml_schema_field_t person_fields[] = { RAW_CODE(id),
                                                      RAW_TEXT(name),
                                                      RAW_ENUM(role, role_strings),
                                                      RAW_TEXT_OPTIONAL(department),
                                                      RAW_LIST_OPTIONAL(areas, &schema_text),
                                                      RAW_LIST_OPTIONAL(shifts, &schema_text),
                                                      CYAML_FIELD_END };
static const cyaml_schema_value_t person_schema = RAW_ENTRY(person_fields);
#undef RAW
#define RAW struct raw_people
static const cyaml_schema_field_t file_fields[] = { RAW_LIST_OPTIONAL(shifts, &shift_schema),
                                                    RAW_LIST(people, &person_schema), CYAML_FIELD_END };
static const cyaml_schema_value_t file_schema = RAW_FILE(file_fields);
#undef RAW

struct shift_entry {
    const char *code;
    struct book_shift shift;
};

static void take_shift(struct loader *loader, struct spot spot, const struct raw_shift *raw, struct shift_entry *entry)
{
    *entry = (struct shift_entry){
        .code = loader_text(loader, raw->code),
        .shift = { .from_minute = loader_minute(loader, spot_key(spot, "from"), raw->from),
                   .to_minute = loader_minute(loader, spot_key(spot, "to"), raw->to),
                   .calendar = loader_calendar(loader, spot_key(spot, "calendar"), raw->calendar),
                   .weekdays = raw->weekdays },
    };
    if (entry->shift.from_minute == entry->shift.to_minute)
        problem(loader, spot_key(spot, "to"),
                "the shift '%s' has no time; the whole day is from \"00:00\" to \"24:00\"", raw->code);
}

static void take_person_shifts(struct loader *loader, struct spot list, const struct lookup *known,
                               const struct raw_person *raw, struct book_person *person)
{
    struct book_shift *shifts = loader_array(loader, raw->shifts_count, sizeof *shifts);
    for (size_t i = 0; i < raw->shifts_count; i++) {
        const struct shift_entry *entry = loader_refer(loader, known, spot_item(list, i), "shift", raw->shifts[i]);
        if (entry)
            shifts[i] = entry->shift;
    }
    person->shifts = shifts;
    person->shift_count = raw->shifts_count;
}

static void take_person(struct loader *loader, struct spot spot, const struct lookup *shifts,
                        const struct raw_person *raw, struct book_person *person)
{
    *person = (struct book_person){
        .id = loader_text(loader, raw->id),
        .name = loader_text(loader, raw->name),
        .role = raw->role,
        .department = loader_department(loader, spot_key(spot, "department"), raw->department),
        .areas = loader_areas(loader, spot_key(spot, "areas"), raw->areas, raw->areas_count),
        .area_count = raw->areas_count,
    };
    loader_check_id(loader, spot_key(spot, "id"), person->id);
    take_person_shifts(loader, spot_key(spot, "shifts"), shifts, raw, person);
    if (!raw->department && (raw->role == ROLE_WORKER || raw->role == ROLE_LIAISON))
        problem(loader, spot, "%s '%s' has no department; expected one", enum_name(&role_desc, (int)raw->role),
                raw->id);
}

void people_load(struct loader *loader)
{
    struct raw_people *raw = loader_open(loader, BOOK_FILE_PEOPLE, &file_schema);
    if (!raw)
        return;
    struct spot root = loader_spot(loader, BOOK_FILE_PEOPLE);
    struct spot shift_list = spot_key(root, "shifts"), list = spot_key(root, "people");
    struct shift_entry *entries = loader_array(loader, raw->shifts_count, sizeof *entries);
    for (size_t i = 0; i < raw->shifts_count; i++)
        take_shift(loader, spot_item(shift_list, i), &raw->shifts[i], &entries[i]);
    struct lookup shifts;
    loader_index(loader, &shifts, entries, raw->shifts_count, sizeof *entries, shift_list, "code");
    size_t count = raw->people_count;
    struct book_person *people = loader_array(loader, count, sizeof *people);
    for (size_t i = 0; i < count; i++)
        take_person(loader, spot_item(list, i), &shifts, &raw->people[i], &people[i]);
    loader->book->people = people;
    loader->book->person_count = count;
    loader_index(loader, &loader->loaded->people, people, count, sizeof *people, list, "id");
    loader_close(&file_schema, raw);
}
