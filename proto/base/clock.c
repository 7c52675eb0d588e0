#include "proto/base/clock.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static _Atomic int64_t *virtual_now;

int clock_open_virtual(const char *path, struct fault *fault)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return fault_set(fault, -errno, "virtual clock %s: %s", path, strerror(errno));
    int result = 0;
    void *map = MAP_FAILED;
    if (ftruncate(fd, sizeof(int64_t)) == 0)
        map = mmap(NULL, sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        result = fault_set(fault, -errno, "virtual clock %s: %s", path, strerror(errno));
    else
        virtual_now = map;
    close(fd);
    return result;
}

bool clock_is_virtual(void)
{
    return virtual_now != NULL;
}

void clock_set_virtual_ms(int64_t now_ms)
{
    atomic_store(virtual_now, now_ms);
}

int64_t clock_now_ms(void)
{
    if (virtual_now)
        return atomic_load(virtual_now);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_mono_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_mono_ms(void)
{
    return clock_mono_us() / 1000;
}
