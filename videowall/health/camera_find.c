#include "videowall/health/camera_find.h"

#include <stdlib.h>
#include <string.h>

/* ---- finding ---- */

static bool has_text(const struct book_camera *camera, const char *text)
{
    return strcasestr(camera->id, text) || strcasestr(camera->name.zh, text) || strcasestr(camera->name.en, text) ||
           (camera->area && (strcasestr(camera->area->name.zh, text) || strcasestr(camera->area->name.en, text)));
}

static bool is_asked_for(const struct book_camera *camera, const struct camera_health *health,
                         const struct camera_question *question)
{
    if (question->conditions && !(question->conditions & 1u << health->condition))
        return false;
    if (question->area && !(camera->area && book_area_within(camera->area, question->area)))
        return false;
    return !*question->text || has_text(camera, question->text);
}

static int by_change(const void *a, const void *b, void *context)
{
    const struct checkup *checkup = context;
    size_t one = *(const size_t *)a, other = *(const size_t *)b;
    int64_t since = checkup_of(checkup, one)->since_ms, other_since = checkup_of(checkup, other)->since_ms;
    if (since != other_since)
        return since > other_since ? -1 : 1;
    return one < other ? -1 : one > other;
}

void camera_find(const struct book *book, const struct checkup *checkup, const struct camera_question *question,
                 struct arena *arena, struct camera_found *found)
{
    *found = (struct camera_found){ .cameras = arena_array(arena, book->camera_count + 1, sizeof *found->cameras) };
    for (size_t i = 0; i < book->camera_count; i++)
        if (is_asked_for(&book->cameras[i], checkup_of(checkup, i), question))
            found->cameras[found->count++] = i;
    qsort_r(found->cameras, found->count, sizeof *found->cameras, by_change, (void *)checkup);
}

/* ---- counting ---- */

static void count_in(struct camera_count *count, enum camera_condition condition)
{
    count->cameras++;
    count->visited += condition != CAMERA_IS_UNKNOWN;
    count->online += condition != CAMERA_IS_UNKNOWN && condition != CAMERA_IS_LOST;
}

void camera_count(const struct book *book, const struct checkup *checkup, struct arena *arena,
                  struct camera_counts *counts)
{
    struct camera_count *each = arena_array(arena, book->area_count + 1, sizeof *each);
    *counts = (struct camera_counts){ .areas = each };
    for (size_t i = 0; i < book->camera_count; i++) {
        enum camera_condition condition = checkup_of(checkup, i)->condition;
        counts->conditions[condition]++;
        for (const struct book_area *area = book->cameras[i].area; area; area = area->parent)
            count_in(&each[area - book->areas], condition);
    }
    for (size_t i = 0; i < book->area_count; i++) {
        const struct book_area *area = &book->areas[i];
        if (!each[i].cameras || area->tier == TIER_GRID || area->tier == TIER_NONE)
            continue;
        counts->areas[counts->area_count] = each[i]; /* never behind i */
        counts->areas[counts->area_count++].area = area;
    }
}
