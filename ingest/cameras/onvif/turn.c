#include <assert.h>
#include <stdlib.h>

#include "ingest/cameras/onvif/known.h"
#include "ingest/cameras/onvif/move.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"

static struct metric failures = METRIC_COUNTER("drumtower_onvif_moves_failed_total", "Orders to move that an ONVIF "
                                                                                     "device did not take.");

/* An order on its way. One that fails is sent once more with what a new inquiry says: a device that has started anew has another clock, and by that our
 * password is too old; and an order to stop must not be lost for it. One that fails then, too, is sent without its end: there are devices that know
 * none, or none so soon. */
struct turn {
    struct known *known;
    struct onvif_address address;
    struct source_move wanted;
    bool newer; /* than what was sent */
    int tries;
    bool sending;
    struct exchange exchange;
};

static void end(struct turn *turn)
{
    turn->known->turn = NULL;
    turn_free(turn);
}

static void send_order(struct turn *turn)
{
    struct known *known = turn->known;
    struct source_move wanted = turn->wanted;
    enum exchange_operation operation = move_is_stop(&wanted) ? EXCHANGE_STOP : EXCHANGE_MOVE;
    if (known->no_timeout)
        wanted.seconds = 0;
    move_put(&turn->exchange.inside, known->mover, &wanted, &known->last);
    known->last = wanted;
    turn->newer = false;
    turn->tries++;
    turn->sending = true;
    turn->exchange.ahead_ms = known->ahead_ms;
    turn->exchange.digest = known->digest;
    exchange_ask(&turn->exchange, operation, known->ptz);
}

static void fail(struct turn *turn, const char *reason)
{
    metric_add(&failures, 1);
    log_warn("camera does not move", "address=%s reason=\"%s\"", turn->address.url.address, reason);
    end(turn);
}

static bool has_timeout(const struct turn *turn)
{
    return turn->known->last.seconds && !move_is_stop(&turn->known->last);
}

static void answered(void *context, int code, const struct xml_element *content, const struct fault *fault)
{
    (void)content;
    struct turn *turn = context;
    turn->sending = false;
    turn->known->digest = turn->exchange.digest;
    if (code < 0 && turn->tries == 1) {
        known_ask(turn->known);
    } else if (code < 0 && has_timeout(turn)) {
        turn->known->no_timeout = true;
        send_order(turn);
    } else if (code < 0) {
        turn->known->no_timeout = false; /* it was not for that */
        fail(turn, fault->text);
    } else if (turn->newer) {
        turn->tries = 0;
        send_order(turn);
    } else {
        end(turn);
    }
}

void turn_go_on(struct known *known, int code, const struct fault *fault)
{
    struct turn *turn = known->turn;
    if (!turn || turn->sending)
        return;
    if (code < 0)
        fail(turn, fault->text);
    else if (!*known->mover)
        fail(turn, "the device has no PTZ service, or no profile that uses it");
    else
        send_order(turn);
}

int turn_order(struct known *known, const struct source_move *move, struct fault *fault)
{
    struct turn *turn = known->turn;
    int result = refusals_check(known->refusals, known->url, clock_mono_ms(), fault);
    if (result < 0)
        return result;
    if (known->mover && !*known->mover)
        return fault_set(fault, -ENOTSUP, "the device has no PTZ service, or no profile that uses it");
    if (turn) {
        turn->wanted = *move;
        turn->newer = true;
        return 0;
    }
    turn = calloc(1, sizeof *turn);
    assert(turn);
    *turn = (struct turn){ .known = known,
                           .wanted = *move,
                           .exchange = {
                               .http = known->http, .address = &turn->address, .done = answered, .context = turn } };
    result = onvif_address_read(known->url, &turn->address, NULL);
    assert(result == 0); /* it was read before */
    metric_register(&failures);
    known->turn = turn;
    if (known->mover)
        send_order(turn);
    else
        known_ask(known);
    return 0;
}

void turn_free(struct turn *turn)
{
    if (!turn)
        return;
    exchange_finish(&turn->exchange);
    free(turn);
}
