#include "tools/benches/restart.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "tools/benches/served.h"

enum { PATH_BYTES = 512 };

/* What is dirty stays; after a commit nothing is. */
static void drop_pages(const char *data_folder)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/cases/data.mdb", data_folder);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        close(fd);
    }
}

int restart_measure(const char *program, const char *data_folder, const char *book_folder, int64_t *ready_us,
                    struct fault *fault)
{
    char port[16];
    struct served dispatcher;
    served_bus_port(port);
    const char *const args[] = { program, "--data", data_folder, "--book", book_folder, "--bus-port", port, NULL };
    drop_pages(data_folder);
    int64_t began_us = clock_mono_us();
    int result = served_start(&dispatcher, args, "ready", fault);
    *ready_us = clock_mono_us() - began_us;
    served_stop(&dispatcher);
    return result;
}
