/* Answers: one reply_*() call for each request. */
#pragma once

#include "proto/door/request.h"

void reply_bytes(struct request *request, int status, const char *type, struct bytes body);
void reply_text(struct request *request, int status, const char *type, const char *text);
void reply_json(struct request *request, int status, json_t *body); /* takes the reference */
void reply_error(struct request *request, int status, const char *code, const char *message, const char *next);
void reply_redirect(struct request *request, int status, const char *location);
/* Before the reply: an additional header. */
void reply_header(struct request *request, const char *name, const char *value);
