#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/cameras/onvif/inquiry.h"
#include "proto/base/loop.h"
#include "proto/base/timestamp.h"
#include "proto/book/book.h"
#include "proto/record/text.h"
#include "tools/drumctl/cameras.h"

/* One device, asked once for each of its two streams. */
struct asking {
    struct loop *loop;
    struct http *http;
    struct onvif_address addresses[2];
    int count, at; /* which of them */
    struct fault *fault;
};

static void ask_next(struct asking *asking);

/* A device's texts, without what a terminal would obey. */
static void print_text(const char *text, int width)
{
    char plain[ONVIF_TOKEN_SIZE];
    text_plain(text, plain, sizeof plain);
    printf(" %-*s", width, plain);
}

static void print_profiles(const struct answer_profiles *profiles)
{
    printf("%-24s %-24s %-16s %-8s %s\n", "profile", "name", "lens", "codec", "picture");
    for (size_t i = 0; i < profiles->count; i++) {
        const struct answer_profile *one = &profiles->list[i];
        char token[ONVIF_TOKEN_SIZE];
        text_plain(one->token, token, sizeof token);
        printf("%-24s", token);
        print_text(one->name, 24);
        print_text(one->source, 16);
        print_text(one->encoding, 8);
        if (one->width > 0 && one->height > 0)
            printf(" %" PRId64 "x%" PRId64, one->width, one->height);
        printf("%s\n", one->moves ? ", moves" : "");
    }
    if (profiles->left_out)
        printf("%zu more are left out\n", profiles->left_out);
}

static void print_facts(const struct asking *asking, const struct inquiry_facts *facts)
{
    struct camera_url url;
    bool good = camera_url_read(facts->stream, "rtsp", "554", &url, NULL) == 0;
    const struct onvif_address *address = &asking->addresses[asking->at];
    printf("%-10s %s\n", *address->profile ? "stream" : address->sub ? "sub" : "main", good ? url.address : "-");
    printf("%-10s %s\n", "  snapshot", *facts->snapshot ? facts->snapshot : "none");
}

static void told(void *context, int code, const struct fault *fault, const struct inquiry_facts *facts,
                 const struct answer_profiles *profiles)
{
    struct asking *asking = context;
    if (profiles && asking->at == 0) {
        printf("%-10s %+.1f s from ours\n", "clock", (double)facts->ahead_ms / MS_PER_SECOND);
        printf("%-10s %s\n", "signed", facts->digest ? "by Digest of HTTP" : "by UsernameToken");
        printf("%-10s %s\n", "moves", *facts->mover ? "yes" : "no");
        print_profiles(profiles);
    }
    if (code < 0) {
        *asking->fault = *fault;
        loop_stop(asking->loop, code == -EINVAL ? -EREMOTEIO : code); /* it was called rightly */
        return;
    }
    print_facts(asking, facts);
    asking->at++;
    ask_next(asking);
}

static void ask_next(struct asking *asking)
{
    if (asking->at == asking->count)
        loop_stop(asking->loop, 0);
    else
        inquiry_begin(asking->http, &asking->addresses[asking->at], true, told, asking);
}

/* ---- whom ---- */

static int add_address(struct asking *asking, const char *text, struct fault *fault)
{
    if (!onvif_is_address(text))
        return fault_set(fault, -EINVAL,
                         "the camera's address is none of ONVIF; expected onvif://HOST or onvifs://HOST");
    return onvif_address_read(text, &asking->addresses[asking->count++], fault);
}

/* An address alone stands for both streams. */
static int take_address(struct asking *asking, const char *text, struct fault *fault)
{
    int result = add_address(asking, text, fault);
    if (result == 0 && !asking->addresses[0].sub && !*asking->addresses[0].profile) {
        asking->addresses[1] = asking->addresses[0];
        asking->addresses[asking->count++].sub = true;
    }
    return result;
}

static int take_camera(struct asking *asking, const char *folder, const char *id, struct fault *fault)
{
    struct book *book;
    int result = book_load(folder, &book, NULL, NULL, fault);
    if (result < 0)
        return result;
    const struct book_camera *camera = book_camera(book, id);
    if (!camera)
        result = fault_set(fault, -ENOENT, "the book has no camera '%s'", id);
    else if (*camera->sub_url && onvif_is_address(camera->sub_url))
        result = add_address(asking, camera->url, fault) || add_address(asking, camera->sub_url, fault) ? -EINVAL : 0;
    else
        result = take_address(asking, camera->url, fault);
    book_destroy(book);
    return result;
}

int cameras_ask(const struct cameras_call *call, const char *what, struct fault *fault)
{
    struct asking asking = { .fault = fault };
    int result = call->book ? take_camera(&asking, call->book, what, fault) : take_address(&asking, what, fault);
    if (!result)
        result = loop_create(&asking.loop, fault);
    if (!result)
        result = http_create(asking.loop, &asking.http, fault);
    if (!result) {
        ask_next(&asking);
        result = loop_run(asking.loop);
    }
    http_destroy(asking.http);
    loop_destroy(asking.loop);
    return result;
}
