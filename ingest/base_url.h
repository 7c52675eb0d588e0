/* The address under which a request came, for links that leave the house. */
#pragma once

#include "proto/door/door.h"

/* "https://district.example:8311": the scheme and the request's Host; "" where the Host is missing or holds anything but a name, an
 * address and a port (the links are then relative). Lives as long as the request. */
const char *base_url(struct request *request, const char *scheme);
