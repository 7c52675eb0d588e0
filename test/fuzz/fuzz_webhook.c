/* A signed webhook: what counts as signed, and what the book's mapping makes of the message.
 *
 * Input: a line with the timestamp, one with the signature ("good": the right one is put there), and the body. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "ingest/sources/json_pointer.h"
#include "ingest/sources/mapping.h"
#include "ingest/sources/signature.h"
#include "proto/base/crypto.h"
#include "test/fuzz/fuzz.h"
#include "test/fuzz/made_request.h"
#include "test/unit/book/support.h"

static const char sources_yaml[] =
    "webhooks:\n"
    "  - name: hotline\n"
    "    event:\n"
    "      {kind: report, source: hotline, id: \"{/id}\", about: \"{/about}\", title: \"{/title}\", text: "
    "\"{/a}，{/b}\",\n"
    "       address: \"{/address}\", lat: \"{/lat}\", lon: \"{/lon}\", time: \"{/time}\", matter: \"{/kind}\",\n"
    "       reporter: \"{/phone}\", contact_name: \"{/name}\", contact_phone: \"{/phone}\", photo_url: \"{/photo}\",\n"
    "       matters: [{value: 井盖, service: P0101, priority: 1}, {value: 违建, service: E0101}],\n"
    "       attributes: [{code: operator, value: \"{/op/0}\"}]}\n"
    "  - {name: plain, event: {kind: alarm, source: system, id: \"{/id}\", title: \"{/a~1b/~0}\"}}\n";

static const int64_t NOW_MS = 1767600000000; /* 2026-01-05T08:00:00Z */
enum { WINDOW_MS = 300000 };
static const char key_text[] = "the key of a test, longer than 32 bytes";

struct office {
    struct book_folder folder; /* of the key */
    struct book *book;
    struct report_desk desk;
};

static const struct office *open_office(void)
{
    static const char *const files[][2] = { { "sources.yaml", sources_yaml } };
    static struct office office;
    struct fault fault = { "" };
    char path[100];
    if (office.book)
        return &office;
    fuzz_quiet();
    office.book = FUZZ_BOOK(files);
    office.desk.book = office.book;
    book_folder_make(&office.folder);
    book_folder_write(&office.folder, "hotline.key", key_text);
    snprintf(path, sizeof path, "%s/hotline.key", office.folder.path);
    assert(chmod(path, 0600) == 0 && pseudonym_open(office.folder.path, &office.desk.pseudonym, &fault) == 0);
    return &office;
}

static void check_signature(const struct office *office, struct request *request, const char *timestamp,
                            const char *signature)
{
    struct fault fault = { "" };
    struct hash hash =
        hmac_sha256((struct bytes){ (const uint8_t *)key_text, sizeof key_text - 1 },
                    (struct bytes){ (const uint8_t *)timestamp, strlen(timestamp) }, request_body(request));
    char hex[HASH_HEX];
    hash_hex(hex, &hash);
    if (strcmp(signature, "good") == 0)
        signature = arena_format(request_arena(request), "v1=%s", hex);
    made_request_header(request, "Drumtower-Timestamp", timestamp);
    made_request_header(request, "Drumtower-Signature", signature);
    enum signature_verdict verdict =
        signature_check(request, office->folder.path, "hotline", WINDOW_MS, NOW_MS, &fault);
    bool right = strncmp(signature, "v1=", 3) == 0 && strcasecmp(signature + 3, hex) == 0;
    bool digits = *timestamp && !timestamp[strspn(timestamp, "0123456789")] && strlen(timestamp) <= 12;
    bool near = digits && llabs(NOW_MS - atoll(timestamp) * 1000) <= WINDOW_MS;
    assert(verdict != SIGNATURE_NO_KEY);
    assert((verdict == SIGNATURE_GOOD) == (right && near));
    assert((verdict == SIGNATURE_OLD) == (right && digits && !near));
}

struct message {
    json_t *json;
    struct arena *arena;
};

static const char *pointed(void *context, const char *name)
{
    const struct message *message = context;
    return json_to_words(json_pointer(message->json, name), message->arena);
}

static void check_mapping(const struct office *office, json_t *json, size_t hook, struct arena *arena)
{
    struct message message = { json, arena };
    struct mapping_complaints complaints = { .count = 0 };
    struct fault fault = { "" };
    struct mapped mapped;
    mapping_event(&office->desk, &book_sources(office->book)->hooks[hook].event, "hook/hotline",
                  &(struct mapping_values){ pointed, &message }, NOW_MS, arena, &mapped, &complaints);
    for (size_t i = 0; i < complaints.count; i++)
        fuzz_touch_text(complaints.items[i]);
    if (complaints.count)
        return;
    assert(record_check(&event_desc, &mapped.event, &fault) == 0 && *mapped.event.id);
    assert(!mapped.has_contact || record_check(&contact_desc, &mapped.contact, &fault) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct office *office = open_office();
    struct arena arena = { 0 };
    struct fault fault = { "" };
    struct bytes rest = { data, size };
    const char *timestamp = fuzz_line(&rest, &arena), *signature = fuzz_line(&rest, &arena);
    struct request *request = made_request(rest);
    made_request_header(request, "Content-Type", "application/json");
    check_signature(office, request, timestamp, signature);
    json_t *json = request_json(request, &fault);
    for (size_t hook = 0; json && hook < book_sources(office->book)->hook_count; hook++)
        check_mapping(office, json, hook, &arena);
    made_request_destroy(request);
    arena_finish(&arena);
    return 0;
}
