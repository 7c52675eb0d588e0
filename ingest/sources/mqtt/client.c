#include "ingest/sources/mqtt/client.h"

#include <mosquitto.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

enum {
    READ_AT_ONCE = 1000, /* messages of one round; what is more waits for the next one */
    CARE_MS = 1000,      /* keep-alive */
    ENTER_MS = 20,       /* while a connection is being made: TLS may wait for what no event tells */
    PAUSE_MOST_MS = 30000,
    QOS = 1,
};

/* libmosquitto looks up a name in its caller's thread, however long the name server is silent. So glibc's threads look it up first, and it is asked for
 * by libmosquitto, who has to know the name for its certificate, when the server has just answered. */
struct mqtt_name {
    struct gaicb request;
    bool asked; /* glibc has the request until it is done */
};

struct mqtt_client {
    struct mqtt_client_options options;
    struct mqtt_name name;
    struct mosquitto *mosquitto;
    struct loop_watch watch; /* fd -1: no connection */
    struct loop_timer care, again;
    struct loop_hook hook;
    uint32_t events; /* that the watch waits for */
    int64_t pause_ms;
    bool open;           /* the socket is connected */
    bool in;             /* and the broker has let us in */
    bool give_up;        /* a message could not be taken */
    const char *refused; /* why the broker did not let us in; NULL: it did not say */
};

static void keep_trying(struct mqtt_client *client)
{
    client->pause_ms = client->pause_ms ? client->pause_ms * 2 : 1000;
    if (client->pause_ms > PAUSE_MOST_MS)
        client->pause_ms = PAUSE_MOST_MS;
    loop_timer_arm(client->options.loop, &client->again, client->pause_ms);
}

static void forget_socket(struct mqtt_client *client)
{
    if (client->watch.fd >= 0)
        loop_remove(client->options.loop, &client->watch);
    client->watch.fd = -1;
    client->open = client->in = false;
}

/* Drops the connection with what is not acknowledged. mosquitto_connect_async() throws the queued acknowledgements away. */
static void drop(struct mqtt_client *client, const char *reason)
{
    forget_socket(client);
    client->options.connected(client->options.context, false, reason);
    keep_trying(client);
}

/* ---- what libmosquitto calls ---- */

static void on_connect(struct mosquitto *mosquitto, void *context, int code)
{
    struct mqtt_client *client = context;
    if (code) {
        client->refused = mosquitto_connack_string(code); /* on_disconnect() follows */
        return;
    }
    client->pause_ms = 0;
    client->in = true;
    for (size_t i = 0; i < client->options.subscription_count; i++)
        mosquitto_subscribe(mosquitto, NULL, client->options.subscriptions[i], QOS);
    client->options.connected(client->options.context, true, "");
}

/* Its socket is closed by now. */
static void on_disconnect(struct mosquitto *mosquitto, void *context, int code)
{
    (void)mosquitto;
    struct mqtt_client *client = context;
    drop(client, client->refused ? client->refused : mosquitto_strerror(code));
}

static void on_subscribe(struct mosquitto *mosquitto, void *context, int id, int count, const int *granted)
{
    (void)mosquitto, (void)id;
    struct mqtt_client *client = context;
    for (int i = 0; i < count; i++)
        if (granted[i] > 2)
            client->options.connected(client->options.context, true, "the broker refuses a subscription");
}

static void on_message(struct mosquitto *mosquitto, void *context, const struct mosquitto_message *message)
{
    (void)mosquitto;
    struct mqtt_client *client = context;
    struct bytes payload = { message->payload, message->payload ? (size_t)message->payloadlen : 0 };
    if (!client->give_up && !client->options.message(client->options.context, message->topic, payload, message->retain))
        client->give_up = true; /* nor is what came behind it taken: their order stays */
}

/* ---- what the loop calls ---- */

/* A failure within a TLS handshake is returned without a callback, with the socket open. */
static void check(struct mqtt_client *client, int code)
{
    if (code && client->watch.fd >= 0)
        drop(client, mosquitto_strerror(code));
}

static void read_some(struct mqtt_client *client)
{
    for (int i = 0; i < READ_AT_ONCE && client->watch.fd >= 0 && !client->give_up; i++) {
        if (!client->options.ready(client->options.context))
            break; /* what the socket holds wakes the loop again */
        errno = 0;
        int code = mosquitto_loop_read(client->mosquitto, 1);
        bool drained = errno == EAGAIN || errno == EWOULDBLOCK;
        check(client, code);
        if (code || drained || !client->in)
            break;
    }
    if (client->give_up)
        drop(client, "more messages at once than the queue takes");
}

static int ready(void *context, uint32_t events)
{
    struct mqtt_client *client = context;
    client->open |= (events & EPOLLOUT) != 0;
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) /* writing is the hook's */
        read_some(client);
    return 0;
}

/* Until the broker has let us in, what waits to be written may have to wait for TLS: then a writable socket says nothing. */
static void wait_for_more(struct mqtt_client *client)
{
    bool write = !client->open || (client->in && mosquitto_want_write(client->mosquitto));
    uint32_t events = EPOLLIN | (write ? EPOLLOUT : 0);
    if (client->events != events)
        loop_modify(client->options.loop, &client->watch, events);
    client->events = events;
}

