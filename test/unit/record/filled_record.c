#include "test/unit/record/filled_record.h"

#include <string.h>

#include "proto/record/any_list.h"

void filled_record(const struct record_desc *desc, void *record, struct arena *arena, int *seed)
{
    memset(record, 0, desc->size);
    for (size_t i = 0; i < desc->field_count; i++) {
        const struct field_desc *field = &desc->fields[i];
        void *at = (char *)record + field->offset;
        struct any_list list = { .count = 2 };
        int value = ++*seed;
        switch (field->kind) {
        case FIELD_INT:
            *(int64_t *)at = value % 2 ? INT64_C(1767573000000) + value : -value;
            break;
        case FIELD_REAL:
            *(double *)at = 39.9 + 1.0 / value;
            break;
        case FIELD_BOOL:
            *(bool *)at = true;
            break;
        case FIELD_TEXT:
            *(const char **)at = arena_format(arena, "鼓\"\\%d", value);
            break;
        case FIELD_ENUM:
            *(int *)at = (int)field->names->count - 1;
            break;
        case FIELD_RECORD:
            filled_record(field->record, at, arena, seed);
            break;
        case FIELD_LIST:
            list.items = arena_array(arena, list.count, field->record->size);
            for (size_t j = 0; j < list.count; j++)
                filled_record(field->record, (char *)list.items + j * field->record->size, arena, seed);
            memcpy(at, &list, sizeof list);
            break;
        }
    }
}
