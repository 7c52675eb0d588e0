/* The replay's own district: ingest, dispatcher and field on free ports, in a fresh data folder, on a virtual clock. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "proto/base/fault.h"

struct book;

enum { DAEMON_INGEST, DAEMON_DISPATCHER, DAEMON_FIELD, DAEMON_COUNT };

struct daemons {
    char folder[64]; /* made by daemons_open(): data, logs, clock */
    char data[80], clock_file[80], password[32];
    char ingest_url[64], field_url[64];
    int64_t bus_port;
    pid_t pids[DAEMON_COUNT];
};

/* Makes the folder, the virtual clock (at now_ms) and an account with one random password for the liaison of each department. */
int daemons_open(struct daemons *daemons, const struct book *book, int64_t now_ms, struct fault *fault);
/* Starts them and waits until both doors are ready. */
int daemons_start(struct daemons *daemons, const char *book_folder, struct fault *fault);
/* <0 with the name of a daemon that has ended. */
int daemons_check(struct daemons *daemons, struct fault *fault);
/* Ends them; removes the folder unless `keep`. Safe on a zeroed struct. */
void daemons_close(struct daemons *daemons, bool keep);

/* The account that acts for a department: the book's first liaison, else "liaison-CODE". */
const char *daemons_liaison(const struct book *book, const char *department, char out[64]);
