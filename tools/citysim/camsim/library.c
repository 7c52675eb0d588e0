#include "tools/citysim/camsim/library.h"

#include <gst/gst.h>
#include <string.h>

#include "proto/base/log.h"

enum shelf_state { SHELF_EMPTY, SHELF_WANTED, SHELF_FULL, SHELF_FAILED };

enum { SHELVES = PROGRAMME_SCENE_COUNT * PROGRAMME_SIZE_COUNT * PROGRAMME_CODEC_COUNT };

struct library {
    struct loop *loop;
    struct loop_wake wake;
    int (*made)(void *context);
    void *context;
    GThread *thread;
    GMutex lock;
    GCond wanted;
    bool closing, failed;
    struct shelf {
        enum shelf_state state; /* under the lock; a full one is never touched again */
        struct programme programme;
    } shelves[SHELVES];
};

static size_t shelf_of(enum programme_scene scene, enum programme_size size, enum programme_codec codec)
{
    return ((size_t)scene * PROGRAMME_SIZE_COUNT + size) * PROGRAMME_CODEC_COUNT + codec;
}

static bool find_wanted(struct library *library, size_t *shelf)
{
    for (*shelf = 0; *shelf < SHELVES; ++*shelf)
        if (library->shelves[*shelf].state == SHELF_WANTED)
            return true;
    return false;
}

static gpointer work(gpointer context)
{
    struct library *library = context;
    size_t at;
    g_mutex_lock(&library->lock);
    while (!library->closing) {
        if (!find_wanted(library, &at)) {
            g_cond_wait(&library->wanted, &library->lock);
            continue;
        }
        g_mutex_unlock(&library->lock);
        struct fault fault = { "" };
        struct programme programme;
        int result = programme_make(at / PROGRAMME_CODEC_COUNT / PROGRAMME_SIZE_COUNT,
                                    at / PROGRAMME_CODEC_COUNT % PROGRAMME_SIZE_COUNT, at % PROGRAMME_CODEC_COUNT,
                                    &programme, &fault);
        g_mutex_lock(&library->lock);
        library->shelves[at].programme = programme;
        library->shelves[at].state = result < 0 ? SHELF_FAILED : SHELF_FULL;
        library->failed |= result < 0;
        if (result < 0)
            log_error("no pictures", "reason=\"%s\"", fault.text);
        loop_wake_notify(&library->wake);
    }
    g_mutex_unlock(&library->lock);
    return NULL;
}

static int one_is_there(void *context)
{
    struct library *library = context;
    g_mutex_lock(&library->lock);
    bool failed = library->failed;
    g_mutex_unlock(&library->lock);
    return failed ? -EIO : library->made(library->context);
}

int library_open(struct loop *loop, int (*made)(void *context), void *context, struct library **out,
                 struct fault *fault)
{
    GError *error = NULL;
    if (!gst_init_check(NULL, NULL, &error)) {
        fault_set(fault, -ENOSYS, "GStreamer does not start: %s", error ? error->message : "no reason given");
        g_clear_error(&error);
        return -ENOSYS;
    }
    struct library *library = g_new0(struct library, 1);
    library->loop = loop;
    library->made = made;
    library->context = context;
    g_mutex_init(&library->lock);
    g_cond_init(&library->wanted);
    int result = loop_wake_init(loop, &library->wake, one_is_there, library);
    if (result < 0) {
        library_close(library);
        return fault_set(fault, result, "simulated cameras: no eventfd: %s", strerror(-result));
    }
    library->thread = g_thread_new("programmes", work, library);
    *out = library;
    return 0;
}

void library_close(struct library *library)
{
    if (!library)
        return;
    g_mutex_lock(&library->lock);
    library->closing = true;
    g_cond_signal(&library->wanted);
    g_mutex_unlock(&library->lock);
    if (library->thread)
        g_thread_join(library->thread);
    loop_wake_finish(library->loop, &library->wake);
    for (size_t i = 0; i < SHELVES; i++)
        programme_finish(&library->shelves[i].programme);
    g_mutex_clear(&library->lock);
    g_cond_clear(&library->wanted);
    g_free(library);
}

const struct programme *library_get(struct library *library, enum programme_scene scene, enum programme_size size,
                                    enum programme_codec codec)
{
    struct shelf *shelf = &library->shelves[shelf_of(scene, size, codec)];
    g_mutex_lock(&library->lock);
    if (shelf->state == SHELF_EMPTY) {
        shelf->state = SHELF_WANTED;
        g_cond_signal(&library->wanted);
    }
    bool full = shelf->state == SHELF_FULL;
    g_mutex_unlock(&library->lock);
    return full ? &shelf->programme : NULL;
}
