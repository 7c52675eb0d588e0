/* GStreamer in this process: whoever builds a pipeline starts it first. */
#pragma once

#include "proto/base/fault.h"

/* Again does nothing. -ENOSYS: it does not start; the fault says why. */
int gstreamer_start(struct fault *fault);
