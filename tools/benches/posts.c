#include "tools/benches/posts.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/client/http.h"
#include "tools/benches/workload.h"

static bool asks_nothing(const struct book_service *service)
{
    for (size_t i = 0; i < service->attribute_count; i++)
        if (service->attributes[i].required)
            return false;
    return service->is_public;
}

static const struct book_service *some_service(const struct book *book, uint64_t *random)
{
    size_t from = (size_t)(workload_random(random) % book->service_count);
    for (size_t i = 0; i < book->service_count; i++) {
        const struct book_service *service = &book->services[(from + i) % book->service_count];
        if (asks_nothing(service))
            return service;
    }
    return NULL;
}

static void add_degrees(struct buffer *form, const char *name, double degrees, uint64_t random)
{
    char text[32];
    snprintf(text, sizeof text, "%.6f", degrees + (double)(random % 1000) * 1e-6);
    form_append(form, name, text);
}

/* Words until the form has its size. */
static void fill(struct buffer *form)
{
    static const char words[] = "+in+front+of+the+house+at+the+corner+someone+nearly+fell+last+night+please+send+"
                                "somebody";
    while (form->size < POST_BYTES) {
        size_t room = POST_BYTES - form->size;
        buffer_append(form, words, room < sizeof words - 1 ? room : sizeof words - 1);
    }
}

static void make_form(struct buffer *form, const struct book *book, const struct book_service *service,
                      uint64_t *random)
{
    const struct book_area *grid = workload_grid(book, random);
    char address[64];
    uint64_t chance = workload_random(random);
    snprintf(address, sizeof address, "鼓楼西大街%d号", 1 + (int)(chance % 400));
    form_append(form, "service_code", service->code);
    add_degrees(form, "lat", grid->lat, chance >> 16);
    add_degrees(form, "long", grid->lon, chance >> 32);
    form_append(form, "address_string", address);
    form_append(form, "description", "路口东侧人行道上的设施坏了");
    assert(form->size <= POST_BYTES);
    fill(form);
}

static struct bytes keep(struct posts *posts, struct buffer *text)
{
    struct bytes kept = { (const uint8_t *)arena_text(&posts->arena, (const char *)text->bytes, text->size),
                          text->size };
    buffer_clear(text);
    return kept;
}

int posts_make(struct posts *posts, const struct book *book, uint64_t seed, struct fault *fault)
{
    struct buffer text = { 0 };
    for (size_t i = 0; i < POST_COUNT; i++) {
        const struct book_service *service = some_service(book, &seed);
        if (!service)
            return fault_set(fault, -EINVAL, "the book has no public service without questions that must be answered");
        make_form(&text, book, service, &seed);
        struct bytes form = posts->forms[i] = keep(posts, &text);
        buffer_format(&text,
                      "POST " POST_PATH " HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                      "application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n",
                      form.size);
        buffer_append(&text, form.data, form.size);
        posts->requests[i] = keep(posts, &text);
        buffer_format(&text, "*3\r\n$5\r\nRPUSH\r\n$7\r\nreports\r\n$%zu\r\n", form.size);
        buffer_append(&text, form.data, form.size);
        buffer_text(&text, "\r\n");
        posts->pushes[i] = keep(posts, &text);
    }
    buffer_finish(&text);
    return 0;
}

void posts_finish(struct posts *posts)
{
    arena_finish(&posts->arena);
    *posts = (struct posts){ 0 };
}
