/* Where and when nobody is on duty who should be. */
#include "proto/book/advice.h"
#include "proto/book/loader.h"

enum { WEEK_HOURS = 7 * 24 };

/* A worker of the whole district is nobody's grid worker. */
static bool is_grid_worker(const struct book_person *person, const struct book_area *grid)
{
    bool serves = false;
    for (size_t i = 0; i < person->area_count && !serves; i++)
        serves = book_area_within(grid, person->areas[i]);
    return serves && person->role == ROLE_WORKER;
}

static bool somebody_on_duty(const struct book *book, const struct book_person *const *workers, size_t count,
                             int64_t at_ms)
{
    for (size_t i = 0; i < count; i++)
        if (book_on_duty(book, workers[i], at_ms))
            return true;
    return false;
}

/* At how many hours of the week from midnight on none of them is on duty; `first` names the first. */
static int hours_without(const struct adviser *adviser, const struct book_person *const *workers, size_t count,
                         char first[TIMESTAMP_TEXT])
{
    int missing = 0;
    for (int hour = 0; hour < WEEK_HOURS; hour++) {
        int64_t at_ms = adviser->midnight_ms + hour * (int64_t)MS_PER_HOUR;
        if (!somebody_on_duty(adviser->book, workers, count, at_ms) && !missing++)
            advice_time(adviser, first, at_ms);
    }
    return missing;
}

static void advise_on_grid(struct adviser *adviser, const struct book_area *grid, const struct book_person **workers)
{
    const struct book *book = adviser->book;
    char first[TIMESTAMP_TEXT] = "";
    size_t count = 0;
    for (size_t i = 0; i < book->person_count; i++)
        if (is_grid_worker(&book->people[i], grid))
            workers[count++] = &book->people[i];
    int missing = hours_without(adviser, workers, count, first);
    if (!count)
        advise(adviser, grid->at, "grid %s %s has no worker", grid->code, grid->name.zh);
    else if (missing)
        advise(adviser, grid->at, "grid %s %s has no worker on duty at %d of the %d hours of a week, first at %s",
               grid->code, grid->name.zh, missing, WEEK_HOURS, first);
}

/* A district without grid workers, whose services ask for some nevertheless: those of the whole district do it. */
static void advise_on_service(struct adviser *adviser, const struct book_service *service,
                              const struct book_person **workers)
{
    const struct book *book = adviser->book;
    char first[TIMESTAMP_TEXT] = "";
    size_t count = 0;
    for (size_t i = 0; i < book->person_count; i++)
        if (book->people[i].role == ROLE_WORKER)
            workers[count++] = &book->people[i];
    int missing = hours_without(adviser, workers, count, first);
    if (missing)
        advise(adviser, service->at,
               "service %s %s asks for a worker to go and look (%s), and none is on duty at %d of the %d hours of a "
               "week, first at %s",
               service->code, service->name.zh, service->verify ? "verify" : "check_task", missing, WEEK_HOURS, first);
}

void advise_on_duty(struct adviser *adviser)
{
    const struct book *book = adviser->book;
    struct arena scratch = { 0 };
    const struct book_person **workers = arena_array(&scratch, book->person_count + 1, sizeof *workers);
    bool by_grid = false;
    for (size_t i = 0; i < book->person_count; i++)
        by_grid = by_grid || (book->people[i].role == ROLE_WORKER && book->people[i].area_count);
    for (size_t i = 0; i < book->area_count && by_grid; i++)
        if (book->areas[i].tier == TIER_GRID)
            advise_on_grid(adviser, &book->areas[i], workers);
    for (size_t i = 0; i < book->service_count && !by_grid; i++)
        if (book->services[i].verify || book->services[i].check_task)
            advise_on_service(adviser, &book->services[i], workers);
    arena_finish(&scratch);
}
