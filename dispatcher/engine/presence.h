/* Presence: workers say where they are, and when they leave before their shift's end; whatever they do says where they were. */
#pragma once

#include "dispatcher/engine/draft.h"
#include "proto/record/command.h"

/* Here and away: commands of no case. */
bool presence_is_command(const struct command *command);
int presence_command(const struct scope *in, const struct command *command, struct answer *answer);

/* Keeps the position that came with any command of a worker. */
void presence_note(const struct scope *in, const struct command *command);
