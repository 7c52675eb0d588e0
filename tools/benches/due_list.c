#include "tools/benches/due_list.h"

#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "proto/store/key.h"

#define FIRST_MOMENT INT64_C(1767574800000)

/* Clock `id` (from 1) of the plan: any moment of thirty days. The same one whenever it is asked for. */
static int64_t moment_of(const struct due_plan *plan, int64_t id)
{
    uint64_t state = plan->seed ^ (uint64_t)id * UINT64_C(0x9e3779b97f4a7c15);
    return FIRST_MOMENT + (int64_t)(workload_random(&state) % (UINT64_C(30) * MS_PER_DAY));
}

/* The cancelled ones are spread over all. */
static int64_t cancelled(const struct due_plan *plan, int64_t i)
{
    return 1 + i * (plan->clocks / plan->cancels);
}

/* One phase: calls `batch` with [from, to) until `count` are done, each call one durable commit. */
struct phase {
    const struct due_plan *plan;
    struct due_cost *cost;
    int64_t last_moment; /* of what was taken off */
    struct fault *fault;
};

static int run_phase(struct phase *phase, void *peer, int64_t count,
                     int (*batch)(struct phase *phase, void *peer, int64_t from, int64_t to), struct watch *spent)
{
    int result = 0;
    for (int64_t from = 0; result == 0 && from < count; from += phase->plan->batch) {
        int64_t left = count - from;
        struct watch began = watch_now();
        result = batch(phase, peer, from, from + (left < phase->plan->batch ? left : phase->plan->batch));
        watch_add(spent, began);
    }
    return result;
}

static void took_off(struct phase *phase, int64_t moment)
{
    if (moment < phase->last_moment)
        phase->cost->in_order = false;
    phase->last_moment = moment;
}

/* ---- ours ---- */

static struct key due_key(int64_t moment, int64_t id)
{
    struct key key = { 0 };
    key_name(&key, "due");
    key_be64(&key, (uint64_t)moment);
    key_be64(&key, (uint64_t)id);
    return key;
}

static int ours_arm(struct phase *phase, void *store, int64_t from, int64_t to)
{
    struct txn *txn = txn_begin_write(store);
    for (int64_t i = from; i < to; i++) {
        struct key key = due_key(moment_of(phase->plan, i + 1), i + 1);
        txn_put(txn, TABLE_INDEX, key_view(&key), (struct bytes){ NULL, 0 });
    }
    return txn_commit(txn, phase->fault);
}

static int ours_cancel(struct phase *phase, void *store, int64_t from, int64_t to)
{
    struct txn *txn = txn_begin_write(store);
    for (int64_t i = from; i < to; i++) {
        int64_t id = cancelled(phase->plan, i);
        struct key key = due_key(moment_of(phase->plan, id), id);
        txn_delete(txn, TABLE_INDEX, key_view(&key));
    }
    return txn_commit(txn, phase->fault);
}

static int ours_fire(struct phase *phase, void *store, int64_t from, int64_t to)
{
    struct txn *txn = txn_begin_write(store);
    int64_t moment, id;
    for (int64_t i = from; i < to; i++) {
        if (index_first(txn, "due", &moment, &id) != 0) {
            phase->cost->in_order = false;
            break;
        }
        struct key key = due_key(moment, id);
        txn_delete(txn, TABLE_INDEX, key_view(&key));
        took_off(phase, moment);
    }
    return txn_commit(txn, phase->fault);
}

int due_list_ours(const struct due_plan *plan, const char *parent, struct due_cost *cost, struct fault *fault)
{
    struct phase phase = { plan, cost, 0, fault };
    struct store *store = NULL;
    struct store_stat stat;
    char folder[RIG_PATH];
    *cost = (struct due_cost){ .in_order = true };
    int result = folder_fresh(folder, parent, "due", fault);
    if (result == 0)
        result = case_store_open(folder, STORE_READ_WRITE, &store, fault);
    if (result == 0)
        result = run_phase(&phase, store, plan->clocks, ours_arm, &cost->arm);
    if (result == 0 && store_stat(store, &stat) == 0)
        cost->file_bytes = stat.used_bytes;
    if (result == 0)
        result = run_phase(&phase, store, plan->cancels, ours_cancel, &cost->cancel);
    if (result == 0)
        result = run_phase(&phase, store, plan->fires, ours_fire, &cost->fire);
    store_close(store);
    folder_remove(folder);
    return result;
}

