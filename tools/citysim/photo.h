/* A photo, as a handset's camera would take one: a JPEG of 640x480. */
#pragma once

#include "proto/base/buffer.h"
#include "proto/base/fault.h"

int photo_take(struct buffer *jpeg, struct fault *fault);
