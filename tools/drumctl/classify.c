/* drumctl classify eval | explain: how good the suggestions are, and what they come from. */
#include "tools/drumctl/classify.h"

#include <string.h>

#include "tools/drumctl/look.h"
#include "tools/drumctl/subcommands.h"

static int run(const struct classify_call *call, const char *what, struct fault *fault)
{
    if (strcmp(what, "eval") == 0)
        return call->csv ? classify_eval(call, fault) : fault_set(fault, -EINVAL, "--csv FILE is missing");
    if (strcmp(what, "explain") != 0)
        return fault_set(fault, -EINVAL, "'%s': expected eval or explain; drumctl classify --help says more", what);
    return call->model && call->text ? classify_explain(call, fault)
                                     : fault_set(fault, -EINVAL, "expected --model FILE and --text TEXT");
}

int drumctl_classify(int argc, char **argv)
{
    struct classify_call call = { .train = 30000, .most = 3 };
    const struct arg args[] = {
        { "csv", ARG_TEXT, &call.csv, "FILE", "eval: requests of a city, plain or .gz", 0, 0 },
        { "train", ARG_INT, &call.train, "N", "learn from the first rows, judge by the others", 50, 10000000 },
        { "json", ARG_FLAG, &call.json, NULL, "a last line for programs", 0, 0 },
        { "model", ARG_TEXT, &call.model, "FILE", "explain: the model, such as DATA/suggest.model", 0, 0 },
        { "text", ARG_TEXT, &call.text, "TEXT", "what is reported", 0, 0 },
        { "area", ARG_TEXT, &call.area, "CODE", "where", 0, 0 },
        { "source", ARG_TEXT, &call.source, "S", "by whom; default resident", 0, 0 },
        { "book", ARG_TEXT, &call.book, "DIR", "names of the services, and the areas above that one", 0, 0 },
        { "most", ARG_INT, &call.most, "N", "so many suggestions", 1, 20 },
    };
    const struct arg_program program = {
        .name = "drumctl classify",
        .usage = "eval --csv FILE [--train N] [--json]\n"
                 "       drumctl classify explain --model FILE --text TEXT [--area CODE] [--source S] [--book DIR]",
        .summary = "eval learns department, queue and type of a city's requests from what is known when they come "
                   "(columns\ncase_title, type, pwd_district, neighborhood; the type from the title alone) and says "
                   "how "
                   "many it gets right,\nbeside always saying what was the most frequent, and how many go "
                   "automatically "
                   "where 97 % of those are\nright. explain prints the most likely services of one report, how sure "
                   "each is, and what weighed most.",
        .args = args,
        .arg_count = sizeof args / sizeof *args,
        .min_operands = 1,
        .max_operands = 1,
    };
    struct fault fault = { "" };
    int operands, status = look_parse(&program, argc, argv, &operands, NULL);
    if (status != LOOK_GO_ON)
        return status;
    int result = run(&call, argv[0], &fault);
    return result < 0 ? look_fail(&program, result == -EINVAL ? 2 : 1, &fault) : result;
}
