#include "ingest/cameras/onvif/onvif.h"

#include <assert.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/cameras/onvif/known.h"
#include "proto/base/clock.h"
#include "proto/base/metrics.h"

static struct metric inquiries = METRIC_COUNTER("drumtower_onvif_inquiries_total", "Times that an ONVIF device was "
                                                                                   "asked for a stream.");
static struct metric failures = METRIC_COUNTER("drumtower_onvif_inquiries_failed_total", "Of those, without a "
                                                                                         "stream.");

struct onvif {
    struct http *http;
    struct refusals *refusals;
    GHashTable *known; /* url → struct known */
};

/* ---- what is known ---- */

static void known_free(gpointer context)
{
    struct known *known = context;
    inquiry_free(known->inquiry);
    turn_free(known->turn);
    free(known->url);
    free(known->stream);
    free(known->ptz);
    free(known->mover);
    free(known);
}

/* As many as the book has addresses. NULL: that is none of ONVIF. */
static struct known *find(struct onvif *onvif, const char *url, struct fault *fault)
{
    struct onvif_address address;
    struct known *known = g_hash_table_lookup(onvif->known, url);
    if (known || onvif_address_read(url, &address, fault) < 0)
        return known;
    known = calloc(1, sizeof *known);
    assert(known);
    known->http = onvif->http;
    known->refusals = onvif->refusals;
    known->url = strdup(url);
    assert(known->url);
    g_hash_table_insert(onvif->known, known->url, known);
    return known;
}

static void set_text(char **at, const char *text)
{
    free(*at);
    *at = strdup(text);
    assert(*at);
}

static void learn(struct known *known, const struct inquiry_facts *facts)
{
    set_text(&known->stream, facts->stream);
    set_text(&known->ptz, facts->ptz);
    set_text(&known->mover, facts->mover);
    known->ahead_ms = facts->ahead_ms;
    known->digest = facts->digest;
}

static void told(void *context, int code, const struct fault *fault, const struct inquiry_facts *facts,
                 const struct answer_profiles *profiles)
{
    (void)profiles;
    struct known *known = context;
    known->inquiry = NULL;
    if (code == -EACCES)
        refusals_keep(known->refusals, known->url, fault->text, clock_mono_ms());
    if (code == 0)
        learn(known, facts);
    metric_add(&failures, code < 0);
    struct onvif_question *telling = known->waiting; /* who asks meanwhile asks anew */
    known->waiting = NULL;
    if (telling)
        telling->link = &telling;
    while (telling) {
        struct onvif_question *question = telling;
        onvif_leave(question);
        question->answered(question->context, code, code < 0 ? fault->text : facts->stream);
    }
    turn_go_on(known, code, fault);
}

void known_ask(struct known *known)
{
    struct onvif_address address;
    if (known->inquiry)
        return;
    int result = onvif_address_read(known->url, &address, NULL);
    assert(result == 0); /* it was read before */
    metric_add(&inquiries, 1);
    known->inquiry = inquiry_begin(known->http, &address, false, told, known);
}

/* ---- who asks ---- */

int onvif_find(struct onvif *onvif, const char *url, struct onvif_question *question, const char **stream,
               struct fault *fault)
{
    struct known *known = find(onvif, url, fault);
    if (!known)
        return -EINVAL;
    *stream = known->stream;
    if (known->stream)
        return 0;
    int result = refusals_check(known->refusals, url, clock_mono_ms(), fault);
    if (result < 0)
        return result;
    question->next = known->waiting;
    question->link = &known->waiting;
    if (question->next)
        question->next->link = &question->next;
    known->waiting = question;
    known_ask(known);
    return 1;
}

void onvif_leave(struct onvif_question *question)
{
    if (!question->link)
        return;
    *question->link = question->next;
    if (question->next)
        question->next->link = question->link;
    question->next = NULL;
    question->link = NULL;
}

void onvif_lost(struct onvif *onvif, const char *url)
{
    struct known *known = g_hash_table_lookup(onvif->known, url);
    if (!known)
        return;
    free(known->stream);
    known->stream = NULL;
}

int onvif_move(struct onvif *onvif, const char *url, const struct source_move *move, struct fault *fault)
{
    struct known *known = find(onvif, url, fault);
    return known ? turn_order(known, move, fault) : -EINVAL;
}

/* ---- start and end ---- */

int onvif_open(struct loop *loop, struct refusals *refusals, struct onvif **out, struct fault *fault)
{
    struct onvif *onvif = calloc(1, sizeof *onvif);
    if (!onvif)
        return fault_set(fault, -ENOMEM, "cameras: out of memory");
    onvif->refusals = refusals;
    onvif->known = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, known_free);
    metric_register(&inquiries);
    metric_register(&failures);
    int result = http_create(loop, &onvif->http, fault);
    if (result < 0)
        onvif_close(onvif);
    else
        *out = onvif;
    return result;
}

void onvif_close(struct onvif *onvif)
{
    if (!onvif)
        return;
    http_destroy(onvif->http); /* first: it writes into what is under way */
    g_hash_table_destroy(onvif->known);
    free(onvif);
}