/* After the intake's hook: what was read is durable, and may be acknowledged. */
static int let_out(void *context)
{
    struct mqtt_client *client = context;
    if (client->watch.fd >= 0 && client->open && mosquitto_want_write(client->mosquitto))
        check(client, mosquitto_loop_write(client->mosquitto, 1)); /* all that are queued */
    if (client->watch.fd >= 0)
        wait_for_more(client);
    return 0;
}

/* After mosquitto_connect_async() or its like: the socket it has made, to be watched until the broker answers. */
static int start(struct mqtt_client *client, int code)
{
    int fd = mosquitto_socket(client->mosquitto);
    if (code || fd < 0) {
        drop(client, code == MOSQ_ERR_ERRNO ? strerror(errno) : mosquitto_strerror(code));
        return 0;
    }
    client->give_up = false;
    client->refused = NULL;
    client->watch.fd = fd;
    client->events = EPOLLIN | EPOLLOUT;
    loop_timer_arm(client->options.loop, &client->care, ENTER_MS);
    return loop_add(client->options.loop, &client->watch, client->events);
}

static int connect_now(struct mqtt_client *client)
{
    const struct mqtt_client_options *options = &client->options;
    return start(client, mosquitto_connect_async(client->mosquitto, options->host, options->port,
                                                 (int)options->keep_alive_seconds));
}

static int look_up(struct mqtt_client *client)
{
    struct mqtt_name *name = &client->name;
    name->request = (struct gaicb){ .ar_name = client->options.host };
    int error = getaddrinfo_a(GAI_NOWAIT, (struct gaicb *[]){ &name->request }, 1, NULL);
    name->asked = !error;
    return error;
}

static void forget_addresses(struct mqtt_name *name)
{
    if (name->request.ar_result)
        freeaddrinfo(name->request.ar_result);
    *name = (struct mqtt_name){ .asked = false };
}

static int dial(void *context)
{
    struct mqtt_client *client = context;
    int error = client->name.asked ? 0 : look_up(client);
    if (!error)
        error = gai_error(&client->name.request);
    if (error == EAI_INPROGRESS) {
        loop_timer_arm(client->options.loop, &client->again, ENTER_MS);
        return 0;
    }
    forget_addresses(&client->name);
    if (!error)
        return connect_now(client);
    drop(client, gai_strerror(error));
    return 0;
}

static int take_care(void *context)
{
    struct mqtt_client *client = context;
    bool entering = client->watch.fd >= 0 && client->open && !client->in;
    loop_timer_arm(client->options.loop, &client->care, client->watch.fd >= 0 && !client->in ? ENTER_MS : CARE_MS);
    if (entering)
        read_some(client);
    if (client->watch.fd >= 0)
        check(client, mosquitto_loop_misc(client->mosquitto));
    return 0;
}

/* ---- opening ---- */

static int set_up(struct mqtt_client *client)
{
    const struct mqtt_client_options *options = &client->options;
    struct mosquitto *mosquitto = client->mosquitto;
    mosquitto_threaded_set(mosquitto, true); /* see client.h */
    mosquitto_connect_callback_set(mosquitto, on_connect);
    mosquitto_disconnect_callback_set(mosquitto, on_disconnect);
    mosquitto_subscribe_callback_set(mosquitto, on_subscribe);
    mosquitto_message_callback_set(mosquitto, on_message);
    int code = mosquitto_int_option(mosquitto, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V311);
    if (!code)
        code = mosquitto_int_option(mosquitto, MOSQ_OPT_TCP_NODELAY, 1);
    if (!code && *options->user)
        code = mosquitto_username_pw_set(mosquitto, options->user, *options->password ? options->password : NULL);
    if (!code && options->tls)
        code = mosquitto_tls_set(mosquitto, *options->ca_file ? options->ca_file : NULL,
                                 *options->ca_file ? NULL : "/etc/ssl/certs", NULL, NULL, NULL);
    return code;
}

int mqtt_client_open(const struct mqtt_client_options *options, struct mqtt_client **out, struct fault *fault)
{
    struct mqtt_client *client = calloc(1, sizeof *client);
    if (!client)
        abort();
    *out = client;
    *client = (struct mqtt_client){
        .options = *options,
        .watch = { .fd = -1, .ready = ready, .context = client },
        .care = { .fire = take_care, .context = client },
        .again = { .fire = dial, .context = client },
        .hook = { .run = let_out, .context = client },
    };
    mosquitto_lib_init();
    client->mosquitto = mosquitto_new(options->id, false, client);
    int code = client->mosquitto ? set_up(client) : MOSQ_ERR_NOMEM;
    if (code)
        return fault_set(fault, -EINVAL, "MQTT broker %s:%d: %s", options->host, options->port,
                         mosquitto_strerror(code));
    loop_add_hook(options->loop, &client->hook);
    loop_timer_arm(options->loop, &client->care, CARE_MS);
    return dial(client);
}

void mqtt_client_close(struct mqtt_client *client)
{
    if (!client)
        return;
    forget_socket(client);
    loop_timer_disarm(client->options.loop, &client->care);
    loop_timer_disarm(client->options.loop, &client->again);
    if (client->name.asked) /* it takes as long as it takes */
        gai_suspend((const struct gaicb *const[]){ &client->name.request }, 1, NULL);
    forget_addresses(&client->name);
    if (client->mosquitto)
        mosquitto_destroy(client->mosquitto);
    free(client);
}
