/* POST /api/cases/{number}/{verb}: from a page's JSON to a command on the bus, and from the engine's answer to a status. */
#pragma once

#include "proto/door/case_api_share.h"

int case_command_open(struct case_api *api, struct fault *fault);