/* ---- Redis: one command for a batch; appendfsync always answers after the fsync ---- */

static int ask(struct phase *phase, redisContext *redis, redisReply **answer, int count, const char **words)
{
    *answer = redisCommandArgv(redis, count, words, NULL);
    if (!*answer)
        return fault_set(phase->fault, -EIO, "Redis: %s", redis->errstr);
    if ((*answer)->type == REDIS_REPLY_ERROR)
        return fault_set(phase->fault, -EIO, "Redis: %s", (*answer)->str);
    return 0;
}

static int tell(struct phase *phase, redisContext *redis, int count, const char **words)
{
    redisReply *answer;
    int result = ask(phase, redis, &answer, count, words);
    freeReplyObject(answer);
    return result;
}

/* A command of words in memory of one place: "ZADD due" and then two numbers or one for each clock. */
static int redis_arm(struct phase *phase, void *redis, int64_t from, int64_t to)
{
    struct arena arena = { 0 };
    const char **words = arena_array(&arena, (size_t)(2 + 2 * (to - from)), sizeof *words);
    int count = 0;
    words[count++] = "ZADD";
    words[count++] = "due";
    for (int64_t i = from; i < to; i++) {
        words[count++] = arena_format(&arena, "%" PRId64, moment_of(phase->plan, i + 1));
        words[count++] = arena_format(&arena, "%" PRId64, i + 1);
    }
    int result = tell(phase, redis, count, words);
    arena_finish(&arena);
    return result;
}

static int redis_cancel(struct phase *phase, void *redis, int64_t from, int64_t to)
{
    struct arena arena = { 0 };
    const char **words = arena_array(&arena, (size_t)(2 + to - from), sizeof *words);
    int count = 0;
    words[count++] = "ZREM";
    words[count++] = "due";
    for (int64_t i = from; i < to; i++)
        words[count++] = arena_format(&arena, "%" PRId64, cancelled(phase->plan, i));
    int result = tell(phase, redis, count, words);
    arena_finish(&arena);
    return result;
}

static int redis_fire(struct phase *phase, void *redis, int64_t from, int64_t to)
{
    char count[24];
    redisReply *answer;
    snprintf(count, sizeof count, "%" PRId64, to - from);
    int result = ask(phase, redis, &answer, 3, (const char *[]){ "ZPOPMIN", "due", count });
    size_t wanted = 2 * (size_t)(to - from);
    if (result == 0 && answer->elements != wanted)
        phase->cost->in_order = false;
    for (size_t i = 1; result == 0 && i < answer->elements; i += 2)
        took_off(phase, strtoll(answer->element[i]->str, NULL, 10));
    freeReplyObject(answer);
    return result;
}

/* A number of INFO: "used_memory:123". 0 where it is not there. */
static int64_t info(struct phase *phase, redisContext *redis, const char *section, const char *name)
{
    redisReply *answer;
    int64_t value = 0;
    if (ask(phase, redis, &answer, 2, (const char *[]){ "INFO", section }) == 0) {
        const char *line = strstr(answer->str, name);
        value = line ? strtoll(line + strlen(name), NULL, 10) : 0;
    }
    freeReplyObject(answer);
    return value;
}

int due_list_redis(const struct due_plan *plan, const char *socket, struct due_cost *cost, struct fault *fault)
{
    struct phase phase = { plan, cost, 0, fault };
    *cost = (struct due_cost){ .in_order = true };
    redisContext *redis = redisConnectUnix(socket);
    if (!redis || redis->err)
        return fault_set(fault, -EIO, "Redis at %s: %s", socket, redis ? redis->errstr : "no memory");
    int result = tell(&phase, redis, 1, (const char *[]){ "FLUSHALL" });
    int64_t empty = info(&phase, redis, "memory", "\nused_memory:");
    int64_t file_empty = info(&phase, redis, "persistence", "\naof_current_size:");
    if (result == 0)
        result = run_phase(&phase, redis, plan->clocks, redis_arm, &cost->arm);
    cost->memory_bytes = info(&phase, redis, "memory", "\nused_memory:") - empty;
    cost->file_bytes = info(&phase, redis, "persistence", "\naof_current_size:") - file_empty;
    if (result == 0)
        result = run_phase(&phase, redis, plan->cancels, redis_cancel, &cost->cancel);
    if (result == 0)
        result = run_phase(&phase, redis, plan->fires, redis_fire, &cost->fire);
    redisFree(redis);
    return result;
}
