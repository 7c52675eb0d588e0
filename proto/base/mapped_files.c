#include "proto/base/mapped_files.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* Nothing but what a signal handler may call. */
static void tell(int signal)
{
    (void)signal;
    static char words[] = ": a data file ends before what should be in it, or the disk cannot read it: restore a "
                          "backup, "
                          "or replay the journal\n";
    const struct iovec line[] = { { program_invocation_short_name, strlen(program_invocation_short_name) },
                                  { words, sizeof words - 1 } };
    ssize_t ignored = writev(STDERR_FILENO, line, 2); /* else there is nobody to tell */
    (void)ignored;
    _exit(1);
}

void mapped_files_tell_damage(void)
{
    sigaction(SIGBUS, &(struct sigaction){ .sa_handler = tell }, NULL);
}
