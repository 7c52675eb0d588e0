/* Gives each file of a corpus to a target once: a test in TAP. Under libFuzzer, which has its own main, this file is left out.
 *
 * usage: fuzz_TARGET FOLDER…     a folder that is not there has none; in one of them there must be a file
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test/fuzz/fuzz.h"

/* An input that takes longer hangs; one that takes more reserves what it is told to. */
enum { INPUT_SECONDS_MAX = 20, MEMORY_BYTES_MAX = 1 << 30 };

static void add_paths(const char *folder, glob_t *paths)
{
    char pattern[4096];
    snprintf(pattern, sizeof pattern, "%s/*", folder);
    int result = glob(pattern, paths->gl_pathc ? GLOB_APPEND : 0, NULL, paths);
    if (result && result != GLOB_NOMATCH)
        abort();
}

/* In memory of just its size, as libFuzzer gives it. */
static bool run_file(const char *path)
{
    struct stat info;
    FILE *file = fopen(path, "re");
    if (!file || fstat(fileno(file), &info) < 0)
        return false;
    size_t size = (size_t)info.st_size;
    uint8_t *bytes = malloc(size ? size : 1);
    bool good = bytes && fread(bytes, 1, size, file) == size;
    fclose(file);
    alarm(INPUT_SECONDS_MAX);
    good = good && LLVMFuzzerTestOneInput(bytes, size) == 0;
    alarm(0);
    free(bytes);
    return good;
}

int main(int argc, char **argv)
{
    glob_t paths = { 0 };
    int failed = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 1; i < argc; i++)
        add_paths(argv[i], &paths);
    setrlimit(RLIMIT_DATA, &(struct rlimit){ MEMORY_BYTES_MAX, MEMORY_BYTES_MAX });
    printf("1..%zu\n", paths.gl_pathc); /* 1..0 is no test at all, and told as such */
    for (size_t i = 0; i < paths.gl_pathc; i++) {
        const char *name = strrchr(paths.gl_pathv[i], '/') + 1;
        printf("# %s\n", name); /* whose end this is, if it is one */
        bool good = run_file(paths.gl_pathv[i]);
        printf("%s %zu - %s\n", good ? "ok" : "not ok", i + 1, name);
        failed += !good;
    }
    bool good = !failed && paths.gl_pathc;
    globfree(&paths);
    return good ? 0 : 1;
}
