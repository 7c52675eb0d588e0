/* The model's file: see classifier.h. What reads it believes nothing of it. */
#include <assert.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "ingest/enrich/classify/classifier.h"

static const uint8_t MAGIC[8] = { 'D', 'T', 'M', 'O', 'D', 'E', 'L', '1' };

/* ---- writing ---- */

static void put_real(struct buffer *out, double value)
{
    float real = (float)value;
    uint32_t bits;
    memcpy(&bits, &real, sizeof bits);
    buffer_be32(out, bits);
}

static void put_small(struct buffer *out, uint32_t value, size_t bytes)
{
    uint8_t *at = buffer_reserve(out, bytes);
    for (size_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
    out->size += bytes;
}

static void put_settings(struct buffer *out, const struct feature_settings *settings)
{
    put_small(out, settings->bits, 1);
    put_small(out, settings->shortest, 1);
    put_small(out, settings->longest, 1);
}

void classifier_encode(const struct classifier *model, struct buffer *file)
{
    size_t start = file->size;
    buffer_append(file, MAGIC, sizeof MAGIC);
    put_settings(file, &model->settings);
    buffer_be32(file, model->documents);
    put_real(file, model->slope);
    put_real(file, model->offset);
    put_real(file, model->step);
    put_small(file, (uint32_t)model->label_count, 2);
    buffer_be32(file, (uint32_t)model->row_count);
    buffer_be32(file, (uint32_t)model->weight_count);
    for (size_t i = 0; i < model->label_count; i++) {
        size_t length = strlen(model->labels[i].name);
        assert(length >= 1 && length <= CLASSIFIER_LABEL_BYTES);
        put_small(file, (uint32_t)length, 1);
        buffer_text(file, model->labels[i].name);
        put_real(file, model->labels[i].offset);
    }
    for (size_t i = 0, w = 0; i < model->row_count; i++) {
        buffer_be32(file, model->rows[i].bucket);
        put_small(file, (uint32_t)(model->rows[i].end - w), 2);
        for (; w < model->rows[i].end; w++) {
            put_small(file, model->weights[w].label, 2);
            put_small(file, (uint8_t)model->weights[w].steps, 1);
        }
    }
    struct hash hash = hash_of(file->bytes + start, file->size - start);
    buffer_append(file, hash.bytes, sizeof hash.bytes);
}

/* ---- reading ---- */

/* What is left of the bytes. Reading past the end gives zeros, and is told by `torn`. */
struct reader {
    const uint8_t *at, *end;
    bool torn;
};

static const uint8_t *take(struct reader *reader, size_t size)
{
    static const uint8_t nothing[CLASSIFIER_LABEL_BYTES];
    if ((size_t)(reader->end - reader->at) < size) {
        reader->torn = true;
        return nothing;
    }
    reader->at += size;
    return reader->at - size;
}

static uint32_t take_number(struct reader *reader, size_t bytes)
{
    const uint8_t *at = take(reader, bytes);
    uint32_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return value;
}

static double take_real(struct reader *reader)
{
    uint32_t bits = take_number(reader, 4);
    float real;
    memcpy(&real, &bits, sizeof real);
    return real;
}

static int check_settings(const struct feature_settings *settings, struct fault *fault)
{
    if (settings->bits < FEATURES_BITS_MIN || settings->bits > FEATURES_BITS_MAX)
        return fault_set(fault, -EINVAL, "a space of %u bits; expected %d to %d", settings->bits, FEATURES_BITS_MIN,
                         FEATURES_BITS_MAX);
    if (settings->shortest < 1 || settings->longest < settings->shortest || settings->longest > FEATURES_RUN_MAX)
        return fault_set(fault, -EINVAL, "runs of %u to %u characters; expected 1 to %d", settings->shortest,
                         settings->longest, FEATURES_RUN_MAX);
    return 0;
}

/* Counts are believed as far as the bytes that are there could hold them: what is allocated is in proportion to the file. */
static int read_head(struct reader *reader, struct classifier *model, struct fault *fault)
{
    enum { LABEL_BYTES_LEAST = 1 + 1 + 4, ROW_BYTES_LEAST = 4 + 2 + 3, WEIGHT_BYTES = 3 };
    struct feature_settings *settings = &model->settings;
    settings->bits = (uint8_t)take_number(reader, 1);
    settings->shortest = (uint8_t)take_number(reader, 1);
    settings->longest = (uint8_t)take_number(reader, 1);
    model->documents = take_number(reader, 4);
    model->slope = take_real(reader);
    model->offset = take_real(reader);
    model->step = take_real(reader);
    model->label_count = take_number(reader, 2);
    model->row_count = take_number(reader, 4);
    model->weight_count = take_number(reader, 4);
    size_t left = (size_t)(reader->end - reader->at);
    if (reader->torn || model->label_count > left / LABEL_BYTES_LEAST || model->row_count > left / ROW_BYTES_LEAST ||
        model->weight_count > left / WEIGHT_BYTES)
        return fault_set(fault, -EINVAL, "%zu labels, %zu rows, %zu weights: more than the file holds",
                         model->label_count, model->row_count, model->weight_count);
    if (model->label_count < 2 || model->label_count > CLASSIFIER_LABELS_MAX)
        return fault_set(fault, -EINVAL, "%zu labels; expected 2 to %d", model->label_count, CLASSIFIER_LABELS_MAX);
    if (!isfinite(model->slope) || !isfinite(model->offset) || !isfinite(model->step) || model->step <= 0)
        return fault_set(fault, -EINVAL, "slope %g, offset %g, step %g: expected numbers, the step above 0",
                         model->slope, model->offset, model->step);
    return check_settings(settings, fault);
}

static int read_labels(struct reader *reader, struct classifier *model, struct fault *fault)
{
    model->labels = arena_array(&model->arena, model->label_count, sizeof *model->labels);
    model->scores = arena_array(&model->arena, model->label_count, sizeof *model->scores);
    for (size_t i = 0; i < model->label_count; i++) {
        struct classifier_label *label = &model->labels[i];
        size_t length = take_number(reader, 1);
        if (length < 1 || length > CLASSIFIER_LABEL_BYTES)
            return fault_set(fault, -EINVAL, "label %zu has %zu bytes; expected 1 to %d", i, length,
                             CLASSIFIER_LABEL_BYTES);
        const char *name = (const char *)take(reader, length);
        if (reader->torn || !text_is_utf8(name, length))
            return fault_set(fault, -EINVAL, "label %zu is no UTF-8", i);
        label->name = arena_text(&model->arena, name, length);
        label->offset = take_real(reader);
        if (i && strcmp(model->labels[i - 1].name, label->name) >= 0)
            return fault_set(fault, -EINVAL, "label %zu is not after the one before it", i);
        if (!isfinite(label->offset))
            return fault_set(fault, -EINVAL, "the offset of label %zu is no number", i);
    }
    return 0;
}

/* One row; *next is the place of its first weight, and then of what follows it. */
static int read_row(struct reader *reader, struct classifier *model, size_t row, size_t *next, struct fault *fault)
{
    uint32_t bucket = take_number(reader, 4);
    size_t count = take_number(reader, 2), first = *next;
    if (bucket >> model->settings.bits || (row && model->rows[row - 1].bucket >= bucket))
        return fault_set(fault, -EINVAL, "row %zu: bucket %u is outside of the space or not after the one before it",
                         row, bucket);
    if (count < 1 || count > model->weight_count - first)
        return fault_set(fault, -EINVAL, "row %zu: %zu weights; expected 1 to %zu", row, count,
                         model->weight_count - first);
    for (; *next < first + count; ++*next) {
        struct classifier_weight *weight = &model->weights[*next];
        *weight = (struct classifier_weight){ (uint16_t)take_number(reader, 2), (int8_t)take_number(reader, 1) };
        if (weight->label >= model->label_count || (*next > first && weight[-1].label >= weight->label))
            return fault_set(fault, -EINVAL, "row %zu: label %u is none, or not after the one before it", row,
                             weight->label);
        if (weight->steps == 0 || weight->steps < -CLASSIFIER_WEIGHT_MAX)
            return fault_set(fault, -EINVAL, "row %zu: a weight of %d; expected -%d to %d, not 0", row, weight->steps,
                             CLASSIFIER_WEIGHT_MAX, CLASSIFIER_WEIGHT_MAX);
    }
    model->rows[row] = (struct classifier_row){ bucket, (uint32_t)*next };
    return 0;
}

static int read_rows(struct reader *reader, struct classifier *model, struct fault *fault)
{
    size_t next = 0;
    model->rows = arena_array(&model->arena, model->row_count + 1, sizeof *model->rows);
    model->weights = arena_array(&model->arena, model->weight_count + 1, sizeof *model->weights);
    for (size_t row = 0; row < model->row_count; row++) {
        int result = read_row(reader, model, row, &next, fault);
        if (result)
            return result;
    }
    if (reader->torn || reader->at != reader->end || next != model->weight_count)
        return fault_set(fault, -EINVAL, "the rows end before or after the file does");
    return 0;
}

static int read_model(struct reader *reader, struct classifier *model, struct fault *fault)
{
    int result = read_head(reader, model, fault);
    if (!result)
        result = read_labels(reader, model, fault);
    return result ? result : read_rows(reader, model, fault);
}

int classifier_decode(struct bytes file, struct classifier *model, struct fault *fault)
{
    *model = (struct classifier){ .label_count = 0 };
    if (file.size < sizeof MAGIC + HASH_BYTES || file.size > CLASSIFIER_BYTES_MAX ||
        memcmp(file.data, MAGIC, sizeof MAGIC) != 0)
        return fault_set(fault, -EINVAL, "not a model: expected a file that begins with %.8s, of at most %d bytes",
                         (const char *)MAGIC, CLASSIFIER_BYTES_MAX);
    size_t size = file.size - HASH_BYTES;
    struct hash hash = hash_of(file.data, size);
    if (memcmp(hash.bytes, file.data + size, HASH_BYTES) != 0)
        return fault_set(fault, -EINVAL, "the model is damaged: its hash is another one than it says");
    struct reader reader = { file.data + sizeof MAGIC, file.data + size, false };
    int result = read_model(&reader, model, fault);
    if (result) {
        fault_prefix(fault, result, "the model is damaged");
        classifier_finish(model);
    }
    return result;
}

static int read_file(const char *path, struct buffer *file, struct fault *fault)
{
    enum { CHUNK = 1 << 16 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
    ssize_t got;
    while ((got = read(fd, buffer_reserve(file, CHUNK), CHUNK)) > 0 && file->size <= CLASSIFIER_BYTES_MAX)
        file->size += (size_t)got;
    int result = got < 0 ? fault_set(fault, -errno, "%s: %s", path, strerror(errno)) : 0;
    close(fd);
    return result;
}

int classifier_read(const char *path, struct classifier *model, struct fault *fault)
{
    struct buffer file = { 0 };
    *model = (struct classifier){ .label_count = 0 };
    int result = read_file(path, &file, fault);
    if (!result && (result = classifier_decode(buffer_view(&file), model, fault)) < 0)
        fault_prefix(fault, result, "%s", path);
    buffer_finish(&file);
    return result;
}
