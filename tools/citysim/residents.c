#include "tools/citysim/residents.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/timestamp.h"
#include "proto/book/zone.h"
#include "tools/client/open311.h"

enum { RETRY_MS = 250, RETRIES_MAX = 200 };

/* Share of the busiest hour's reports, by hour of the local day: a 311 city's shape (quiet nights, a peak before noon). */
static const double daily_curve[24] = { 0.08, 0.06, 0.05, 0.05, 0.06, 0.12, 0.30, 0.55, 0.85, 0.98, 1.00, 0.95,
                                        0.85, 0.88, 0.92, 0.90, 0.82, 0.70, 0.55, 0.45, 0.38, 0.30, 0.20, 0.12 };

/* What residents write, by language of nobody in particular: the words vary, the service decides the rest. */
static const char *const sayings[] = {
    "走到这里看到的，请尽快处理。", "已经好几天了，没人管。",       "晚上经过差点摔倒。",
    "在小区门口，影响出行。",       "学校旁边，孩子们每天都经过。", "下雨之后更严重了。",
    "路口西北角，靠近公交站。",     "邻居们都反映过了。",           "It has been like this since Monday.",
};

/* One report under way: the same form and the same key at every try. */
struct report {
    struct residents *residents;
    size_t entry;
    struct buffer form;
    char key[64];
    int tries;
    struct loop_timer again;
};

bool residents_know(const struct book_service *service)
{
    bool needs_more = false;
    for (size_t i = 0; i < service->attribute_count; i++)
        needs_more |= service->attributes[i].required;
    return service->is_public && !needs_more;
}

static const struct book_service *draw_service(struct city *city)
{
    const struct book_service *service;
    do
        service = &city->book->services[dice_below(&city->residents_dice, city->book->service_count)];
    while (!residents_know(service));
    return service;
}

static void report_free(struct report *report)
{
    loop_timer_disarm(report->residents->city->loop, &report->again);
    buffer_finish(&report->form);
    free(report);
}

static int report_send(void *context);

static void report_answered(void *context, int status, struct bytes answer)
{
    struct report *report = context;
    struct city *city = report->residents->city;
    if (status == 200 || status == 201) {
        int64_t receipt = open311_receipt(answer);
        if (receipt > 0)
            ledger_answered(&city->ledger, report->entry, receipt);
        else
            log_error("an answer without a receipt", "body=%.*s", (int)answer.size, (const char *)answer.data);
        report_free(report);
    } else if (status == 0 || status >= 500 || status == 429) {
        if (++report->tries < RETRIES_MAX)
            loop_timer_arm(city->loop, &report->again, RETRY_MS);
        else
            report_free(report); /* stays unanswered in the ledger: that is a loss */
    } else {
        log_error("a report was refused", "status=%d body=%.*s", status, (int)answer.size, (const char *)answer.data);
        city->ledger.refused++;
        report_free(report);
    }
}

static int report_send(void *context)
{
    struct report *report = context;
    struct city *city = report->residents->city;
    struct buffer url = { 0 };
    buffer_format(&url, "%s/open311/v2/requests.json", city->options->ingest);
    http_send(city->http,
              &(struct http_call){ .method = "POST",
                                   .url = buffer_string(&url),
                                   .content_type = "application/x-www-form-urlencoded",
                                   .body = buffer_view(&report->form),
                                   .header = report->key,
                                   .timeout_ms = 5000 },
              report_answered, report);
    buffer_finish(&url);
    return 0;
}

static void fill_form(struct report *report, struct city *city)
{
    const struct book_service *service = draw_service(city);
    /* where people are: near the label point of a grid, or of whatever the book has polygons of, give or take 60 m */
    const struct book_area *area;
    do
        area = &city->book->areas[dice_below(&city->residents_dice, city->book->area_count)];
    while (!area->has_polygon);
    double lat = area->lat + ((double)dice_below(&city->residents_dice, 1000) - 500) * 1e-6;
    double lon = area->lon + ((double)dice_below(&city->residents_dice, 1000) - 500) * 1e-6;
    char number[32];
    form_append(&report->form, "service_code", service->code);
    snprintf(number, sizeof number, "%.6f", lat);
    form_append(&report->form, "lat", number);
    snprintf(number, sizeof number, "%.6f", lon);
    form_append(&report->form, "long", number);
    form_append(&report->form, "description",
                sayings[dice_below(&city->residents_dice, sizeof sayings / sizeof *sayings)]);
    form_append(&report->form, "address_string", area->name.zh);
}

static void report_new(struct residents *residents)
{
    struct city *city = residents->city;
    struct report *report = calloc(1, sizeof *report);
    if (!report)
        abort();
    report->residents = residents;
    report->again = (struct loop_timer){ .fire = report_send, .context = report };
    snprintf(report->key, sizeof report->key, "Idempotency-Key: city-%016" PRIx64 "%08x",
             dice_throw(&city->residents_dice), (unsigned)clock_now_ms());
    fill_form(report, city);
    report->entry = ledger_sent(&city->ledger, clock_mono_ms());
    report_send(report);
}

static int64_t gap_ms(struct city *city)
{
    int64_t local = zone_to_local_ms(city->book->zone, clock_now_ms());
    double share = city->options->check ? 1 : daily_curve[local / MS_PER_HOUR % 24];
    return dice_gap_ms(&city->residents_dice, 60000.0 / ((double)city->options->reports_per_minute * share));
}

static int next_report(void *context)
{
    struct residents *residents = context;
    struct city *city = residents->city;
    report_new(residents);
    if (city->options->reports && (int64_t)city->ledger.count >= city->options->reports) {
        city->resting = true;
        return 0;
    }
    loop_timer_arm(city->loop, &residents->next, gap_ms(city));
    return 0;
}

void residents_start(struct residents *residents, struct city *city)
{
    residents->city = city;
    residents->next = (struct loop_timer){ .fire = next_report, .context = residents };
    loop_timer_arm(city->loop, &residents->next, gap_ms(city));
}
