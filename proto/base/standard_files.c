#include "proto/base/standard_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int standard_files_hold(void)
{
    static const int other_way[] = {
        [STDIN_FILENO] = O_WRONLY, [STDOUT_FILENO] = O_RDONLY, [STDERR_FILENO] = O_RDONLY
    };
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) /* the lowest free number is the one that open() gives */
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", other_way[fd]) != fd)
            return -errno;
    return 0;
}

int standard_output_finish(struct fault *fault)
{
    errno = 0; /* an error of before has left its mark in the stream, but not its number */
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    int code = errno ? errno : EIO;
    return fault_set(fault, -code, "not all could be written to standard output: %s", strerror(code));
}
