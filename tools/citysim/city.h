/* The simulated city: people who talk to the doors only, like real ones, all drawn from one seed.
 *
 * residents (residents.h) report; operators, liaisons and grid workers (staff.h) sign in, listen to their live lists and act; a
 * viewer (viewer.h) watches four cameras; the cameras themselves are camsim (camsim/camsim.h). The ledger (ledger.h) keeps what each of them was promised
 * and saw, so that a loss or a repeat shows.
 */
#pragma once

#include <stdint.h>

#include "proto/base/loop.h"
#include "proto/book/book.h"
#include "proto/client/http.h"
#include "tools/citysim/dice.h"
#include "tools/citysim/ledger.h"

struct city_options {
    const char *ingest, *field, *wall; /* addresses of the doors */
    const char *book_folder;
    const char *password_file;
    int64_t seed;
    int64_t reports_per_minute; /* at the busiest hour of the daily curve */
    int64_t rtsp_port;          /* of the simulated cameras; 0: none */
    int64_t trouble_ms;         /* something befalls a camera that often; 0: nothing does */
    int64_t reports;            /* after so many nobody reports any more; 0: without end */
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
    struct dice residents_dice; /* of their own: what they report depends on the seed alone, not on who acts when */
    struct dice dice;           /* everybody else's */
    struct ledger ledger;
    bool resting; /* nobody reports any more */
};
