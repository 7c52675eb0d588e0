#include "tools/benches/rig.h"

#include <ftw.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <time.h>

#include "tools/benches/recording.h"

/* ---- stop watches ---- */

static int64_t read_clock_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

struct watch watch_now(void)
{
    return (struct watch){ read_clock_us(CLOCK_MONOTONIC), read_clock_us(CLOCK_PROCESS_CPUTIME_ID) };
}

void watch_add(struct watch *watch, struct watch from)
{
    struct watch now = watch_now();
    watch->wall_us += now.wall_us - from.wall_us;
    watch->cpu_us += now.cpu_us - from.cpu_us;
}

int64_t written_bytes(void)
{
    char line[64];
    int64_t bytes = 0;
    FILE *io = fopen("/proc/self/io", "re");
    while (io && fgets(line, sizeof line, io))
        if (sscanf(line, "wchar: %" SCNd64, &bytes) == 1)
            break;
    if (io)
        fclose(io);
    return bytes;
}

/* ---- folders ---- */

int folder_fresh(char out[RIG_PATH], const char *parent, const char *name, struct fault *fault)
{
    struct statfs file_system;
    snprintf(out, RIG_PATH, "%s/%s-XXXXXX", parent, name);
    if (!mkdtemp(out)) {
        int error = errno;
        *out = 0;
        return fault_set(fault, -error, "%s: cannot make a folder there: %s", parent, strerror(error));
    }
    if (statfs(out, &file_system) == 0 && file_system.f_type != TMPFS_MAGIC)
        return 0;
    folder_remove(out);
    *out = 0;
    return fault_set(fault, -EINVAL, "%s is in memory: name a folder on a disk (--folder)", parent);
}

static int remove_entry(const char *path, const struct stat *stat, int kind, struct FTW *at)
{
    (void)stat;
    (void)kind;
    (void)at;
    return remove(path);
}

void folder_remove(const char *folder)
{
    if (*folder)
        nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- the rig ---- */

int rig_start(struct rig *rig, struct fault *fault)
{
    struct store_options options = { .map_bytes = rig->map_bytes };
    int result = case_store_open_with(rig->folder, STORE_READ_WRITE, &options, &rig->store, fault);
    if (result)
        return result;
    turn_init(&rig->turn, rig->store, rig->book);
    turn_begin(&rig->turn, 0);
    result = turn_book(&rig->turn, rig->book, fault);
    return result < 0 ? result : turn_commit(&rig->turn, fault);
}

void rig_stop(struct rig *rig)
{
    turn_finish(&rig->turn);
    rig->turn = (struct turn){ 0 };
    store_close(rig->store);
    rig->store = NULL;
}

int rig_open(struct rig *rig, const char *parent, const char *name, const struct book *book, int64_t map_bytes,
             struct fault *fault)
{
    *rig = (struct rig){ .book = book, .map_bytes = map_bytes };
    int result = folder_fresh(rig->folder, parent, name, fault);
    return result ? result : rig_start(rig, fault);
}

void rig_close(struct rig *rig)
{
    rig_stop(rig);
    arena_finish(&rig->arena);
    folder_remove(rig->folder);
    *rig = (struct rig){ 0 };
}

int64_t rig_file_bytes(const struct rig *rig)
{
    struct store_stat stat;
    return store_stat(rig->store, &stat) == 0 ? stat.used_bytes : 0;
}

/* ---- turns ---- */

static int take(struct rig *rig, const struct batch_input *input, struct fault *fault)
{
    struct event event;
    struct command command;
    struct bytes answer;
    int result;
    if (input->kind == INPUT_EVENT) {
        result = record_decode(&event_desc, input->bytes, &rig->arena, &event, fault);
        return result ? result : turn_event(&rig->turn, &event, input->bytes, fault);
    }
    result = record_decode(&command_desc, input->bytes, &rig->arena, &command, fault);
    return result ? result : turn_command(&rig->turn, &command, input->bytes, &answer, fault);
}

int rig_turn(struct rig *rig, const struct batch *batch, struct fault *fault)
{
    struct watch began = watch_now();
    int result = 0;
    arena_reset(&rig->arena);
    turn_begin(&rig->turn, batch->now_ms);
    for (size_t i = 0; result >= 0 && i < batch->count; i++) {
        result = take(rig, &batch->inputs[i], fault);
        recorder_end_step();
    }
    if (result >= 0)
        result = turn_pulse(&rig->turn, fault);
    result = result < 0 ? result : turn_commit(&rig->turn, fault);
    watch_add(&rig->spent, began);
    rig->inputs += (int64_t)batch->count;
    return result;
}

int rig_pulse(struct rig *rig, int64_t now_ms, struct fault *fault)
{
    return rig_turn(rig, &(struct batch){ .now_ms = now_ms }, fault);
}
