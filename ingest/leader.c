#include "ingest/leader.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "proto/base/log.h"

enum { LOOK_AGAIN_MS = 5000 };

struct leader {
    struct leader_options options;
    struct loop_timer look_again;
    char path[PATH_MAX];
    int fd;
};

static int lead_if_free(struct leader *leader, struct fault *fault)
{
    if (flock(leader->fd, LOCK_EX | LOCK_NB) == 0)
        return leader->options.begin(leader->options.context, fault);
    if (errno != EWOULDBLOCK)
        return fault_set(fault, -errno, "%s: %s", leader->path, strerror(errno));
    loop_timer_arm(leader->options.loop, &leader->look_again, LOOK_AGAIN_MS);
    return 0;
}

static int look_again(void *context)
{
    struct leader *leader = context;
    struct fault fault = { "" };
    int result = lead_if_free(leader, &fault);
    if (result < 0)
        log_error(leader->options.failure, "reason=\"%s\"", fault.text);
    return result;
}

int leader_open(const struct leader_options *options, struct leader **out, struct fault *fault)
{
    struct leader *leader = calloc(1, sizeof *leader);
    if (!leader)
        abort();
    *out = leader;
    leader->options = *options;
    leader->look_again = (struct loop_timer){ .fire = look_again, .context = leader };
    snprintf(leader->path, sizeof leader->path, "%s/%s.lock", options->data_folder, options->name);
    leader->fd = open(leader->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return leader->fd < 0 ? fault_set(fault, -errno, "%s: %s", leader->path, strerror(errno))
                          : lead_if_free(leader, fault);
}

void leader_close(struct leader *leader)
{
    if (!leader)
        return;
    loop_timer_disarm(leader->options.loop, &leader->look_again);
    if (leader->fd >= 0)
        close(leader->fd);
    free(leader);
}
