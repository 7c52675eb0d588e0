#include "proto/photo/confine.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <seccomp.h>

#if defined(__SANITIZE_ADDRESS__)
enum { SHADOWED = true }; /* an address sanitizer's shadow is larger than any limit */
#elif defined(__has_feature)
enum { SHADOWED = __has_feature(address_sanitizer) };
#else
enum { SHADOWED = false };
#endif

static int limit_all(const struct confinement *confinement)
{
    const struct {
        int resource;
        rlim_t most;
    } rows[] = {
        { RLIMIT_AS, SHADOWED ? RLIM_INFINITY : (rlim_t)confinement->memory_bytes },
        { RLIMIT_CPU, (rlim_t)confinement->seconds },
        { RLIMIT_FSIZE, (rlim_t)confinement->written_bytes },
        { RLIMIT_CORE, 0 },
        { RLIMIT_NOFILE, 0 },
        { RLIMIT_NPROC, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (setrlimit(rows[i].resource, &(struct rlimit){ rows[i].most, rows[i].most }))
            return -errno;
    return 0;
}

/* What malloc, the end, and a write to what is open need; memory never to be run as code. What looks for a file (which some libraries do to
 * learn what the processor can) finds none. */
static int add_rules(scmp_filter_ctx filter)
{
    static const int allowed[] = {
        SCMP_SYS(write), SCMP_SYS(brk),  SCMP_SYS(munmap),     SCMP_SYS(mremap),       SCMP_SYS(madvise),
        SCMP_SYS(futex), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn),
    };
    static const int code[] = { SCMP_SYS(mmap), SCMP_SYS(mprotect) };
    static const int absent[] = { SCMP_SYS(open), SCMP_SYS(openat) };
    int result = 0;
    for (size_t i = 0; !result && i < sizeof allowed / sizeof *allowed; i++)
        result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    for (size_t i = 0; !result && i < sizeof code / sizeof *code; i++)
        result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, code[i], 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    for (size_t i = 0; !result && i < sizeof absent / sizeof *absent; i++)
        result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), absent[i], 0);
    return result;
}

static int filter_calls(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter)
        return -ENOMEM;
    int result = add_rules(filter);
    if (!result)
        result = seccomp_load(filter);
    seccomp_release(filter);
    return result;
}

int confine(const struct confinement *confinement, struct fault *fault)
{
    int result = prctl(PR_SET_PDEATHSIG, SIGKILL) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_DUMPABLE, 0)
                     ? -errno
                     : 0;
    if (!result)
        result = limit_all(confinement);
    if (!result)
        result = filter_calls();
    return result ? fault_set(fault, result, "the process cannot be confined: %s", strerror(-result)) : 0;
}
