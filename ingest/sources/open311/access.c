#include "ingest/sources/open311/access.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/quota.h"
#include "ingest/sources/open311/answer.h"
#include "ingest/sources/source_metric.h"
#include "proto/base/clock.h"
#include "proto/base/crypto.h"
#include "proto/base/key_file.h"
#include "proto/base/log.h"

#define KEY_FATES(X) \
    X(KEY, TAKEN, "taken") \
    X(KEY, WRONG, "wrong")     /* another text than the key file's */ \
    X(KEY, NO_FILE, "no_file") /* or one that others may read */ \
    X(KEY, OVER_SHARE, "over_share")
ENUM_DECLARE(key_fate, KEY_FATES)
ENUM_DEFINE(key_fate, KEY_FATES)

void access_open(struct access *access)
{
    access->keys = calloc(access->book->key_count + 1, sizeof *access->keys);
    if (!access->keys)
        abort();
    for (size_t i = 0; i < access->book->key_count; i++) {
        const struct book_open311_key *book = &access->book->keys[i];
        access->keys[i] = (struct access_key){
            .book = book,
            .rate = { .per_minute = book->per_minute },
            .fates = source_counters("drumtower_open311_keyed_total",
                                     "Reports and updates of clients with a key, by what became of the key.", "key",
                                     book->name, "fate", &key_fate_desc),
        };
    }
}

void access_close(struct access *access)
{
    for (size_t i = 0; access->keys && i < access->book->key_count; i++)
        free(access->keys[i].fates);
    free(access->keys);
    *access = (struct access){ 0 };
}

/* Of the form or, with a form or without, of the query; an empty one counts as not given. */
static const char *argument(const struct request *request, const struct form *form, const char *name)
{
    const char *said = form ? form_value(form, name) : NULL;
    if (!said || !*said)
        said = request_query(request, name);
    return said && *said ? said : NULL;
}

bool access_jurisdiction(const struct access *access, struct request *request, const struct form *form)
{
    const struct book_open311 *book = access->book;
    const char *id = argument(request, form, "jurisdiction_id");
    bool found = id ? !book->jurisdiction_count : !book->jurisdiction_required;
    for (size_t i = 0; id && i < book->jurisdiction_count; i++)
        found |= strcmp(id, book->jurisdictions[i]) == 0;
    if (!found)
        answer_error(request, id ? 404 : 400,
                     id ? arena_format(request_arena(request), "jurisdiction_id '%.100s' was not found", id)
                        : "jurisdiction_id was not provided");
    return found;
}

/* The book's key of "NAME.TEXT"; NULL where it names none so. */
static struct access_key *find(struct access *access, const char *api_key)
{
    size_t length = strcspn(api_key, ".");
    for (size_t i = 0; i < access->book->key_count; i++) {
        const char *name = access->book->keys[i].name;
        if (strlen(name) == length && memcmp(name, api_key, length) == 0)
            return &access->keys[i];
    }
    return NULL;
}

static enum key_fate judge(const struct access *access, struct access_key *key, const char *text, int64_t now_ms)
{
    struct buffer secret = { 0 };
    struct fault fault = { "" };
    if (key_file_read(access->folder, key->book->name, &secret, &fault) < 0) {
        log_warn("a client of the Open311 door has no key", "key=%s reason=\"%s\"", key->book->name, fault.text);
        buffer_finish(&secret);
        return KEY_NO_FILE;
    }
    struct hash ours = hash_of(secret.bytes, secret.size), theirs = hash_of(text, strlen(text));
    crypto_wipe(secret.bytes, secret.size);
    buffer_finish(&secret);
    if (!hash_equal(&ours, &theirs))
        return KEY_WRONG;
    return rate_take(&key->rate, 1, now_ms) ? KEY_TAKEN : KEY_OVER_SHARE;
}

static void refuse_share(struct request *request, int64_t wait_seconds, const char *words)
{
    reply_header(request, "Retry-After", arena_format(request_arena(request), "%" PRId64, wait_seconds));
    answer_error(request, 429, words);
}

/* words: what a refusal says. */
static bool within(struct quota *quota, struct request *request, const char *words)
{
    int64_t now_ms = clock_mono_ms();
    bool has_some = quota_take(quota, request_address(request), now_ms);
    if (!has_some)
        refuse_share(request, quota_wait_seconds(quota, now_ms), words);
    return has_some;
}

bool access_lister(const struct access *access, struct request *request)
{
    return access_jurisdiction(access, request, NULL) &&
           within(access->lists_quota, request, "too many lists for this address within a minute");
}

bool access_sender(struct access *access, struct request *request, const struct form *form,
                   const struct book_open311_key **out)
{
    const char *api_key = access->book->key_count ? argument(request, form, "api_key") : NULL;
    struct access_key *key = api_key ? find(access, api_key) : NULL;
    *out = key ? key->book : NULL;
    if (!api_key && !access->book->key_required)
        return within(access->reports_quota, request,
                      "too many reports from this address within an hour; nothing was stored");
    if (!key) {
        answer_error(request, 403, api_key ? "api_key is not one of this server's" : "api_key was not provided");
        return false;
    }
    size_t name = strlen(key->book->name);
    enum key_fate fate = judge(access, key, api_key + name + (api_key[name] == '.'), clock_mono_ms());
    metric_add(key->fates[fate], 1);
    if (fate == KEY_OVER_SHARE)
        refuse_share(request, rate_wait_seconds(&key->rate, 1), "more than this api_key may send; nothing was stored");
    else if (fate != KEY_TAKEN)
        answer_error(request, 403, "api_key is not one of this server's");
    return fate == KEY_TAKEN;
}

/* 503: we cannot take what it sent now; it is asked to send it again. */
static void refuse_full(struct access *access, struct request *request, const struct book_open311_key *key)
{
    if (key)
        rate_give_back(&access->keys[key - access->book->keys].rate, 1);
    else
        quota_give_back(access->reports_quota, request_address(request), clock_mono_ms());
    reply_header(request, "Retry-After", INTAKE_RETRY_AFTER);
    answer_error(request, 503, "too many reports at this moment; nothing was stored; try again in some seconds");
}

bool access_refuse_post(struct access *access, const struct post *post, const struct book_open311_key *key)
{
    if (post->result < 0)
        answer_failure(post->request, &post->fault);
    else if (post->complaints.count)
        answer_complaints(post->request, &post->complaints);
    else if (post->result == PHOTOS_BUSY)
        refuse_full(access, post->request, key);
    return post->result || post->complaints.count;
}

void access_refuse_intake(struct access *access, struct request *request, const struct book_open311_key *key,
                          int result, const struct fault *fault)
{
    if (result == INTAKE_FULL)
        refuse_full(access, request, key);
    else if (result == INTAKE_UNFIT)
        answer_error(request, 400, fault->text);
}
