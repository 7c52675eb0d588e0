/* Forms: application/x-www-form-urlencoded, and multipart/form-data (RFC 7578) as browsers and curl write it.
 *
 * The body is complete when this runs, so the parser is a walk over bytes. It is strict: no preamble, no epilogue, CR LF everywhere, each
 * part with one Content-Disposition and a name; what a proxy or another parser could understand differently is refused.
 */
#include "proto/door/form.h"

#include <string.h>
#include <strings.h>

#include "proto/door/request_inside.h"
#include "proto/record/codec.h"

enum { FORM_FIELDS_MAX = 200, PART_HEADERS_MAX = 8, PART_HEADER_BYTES_MAX = 2048, BOUNDARY_BYTES_MAX = 70 };

struct parts {
    struct request *request;
    struct fault *fault;
    const char *at, *end;
    const char *boundary; /* with its two dashes */
    size_t boundary_size;
    struct form_field *fields;
    size_t count;
};

static int fields_of_pairs(struct request *request, struct form *form, struct fault *fault)
{
    struct pairs pairs = { 0 };
    struct bytes body = request_body(request);
    if (!pairs_parse(&request->arena, (const char *)body.data, body.size, FORM_FIELDS_MAX, &pairs))
        return pairs.count == FORM_FIELDS_MAX ? fault_set(fault, -EINVAL, "form: more than %d fields", FORM_FIELDS_MAX)
                                              : fault_set(fault, -EINVAL,
                                                          "form, field %zu: a bad %%-escape, a control byte, or text "
                                                          "that is not UTF-8",
                                                          pairs.count + 1);
    struct form_field *fields = arena_array(&request->arena, pairs.count, sizeof *fields);
    for (size_t i = 0; i < pairs.count; i++) {
        const char *value = pairs.items[i].value;
        fields[i] = (struct form_field){
            .name = pairs.items[i].name,
            .value = value,
            .bytes = { (const uint8_t *)value, strlen(value) },
        };
    }
    *form = (struct form){ fields, pairs.count };
    return 0;
}

static int bad_part(struct parts *parts, const char *what)
{
    return fault_set(parts->fault, -EINVAL, "form, part %zu: %s", parts->count + 1, what);
}

static bool starts_with(const struct parts *parts, const char *text, size_t size)
{
    return (size_t)(parts->end - parts->at) >= size && memcmp(parts->at, text, size) == 0;
}

static bool take(struct parts *parts, const char *text, size_t size)
{
    if (!starts_with(parts, text, size))
        return false;
    parts->at += size;
    return true;
}

/* One header line of a part, as text; "" for the empty line at the end of them, NULL for what is no line. */
static char *take_line(struct parts *parts)
{
    const char *stop = memmem(parts->at, (size_t)(parts->end - parts->at), "\r\n", 2);
    size_t size = stop ? (size_t)(stop - parts->at) : 0;
    if (!stop || size > PART_HEADER_BYTES_MAX || !text_is_utf8(parts->at, size))
        return NULL;
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)parts->at[i] < 0x20 && parts->at[i] != '\t')
            return NULL;
    char *line = arena_text(&parts->request->arena, parts->at, size);
    parts->at = stop + 2;
    return line;
}

/* A browser writes a quote as %22 and a line break as %0D%0A in a name; everything else stands for itself. */
static const char *unescape_name(struct arena *arena, const char *text)
{
    char *out = arena_alloc(arena, strlen(text) + 1);
    for (size_t length = 0; *text; length++) {
        bool quote = strncasecmp(text, "%22", 3) == 0;
        bool line_break = strncasecmp(text, "%0d", 3) == 0 || strncasecmp(text, "%0a", 3) == 0;
        out[length] = quote ? '"' : line_break ? ' ' : *text;
        text += quote || line_break ? 3 : 1;
    }
    return out;
}

/* Old browsers send the whole path of a file: only its last part is of interest, and it is never used as a path. */
static const char *last_part(const char *path)
{
    const char *last = path;
    for (; *path; path++)
        if (*path == '/' || *path == '\\')
            last = path + 1;
    return last;
}

static int take_disposition(struct parts *parts, const char *value, struct form_field *field)
{
    struct arena *arena = &parts->request->arena;
    if (field->name)
        return bad_part(parts, "Content-Disposition stands twice");
    const char *name = header_is_type(value, "form-data") ? header_parameter(arena, value, "name") : NULL;
    if (!name || !*name)
        return bad_part(parts, "expected Content-Disposition: form-data; name=\"…\"");
    const char *file = header_parameter(arena, value, "filename");
    if (!file && strcasestr(value, "filename"))
        return bad_part(parts, "a file name that cannot be read");
    field->name = unescape_name(arena, name);
    field->file_name = file ? last_part(unescape_name(arena, file)) : NULL;
    return 0;
}

