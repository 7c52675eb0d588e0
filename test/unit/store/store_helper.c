/* A second process for the tests of the store; LMDB must not be carried over fork(), so it is a program of its own.
 *
 *   append DATA PREFIX COUNT BATCH [ROOM]   appends events PREFIX-0 … in batches and prints "SEQ ID" for each once it is durable;
 *                                           with ROOM no file may grow beyond its size by more than that many bytes
 *   read DATA                               begins to read, prints "reading" and waits to be killed
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/store/event_log.h"

enum { BATCH_MAX = 64 };

struct appender {
    struct event_log *log;
    const char *prefix;
    struct event events[BATCH_MAX];
    struct event_append batch[BATCH_MAX];
    char ids[BATCH_MAX][64];
};

static int append(struct appender *appender, long first, long count)
{
    static const char text[] = "井盖丢失 a manhole cover is missing in front of the school gate";
    struct fault fault;
    for (long i = 0; i < count; i++) {
        snprintf(appender->ids[i], sizeof appender->ids[i], "%s-%ld", appender->prefix, first + i);
        appender->events[i] = (struct event){ .id = appender->ids[i], .text = text, .received_at_ms = 1000 + first };
        appender->batch[i] = (struct event_append){ .event = &appender->events[i] };
    }
    int result = event_log_append(appender->log, appender->batch, (size_t)count, &fault);
    for (long i = 0; !result && i < count; i++)
        printf("%llu %s\n", (unsigned long long)appender->batch[i].seq, appender->ids[i]);
    if (result)
        printf("failed %d %s\n", result, fault.text);
    fflush(stdout);
    return result;
}

static void limit_files(const char *data, long room)
{
    char path[4096];
    struct stat found;
    snprintf(path, sizeof path, "%s/events/data.mdb", data);
    if (stat(path, &found))
        exit(3);
    signal(SIGXFSZ, SIG_IGN);
    rlim_t limit = (rlim_t)(found.st_size + room);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){ limit, limit });
}

static int run_append(int argc, char **argv)
{
    static struct appender appender;
    struct fault fault;
    long count = strtol(argv[4], NULL, 10), batch = strtol(argv[5], NULL, 10);
    if (batch < 1 || batch > BATCH_MAX || event_log_open(argv[2], STORE_READ_WRITE, &appender.log, &fault))
        return 3;
    appender.prefix = argv[3];
    if (argc > 6)
        limit_files(argv[2], strtol(argv[6], NULL, 10));
    int result = 0;
    for (long first = 0; !result && first < count; first += batch)
        result = append(&appender, first, batch);
    if (result)
        append(&appender, count, 1); /* a small one, that might pass now */
    event_log_close(appender.log);
    return result ? 1 : 0;
}

static int run_read(char **argv)
{
    struct event_log *log;
    struct fault fault;
    if (event_log_open(argv[2], STORE_READ_ONLY, &log, &fault))
        return 3;
    struct txn *txn = txn_begin_read(event_log_store(log));
    puts("reading");
    fflush(stdout);
    pause();
    txn_abort(txn);
    event_log_close(log);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc >= 6 && strcmp(argv[1], "append") == 0)
        return run_append(argc, argv);
    if (argc == 3 && strcmp(argv[1], "read") == 0)
        return run_read(argv);
    fputs("usage: store_helper append DATA PREFIX COUNT BATCH [ROOM] | read DATA\n", stderr);
    return 2;
}
