#include "ingest/cameras/losses.h"

#include "proto/base/metrics.h"

static struct metric bytes_received = METRIC_COUNTER("drumtower_camera_bytes_received_total", "Bytes that cameras "
                                                                                              "sent.");
static struct metric lost = METRIC_COUNTER("drumtower_camera_packets_lost_total", "Packets of cameras that did not "
                                                                                  "come.");
static struct metric broken = METRIC_COUNTER("drumtower_camera_packets_broken_total", "Packets of cameras that made no "
                                                                                      "sense.");
static struct metric reordered = METRIC_COUNTER("drumtower_camera_packets_reordered_total", "Packets of cameras that "
                                                                                            "had overtaken others, "
                                                                                            "and were put right.");
static struct metric incomplete = METRIC_COUNTER("drumtower_camera_units_incomplete_total", "Access units dropped "
                                                                                            "because they, or what "
                                                                                            "they refer to, did not "
                                                                                            "come whole.");

void losses_register(void)
{
    metric_register(&bytes_received);
    metric_register(&lost);
    metric_register(&broken);
    metric_register(&reordered);
    metric_register(&incomplete);
}

void losses_count_bytes(int64_t bytes)
{
    metric_add(&bytes_received, bytes);
}

static void count_one(struct metric *metric, int64_t *value)
{
    if (*value)
        metric_add(metric, *value);
    *value = 0;
}

void losses_count_reordered(int64_t *packets)
{
    count_one(&reordered, packets);
}

void losses_count(int64_t *packets_lost, int64_t *packets_broken, int64_t *units_dropped)
{
    count_one(&lost, packets_lost);
    count_one(&broken, packets_broken);
    count_one(&incomplete, units_dropped);
}
