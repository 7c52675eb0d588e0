/* Where a camera's events are: where the book has the camera, in the grid that the book says. */
#pragma once

#include "proto/book/book.h"
#include "proto/record/place.h"

struct place camera_place(const struct book *book, const struct book_camera *camera);
