/* What the files of this folder know of answers; nobody outside includes it. */
#pragma once

#include <stddef.h>

struct request;
struct MHD_Response;

/* The Content-Security-Policy of every answer; a page with an import map adds its hash. */
#define REPLY_POLICY \
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; connect-src 'self'; " \
    "worker-src 'self' blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; " \
    "frame-ancestors 'none'"
/* Takes the response; every answer goes through here. */
void reply_response(struct request *request, int status, struct MHD_Response *response, size_t size);
void reply_refusal(struct request *request);
