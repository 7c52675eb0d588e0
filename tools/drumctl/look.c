#include "tools/drumctl/look.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/book/zone.h"
#include "proto/door/json.h"
#include "proto/record/text.h"
#include "proto/store/case_index.h"
#include "proto/store/case_store.h"

int look_parse(const struct arg_program *program, int argc, char **argv, int *operands, const char *const *data)
{
    struct fault fault = { "" };
    int result = args_parse(program, argc, argv, operands, &fault);
    if (result == ARGS_EXIT)
        return 0;
    if (!result && data && !*data)
        result = fault_set(&fault, -EINVAL, "--data DIR is missing: the data folder of the daemons");
    return result ? look_fail(program, 2, &fault) : LOOK_GO_ON;
}

int look_fail(const struct arg_program *program, int status, const struct fault *fault)
{
    fprintf(stderr, "%s: %s\n", program->name, fault->text);
    return status;
}

/* ---- time ---- */

static int zone_offset(void *context, int64_t at_ms)
{
    return zone_offset_minutes(context, at_ms);
}

int look_zone(struct store *cases, struct zone **zone, struct fault *fault)
{
    struct arena arena = { 0 };
    struct txn *txn = txn_begin_read(cases);
    const char *name = meta_get_text(txn, META_TIME_ZONE, &arena);
    int result = txn_error(txn, fault);
    *zone = NULL;
    if (!result && name)
        result = zone_open(name, zone, fault);
    if (*zone)
        case_index_set_zone(zone_offset, *zone);
    txn_abort(txn);
    arena_finish(&arena);
    return result;
}

const char *look_time(char out[TIMESTAMP_TEXT], const struct zone *zone, int64_t at_ms)
{
    if (at_ms == 0)
        return strcpy(out, "-");
    return timestamp_format(out, at_ms, zone ? zone_offset_minutes(zone, at_ms) : 0);
}

/* ---- words ---- */

void look_puts(const char *words, size_t most)
{
    size_t size = strlen(words), room = (size < most ? size : most) + 1;
    char *line = strdup(words), *plain = malloc(room);
    if (!line || !plain)
        abort();
    for (char *at = line; (at = strpbrk(at, "\n\r\t"));)
        *at = ' ';
    text_plain(line, plain, room);
    puts(plain);
    free(plain);
    free(line);
}

/* ---- records ---- */

static bool is_empty(const json_t *value)
{
    return json_is_false(value) || (json_is_number(value) && json_number_value(value) == 0) ||
           (json_is_string(value) && json_string_length(value) == 0) ||
           (json_is_string(value) && strcmp(json_string_value(value), "none") == 0);
}

static void print_field(const char *name, const json_t *value, const struct zone *zone, int indent)
{
    char text[TIMESTAMP_TEXT];
    size_t length = strlen(name);
    bool is_time = json_is_integer(value) && length > 3 && strcmp(name + length - 3, "_ms") == 0;
    printf("%*s%-16.*s ", indent, "", (int)(is_time ? length - 3 : length), name);
    if (is_time)
        puts(look_time(text, zone, json_integer_value(value)));
    else if (json_is_integer(value))
        printf("%" JSON_INTEGER_FORMAT "\n", json_integer_value(value));
    else if (json_is_real(value))
        printf("%.6f\n", json_real_value(value));
    else
        look_puts(json_is_string(value) ? json_string_value(value) : "yes", LOOK_ALL);
}

static void print_object(const json_t *object, const struct zone *zone, int indent)
{
    const char *name;
    json_t *value, *item;
    size_t i;
    json_object_foreach((json_t *)object, name, value)
    {
        if (json_is_object(value)) {
            printf("%*s%s\n", indent, "", name);
            print_object(value, zone, indent + 2);
        } else if (json_is_array(value)) {
            json_array_foreach(value, i, item)
            {
                printf("%*s%s %zu of %zu\n", indent, "", name, i + 1, json_array_size(value));
                print_object(item, zone, indent + 2);
            }
        } else if (!is_empty(value)) {
            print_field(name, value, zone, indent);
        }
    }
}

void look_print_record(const struct record_desc *desc, const void *record, const struct zone *zone, int indent)
{
    json_t *json = record_to_json(desc, record);
    print_object(json, zone, indent);
    json_decref(json);
}

void look_print_json(json_t *json, int indent)
{
    char *text = json_dumps(json, indent ? JSON_INDENT(indent) : JSON_COMPACT);
    puts(text);
    free(text);
    json_decref(json);
}

void look_print_rule(const char *book_folder, const char *rule)
{
    char path[PATH_MAX], line[1024] = "";
    const char *colon = strrchr(rule, ':');
    printf("%s", rule);
    if (!book_folder || !colon)
        return;
    snprintf(path, sizeof path, "%s/%.*s", book_folder, (int)(colon - rule), rule);
    FILE *file = fopen(path, "r");
    for (long left = strtol(colon + 1, NULL, 10); file && left > 0; left--)
        if (!fgets(line, sizeof line, file))
            line[0] = 0;
    if (file)
        fclose(file);
    line[strcspn(line, "\n")] = 0;
    if (*line)
        printf("  « %s »", line + strspn(line, " "));
}
