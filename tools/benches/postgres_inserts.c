#include "tools/benches/postgres_inserts.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/benches/grow.h"

struct inserts {
    struct load_peer peer;
    PGconn *sessions[LOAD_CONVERSATIONS_MAX];
    const struct bytes *values;
    size_t value_count, next;
};

static int fail(PGconn *session, const char *doing, struct fault *fault)
{
    return fault_set(fault, -EIO, "PostgreSQL, %s: %s", doing, PQerrorMessage(session));
}

static int take(PGconn *session, PGresult *answer, const char *doing, struct fault *fault)
{
    ExecStatusType status = PQresultStatus(answer);
    PQclear(answer);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? 0 : fail(session, doing, fault);
}

static int ask(void *context, size_t i, struct fault *fault)
{
    struct inserts *inserts = context;
    PGconn *session = inserts->sessions[i];
    struct bytes value = inserts->values[inserts->next++ % inserts->value_count];
    const char *const values[] = { (const char *)value.data };
    const int sizes[] = { (int)value.size }, formats[] = { 1 };
    if (!PQsendQueryPrepared(session, "insert", 1, values, sizes, formats, 1))
        return fail(session, "an INSERT", fault);
    return 0;
}

static int hear(void *context, size_t i, struct fault *fault)
{
    PGconn *session = ((struct inserts *)context)->sessions[i];
    int result = 0;
    if (!PQconsumeInput(session))
        return fail(session, "an INSERT", fault);
    while (!result && !PQisBusy(session)) {
        PGresult *answer = PQgetResult(session);
        if (!answer)
            return 1;
        result = take(session, answer, "an INSERT", fault);
    }
    return result;
}

static int open_session(struct inserts *inserts, const char *address, bool first, struct fault *fault)
{
    char host[64];
    const char *port = strrchr(address, ':');
    snprintf(host, sizeof host, "%.*s", (int)(port - address), address);
    const char *const keys[] = { "host", "port", "user", "dbname", NULL };
    const char *const values[] = { host, port + 1, "postgres", "postgres", NULL };
    PGconn *session = PQconnectdbParams(keys, values, 0);
    size_t i = inserts->peer.count++;
    inserts->sessions[i] = session;
    if (PQstatus(session) != CONNECTION_OK)
        return fail(session, "connecting", fault);
    inserts->peer.fds[i] = PQsocket(session);
    int result = first ? take(session,
                              PQexec(session, "CREATE TABLE reports (seq bigint GENERATED ALWAYS AS IDENTITY "
                                              "PRIMARY KEY, report bytea NOT NULL)"),
                              "a table", fault)
                       : 0;
    return result
               ? result
               : take(session,
                      PQprepare(session, "insert", "INSERT INTO reports (report) VALUES ($1) RETURNING seq", 0, NULL),
                      "preparing", fault);
}

int inserts_open(const char *address, size_t count, const struct bytes *values, size_t value_count,
                 struct inserts **out, struct fault *fault)
{
    struct inserts *inserts = *out = allocate(1, sizeof *inserts);
    int result = 0;
    inserts->values = values;
    inserts->value_count = value_count;
    inserts->peer.ask = ask;
    inserts->peer.hear = hear;
    inserts->peer.context = inserts;
    if (!strchr(address, ':'))
        result = fault_set(fault, -EINVAL, "PostgreSQL at '%s': expected HOST:PORT", address);
    for (size_t i = 0; !result && i < count; i++)
        result = open_session(inserts, address, i == 0, fault);
    return result;
}

void inserts_close(struct inserts *inserts)
{
    if (!inserts)
        return;
    for (size_t i = 0; i < inserts->peer.count; i++)
        PQfinish(inserts->sessions[i]);
    free(inserts);
}

const struct load_peer *inserts_peer(const struct inserts *inserts)
{
    return &inserts->peer;
}
