/* The handlers of the Open311 door's routes; the context is the struct open311. Inside this folder only. */
#pragma once

#include "proto/door/door.h"

door_handler open311_post_request, open311_get_token;   /* create.c */
door_handler open311_get_request, open311_get_requests; /* list.c */
door_handler open311_get_updates, open311_post_update;  /* updates.c */
