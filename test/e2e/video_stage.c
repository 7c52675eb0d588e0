#include "test/e2e/video_stage.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *const simulated_ids[SIMULATED] = { "cam-01", "cam-02", "cam-03", "cam-04" };

static void write_cameras(const struct video_stage *stage)
{
    char text[2000] = "cameras:\n";
    size_t used = strlen(text);
    for (int i = 0; i < SIMULATED; i++) {
        char url[60], sub_url[80] = "";
        bool two = strcmp(simulated_ids[i], TWO_STREAMS) == 0;
        snprintf(url, sizeof url, "rtsp://127.0.0.1:%" PRId64 "/%s", stage->rtsp_port, simulated_ids[i]);
        if (two)
            snprintf(sub_url, sizeof sub_url, "sub_url: \"%s\", ", url);
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "  - {id: %s, name: 路口%d, name_en: Crossing %d, url: \"%s%s\", %slat: 39.94, lon: "
                                 "116.39, bearing_deg: 0}\n",
                                 simulated_ids[i], i + 1, i + 1, url, two ? "/main" : "", sub_url);
    }
    /* nothing listens at port 1 */
    snprintf(text + used, sizeof text - used,
             "  - {id: cam-dead, name: 坏镜头, name_en: Dead camera, url: \"rtsp://127.0.0.1:1/dead\", lat: 39.94, "
             "lon: 116.39, bearing_deg: 0}\n");
    used = strlen(text);
    snprintf(text + used, sizeof text - used,
             "evidence: {before_s: 2, after_s: 1, services: [E0101]} # the first one stands where the others do\n");
    book_folder_write(&stage->folder, "cameras.yaml", text);
    book_folder_write(&stage->folder, "wall.yaml",
                      "scenes:\n"
                      "  - {id: pair, name: 两路, name_en: Pair, columns: 2, rows: 1, cameras: [cam-02, cam-03]}\n"
                      "  - {id: tour, name: 轮巡, name_en: Tour, columns: 1, rows: 1, dwell_s: 5, "
                      "cameras: [cam-01, cam-dead, cam-03]}\n");
}

void video_stage_simulate(struct video_stage *stage)
{
    struct fault fault = { "" };
    struct camsim_options options = { .port = stage->rtsp_port, .ids = simulated_ids, .id_count = SIMULATED };
    if (camsim_start(&options, &stage->simulated, &fault) < 0)
        fail_msg("%s", fault.text);
    stage->rtsp_port = camsim_port(stage->simulated);
}

void video_stage_open(struct video_stage *stage)
{
    struct fault fault = { "" };
    stage->harness = harness_create();
    video_stage_simulate(stage);
    book_folder_make(&stage->folder);
    write_cameras(stage);
    int64_t port = harness_port_base();
    if (book_load(stage->folder.path, &stage->book, NULL, NULL, &fault) < 0 ||
        cameras_open(stage->harness->loop, stage->book, port, &stage->cameras, &fault) < 0 ||
        feeds_open(stage->harness->loop, stage->book, port, "test", &stage->feeds, &fault) < 0)
        fail_msg("%s", fault.text);
}

void video_stage_close(struct video_stage *stage)
{
    feeds_close(stage->feeds);
    cameras_close(stage->cameras);
    camsim_stop(stage->simulated);
    book_folder_remove(&stage->folder);
}
