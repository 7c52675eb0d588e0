/* drumctl cameras discover | ask: which ONVIF devices are there, and what one says of itself. */
#include <stdio.h>
#include <string.h>

#include "tools/drumctl/cameras.h"
#include "tools/drumctl/look.h"
#include "tools/drumctl/subcommands.h"

static int run(const struct cameras_call *call, char **operands, int count, struct fault *fault)
{
    if (strcmp(operands[0], "discover") == 0 && count == 1)
        return cameras_discover(call, fault);
    if (strcmp(operands[0], "ask") == 0 && count == 2)
        return cameras_ask(call, operands[1], fault);
    return fault_set(fault, -EINVAL, "expected discover, or ask and an address or a camera; see --help");
}

int drumctl_cameras(int argc, char **argv)
{
    struct cameras_call call = { .seconds = 3 };
    const struct arg args[] = {
        { "seconds", ARG_INT, &call.seconds, "N", "discover: wait so long for answers", 1, 60 },
        { "interface", ARG_TEXT, &call.interface, "ADDRESS",
          "discover: ask from this address of this machine (IPv4), into its network", 0, 0 },
        { "to", ARG_TEXT, &call.to, "ADDRESS[:PORT]", "discover: ask this one alone, as one behind a router", 0, 0 },
        { "book", ARG_TEXT, &call.book, "DIR", "ask: the camera of this district book, with its password", 0, 0 },
    };
    const struct arg_program program = {
        .name = "drumctl cameras",
        .usage = "discover [--seconds N] [--interface ADDRESS] [--to ADDRESS[:PORT]]\n"
                 "       drumctl cameras ask onvif://[USER:PASSWORD@]HOST[:PORT][/PATH]\n"
                 "       drumctl cameras ask --book DIR CAMERA",
        .summary = "discover asks who is there (WS-Discovery: UDP 3702, multicast 239.255.255.250) and prints each\n"
                   "ONVIF device with its line for cameras.yaml, where what only people know stands in capitals.\n"
                   "Exit status 1: nobody answered. ask prints what a device says of itself: its clock, its\n"
                   "profiles, the addresses of main and sub-stream and of their snapshots, and whether it can\n"
                   "be moved. Passwords are not printed.",
        .args = args,
        .arg_count = sizeof args / sizeof *args,
        .min_operands = 1,
        .max_operands = 2,
    };
    struct fault fault = { "" };
    int operands, status = look_parse(&program, argc, argv, &operands, NULL);
    if (status != LOOK_GO_ON)
        return status;
    int result = run(&call, argv, operands, &fault);
    return result < 0 ? look_fail(&program, result == -EINVAL ? 2 : 1, &fault) : result;
}
