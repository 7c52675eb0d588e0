/* A model's file: what is read is written as the same bytes, and answers whatever it is asked.
 *
 * Input: the file without the hash at its end, which the target adds (no mutation would ever hit it). */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "ingest/enrich/classify/classifier.h"
#include "test/fuzz/fuzz.h"

static void ask(const struct classifier *model)
{
    struct document document = { .text = "路灯不亮了 the street light is out" };
    struct features features = { 0 };
    struct classifier_choice choices[3];
    document_mark(&document, "area", "g1");
    document_mark(&document, "source", "resident");
    features_take(&features, &document, &model->settings);
    size_t count = classifier_choose(model, &features.list, choices, 3);
    assert(count <= 3 && count <= model->label_count);
    for (size_t i = 0; i < count; i++) {
        assert(choices[i].label < model->label_count);
        assert(choices[i].confidence >= 0 && choices[i].confidence <= 1);
        fuzz_touch_text(model->labels[choices[i].label].name);
    }
    for (size_t i = 0; i < features.list.count; i++)
        assert(isfinite(classifier_weight_of(model, &features.list.items[i], 0)));
    features_finish(&features);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct classifier model;
    struct fault fault = { "" };
    struct buffer file = { 0 }, again = { 0 };
    struct hash hash = hash_of(data, size);
    buffer_append(&file, data, size);
    buffer_append(&file, hash.bytes, sizeof hash.bytes);
    if (classifier_decode(buffer_view(&file), &model, &fault) == 0) {
        classifier_encode(&model, &again);
        assert(again.size == file.size && memcmp(again.bytes, file.bytes, file.size) == 0);
        ask(&model);
        classifier_finish(&model);
    }
    buffer_finish(&file);
    buffer_finish(&again);
    return 0;
}
