/* Messages of SIP as a port of ours hears them, and what is made of them: the answer to a request can be read again and is for that request; a
 * registration's digest and the SDP of an answer are read. */
#include <assert.h>
#include <string.h>

#include "ingest/cameras/gb28181/play.h"
#include "ingest/cameras/gb28181/registrar.h"
#include "test/fuzz/fuzz.h"

#define DEVICE "34020000001110000001"

static int password(void *context, const char *device, struct buffer *out, struct fault *fault)
{
    (void)context, (void)device, (void)fault;
    buffer_text(out, "12345678");
    return 0;
}

static void changed(void *context, struct gb_device *device, const char *reason)
{
    (void)context, (void)device, (void)reason;
    assert(!"nobody knows the secret of our challenges");
}

static void answer(const struct sip_message *request, const struct sip_place *from)
{
    struct buffer bytes = { 0 };
    struct sip_message back;
    sip_answer(request, 200, from, "ours", "", &bytes);
    if (sip_read(buffer_view(&bytes), &back, NULL) == 0) {
        assert(back.status == 200 && back.sequence == request->sequence);
        assert(strcmp(back.method, request->method) == 0 && strcmp(back.call_id, request->call_id) == 0);
        sip_release(&back);
    }
    buffer_finish(&bytes);
}

static void register_it(const struct sip_message *request, const struct sip_place *from)
{
    static const struct book_camera camera = { .id = "a",
                                               .url = "gb28181://" DEVICE "/34020000001310000001",
                                               .sub_url = "" };
    static const struct book book = { .cameras = &camera,
                                      .camera_count = 1,
                                      .gb28181 = { .id = "34020000002000000001", .keepalive_seconds = 60 } };
    struct registrar registrar;
    struct fault fault = { "" };
    registrar_open(&registrar, &(struct registrar_options){ .book = &book, .password = password, .changed = changed });
    struct registrar_reply reply = registrar_register(&registrar, request, from, 1767573000000, 5000, &fault);
    assert(reply.status == 401 || (reply.status == 403 && *fault.text));
    assert(!registrar_hear(&registrar, request->from, from, 5000));
    registrar_close(&registrar);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sip_message message;
    struct fault fault = { "" };
    struct play_answer play;
    const struct sip_place from = { "192.0.2.7", 5060 };
    struct bytes bytes = { data, size };
    if (play_read_answer(bytes, &play, &fault) < 0)
        assert(*fault.text);
    fault.text[0] = '\0';
    if (sip_read(bytes, &message, &fault) < 0) {
        assert(*fault.text && !message.parsed);
        return 0;
    }
    assert(message.body.data && message.body.size <= size);
    fuzz_touch(message.body.data, message.body.size);
    if (message.status == 0) {
        answer(&message, &from);
        if (strcmp(message.method, "REGISTER") == 0)
            register_it(&message, &from);
    }
    sip_release(&message);
    return 0;
}
