#include "proto/base/daemon.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "proto/base/crypto.h"
#include "proto/base/log.h"
#include "proto/base/mapped_files.h"
#include "proto/base/standard_files.h"

int daemon_fail(const char *program, int code, const struct fault *fault)
{
    fprintf(stderr, "%s: %s\n", program, fault->text);
    return code;
}

int daemon_exit_status(int result)
{
    return result ? 1 : 0;
}

void daemon_raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int daemon_start(const struct arg_program *program, int argc, char **argv, struct daemon_options *options)
{
    struct fault fault = { "" };
    int operands;
    int result = standard_files_hold();
    if (result < 0) /* where it could be told is closed */
        return result;
    mapped_files_tell_damage();
    result = args_parse(program, argc, argv, &operands, &fault);
    if (result < 0)
        return daemon_fail(program->name, result, &fault);
    if (result == ARGS_EXIT)
        return result;
    enum log_level level = LOG_LEVEL_INFO;
    if (options->log_level && log_level_parse(options->log_level, &level) < 0)
        return daemon_fail(
            program->name,
            fault_set(&fault, -EINVAL, "--log-level: '%s' is not error, warn, info or debug", options->log_level),
            &fault);
    log_init(program->name, level);
    if (!options->data || !options->book)
        return daemon_fail(
            program->name,
            fault_set(&fault, -EINVAL, "--data and --book are needed; %s --help explains", program->name), &fault);
    if ((options->tls_cert == NULL) != (options->tls_key == NULL))
        return daemon_fail(program->name, fault_set(&fault, -EINVAL, "--tls-cert and --tls-key go together"), &fault);
    if ((result = crypto_init(&fault)) < 0)
        return daemon_fail(program->name, result, &fault);
    if (options->clock_file && (result = clock_open_virtual(options->clock_file, &fault)) < 0)
        return daemon_fail(program->name, result, &fault);
    daemon_raise_file_limit();
    return ARGS_RUN;
}

void daemon_pages(const struct daemon_options *options, char out[DAEMON_PATH])
{
    char program[DAEMON_PATH] = "";
    if (options->pages) {
        snprintf(out, DAEMON_PATH, "%s", options->pages);
        return;
    }
    if (readlink("/proc/self/exe", program, sizeof program - 1) < 0)
        program[0] = '\0';
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(program, '/');
        if (slash)
            *slash = '\0';
    }
    snprintf(out, DAEMON_PATH, "%.4000s/pages", program);
}
