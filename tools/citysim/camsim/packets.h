/* Packets: an access unit (byte stream, Annex B) cut into payloads of RTP, added to a programme. Parameter sets travel together (STAP-A, AP), what
 * is longer than PACKETS_PAYLOAD_MAX in fragments (FU-A, FU), all else by itself. Access unit delimiters are left out. */
#pragma once

#include "tools/citysim/camsim/programme.h"

enum { PACKETS_PAYLOAD_MAX = 1400 };

/* The first unit with parameter sets gives the programme its `sprop`. */
void packets_add(struct programme *programme, struct bytes unit);
