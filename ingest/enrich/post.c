#include "ingest/enrich/post.h"

static void photos_are_stored(void *context, int result, const struct fault *fault)
{
    struct post *post = context;
    post->result = result;
    post->fault = *fault;
    post->ready(post);
}

struct post *post_read(struct request *request, post_ready *ready, void *context)
{
    struct arena *arena = request_arena(request);
    struct post *post = arena_alloc(arena, sizeof *post);
    *post = (struct post){ .request = request, .context = context, .ready = ready };
    post->readable = request_form(request, &post->form, &post->fault) == 0;
    if (!post->readable)
        complaint_add(&post->complaints, arena, COMPLAINT_FORM, post->fault.text);
    return post;
}

void post_take(struct post *post, const struct report_desk *desk, report_maker *make, const char *language,
               int64_t now_ms)
{
    struct arena *arena = request_arena(post->request);
    if (post->readable)
        make(desk, &post->form, language, now_ms, arena, &post->report, &post->complaints);
    if (post->complaints.count) {
        post->ready(post);
        return;
    }
    post->photos = (struct photos_order){ .book = desk->book,
                                          .data_folder = desk->data_folder,
                                          .darkroom = desk->darkroom,
                                          .form = &post->form,
                                          .arena = arena,
                                          .event = &post->report.event,
                                          .complaints = &post->complaints,
                                          .done = photos_are_stored,
                                          .context = post };
    if (photos_any(&post->form))
        request_defer(post->request);
    photos_store(&post->photos);
}
