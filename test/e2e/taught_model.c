/* A model for a test's district: what it learns from is on standard input, a line for each: SERVICE, a tab, the words.
 *
 * usage: taught_model FILE < LINES */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/enrich/classify/learn.h"
#include "proto/base/crypto.h"

enum { LINES_MAX = 4000, LINE_BYTES = 1000, EXAMINE_PART = 5 };

static void learn_line(struct lessons *lessons, char *line)
{
    char *words = strchr(line, '\t');
    line[strcspn(line, "\n")] = '\0';
    if (!words)
        exit(2);
    *words++ = '\0';
    struct arena arena = { 0 };
    struct document document;
    const struct event event = { .kind = EVENT_REPORT, .source = SOURCE_RESIDENT, .title = words, .text = words };
    document_of_event(&document, &event, NULL, &arena);
    lessons_add(lessons, &document, line);
    arena_finish(&arena);
}

int main(int argc, char **argv)
{
    struct lessons lessons = { .settings = FEATURE_SETTINGS_DEFAULT };
    struct classifier model;
    struct buffer bytes = { 0 };
    struct fault fault = { "" };
    char line[LINE_BYTES];
    if (argc != 2 || crypto_init(&fault) < 0)
        return 2;
    while (lessons.count < LINES_MAX && fgets(line, sizeof line, stdin))
        learn_line(&lessons, line);
    size_t examine = lessons.count / EXAMINE_PART;
    if (learn_classifier(&lessons, lessons.count - examine, examine, &model, &fault) < 0) {
        fprintf(stderr, "%s\n", fault.text);
        return 1;
    }
    classifier_encode(&model, &bytes);
    FILE *file = fopen(argv[1], "we");
    if (!file || fwrite(bytes.bytes, 1, bytes.size, file) != bytes.size || fclose(file) != 0) {
        perror(argv[1]);
        return 1;
    }
    buffer_finish(&bytes);
    classifier_finish(&model);
    lessons_finish(&lessons);
    return 0;
}
