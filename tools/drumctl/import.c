/* drumctl import: a table of reports to the ingest door. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/crypto.h"
#include "proto/base/key_file.h"
#include "proto/book/sources.h"
#include "proto/client/http.h"
#include "tools/drumctl/look.h"
#include "tools/drumctl/subcommands.h"

/* FILE_BYTES_MAX: what a book may allow a table at the most; what this one allows the door says itself. */
enum { FILE_BYTES_MAX = 256 << 20, ANSWER_MS = 120000, DOOR_BYTES = 800 };

struct sending {
    const char *table, *keys, *door;
    bool check;
    const char *path;
    struct loop *loop;
    int status; /* of the answer; 0: none came */
    struct buffer answer;
};

static int read_file(const char *path, struct buffer *bytes, struct fault *fault)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
    size_t got;
    do {
        got = fread(buffer_reserve(bytes, 1 << 16), 1, 1 << 16, file);
        bytes->size += got;
    } while (got && bytes->size <= FILE_BYTES_MAX);
    int result = ferror(file) ? fault_set(fault, -EIO, "%s: cannot be read", path) : 0;
    if (!result && bytes->size > FILE_BYTES_MAX)
        result = fault_set(fault, -EMSGSIZE, "%s: more than the %d bytes that any door takes: send it in parts", path,
                           FILE_BYTES_MAX);
    fclose(file);
    return result;
}

static void answered(void *context, int status, struct bytes body)
{
    struct sending *sending = context;
    sending->status = status;
    buffer_append(&sending->answer, body.data, body.size);
    loop_stop(sending->loop, 0);
}

/* Without the slashes at its end. */
static size_t door_bytes(const char *door)
{
    size_t size = strlen(door);
    while (size && door[size - 1] == '/')
        size--;
    return size;
}

/* Signs the body as ingest/sources/signature.h says, and waits for the answer. */
static int send_table(struct sending *sending, struct bytes body, struct bytes key, struct fault *fault)
{
    char url[1000], stamp[24], stamp_line[80], sign_line[120], hex[HASH_HEX];
    struct http *http = NULL;
    snprintf(stamp, sizeof stamp, "%" PRId64, clock_now_ms() / MS_PER_SECOND);
    struct hash hash = hmac_sha256(key, (struct bytes){ (const uint8_t *)stamp, strlen(stamp) }, body);
    snprintf(stamp_line, sizeof stamp_line, "Drumtower-Timestamp: %s", stamp);
    snprintf(sign_line, sizeof sign_line, "Drumtower-Signature: v1=%s", hash_hex(hex, &hash));
    snprintf(url, sizeof url, "%.*s/imports/%s%s", (int)door_bytes(sending->door), sending->door, sending->table,
             sending->check ? "?check=true" : "");
    int result = loop_create(&sending->loop, fault);
    if (!result)
        result = http_create(sending->loop, &http, fault);
    if (!result) {
        http_send(http,
                  &(struct http_call){ .method = "POST",
                                       .url = url,
                                       .content_type = "text/csv; charset=utf-8",
                                       .body = body,
                                       .header = stamp_line,
                                       .header_too = sign_line,
                                       .timeout_ms = ANSWER_MS },
                  answered, sending);
        result = loop_run(sending->loop);
    }
    http_destroy(http);
    loop_destroy(sending->loop);
    return result;
}

static int print_rows(const struct sending *sending, const json_t *error)
{
    json_t *rows = json_object_get(error, "rows"), *row;
    size_t i;
    json_array_foreach(rows, i, row)
        fprintf(stderr, "%s:%" JSON_INTEGER_FORMAT ": %s\n", sending->path,
                json_integer_value(json_object_get(row, "line")), json_string_value(json_object_get(row, "message")));
    json_int_t wrong = json_integer_value(json_object_get(error, "wrong"));
    if (wrong > (json_int_t)json_array_size(rows))
        fprintf(stderr, "%s: and %" JSON_INTEGER_FORMAT " more\n", sending->path,
                wrong - (json_int_t)json_array_size(rows));
    return 1;
}

