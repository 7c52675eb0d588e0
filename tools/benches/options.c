#include "tools/benches/options.h"

#include "proto/base/daemon.h"

int bench_end(const struct bench_options *options, const struct verdict *verdict, int result, const struct fault *fault)
{
    struct buffer line = { 0 };
    if (result < 0) {
        daemon_fail(verdict->bench, result, fault);
        return 1;
    }
    verdict_print(verdict, options->json ? stderr : stdout);
    if (options->json) {
        verdict_json(verdict, &line);
        puts(buffer_string(&line));
    }
    buffer_finish(&line);
    return 0;
}
