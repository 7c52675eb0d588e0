/* The wall as a camera for pages (videowall/feed): what an encoder made goes to a feed of this process's own, whose id is BROADCAST_FEED. */
#pragma once

#include <gst/gst.h>
#include <stdbool.h>

#include "proto/base/fault.h"

struct broadcast;
struct feeds;
struct loop;

#define BROADCAST_FEED "wall/shown" /* no id of a book: those have no '/' */

/* `watched`: see feeds_add_own(). */
int broadcast_open(struct loop *loop, struct feeds *feeds, void (*watched)(void *context, bool watched), void *context,
                   struct broadcast **broadcast, struct fault *fault);
/* An appsink of access units of H.264, byte stream, 1920x1080; a run of frames begins. The one before it has ended. */
void broadcast_attach(struct broadcast *broadcast, GstElement *sink);
void broadcast_close(struct broadcast *broadcast); /* takes NULL; its sink has ended */
