/* The command to turn and zoom (GB/T 28181-2016, A.3: PTZCmd): 8 bytes as hex digits, the last one a sum over the others. Pure. */
#pragma once

#include "ingest/cameras/source.h"

enum { PTZ_TEXT_SIZE = 17 };

void ptz_command(char out[PTZ_TEXT_SIZE], const struct source_move *move);
