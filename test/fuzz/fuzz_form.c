/* Bodies of requests: forms, urlencoded and multipart, and JSON with a command in it.
 *
 * Input: a line with the Content-Type, and the body. */
#include <assert.h>
#include <string.h>

#include "proto/door/form.h"
#include "proto/door/json.h"
#include "proto/door/text.h"
#include "proto/record/command.h"
#include "test/fuzz/fuzz.h"
#include "test/fuzz/made_request.h"

static void check_field(const struct form_field *field, struct bytes body)
{
    assert(field->name && field->value && text_is_utf8(field->name, strlen(field->name)));
    assert(text_is_utf8(field->value, strlen(field->value)));
    fuzz_touch(field->bytes.data, field->bytes.size);
    if (field->file_name) {
        assert(*field->name && field->type && !strpbrk(field->file_name, "/\\"));
        assert(field->bytes.data >= body.data && field->bytes.data + field->bytes.size <= body.data + body.size);
    } else {
        assert(!field->type && strlen(field->value) == field->bytes.size &&
               memcmp(field->value, field->bytes.data, field->bytes.size) == 0);
    }
}

static void read_form(struct request *request)
{
    struct form form;
    struct fault fault = { "" };
    if (request_form(request, &form, &fault) < 0) {
        assert(*fault.text && form.count == 0);
        return;
    }
    for (size_t i = 0; i < form.count; i++) {
        check_field(&form.fields[i], request_body(request));
        assert(form_value(&form, form.fields[i].name));
    }
}

static void read_command(struct request *request)
{
    struct command command;
    struct fault fault = { "" };
    json_t *json = request_json(request, &fault);
    if (json && record_from_json(&command_desc, json, request_arena(request), &command, &fault) == 0)
        assert(record_check(&command_desc, &command, &fault) == 0);
    else
        assert(*fault.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = { 0 };
    struct bytes rest = { data, size };
    const char *type = fuzz_line(&rest, &arena), *mended = text_mended(&arena, type);
    struct request *request = made_request(rest);
    assert(text_is_utf8(mended, strlen(mended)));
    made_request_header(request, "Content-Type", type);
    if (text_is_utf8(type, strlen(type))) { /* as the lint lets pass */
        read_form(request);
        read_command(request);
    }
    made_request_destroy(request);
    arena_finish(&arena);
    return 0;
}
