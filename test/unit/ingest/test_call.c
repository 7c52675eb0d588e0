/* A call to a device of GB/T 28181, of which the test hears what is sent and says what is answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/cameras/gb28181/call.h"
#include "proto/base/clock.h"

#define SDP "v=0\r\ns=Play\r\nc=IN IP4 127.0.0.1\r\nm=video 6000 RTP/AVP 96\r\ny=0100000001\r\n"

/* What was sent last, and before that. */
struct line {
    struct outgoing outgoing;
    struct sip_message last;
    struct buffer bytes;
    int sent;
    uint32_t invite_sequence;
};
static struct line line;

static void hear(void *context, const struct sip_place *to, struct bytes bytes)
{
    (void)context, (void)to;
    sip_release(&line.last);
    buffer_clear(&line.bytes);
    buffer_append(&line.bytes, bytes.data, bytes.size);
    assert_int_equal(sip_read(buffer_view(&line.bytes), &line.last, NULL), 0);
    line.sent++;
    if (strcmp(line.last.method, "INVITE") == 0)
        line.invite_sequence = line.last.sequence;
}

static struct sip_place own_place(void *context, const struct sip_place *peer)
{
    (void)context, (void)peer;
    return (struct sip_place){ "127.0.0.1", 5060 };
}

static void ended(void *context, int code, const char *reason)
{
    (void)context, (void)code, (void)reason;
}

static void accept_invite(struct call *call)
{
    struct sip_message answer = { .status = 200,
                                  .method = "INVITE",
                                  .to_tag = "dev",
                                  .call_id = call->call_id,
                                  .sequence = line.invite_sequence,
                                  .body = { (const uint8_t *)SDP, strlen(SDP) } };
    outgoing_answered(&line.outgoing, &answer);
    call_answered(call, &answer);
}

static void a_late_200_is_acknowledged_as_the_invite_that_it_answers(void **state)
{
    (void)state;
    struct call_room *room = calloc(1, sizeof *room);
    struct call *call = calloc(1, sizeof *call);
    struct gb_device device = { .id = "34020000001110000001", .online = true, .place = { "127.0.0.1", 5070 } };
    struct gb_address address = { "34020000001110000001", "34020000001310000101", 0 };
    struct source_sink sink = { .ended = ended };
    struct fault fault = { "" };
    assert_true(room && call);
    line.outgoing = (struct outgoing){ .send = hear };
    *room = (struct call_room){ .own_id = "34020000002000000001",
                                .realm = "3402000000",
                                .outgoing = &line.outgoing,
                                .media.ports = 1,
                                .own_place = own_place };
    assert_int_equal(loop_create(&room->media.loop, &fault), 0);
    assert_int_equal(call_begin(call, room, &device, &address, &sink, &fault), 0);
    assert_string_equal(line.last.method, "INVITE");
    accept_invite(call);
    assert_string_equal(line.last.method, "ACK");
    assert_int_equal(line.last.sequence, line.invite_sequence);
    call_stop(call);
    assert_string_equal(line.last.method, "BYE");
    assert_int_equal(line.last.sequence, line.invite_sequence + 1);
    accept_invite(call); /* our ACK was lost */
    assert_string_equal(line.last.method, "ACK");
    assert_int_equal(line.last.sequence, line.invite_sequence);
    int64_t now_mono_ms = clock_mono_ms();
    assert_true(call_tick(call, now_mono_ms + 31000)); /* it may be repeated for 64 * T1 (RFC 3261, 13.3.1.4) */
    assert_false(call_tick(call, now_mono_ms + 32000));
    call_finish(call);
    outgoing_finish(&line.outgoing);
    loop_destroy(room->media.loop);
    sip_release(&line.last);
    buffer_finish(&line.bytes);
    free(call);
    free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_late_200_is_acknowledged_as_the_invite_that_it_answers) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
