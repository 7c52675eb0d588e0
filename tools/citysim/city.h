/* The simulated city: people who talk to the doors only, like real ones, all drawn from one seed.
 *
 * residents (residents.h) report; operators, liaisons and grid workers (staff.h) sign in, listen to their live lists and act; a
 * viewer (viewer.h) watches four cameras; the cameras themselves are cameras.h. The ledger (ledger.h) keeps what each of them was promised
 * and saw, so that a loss or a repeat shows.
 */
#pragma once

#include <stdint.h>

#include "proto/base/loop.h"
#include "proto/book/book.h"
#include "tools/citysim/ledger.h"
#include "tools/client/http.h"

struct city_options {
    const char *ingest, *field, *wall; /* addresses of the doors */
    const char *book_folder;
    const char *password_file;
    int64_t seed;
    int64_t reports_per_minute; /* at the busiest hour of the daily curve */
    int64_t rtsp_port;          /* of the simulated cameras; 0: none */
    int64_t seconds;            /* of reports; 0: without end */
    int64_t settle_seconds;     /* at most, until what is under way has come to rest */
    int64_t think_ms;           /* how long a person takes for a step, on average */
    bool check;                 /* full rate whatever the hour, and a last line of JSON */
};

struct city {
    const struct city_options *options;
    struct loop *loop;
    struct http *http;
    struct book *book;
    char password[128];
    uint64_t random; /* state of the generator */
    struct ledger ledger;
    bool resting; /* nobody reports any more */
};

/* splitmix64 (Steele, Lea, Flood 2014): the same seed, the same city. */
uint64_t city_random(struct city *city);
uint64_t city_random_below(struct city *city, uint64_t bound);
/* Exponentially distributed with that mean: the gaps between what many people do independently. */
int64_t city_random_gap_ms(struct city *city, double mean_ms);
