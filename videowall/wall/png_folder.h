/* A folder of the wall's last pictures: wall-<milliseconds>.png, written aside and renamed, older ones removed. */
#pragma once

#include <gst/gst.h>
#include <stdint.h>

#include "proto/base/fault.h"

struct png_folder;

/* Makes the folder where it is not there. */
int png_folder_open(const char *path, int64_t keep, struct png_folder **folder, struct fault *fault);
/* Each sample of `appsink` (whole PNG files) becomes a file, in its streaming thread. The sink must be gone before close. */
void png_folder_attach(struct png_folder *folder, GstElement *appsink);
void png_folder_close(struct png_folder *folder); /* takes NULL */
