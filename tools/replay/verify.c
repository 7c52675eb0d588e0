#include "tools/replay/verify.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/timestamp.h"

enum { TELL_DIFFERENCES = 20, TRIES_MAX = 20, TRY_AGAIN_MS = 200 };

static void ask(struct verify *verify);

static void compare_limit(struct verify *verify, const struct row *row, const json_t *request)
{
    const char *expected = json_string_value(json_object_get(request, "expected_datetime"));
    int64_t expected_ms = INT64_MIN / 2;
    if (!row->has_rule || !row->target_ms)
        return;
    if (expected && timestamp_parse(expected, 0, &expected_ms) < 0)
        expected = "not a time";
    verify->compared++;
    if (llabs(expected_ms - row->target_ms) <= VERIFY_WITHIN_MS) {
        verify->within++;
    } else if (verify->compared - verify->within <= TELL_DIFFERENCES) {
        char city[TIMESTAMP_TEXT];
        fprintf(stderr, "line %zu: %s: expected_datetime %s, the city's target %s\n", row->line, row->type,
                expected ? expected : "none", timestamp_format(city, row->target_ms, 0));
    }
}

static void compare_verdict(struct verify *verify, const struct row *row, const json_t *extension)
{
    if (!row->has_rule || !row->target_ms || !row->disposed || row->verdict == VERDICT_NONE)
        return;
    bool overdue = json_is_true(json_object_get(extension, "overdue"));
    verify->ontime_compared++;
    verify->ontime_agree += overdue == (row->verdict == VERDICT_OVERDUE);
}

static struct row *row_of(struct verify *verify, const json_t *request)
{
    const char *id = json_string_value(json_object_get(request, "service_request_id"));
    uint64_t receipt = id ? strtoull(id, NULL, 10) : 0;
    for (size_t i = 0; i < verify->asked_count; i++)
        if (verify->asked[i] && verify->asked[i]->receipt == receipt)
            return verify->asked[i];
    return NULL;
}

static void take_request(struct verify *verify, const json_t *request)
{
    struct row *row = row_of(verify, request);
    if (!row)
        return;
    const json_t *extension = json_object_get(request, "drumtower");
    const char *number = json_string_value(json_object_get(extension, "case_number"));
    if (number)
        verify->numbers[verify->cases++] = arena_text(&verify->rows->arena, number, strlen(number));
    row->verified = true;
    verify->read++;
    compare_limit(verify, row, request);
    compare_verdict(verify, row, extension);
}

static int again(void *context)
{
    ask(context);
    return 0;
}

static void answered(void *context, int status, struct bytes answer)
{
    struct verify *verify = context;
    json_t *list = status == 200 ? json_loadb((const char *)answer.data, answer.size, 0, NULL) : NULL;
    size_t i;
    json_t *request;
    if (!list && ++verify->tries <= TRIES_MAX) {
        loop_timer_arm(verify->loop, &verify->again, TRY_AGAIN_MS);
        return;
    }
    json_array_foreach(list, i, request) take_request(verify, request);
    json_decref(list);
    for (i = 0; i < verify->asked_count; i++)
        if (!verify->asked[i]->verified) {
            verify->lost++;
            fprintf(stderr, "line %zu: request %" PRIu64 " was answered and is not there (status %d)\n",
                    verify->asked[i]->line, verify->asked[i]->receipt, status);
        }
    verify->asked_count = 0;
    verify->tries = 0;
    ask(verify);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Reports that were merged have one case between them. */
static void count_cases(struct verify *verify)
{
    size_t distinct = 0;
    if (verify->cases)
        qsort(verify->numbers, verify->cases, sizeof *verify->numbers, by_text);
    for (size_t i = 0; i < verify->cases; i++)
        distinct += i == 0 || strcmp(verify->numbers[i], verify->numbers[i - 1]) != 0;
    verify->cases = distinct;
}

/* Asks for the next accepted rows, or again for those whose answer did not come. */
static void ask(struct verify *verify)
{
    if (!verify->asked_count)
        for (; verify->next < verify->rows->count && verify->asked_count < VERIFY_ASK; verify->next++)
            if (verify->rows->items[verify->next].receipt)
                verify->asked[verify->asked_count++] = &verify->rows->items[verify->next];
    if (!verify->asked_count) {
        count_cases(verify);
        verify->finished(verify->context);
        return;
    }
    struct buffer url = { 0 };
    buffer_format(&url, "%s/open311/v2/requests.json?extensions=true&service_request_id=", verify->daemons->ingest_url);
    for (size_t i = 0; i < verify->asked_count; i++)
        buffer_format(&url, "%s%" PRIu64, i ? "," : "", verify->asked[i]->receipt);
    http_send(verify->http, &(struct http_call){ .method = "GET", .url = buffer_string(&url) }, answered, verify);
    buffer_finish(&url);
}

void verify_start(struct verify *verify)
{
    verify->numbers = calloc(verify->rows->count + 1, sizeof *verify->numbers);
    if (!verify->numbers)
        abort();
    verify->again = (struct loop_timer){ .fire = again, .context = verify };
    loop_timer_arm(verify->loop, &verify->again, 0);
}

void verify_finish(struct verify *verify)
{
    free(verify->numbers);
    *verify = (struct verify){ 0 };
}
