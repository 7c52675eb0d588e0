#include "videowall/wall/png_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <gst/app/gstappsink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"

static struct metric failed = METRIC_COUNTER("drumtower_wall_png_failed_total", "Pictures of the wall that could not "
                                                                                "be written.");

struct png_folder {
    char *path;
    int fd;
    int64_t keep;
};

int png_folder_open(const char *path, int64_t keep, struct png_folder **out, struct fault *fault)
{
    if (mkdir(path, 0750) < 0 && errno != EEXIST)
        return fault_set(fault, -errno, "wall output png: cannot make folder '%s': %s", path, strerror(errno));
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fault_set(fault, -errno, "wall output png: '%s': %s; expected a folder", path, strerror(errno));
    struct png_folder *folder = g_new0(struct png_folder, 1);
    *folder = (struct png_folder){ .path = g_strdup(path), .fd = fd, .keep = keep };
    metric_register(&failed);
    *out = folder;
    return 0;
}

static int is_picture(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 9 && strncmp(entry->d_name, "wall-", 5) == 0 && strcmp(entry->d_name + length - 4, ".png") == 0;
}

/* Names are milliseconds of equal length: in the order of their names the oldest come first. */
static void remove_old(const struct png_folder *folder)
{
    struct dirent **entries;
    int count = scandirat(folder->fd, ".", &entries, is_picture, alphasort);
    for (int i = 0; i < count; i++) {
        if (i < count - folder->keep)
            unlinkat(folder->fd, entries[i]->d_name, 0);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static int write_all(int fd, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t wrote = write(fd, bytes, size);
        if (wrote < 0)
            return -errno;
        bytes += wrote;
        size -= (size_t)wrote;
    }
    return 0;
}

static int write_picture(const struct png_folder *folder, const char *name, const GstMapInfo *map)
{
    static const char aside[] = ".wall-next.png";
    int fd = openat(folder->fd, aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0)
        return -errno;
    int result = write_all(fd, map->data, map->size);
    if (close(fd) < 0 && result == 0)
        result = -errno;
    if (result == 0 && renameat(folder->fd, aside, folder->fd, name) < 0)
        result = -errno;
    return result;
}

static GstFlowReturn png_came(GstAppSink *sink, gpointer context)
{
    const struct png_folder *folder = context;
    GstSample *sample = gst_app_sink_pull_sample(sink);
    if (!sample)
        return GST_FLOW_EOS;
    char name[48];
    snprintf(name, sizeof name, "wall-%013lld.png", (long long)clock_now_ms());
    GstMapInfo map;
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    int result = -EIO;
    if (gst_buffer_map(buffer, &map, GST_MAP_READ)) {
        result = write_picture(folder, name, &map);
        gst_buffer_unmap(buffer, &map);
    }
    gst_sample_unref(sample);
    if (result < 0) {
        metric_add(&failed, 1);
        log_error("wall picture not written", "folder=%s reason=\"%s\"", folder->path, strerror(-result));
    } else {
        remove_old(folder);
    }
    return GST_FLOW_OK;
}

void png_folder_attach(struct png_folder *folder, GstElement *appsink)
{
    GstAppSinkCallbacks callbacks = { .new_sample = png_came };
    gst_app_sink_set_callbacks(GST_APP_SINK(appsink), &callbacks, folder, NULL);
}

void png_folder_close(struct png_folder *folder)
{
    if (!folder)
        return;
    close(folder->fd);
    g_free(folder->path);
    g_free(folder);
}
