/* From a stranger's file to a photo of ours: decoded, the right way up, no larger than is wanted, written anew; and the time and place that
 * the camera wrote beside it. Pure: what it says depends on the bytes and the limits alone. Meant for a confined process (confine.h). */
#pragma once

#include "proto/photo/answer.h"
#include "proto/photo/photo_limits.h"

/* Appends the answer (photo_answer_read()), also where it is that the file is no photo. */
void develop(struct bytes file, const struct photo_limits *limits, struct buffer *answer);
