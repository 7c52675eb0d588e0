#include "dispatcher/engine/presence.h"

#include <math.h>

#include "proto/store/presence.h"

bool presence_is_command(const struct command *command)
{
    return verb_is_of_no_case(command->verb);
}

static bool has_position(const struct command *command)
{
    return (command->lat != 0 || command->lon != 0) && fabs(command->lat) <= 90 && fabs(command->lon) <= 180;
}

void presence_note(const struct scope *in, const struct command *command)
{
    struct presence presence;
    if (command->role != ROLE_WORKER || !has_position(command))
        return;
    presence_get(in->txn, command->actor, in->arena, &presence);
    presence.lat = command->lat;
    presence.lon = command->lon;
    presence.positioned_at_ms = in->now_ms;
    presence_put(in->txn, command->actor, &presence);
}

int presence_command(const struct scope *in, const struct command *command, struct answer *answer)
{
    const struct book_person *person = book_person(in->book, command->actor);
    struct presence presence;
    if (command->role != ROLE_WORKER || !person || person->role != ROLE_WORKER) {
        *answer = (struct answer){ .status = ANSWER_FORBIDDEN, .message = "only workers come and go" };
        return 0;
    }
    presence_get(in->txn, command->actor, in->arena, &presence);
    bool away = command->verb == VERB_MOVED ? presence.away : command->verb == VERB_AWAY;
    if (presence.away != away || !presence.at_ms) {
        presence.away = away;
        presence.at_ms = in->now_ms;
        presence_put(in->txn, command->actor, &presence);
    }
    *answer = (struct answer){ .status = ANSWER_OK, .message = "" };
    return 0;
}