/* What is wrong, and what to do about it. */
static void print_refusal(const json_t *error)
{
    const char *message = json_string_value(json_object_get(error, "message"));
    const char *next = json_string_value(json_object_get(error, "next"));
    fprintf(stderr, "drumctl import: %s\n", message ? message : "refused");
    if (next)
        fprintf(stderr, "%s\n", next);
}

/* The exit code. */
static int print_answer(const struct sending *sending)
{
    json_t *answer = json_loadb((const char *)sending->answer.bytes, sending->answer.size, 0, NULL);
    json_t *error = json_object_get(answer, "error");
    json_int_t rows, taken, repeated;
    int code = 1;
    if (sending->status == 200 &&
        json_unpack(answer, "{s:I, s:I, s:I}", "rows", &rows, "taken", &taken, "repeated", &repeated) == 0) {
        printf("%" JSON_INTEGER_FORMAT " rows: %" JSON_INTEGER_FORMAT " %s, %" JSON_INTEGER_FORMAT " were there "
               "before\n",
               rows, taken, sending->check ? "would be taken" : "taken", repeated);
        code = 0;
    } else if (json_object_get(error, "rows")) {
        code = print_rows(sending, error);
    } else if (error) {
        print_refusal(error);
    } else if (sending->status) {
        fprintf(stderr,
                "drumctl import: %s: status %d, and not an answer of drumtower-ingest; --door says where that is\n",
                sending->door, sending->status);
    } else {
        fprintf(stderr, "drumctl import: %s: %.*s; is drumtower-ingest running? --door says where\n", sending->door,
                (int)sending->answer.size, (const char *)sending->answer.bytes);
    }
    json_decref(answer);
    return code;
}

/* The name goes into the address and into that of the key's file. */
static int check_call(const struct sending *sending, struct fault *fault)
{
    const char *table = sending->table;
    if (!table || !sending->keys)
        return fault_set(fault, -EINVAL, "expected --table and --keys; see --help");
    if (!*table || !book_is_source_name(table))
        return fault_set(fault, -EINVAL, "--table '%.80s': expected a table's name of sources.yaml: A-Z a-z 0-9 - _",
                         table);
    return strlen(sending->door) <= DOOR_BYTES ? 0
                                               : fault_set(fault, -EINVAL, "--door: longer than %d bytes", DOOR_BYTES);
}

int drumctl_import(int argc, char **argv)
{
    struct sending sending = { .door = "http://127.0.0.1:8311" };
    const struct arg args[] = {
        { "table", ARG_TEXT, &sending.table, "NAME", "the table's name in sources.yaml of the book", 0, 0 },
        { "keys", ARG_TEXT, &sending.keys, "DIR", "folder with NAME.key, such as DATA/keys", 0, 0 },
        { "door", ARG_TEXT, &sending.door, "URL", "where drumtower-ingest listens", 0, 0 },
        { "check", ARG_FLAG, &sending.check, NULL, "store nothing, say what would be taken", 0, 0 },
    };
    const struct arg_program program = {
        .name = "drumctl import",
        .usage = "--table NAME --keys DIR [--door URL] [--check] FILE.csv",
        .summary = "Sends a table (comma-separated values, UTF-8, with a header line) to the ingest door, signed. Each "
                   "row\n"
                   "becomes an event as the book says. All rows are taken, or none and what is wrong is told by line;\n"
                   "rows that were taken before are not taken again.",
        .args = args,
        .arg_count = sizeof args / sizeof *args,
        .min_operands = 1,
        .max_operands = 1,
    };
    struct fault fault = { "" };
    struct buffer body = { 0 }, key = { 0 };
    int operands, code = look_parse(&program, argc, argv, &operands, NULL);
    if (code != LOOK_GO_ON)
        return code;
    if (check_call(&sending, &fault))
        return look_fail(&program, 2, &fault);
    sending.path = argv[0];
    int result = read_file(sending.path, &body, &fault);
    if (!result)
        result = key_file_read(sending.keys, sending.table, &key, &fault);
    if (!result)
        result = send_table(&sending, buffer_view(&body), buffer_view(&key), &fault);
    code = result ? look_fail(&program, 1, &fault) : print_answer(&sending);
    if (key.size)
        crypto_wipe(key.bytes, key.size);
    buffer_finish(&key);
    buffer_finish(&body);
    buffer_finish(&sending.answer);
    return code;
}
