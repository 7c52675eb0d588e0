#include "tools/benches/options.h"

#include "proto/base/crypto.h"
#include "proto/base/daemon.h"

int bench_begin(const struct arg_program *program, int argc, char **argv, struct bench_options *options,
                struct book **book, struct fault *fault)
{
    int operands, result = args_parse(program, argc, argv, &operands, fault);
    options->wrong_line = result < 0;
    if (result)
        return result;
    result = crypto_init(fault);
    return result < 0 || !book ? result : book_load(options->book, book, NULL, NULL, fault);
}

int bench_end(const struct bench_options *options, const struct verdict *verdict, int result, const struct fault *fault)
{
    struct buffer line = { 0 };
    if (result < 0) {
        daemon_fail(verdict->bench, result, fault);
        return options->wrong_line ? 2 : 1;
    }
    if (result == ARGS_EXIT)
        return 0;
    verdict_print(verdict, options->json ? stderr : stdout);
    if (options->json) {
        verdict_json(verdict, &line);
        puts(buffer_string(&line));
    }
    buffer_finish(&line);
    return 0;
}
