#include "ingest/enrich/classify/feature.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t FNV_START = 2166136261u, FNV_PRIME = 16777619u;

static uint32_t hash_on(uint32_t hash, const void *bytes, size_t size)
{
    for (const uint8_t *at = bytes, *end = at + size; at < end; at++)
        hash = (hash ^ *at) * FNV_PRIME;
    return hash;
}

static uint32_t bucket_of(uint32_t hash, const struct feature_settings *settings)
{
    return (hash >> settings->bits ^ hash) & ((UINT32_C(1) << settings->bits) - 1);
}

static void add(struct features *features, const struct feature *feature)
{
    struct feature_list *list = &features->list;
    if (list->count == features->capacity) {
        features->capacity = features->capacity ? 2 * features->capacity : 256;
        list->items = realloc(list->items, features->capacity * sizeof *list->items);
        if (!list->items)
            abort();
    }
    list->items[list->count++] = *feature;
}

/* ---- the text as it is read ---- */

static bool is_blank(uint8_t byte)
{
    return byte <= ' ' || byte == 0x7f;
}

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte - 'A' + 'a') : byte;
}

/* Bytes of the character at `at`; what is not UTF-8 counts as characters of one byte or a few. */
static size_t character(const char *at)
{
    size_t size = 1;
    while (size < 4 && ((uint8_t)at[size] & 0xc0) == 0x80)
        size++;
    return size;
}

static void append(struct buffer *out, uint8_t byte)
{
    *buffer_reserve(out, 1) = byte;
    out->size++;
}

/* Appends the text with single blanks between its words and none around them. */
static void read_text(struct buffer *out, const char *text)
{
    size_t start = out->size, characters = 0;
    while (*text && characters < FEATURES_TEXT_MAX) {
        size_t size = character(text);
        if (is_blank((uint8_t)*text)) {
            text++;
            continue;
        }
        if (out->size > start && is_blank((uint8_t)text[-1])) {
            append(out, ' ');
            characters++;
        }
        for (size_t i = 0; i < size; i++)
            append(out, lower((uint8_t)text[i]));
        text += size;
        characters++;
    }
}

/* ---- words ---- */

static void add_runs(struct features *features, const struct feature_settings *settings)
{
    size_t size = features->text.size;
    const char *text = buffer_string(&features->text);
    for (size_t from = 0; from < size; from += character(text + from)) {
        size_t end = from;
        for (size_t run = 1; run <= settings->longest && end < size; run++) {
            end += character(text + end);
            if (run < settings->shortest || (run == 1 && text[from] == ' '))
                continue;
            add(features, &(struct feature){ .bucket = bucket_of(hash_on(FNV_START, text + from, end - from), settings),
                                             .value = 1,
                                             .from = (uint16_t)from,
                                             .length = (uint8_t)(end - from) });
        }
    }
}

/* ---- marks ---- */

static void add_marks(struct features *features, const struct document *document,
                      const struct feature_settings *settings)
{
    struct buffer named[DOCUMENT_MARKS_MAX] = { { 0 } };
    for (size_t i = 0; i < document->mark_count; i++) {
        buffer_format(&named[i], "%s=", document->marks[i].name);
        read_text(&named[i], document->marks[i].value);
    }
    for (size_t i = 0; i < document->mark_count; i++) {
        uint32_t hash = hash_on(FNV_START, named[i].bytes, named[i].size);
        for (size_t j = i; j < document->mark_count; j++) {
            uint32_t both = j == i ? hash : hash_on(hash_on(hash, "&", 1), named[j].bytes, named[j].size);
            add(features,
                &(struct feature){
                    .bucket = bucket_of(both, settings), .value = 1, .from = (uint16_t)i, .with = (uint8_t)j });
        }
    }
    for (size_t i = 0; i < document->mark_count; i++)
        buffer_finish(&named[i]);
}

/* ---- the vector ---- */

static int by_bucket(const void *a, const void *b)
{
    const struct feature *first = a, *second = b;
    if (first->bucket != second->bucket)
        return first->bucket < second->bucket ? -1 : 1;
    return first->from != second->from ? first->from - second->from : first->length - second->length;
}

/* Sorts the features from `start` on and makes one of those that share a bucket. */
static void merge(struct feature_list *list, size_t start)
{
    struct feature *items = list->items;
    size_t kept = start;
    if (list->count > start)
        qsort(items + start, list->count - start, sizeof *items, by_bucket);
    for (size_t i = start; i < list->count; i++)
        if (kept > start && items[kept - 1].bucket == items[i].bucket)
            items[kept - 1].value += items[i].value;
        else
            items[kept++] = items[i];
    list->count = kept;
}

static void scale(struct feature_list *list, size_t start)
{
    double squares = 0;
    for (size_t i = start; i < list->count; i++)
        squares += (double)list->items[i].value * list->items[i].value;
    for (size_t i = start; i < list->count; i++)
        list->items[i].value = (float)(list->items[i].value / sqrt(squares));
}

/* Those from `start` on, as a vector of unit length. */
static void unite(struct feature_list *list, size_t start)
{
    merge(list, start);
    scale(list, start);
}

void features_take(struct features *features, const struct document *document, const struct feature_settings *settings)
{
    struct feature_list *list = &features->list;
    list->count = 0;
    buffer_clear(&features->text);
    append(&features->text, ' ');
    read_text(&features->text, document->text);
    if (features->text.size > 1) {
        append(&features->text, ' ');
        add_runs(features, settings);
    }
    unite(list, 0);
    size_t marks = list->count;
    add_marks(features, document, settings);
    unite(list, marks);
    unite(list, 0);
}

void features_finish(struct features *features)
{
    buffer_finish(&features->text);
    free(features->list.items);
    *features = (struct features){ .capacity = 0 };
}
