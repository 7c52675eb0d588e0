/* Plays one scenario file and tells in TAP: a line for each expectation, and one for the checks at the end.
 *     scenario_runner ROOT FILE
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test/scenario/play.h"

struct tally {
    int tests, failures;
};

static void tell(struct tally *tally, bool passed, int line, const char *what, struct buffer *problem)
{
    printf("%s %d - line %d: %s\n", passed ? "ok" : "not ok", ++tally->tests, line, what);
    if (!passed)
        printf("# %s\n", buffer_string(problem));
    tally->failures += !passed;
    buffer_clear(problem);
}

/* Each line in memory that lives as long as the town: words end up in its records. */
static bool play_line(struct play *play, struct tally *tally, char *text, int line)
{
    struct words words;
    char *what = strdup(text);
    what[strcspn(what, "\n#")] = 0;
    bool passed = words_split(&words, text) || play_fail(play, "an open quote, or too many words");
    if (passed && words.count) {
        bool expects = words_take_if(&words, "expect");
        passed = expects ? play_expect(play, &words) : play_act(play, &words);
        if (expects || !passed)
            tell(tally, passed, line, what, &play->problem);
    } else if (!passed) {
        tell(tally, false, line, what, &play->problem);
    }
    free(what);
    return passed;
}

static bool data_is_there(const char *root)
{
    char path[1000];
    snprintf(path, sizeof path, "%s/../shared/data", root);
    setenv("DRUMTOWER_TEST_DATA", path, 0);
    snprintf(path, sizeof path, "%s/boston311_sla_rules.csv", getenv("DRUMTOWER_TEST_DATA"));
    return access(path, R_OK) == 0;
}

static int skip(const char *why)
{
    printf("1..0 # SKIP %s\n", why);
    return 0;
}

static void play_file(struct play *play, struct tally *tally, FILE *file)
{
    char *text = NULL;
    size_t size = 0;
    struct arena lines = { 0 };
    for (int line = 1; getline(&text, &size, file) >= 0; line++)
        if (!play_line(play, tally, arena_text(&lines, text, strlen(text)), line))
            break; /* what follows would only repeat it */
    if (play->open && !tally->failures)
        tell(tally, town_check(&play->town, &play->problem) == 0, 0,
             "the journal replays to the same bytes, lists and counters agree", &play->problem);
    if (play->open)
        town_close(&play->town);
    town_remove_folder(play->book_copy);
    arena_finish(&lines);
    free(text);
}

int main(int argc, char **argv)
{
    struct tally tally = { 0 };
    FILE *file = argc == 3 ? fopen(argv[2], "r") : NULL;
    if (!file) {
        fprintf(stderr, "usage: scenario_runner ROOT FILE\n");
        return 2;
    }
    struct play play = { .root = argv[1] };
    char first[200] = "";
    if (fgets(first, sizeof first, file) && strstr(first, "needs data") && !data_is_there(argv[1])) {
        fclose(file);
        return skip("no DRUMTOWER_TEST_DATA and no ../shared/data: the city's rules are not in the project");
    }
    rewind(file);
    play_file(&play, &tally, file);
    fclose(file);
    buffer_finish(&play.problem);
    printf("1..%d\n", tally.tests);
    return tally.failures ? 1 : 0;
}
