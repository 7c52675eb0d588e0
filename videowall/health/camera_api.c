#include "videowall/health/camera_api.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "proto/book/places.h"
#include "videowall/feed/feed.h"

enum { PICTURE_BYTES_MAX = 1 << 20 };

/* ---- what is asked ---- */

static bool refuse(struct request *request, const char *message, const char *next)
{
    reply_error(request, 400, "bad_question", message, next);
    return false;
}

/* False: answered. */
static bool take_conditions(struct request *request, struct camera_question *question)
{
    const char *text = request_query(request, "state");
    char *rest = NULL, *words = arena_text(request_arena(request), text ? text : "", text ? strlen(text) : 0);
    for (char *word = strtok_r(words, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        int condition = enum_value(&camera_condition_desc, word);
        if (condition < 0)
            return refuse(request, "'state' names no state of a camera.",
                          "Ask for unknown, well, lost, black, covered, blurred, frozen or wrong_time, with commas.");
        question->conditions |= 1u << condition;
    }
    return true;
}

static bool take_question(struct request *request, const struct book *book, struct camera_question *question)
{
    const char *area = request_query(request, "area"), *text = request_query(request, "text");
    *question =
        (struct camera_question){ .text = text ? text : "", .area = area && *area ? book_area(book, area) : NULL };
    if (area && *area && !question->area)
        return refuse(request, "'area' names no area of the district.", "See /api/cameras/counts for those it has.");
    return take_conditions(request, question);
}

static bool take_number(struct request *request, const char *name, long low, long high, size_t *number)
{
    const char *text = request_query(request, name);
    char *end = NULL;
    long value = text ? strtol(text, &end, 10) : (long)*number;
    if (text && (end == text || *end || value < low || value > high))
        return refuse(request,
                      arena_format(request_arena(request), "'%s' is not between %ld and %ld.", name, low, high),
                      "Ask page by page: 'from' goes up to \"found\".");
    *number = (size_t)value;
    return true;
}

/* ---- answers ---- */

static json_t *name_json(const struct book_text *name)
{
    return json_pack("{ss ss}", "zh", name->zh, "en", name->en);
}

static void picture_path(char out[PATH_MAX], const struct camera_api *api, const struct book_camera *camera)
{
    snprintf(out, PATH_MAX, "%s/cameras/%s.jpg", api->data_folder, camera->id);
}

static int64_t picture_at_ms(const struct camera_api *api, const struct book_camera *camera)
{
    char path[PATH_MAX];
    struct stat stat_of;
    picture_path(path, api, camera);
    return stat(path, &stat_of) < 0 ? 0 : (int64_t)stat_of.st_mtim.tv_sec * 1000 + stat_of.st_mtim.tv_nsec / 1000000;
}

static json_t *row_json(const struct camera_api *api, size_t place)
{
    const struct book_camera *camera = &api->book->cameras[place];
    const struct camera_health *health = checkup_of(api->checkup, place);
    struct camera_status now = feed_status(api->feeds, camera);
    double lat, lon;
    places_find(feeds_places(api->feeds), camera, clock_now_ms(), &lat, &lon);
    json_t *row = json_pack("{ss so ss sf sf ss sI sI ss ss sI}", "id", camera->id, "name", name_json(&camera->name),
                            "area", camera->area ? camera->area->code : "", "lat", lat, "lon", lon, "condition",
                            enum_name(&camera_condition_desc, (int)health->condition), "since_ms",
                            (json_int_t)health->since_ms, "visited_at_ms", (json_int_t)health->visited_at_ms, "reason",
                            health->reason, "state", enum_name(&camera_state_desc, (int)now.state), "picture_at_ms",
                            (json_int_t)picture_at_ms(api, camera));
    if (camera->mobile)
        json_object_set_new(row, "placed_at_ms",
                            json_integer((json_int_t)places_said(feeds_places(api->feeds), camera)->at_ms));
    return row;
}

static const char *round_word(const struct camera_api *api)
{
    return enum_name(&checkup_word_desc, (int)checkup_word(api->checkup));
}

static void answer_list(struct request *request, void *context)
{
    const struct camera_api *api = context;
    struct camera_question question;
    struct camera_found found;
    size_t from = 0, limit = CAMERA_API_ROWS;
    if (!take_question(request, api->book, &question) || !take_number(request, "from", 0, INT_MAX, &from) ||
        !take_number(request, "limit", 1, CAMERA_API_ROWS_MAX, &limit))
        return;
    camera_find(api->book, api->checkup, &question, request_arena(request), &found);
    json_t *rows = json_array();
    for (size_t i = from; i < found.count && i - from < limit; i++)
        json_array_append_new(rows, row_json(api, found.cameras[i]));
    reply_json(request, 200,
               json_pack("{sI ss sI sI so}", "as_of_ms", (json_int_t)clock_now_ms(), "round", round_word(api), "found",
                         (json_int_t)found.count, "from", (json_int_t)from, "cameras", rows));
}

static void answer_points(struct request *request, void *context)
{
    const struct camera_api *api = context;
    struct camera_question question;
    struct camera_found found;
    if (!take_question(request, api->book, &question))
        return;
    camera_find(api->book, api->checkup, &question, request_arena(request), &found);
    json_t *points = json_array();
    int64_t now_ms = clock_now_ms();
    for (size_t i = 0; i < found.count; i++) {
        const struct book_camera *camera = &api->book->cameras[found.cameras[i]];
        const struct camera_health *health = checkup_of(api->checkup, found.cameras[i]);
        double lat, lon;
        if (places_find(feeds_places(api->feeds), camera, now_ms, &lat, &lon))
            json_array_append_new(points, json_pack("[sffs]", camera->id, lat, lon,
                                                    enum_name(&camera_condition_desc, (int)health->condition)));
    }
    reply_json(request, 200, json_pack("{so}", "points", points));
}

static json_t *area_json(const struct camera_count *count)
{
    const struct book_area *area = count->area;
    return json_pack("{ss so ss ss sI sI sI}", "code", area->code, "name", name_json(&area->name), "tier",
                     enum_name(&tier_desc, (int)area->tier), "parent", area->parent ? area->parent->code : "",
                     "cameras", (json_int_t)count->cameras, "visited", (json_int_t)count->visited, "online",
                     (json_int_t)count->online);
}

static void answer_counts(struct request *request, void *context)
{
    const struct camera_api *api = context;
    struct camera_counts counts;
    camera_count(api->book, api->checkup, request_arena(request), &counts);
    json_t *conditions = json_object(), *areas = json_array();
    for (int i = CAMERA_IS_UNKNOWN; i <= CAMERA_IS_WRONG_TIME; i++)
        json_object_set_new(conditions, enum_name(&camera_condition_desc, i),
                            json_integer((json_int_t)counts.conditions[i]));
    for (size_t i = 0; i < counts.area_count; i++)
        json_array_append_new(areas, area_json(&counts.areas[i]));
    reply_json(request, 200,
               json_pack("{sI ss so so}", "as_of_ms", (json_int_t)clock_now_ms(), "round", round_word(api),
                         "conditions", conditions, "areas", areas));
}

/* Size 0: there is none. */
static struct bytes read_picture(const char *path, struct arena *arena)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat stat_of;
    struct bytes picture = { NULL, 0 };
    if (fd < 0)
        return picture;
    if (fstat(fd, &stat_of) == 0 && stat_of.st_size <= PICTURE_BYTES_MAX) {
        uint8_t *bytes = arena_alloc(arena, (size_t)stat_of.st_size + 1);
        ssize_t got = read(fd, bytes, (size_t)stat_of.st_size);
        if (got == stat_of.st_size)
            picture = (struct bytes){ bytes, (size_t)got };
    }
    close(fd);
    return picture;
}

static void answer_picture(struct request *request, void *context)
{
    const struct camera_api *api = context;
    const struct book_camera *camera = book_camera(api->book, request_param(request, "id"));
    char path[PATH_MAX] = "";
    if (camera)
        picture_path(path, api, camera);
    struct bytes picture = read_picture(path, request_arena(request));
    if (!picture.size) {
        reply_error(request, 404, "no_picture", "There is no small picture of such a camera.",
                    "The health round makes them; \"picture_at_ms\" says where there is one.");
        return;
    }
    reply_header(request, "Cache-Control", "private, max-age=86400"); /* the page asks with the picture's time */
    reply_bytes(request, 200, "image/jpeg", picture);
}

int camera_api_open(struct camera_api *api, struct fault *fault)
{
    static const struct {
        const char *path;
        door_handler *handler;
    } routes[] = { { "/api/cameras", answer_list },
                   { "/api/cameras/points", answer_points },
                   { "/api/cameras/counts", answer_counts },
                   { "/api/cameras/{id}/picture", answer_picture } };
    int result = 0;
    for (size_t i = 0; !result && i < sizeof routes / sizeof *routes; i++)
        result = door_route(api->door, "GET", routes[i].path, api->roles, 0, routes[i].handler, api, fault);
    return result;
}
