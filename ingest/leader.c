#include "ingest/leader.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#include "proto/base/log.h"
#include "proto/base/metrics.h"

enum { LOOK_AGAIN_MS = 1000 };

static struct metric leads = METRIC_GAUGE("drumtower_ingest_leading", "1 where this process does what one of those on "
                                                                      "the data folder does alone, 0 where another "
                                                                      "one does.");

struct leader {
    struct loop *loop;
    int (*begin)(void *context, struct fault *fault);
    void *context;
    struct loop_timer look_again;
    char path[PATH_MAX];
    int fd;
};

static int lead_if_free(struct leader *leader, struct fault *fault)
{
    if (flock(leader->fd, LOCK_EX | LOCK_NB) == 0) {
        log_info("leads", "lock=%s", leader->path);
        metric_set(&leads, 1);
        return leader->begin(leader->context, fault);
    }
    if (errno != EWOULDBLOCK)
        return fault_set(fault, -errno, "%s: %s", leader->path, strerror(errno));
    loop_timer_arm(leader->loop, &leader->look_again, LOOK_AGAIN_MS);
    return 0;
}

static int look_again(void *context)
{
    struct leader *leader = context;
    struct fault fault = { "" };
    int result = lead_if_free(leader, &fault);
    if (result < 0)
        log_error("cannot lead", "reason=\"%s\"", fault.text);
    return result;
}

int leader_open(struct loop *loop, const char *data_folder, int (*begin)(void *context, struct fault *fault),
                void *context, struct leader **out, struct fault *fault)
{
    struct leader *leader = calloc(1, sizeof *leader);
    if (!leader)
        abort();
    *out = leader;
    *leader = (struct leader){ .loop = loop, .begin = begin, .context = context };
    leader->look_again = (struct loop_timer){ .fire = look_again, .context = leader };
    snprintf(leader->path, sizeof leader->path, "%s/ingest.lock", data_folder);
    metric_register(&leads);
    leader->fd = open(leader->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return leader->fd < 0 ? fault_set(fault, -errno, "%s: %s", leader->path, strerror(errno))
                          : lead_if_free(leader, fault);
}

void leader_close(struct leader *leader)
{
    if (!leader)
        return;
    loop_timer_disarm(leader->loop, &leader->look_again);
    free(leader);
}
