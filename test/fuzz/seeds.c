/* Makes the corpora of what is not text: records and models, each with every field set, and photos; all of them small.
 *
 * usage: fuzz_seeds FOLDER     writes a folder in it for each target
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ingest/enrich/classify/classifier.h"
#include "proto/base/crypto.h"
#include "proto/record/frame.h"
#include "test/fuzz/records.h"
#include "test/unit/photo/samples.h"
#include "test/unit/record/filled_record.h"

static void write_seed(const char *root, const char *target, const char *name, struct bytes bytes)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", root, target);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%s/%s", root, target, name);
    FILE *file = fopen(path, "we");
    if (!file || fwrite(bytes.data, 1, bytes.size, file) != bytes.size || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

/* ---- records ---- */

static void write_records(const char *root)
{
    int value = 0;
    for (uint8_t i = 0; i < FUZZ_RECORD_COUNT; i++) {
        const struct record_desc *desc = fuzz_records[i];
        struct arena arena = { 0 };
        struct buffer out = { 0 };
        void *record = arena_alloc(&arena, desc->size);
        filled_record(desc, record, &arena, &value);
        if (record_check(desc, record, NULL) < 0)
            abort(); /* a value beyond its field's limit: nothing would be read of this seed */
        buffer_append(&out, &i, 1);
        record_encode(desc, record, &out);
        write_seed(root, "record", desc->name, buffer_view(&out));
        buffer_finish(&out);
        arena_finish(&arena);
    }
}

/* ---- frames ---- */

static void write_frames(const char *root)
{
    static const uint8_t unit[] = { 0, 0, 0, 1, 0x65, 0x88, 0x84 };
    struct buffer out = { 0 };
    for (uint64_t seq = 1; seq <= 4; seq++) {
        struct frame frame = { .key = seq % 3 == 1,
                               .cached = seq == 1,
                               .codec = FRAME_H264,
                               .width = 640,
                               .height = 360,
                               .run = 7,
                               .seq = seq == 4 ? 9 : seq,
                               .capture_ms = 1767600000000,
                               .unit = { unit, sizeof unit } };
        frame_put(&out, &frame);
    }
    write_seed(root, "frame", "four_with_a_gap", buffer_view(&out));
    buffer_finish(&out);
}

/* ---- models ---- */

/* Without the hash, which the target adds. */
static void write_model(const char *root, const char *name, const struct classifier *model)
{
    struct buffer out = { 0 };
    classifier_encode(model, &out);
    out.size -= HASH_BYTES;
    write_seed(root, "classifier", name, buffer_view(&out));
    buffer_finish(&out);
}

static void write_models(const char *root)
{
    struct classifier_label labels[] = { { "E0601", 0.25 }, { "P0101", -0.5 }, { "P0110", 0 } };
    struct classifier_row rows[] = { { 3, 2 }, { 500, 3 }, { 1023, 6 } };
    struct classifier_weight weights[] = { { 0, 127 }, { 2, -3 }, { 1, 9 }, { 0, -127 }, { 1, 1 }, { 2, 5 } };
    struct classifier model = { .settings = { 10, 1, 3 },
                                .documents = 30000,
                                .slope = 2,
                                .offset = -1,
                                .step = 0.01,
                                .labels = labels,
                                .label_count = 3,
                                .rows = rows,
                                .row_count = 3,
                                .weights = weights,
                                .weight_count = 6 };
    write_model(root, "three_labels", &model);
    model.row_count = model.weight_count = 0;
    model.label_count = 2;
    model.settings = (struct feature_settings){ 24, 6, 6 };
    write_model(root, "no_rows", &model);
}

/* ---- photos ---- */

static void write_photo(const char *root, const char *name, const struct buffer *exif,
                        void (*make)(int width, int height, const struct buffer *exif, struct buffer *out))
{
    struct buffer out = { 0 };
    make(24, 16, exif, &out);
    write_seed(root, "media", name, buffer_view(&out));
    buffer_finish(&out);
}

static void write_photos(const char *root)
{
    struct buffer exif = { 0 }, clear = { 0 };
    sample_exif(&(struct sample_exif){ 6, "2026:01:05 08:30:00", "+08:00", "39.94N", "116.39E" }, &exif);
    write_photo(root, "phone.jpg", &exif, sample_jpeg);
    write_photo(root, "phone.png", &exif, sample_png);
    write_photo(root, "phone.webp", &exif, sample_webp);
    write_photo(root, "bare.jpg", &(struct buffer){ 0 }, sample_jpeg);
    write_photo(root, "bare.png", &(struct buffer){ 0 }, sample_png);
    write_photo(root, "bare.webp", &(struct buffer){ 0 }, sample_webp);
    sample_clear_png(8, 8, &clear);
    write_seed(root, "media", "clear.png", buffer_view(&clear));
    buffer_finish(&exif);
    buffer_finish(&clear);
}

int main(int argc, char **argv)
{
    struct fault fault = { "" };
    if (argc != 2 || crypto_init(&fault) < 0)
        return 2;
    mkdir(argv[1], 0777);
    write_records(argv[1]);
    write_frames(argv[1]);
    write_models(argv[1]);
    write_photos(argv[1]);
    return 0;
}
