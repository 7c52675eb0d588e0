/* drumtower-photo PIXELS EDGE SMALL SECONDS: one photo, given as standard input (a file that can be mapped), becomes the answer on standard
 * output. Started by the daemons (darkroom.c), for each photo anew. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/photo/confine.h"
#include "proto/photo/develop.h"

enum { MEMORY_BYTES = 128 << 20, MEMORY_PER_PIXEL = 9, ANSWER_BYTES = 64 << 20 };

static int take_limits(int argc, char **argv, struct photo_limits *limits)
{
    int64_t *const numbers[] = { &limits->pixels, &limits->edge_px, &limits->small_px, &limits->seconds };
    enum { COUNT = sizeof numbers / sizeof *numbers };
    if (argc != COUNT + 1)
        return -EINVAL;
    for (int i = 0; i < COUNT; i++)
        if ((*numbers[i] = strtoll(argv[i + 1], NULL, 10)) < 1)
            return -EINVAL;
    return 0;
}

static int take_photo(struct bytes *file)
{
    struct stat found;
    if (fstat(STDIN_FILENO, &found))
        return -errno;
    void *at = mmap(NULL, (size_t)found.st_size, PROT_READ, MAP_PRIVATE, STDIN_FILENO, 0);
    *file = (struct bytes){ at, (size_t)found.st_size };
    return at == MAP_FAILED ? -errno : 0;
}

/* Decoded as it is, the same once more for a decoder's own, half of that for the coefficients of a progressive JPEG. */
static int confine_for(const struct photo_limits *limits, struct fault *fault)
{
    return confine(&(struct confinement){ .memory_bytes = MEMORY_BYTES + MEMORY_PER_PIXEL * limits->pixels,
                                          .seconds = limits->seconds,
                                          .written_bytes = ANSWER_BYTES },
                   fault);
}

static int say(const struct buffer *answer)
{
    for (size_t said = 0; said < answer->size;) {
        ssize_t done = write(STDOUT_FILENO, answer->bytes + said, answer->size - said);
        if (done < 0)
            return -errno;
        said += (size_t)done;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct photo_limits limits;
    struct bytes file;
    struct buffer answer = { 0 };
    struct fault fault = { "" };
    if (take_limits(argc, argv, &limits) || take_photo(&file) || confine_for(&limits, &fault)) {
        fprintf(stderr, "drumtower-photo: %s\n", *fault.text ? fault.text : "expected four numbers and a photo");
        return 2;
    }
    develop(file, &limits, &answer);
    return say(&answer) ? 1 : 0;
}
