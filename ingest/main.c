#include "ingest/cameras/cameras.h"
#include "ingest/leader.h"
#include "ingest/service.h"
#include "ingest/sources/camera_alarms.h"
#include "ingest/sources/camera_evidence.h"
#include "ingest/sources/camera_round.h"

#define NAME "drumtower-ingest"

static struct service_options options = {
    .daemon = { .listen = "127.0.0.1:8311", .bus_port = BUS_PORT_BASE },
};
static const struct arg args[] = {
    DAEMON_ARGS(options.daemon),
    DAEMON_DOOR_ARGS(options.daemon),
    { "bus-users", ARG_TEXT, &options.bus_users, "USERS", "users whose doors may hand on reports, beside our own", 0,
      0 },
    { "suggest-model", ARG_TEXT, &options.model, "FILE", "for reports without a service; default DATA/" SUGGESTER_FILE,
      0, 0 },
    { "keys", ARG_TEXT, &options.keys, "DIR", "key files of the book's sources, NAME.key; default DATA/keys", 0, 0 },
};
static const struct arg_program program = {
    .name = NAME,
    .usage = "--data DIR --book DIR [options]",
    .summary = "Takes what the streets report (Open311 GeoReport v2, the resident's page), makes it durable in "
               "DATA/events "
               "and\n"
               "answers only then; and what sources.yaml of the book names: signed messages and tables of other "
               "systems\n"
               "(POST /hooks/NAME, /imports/NAME), sensors (MQTT), feeds of alerts (CAP), other cities to which cases "
               "are\n"
               "handed on (Open311), group chats (POST /chats/NAME, answered by callback).\n"
               "Pulls the cameras that somebody looks at; visits all of them within the minutes that cameras.yaml "
               "says,\n"
               "keeps a small picture of each (DATA/cameras), and tells what is wrong with them. ONVIF devices are "
               "asked\nfor their streams, devices of GB/T 28181 register with it.\n"
               "Several may run on one data folder, each with a --listen of its own: all take what comes to them, one "
               "leads\n"
               "and does the rest, and another takes over when it ends.",
    .args = args,
    .arg_count = sizeof args / sizeof *args,
};

/* What is open; one in the process. */
static struct {
    struct book *book;
    struct loop *loop;
    struct service service; /* large: the table of addresses */
    struct leader *leader;
    struct cameras *cameras;
    struct camera_round *round;
    struct camera_alarms *alarms;
    struct camera_evidence *evidence;
} ingest;

/* What of several processes on a data folder one alone does, and alone has the bus's ports for. */
static int lead(void *context, struct fault *fault)
{
    (void)context;
    int result = service_lead(&ingest.service, fault);
    if (!result)
        result = cameras_open(ingest.loop, ingest.book, options.daemon.bus_port, &ingest.cameras, fault);
    if (!result)
        result = camera_round_open(&(struct camera_round_options){ ingest.loop, ingest.book, options.daemon.data,
                                                                   ingest.service.log, ingest.service.intake,
                                                                   ingest.cameras },
                                   &ingest.round, fault);
    if (!result)
        result = camera_alarms_open(
            &(struct camera_alarms_options){ ingest.book, ingest.service.keys, ingest.service.intake, ingest.cameras },
            &ingest.alarms, fault);
    if (!result)
        result = camera_evidence_open(&(struct camera_evidence_options){ ingest.loop, ingest.book, options.daemon.data,
                                                                         ingest.service.log, ingest.service.intake,
                                                                         ingest.cameras },
                                      &ingest.evidence, fault);
    return result;
}

int main(int argc, char **argv)
{
    struct fault fault = { "" };
    int result = daemon_start(&program, argc, argv, &options.daemon);
    if (result)
        return result == ARGS_EXIT ? 0 : 2;
    result = book_load(options.daemon.book, &ingest.book, NULL, NULL, &fault);
    if (!result)
        result = loop_create(&ingest.loop, &fault);
    if (!result)
        result = loop_catch_signals(ingest.loop, &fault);
    if (!result)
        result = service_open(&ingest.service, ingest.loop, ingest.book, &options, &fault);
    if (!result)
        result = leader_open(ingest.loop, options.daemon.data, lead, NULL, &ingest.leader, &fault);
    if (result)
        daemon_fail(NAME, result, &fault);
    else
        result = loop_run(ingest.loop);
    intake_settle(ingest.service.intake); /* one that failed has been told, and has nobody to answer */
    camera_evidence_close(ingest.evidence);
    cameras_close(ingest.cameras);
    service_close(&ingest.service);
    camera_round_close(ingest.round);
    camera_alarms_close(ingest.alarms);
    leader_close(ingest.leader);
    loop_destroy(ingest.loop);
    book_destroy(ingest.book);
    return daemon_exit_status(result);
}
