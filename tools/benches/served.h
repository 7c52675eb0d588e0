/* Served: a program of ours that runs beside the bench, as it runs in a district: started, waited for, ended. */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "proto/base/fault.h"

enum { SERVED_LINE = 1024, SERVED_ADDRESS = 64 };

struct served {
    pid_t pid;
    FILE *log;              /* its standard error */
    char line[SERVED_LINE]; /* the one that was waited for, or its last one */
};

/* A first port for the bus of the programs of this bench. */
void served_bus_port(char out[16]);
/* args[0] is the program, NULL the end. Returns when it has said a line that contains `word`. Where it fails the program has ended. */
int served_start(struct served *served, const char *const *args, const char *word, struct fault *fault);
/* What a program of ours that is listening listens at, of the line that was waited for: "127.0.0.1:PORT"; "" where it does not say. */
void served_address(const struct served *served, char out[SERVED_ADDRESS]);

/* A metric, with its labels, and where its value goes. */
struct served_figure {
    const char *name;
    int64_t *value;
};
/* What /metrics at that address says now; one that has not moved yet is not told there, and is 0. -EPROTO where it tells none. */
int served_figures(const char *address, const struct served_figure *figures, size_t count, struct fault *fault);
/* Processor time that it has used so far, all threads; 0 where the kernel does not tell. */
int64_t served_cpu_us(const struct served *served);
/* Ends it in its own way, and waits for that; safe on a zeroed struct. */
void served_stop(struct served *served);