static int take_header(struct parts *parts, char *line, struct form_field *field)
{
    char *colon = strchr(line, ':');
    if (!colon || colon == line || line[0] == ' ' || line[0] == '\t')
        return bad_part(parts, "a line of its head is not a header");
    *colon = 0;
    const char *value = colon + 1 + strspn(colon + 1, " \t");
    if (strcasecmp(line, "Content-Disposition") == 0)
        return take_disposition(parts, value, field);
    if (strcasecmp(line, "Content-Type") == 0)
        field->type = value;
    if (strcasecmp(line, "Content-Transfer-Encoding") == 0 && strcasecmp(value, "binary") != 0 &&
        strcasecmp(value, "8bit") != 0 && strcasecmp(value, "7bit") != 0)
        return bad_part(parts, "an encoded part is not taken");
    return 0;
}

static int take_head(struct parts *parts, struct form_field *field)
{
    for (int i = 0; i <= PART_HEADERS_MAX; i++) {
        char *line = take_line(parts);
        if (!line)
            return bad_part(parts, "its head does not end, is too long, or holds a byte that it may not");
        if (!*line)
            return field->name ? 0 : bad_part(parts, "no Content-Disposition");
        int result = take_header(parts, line, field);
        if (result)
            return result;
    }
    return bad_part(parts, "too many headers");
}

/* The bytes up to the next boundary, which is left where it is. */
static int take_content(struct parts *parts, struct form_field *field)
{
    const char *mark = arena_format(&parts->request->arena, "\r\n%s", parts->boundary);
    size_t left = (size_t)(parts->end - parts->at);
    const char *stop = memmem(parts->at, left, mark, parts->boundary_size + 2);
    if (!stop)
        return bad_part(parts, "cut short");
    size_t size = (size_t)(stop - parts->at);
    field->bytes = (struct bytes){ (const uint8_t *)parts->at, size };
    field->value = "";
    if (!field->file_name) {
        if (!text_is_utf8(parts->at, size))
            return bad_part(parts, "expected text in UTF-8");
        field->value = arena_text(&parts->request->arena, parts->at, size);
        field->type = NULL;
    } else if (!field->type) {
        field->type = "application/octet-stream";
    }
    parts->at = stop + 2;
    return 0;
}

static int take_parts(struct parts *parts)
{
    while (take(parts, parts->boundary, parts->boundary_size)) {
        if (take(parts, "--", 2)) {
            take(parts, "\r\n", 2);
            return parts->at == parts->end ? 0 : bad_part(parts, "bytes after the end of the form");
        }
        if (!take(parts, "\r\n", 2))
            return bad_part(parts, "the boundary is not followed by CR LF");
        if (parts->count == FORM_FIELDS_MAX)
            return bad_part(parts, "too many fields");
        struct form_field field = { 0 };
        int result = take_head(parts, &field);
        if (!result)
            result = take_content(parts, &field);
        if (result)
            return result;
        parts->fields[parts->count++] = field;
    }
    return bad_part(parts, "expected the boundary");
}

static int fields_of_parts(struct request *request, const char *type, struct form *form, struct fault *fault)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'()+_,-./:=? ";
    const char *boundary = header_parameter(&request->arena, type, "boundary");
    if (!boundary || !*boundary || strlen(boundary) > BOUNDARY_BYTES_MAX || boundary[strspn(boundary, letters)])
        return fault_set(fault, -EINVAL, "form: the header Content-Type has no boundary of 1 to 70 letters");
    struct bytes body = request_body(request);
    struct parts parts = {
        .request = request,
        .fault = fault,
        .at = (const char *)body.data,
        .end = (const char *)body.data + body.size,
        .boundary = arena_format(&request->arena, "--%s", boundary),
        .boundary_size = strlen(boundary) + 2,
        .fields = arena_array(&request->arena, FORM_FIELDS_MAX, sizeof(struct form_field)),
    };
    int result = body.size ? take_parts(&parts) : bad_part(&parts, "the body is empty");
    *form = (struct form){ parts.fields, result ? 0 : parts.count };
    return result;
}

int request_form(struct request *request, struct form *form, struct fault *fault)
{
    const char *type = request_header(request, "Content-Type");
    *form = (struct form){ 0 };
    if (header_is_type(type, "application/x-www-form-urlencoded"))
        return fields_of_pairs(request, form, fault);
    if (header_is_type(type, "multipart/form-data"))
        return fields_of_parts(request, type, form, fault);
    return fault_set(fault, -EINVAL,
                     "form: expected application/x-www-form-urlencoded or multipart/form-data, not '%s'",
                     type ? type : "");
}

const char *form_value(const struct form *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++)
        if (text_is(form->fields[i].name, name))
            return form->fields[i].value;
    return NULL;
}
