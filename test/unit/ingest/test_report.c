#include "test/unit/ingest/fixture.h"

#include <stdio.h>
#include <unistd.h>

#include "ingest/enrich/report.h"
#include "proto/base/timestamp.h"

static const int64_t NOW_MS = INT64_C(1767573000000); /* 2026-01-05T00:30:00Z */

/* A tooth of a PNG: enough to be recognised. */
static const uint8_t png[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 0, 'I', 'H', 'D', 'R' };

struct made {
    struct arena arena;
    struct report report;
    struct complaints complaints;
};

static void make(struct made *made, const struct book *book, const struct form *form)
{
    struct report_desk desk = { .book = book, .data_folder = "/nonexistent" };
    made->complaints.count = 0;
    report_from_form(&desk, form, "zh", NOW_MS, &made->arena, &made->report, &made->complaints);
}

static void make_rows(struct made *made, const struct book *book, const struct said_row *rows)
{
    struct form form = form_of(rows, &made->arena);
    make(made, book, &form);
}

/* All complaints in the words for programs, one a line. */
static const char *words_of(struct made *made)
{
    const char *text = "";
    for (size_t i = 0; i < made->complaints.count; i++)
        text = arena_format(&made->arena, "%s%s\n", text,
                            complaint_words(&made->complaints.items[i], COMPLAINT_FOR_PROGRAMS, &made->arena));
    return text;
}

static void a_whole_form_becomes_an_event_and_a_contact(void **state)
{
    struct made made = { 0 };
    make_rows(&made, *state,
              (struct said_row[]){ { "service_code", "0101" },
                                   { "lat", "39.94" },
                                   { "long", "116.39" },
                                   { "address_string", "鼓楼东大街 1 号" },
                                   { "address_id", "A-7" },
                                   { "description", "井盖丢失\n在路中间" },
                                   { "media_url", "https://example.org/1.jpg" },
                                   { "requested_datetime", "2026-01-05T08:00:00" },
                                   { "first_name", "小明" },
                                   { "last_name", "王" },
                                   { "phone", "13800000000" },
                                   { "email", "a@example.org" },
                                   { "device_id", "d1" },
                                   { "account_id", "acc-1" },
                                   { NULL, NULL } });
    assert_string_equal(words_of(&made), "");
    const struct event *event = &made.report.event;
    assert_int_equal(event->kind, EVENT_REPORT);
    assert_int_equal(event->source, SOURCE_RESIDENT);
    assert_string_equal(event->service, "0101");
    assert_string_equal(event->title, "井盖丢失");
    assert_string_equal(event->text, "井盖丢失\n在路中间");
    assert_true(event->place.lat == 39.94 && event->place.lon == 116.39);
    assert_string_equal(event->place.area, "west");
    assert_int_equal(event->place.marks, 0);
    assert_string_equal(event->place.address, "鼓楼东大街 1 号");
    assert_int_equal(event->received_at_ms, NOW_MS);
    assert_int_equal(event->happened_at_ms, NOW_MS - 30 * MS_PER_MINUTE); /* local time of the district */
    assert_int_equal(event->media.count, 1);
    assert_string_equal(event->media.items[0].url, "https://example.org/1.jpg");
    assert_string_equal(event->attributes.items[0].code, "address_id");
    assert_string_equal(event->language, "zh");
    assert_string_equal(made.report.contact.name, "小明 王");
    assert_string_equal(made.report.contact.phone, "13800000000");
    assert_string_equal(made.report.contact.email, "a@example.org");
    assert_string_equal(made.report.contact.device, "d1");
    arena_finish(&made.arena);
}

static void what_names_a_person_is_not_in_the_event(void **state)
{
    struct made made = { 0 };
    make_rows(&made, *state,
              (struct said_row[]){ { "service_code", "0101" },
                                   { "address_string", "here" },
                                   { "first_name", "Xiaoming" },
                                   { "last_name", "Wang" },
                                   { "phone", "13800000000" },
                                   { "email", "a@example.org" },
                                   { "device_id", "device-17" },
                                   { "account_id", "account-9" },
                                   { NULL, NULL } });
    report_receipt(&made.report, "new", NULL);
    struct buffer bytes = { 0 };
    record_encode(&event_desc, &made.report.event, &bytes);
    static const char *const personal[] = {
        "Xiaoming", "Wang", "13800000000", "a@example.org", "device-17", "account-9"
    };
    for (size_t i = 0; i < sizeof personal / sizeof *personal; i++)
        assert_null(memmem(bytes.bytes, bytes.size, personal[i], strlen(personal[i])));
    assert_null(memmem(bytes.bytes, bytes.size, made.report.receipt.secret, RECEIPT_SECRET));
    assert_int_equal(strlen(made.report.event.reporter), 24);
    buffer_finish(&bytes);
    arena_finish(&made.arena);
}

static void the_same_sender_has_the_same_pseudonym_and_another_another(void **state)
{
    struct made first = { 0 }, second = { 0 }, third = { 0 }, nobody = { 0 };
    struct said_row rows[] = {
        { "service_code", "0101" }, { "address_string", "x" }, { "phone", "138" }, { NULL, NULL }
    };
    make_rows(&first, *state, rows);
    make_rows(&second, *state, rows);
    rows[2].value = "139";
    make_rows(&third, *state, rows);
    rows[2].value = "";
    make_rows(&nobody, *state, rows);
    assert_string_equal(first.report.event.reporter, second.report.event.reporter);
    assert_string_not_equal(first.report.event.reporter, third.report.event.reporter);
    assert_string_equal(nobody.report.event.reporter, "");
    assert_false(nobody.report.has_contact);
    arena_finish(&first.arena);
    arena_finish(&second.arena);
    arena_finish(&third.arena);
    arena_finish(&nobody.arena);
}

static void what_is_wrong_is_told_all_at_once(void **state)
{
    static const struct {
        struct said_row rows[6];
        int status;
        const char *words[3];
    } cases[] = {
        { { { "lat", "39" } }, 400, { "service_code was not provided", "long was not provided" } },
        { { { "service_code", "9999" }, { "address_string", "x" } }, 404, { "service_code '9999' was not found" } },
        { { { "service_code", "internal" }, { "address_string", "x" } }, 404, { "'internal' was not found" } },
        { { { "service_code", "0101" } }, 400, { "a location was not provided" } },
        { { { "service_code", "0101" }, { "lat", "" }, { "long", "" } }, 400, { "a location was not provided" } },
        { { { "service_code", "0101" }, { "lat", "91" }, { "long", "nan" } }, 400, { "lat '91'", "long 'nan'" } },
        { { { "service_code", "0101" }, { "lat", "1e1" }, { "long", "0x10" } }, 400, { "lat '1e1'", "long '0x10'" } },
        { { { "service_code", "0102" }, { "address_string", "x" } }, 400, { "attribute[pole] was not provided" } },
        { { { "service_code", "0101" }, { "address_string", "x" }, { "media_url", "javascript:alert(1)" } },
          400,
          { "media_url 'javascript:alert(1)'" } },
        { { { "service_code", "0101" }, { "address_string", "x" }, { "requested_datetime", "yesterday" } },
          400,
          { "requested_datetime 'yesterday'" } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made made = { 0 };
        make_rows(&made, *state, cases[i].rows);
        if (complaints_status(&made.complaints) != cases[i].status)
            fail_msg("row %zu: status %d: %s", i, complaints_status(&made.complaints), words_of(&made));
        for (size_t w = 0; w < 3 && cases[i].words[w]; w++)
            if (!strstr(words_of(&made), cases[i].words[w]))
                fail_msg("row %zu: expected '%s' in '%s'", i, cases[i].words[w], words_of(&made));
        arena_finish(&made.arena);
    }
}

static void a_text_that_the_record_does_not_take_is_refused_by_name(void **state)
{
    struct made made = { 0 };
    struct buffer characters = { 0 };
    for (int i = 0; i < EVENT_TEXT_CHARACTERS; i++)
        buffer_text(&characters, "\xf0\xa0\x80\x8b"); /* of four bytes each */
    const char *text = buffer_string(&characters);
    make_rows(&made, *state,
              (struct said_row[]){
                  { "service_code", "0101" }, { "address_string", "x" }, { "description", text }, { NULL, NULL } });
    assert_string_equal(words_of(&made), "");
    struct fault fault = { "" };
    made.report.event.id = "x";
    assert_int_equal(record_check(&event_desc, &made.report.event, &fault), 0);
    buffer_text(&characters, "x");
    text = buffer_string(&characters);
    make_rows(&made, *state,
              (struct said_row[]){
                  { "service_code", "0101" }, { "address_string", "x" }, { "description", text }, { NULL, NULL } });
    assert_non_null(strstr(words_of(&made), "description: 4001 characters, at most 4000"));
    make_rows(&made, *state,
              (struct said_row[]){ { "service_code", "0101" }, { "address_string", text }, { NULL, NULL } });
    assert_non_null(strstr(words_of(&made), "address_string: 16001 bytes, at most 300"));
    buffer_finish(&characters);
    arena_finish(&made.arena);
}

static void a_title_is_cut_between_characters(void **state)
{
    struct made made = { 0 };
    struct buffer text = { 0 };
    for (int i = 0; i < 100; i++)
        buffer_text(&text, "鼓");
    make_rows(&made, *state,
              (struct said_row[]){ { "service_code", "0101" },
                                   { "address_string", "x" },
                                   { "description", buffer_string(&text) },
                                   { NULL, NULL } });
    assert_int_equal(strlen(made.report.event.title), 120);
    assert_true(text_is_utf8(made.report.event.title, 120));
    make_rows(&made, *state,
              (struct said_row[]){ { "service_code", "0101" }, { "address_string", "x" }, { NULL, NULL } });
    assert_string_equal(made.report.event.title, "井盖"); /* without words: the service */
    buffer_finish(&text);
    arena_finish(&made.arena);
}

static void places_and_times_that_cannot_be_trusted_are_marked(void **state)
{
    static const struct {
        const char *lat, *lon, *happened, *area;
        int64_t marks;
    } cases[] = {
        { "39.94", "116.41", "", "east", 0 },
        { "", "", "", "", 1 << MARK_NO_POSITION },
        { "40.5", "116.39", "", "", 1 << MARK_OUTSIDE },
        { "39.935", "116.395", "", "", 1 << MARK_FAILED_GEOCODE },
        { "39.9353", "116.395", "", "", 1 << MARK_FAILED_GEOCODE }, /* 33 m away */
        { "39.9359", "116.395", "", "west", 0 },                    /* 100 m away */
        { "39.94", "116.41", "2026-01-05T00:34:00Z", "east", 0 },   /* 4 minutes ahead */
        { "39.94", "116.41", "2026-01-05T00:36:00Z", "east", 1 << MARK_IMPLAUSIBLE_TIME },
        { "39.94", "116.41", "2024-12-01T00:00:00Z", "east", 1 << MARK_IMPLAUSIBLE_TIME },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made made = { 0 };
        make_rows(&made, *state,
                  (struct said_row[]){ { "service_code", "0101" },
                                       { "address_string", "x" },
                                       { "lat", cases[i].lat },
                                       { "long", cases[i].lon },
                                       { "requested_datetime", cases[i].happened },
                                       { NULL, NULL } });
        const struct place *place = &made.report.event.place;
        if (made.complaints.count || place->marks != cases[i].marks || strcmp(place->area, cases[i].area) != 0)
            fail_msg("row %zu: area '%s' marks %d %s", i, place->area, (int)place->marks, words_of(&made));
        arena_finish(&made.arena);
    }
}

static void attributes_are_checked_against_the_definition(void **state)
{
    static const struct {
        struct said_row rows[4];
        const char *complaint; /* "" = fine */
        size_t taken;
    } cases[] = {
        { { { "attribute[pole]", "7" } }, "", 1 },
        { { { "attribute[pole]", "7" }, { "attribute[lamps][]", "left" }, { "attribute[lamps][]", "right" } }, "", 3 },
        { { { "attribute[pole]", "" } }, "attribute[pole] was not provided", 0 },
        { { { "attribute[pole]", "a\nb" } }, "attribute[pole]: expected a text without line breaks", 0 },
        { { { "attribute[pole]", "7" }, { "attribute[pole]", "8" } }, "attribute[pole]: expected one value only", 0 },
        { { { "attribute[pole]", "7" }, { "attribute[lamps]", "up" } },
          "attribute[lamps]: expected one of the keys",
          0 },
        { { { "attribute[pole]", "7" }, { "attribute[kind]", "led" } }, "", 2 },
        { { { "attribute[pole]", "7" }, { "attribute[height]", "4.5" } }, "", 2 },
        { { { "attribute[pole]", "7" }, { "attribute[height]", "tall" } }, "attribute[height]: expected a number", 0 },
        { { { "attribute[pole]", "7" }, { "attribute[height]", "0x1f" } }, "attribute[height]: expected a number", 0 },
        { { { "attribute[pole]", "7" }, { "attribute[since]", "2026-01-04" } }, "", 2 },
        { { { "attribute[pole]", "7" }, { "attribute[since]", "lately" } }, "attribute[since]: expected a date", 0 },
        { { { "attribute[pole]", "7" }, { "attribute[remark]", "a\nb" } }, "", 2 }, /* a text may have lines */
        { { { "attribute[pole]", "7" }, { "attribute[danger]", "x" } }, "", 1 },    /* is shown, and asks nothing */
        { { { "attribute[pole]", "7" }, { "attribute[colour]", "" } }, "", 1 },     /* as good as not given */
        { { { "attribute[pole]", "7" }, { "attribute[colour]", "red" } },
          "attribute[colour] is not in the definition",
          0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made made = { 0 };
        struct said_row rows[8] = { { "service_code", "0102" }, { "address_string", "x" } };
        memcpy(rows + 2, cases[i].rows, sizeof cases[i].rows);
        make_rows(&made, *state, rows);
        bool fine = !*cases[i].complaint;
        if (fine ? made.complaints.count != 0 || made.report.event.attributes.count != cases[i].taken
                 : !strstr(words_of(&made), cases[i].complaint))
            fail_msg("row %zu: %zu attributes, '%s'", i, made.report.event.attributes.count, words_of(&made));
        arena_finish(&made.arena);
    }
}

static void several_addresses_of_pictures_are_kept_in_their_order(void **state)
{
    struct made made = { 0 };
    struct said_row rows[] = { { "service_code", "0101" },
                               { "address_string", "x" },
                               { "media_url", "http://p.example/1" },
                               { "media_url[]", "https://p.example/2" },
                               { "media_url", "" },
                               { NULL, NULL },
                               { NULL, NULL } };
    make_rows(&made, *state, rows);
    assert_string_equal(words_of(&made), "");
    assert_int_equal(made.report.event.media.count, 2);
    assert_string_equal(made.report.event.media.items[1].url, "https://p.example/2");
    rows[5] = (struct said_row){ "media_url", "http://p.example/3" };
    make_rows(&made, *state, rows);
    assert_string_equal(words_of(&made), "too many pictures: at most 2\n");
    rows[4] = (struct said_row){ "media_url", "file:///etc/passwd" };
    make_rows(&made, *state, rows);
    assert_non_null(strstr(words_of(&made), "media_url 'file:///etc/passwd' is not an http or https address"));
    arena_finish(&made.arena);
}

static void further_words_need_neither_service_nor_place(void **state)
{
    struct made made = { 0 };
    struct report_desk desk = { .book = *state, .data_folder = "/nonexistent" };
    struct form form = form_of((struct said_row[]){ { "description", "还在漏" },
                                                    { "updated_datetime", "2026-01-05T08:00:00+08:00" },
                                                    { "email", "a@example.org" },
                                                    { "last_name", "Wang" },
                                                    { "media_url", "http://p.example/1" },
                                                    { NULL, NULL } },
                               &made.arena);
    report_update_from_form(&desk, &form, "zh", NOW_MS, &made.arena, &made.report, &made.complaints);
    assert_string_equal(words_of(&made), "");
    const struct event *event = &made.report.event;
    assert_int_equal(event->kind, EVENT_FOLLOW_UP);
    assert_string_equal(event->text, "还在漏");
    assert_int_equal(event->happened_at_ms, NOW_MS - 30 * MS_PER_MINUTE);
    assert_int_equal(event->received_at_ms, NOW_MS);
    assert_true(place_has_mark(&event->place, MARK_NO_POSITION));
    assert_int_equal(event->media.count, 1);
    assert_string_equal(made.report.contact.email, "a@example.org");
    assert_int_equal(strlen(event->reporter), 24);
    form = form_of((struct said_row[]){ { "updated_datetime", "yesterday" }, { NULL, NULL } }, &made.arena);
    report_update_from_form(&desk, &form, "zh", NOW_MS, &made.arena, &made.report, &made.complaints);
    assert_non_null(strstr(words_of(&made), "updated_datetime 'yesterday' is not"));
    arena_finish(&made.arena);
}

static void files_that_are_no_pictures_too_large_or_too_many_are_refused(void **state)
{
    uint8_t *large = calloc(1, 100001);
    assert_non_null(large);
    memcpy(large, png, sizeof png);
    const struct form_field where = { .name = "address_string", .value = "x" };
    const struct form_field what = { .name = "service_code", .value = "0101" };
    struct form_field text = { .name = "p", .file_name = "a.exe", .bytes = { (const uint8_t *)"MZ", 2 } };
    struct form_field big = { .name = "p", .file_name = "big.png", .bytes = { large, 100001 } };
    struct form_field small = { .name = "p", .file_name = "small.png", .bytes = { png, sizeof png } };
    struct form_field none = { .name = "p", .file_name = "", .bytes = { NULL, 0 } };
    struct made made = { 0 };
    make(&made, *state, &(struct form){ (struct form_field[]){ where, what, text, big }, 4 });
    assert_non_null(strstr(words_of(&made), "'a.exe' is not a JPEG, PNG or WebP"));
    assert_non_null(strstr(words_of(&made), "'big.png' is larger"));
    make(&made, *state, &(struct form){ (struct form_field[]){ where, what, small, small, small }, 5 });
    assert_non_null(strstr(words_of(&made), "too many pictures: at most 2"));
    make(&made, *state, &(struct form){ (struct form_field[]){ where, what, none }, 3 });
    assert_string_equal(words_of(&made), "");
    assert_int_equal(made.report.event.media.count, 0);
    free(large);
    arena_finish(&made.arena);
}

static void residents_read_complaints_in_their_own_language(void **state)
{
    struct made made = { 0 };
    make_rows(&made, *state, (struct said_row[]){ { NULL, NULL } });
    assert_string_equal(complaint_words(&made.complaints.items[0], COMPLAINT_FOR_RESIDENTS_ZH, &made.arena), "请选择问"
                                                                                                             "题类型");
    assert_string_equal(complaint_words(&made.complaints.items[0], COMPLAINT_FOR_RESIDENTS_EN, &made.arena), "Please "
                                                                                                             "choose "
                                                                                                             "what it "
                                                                                                             "is "
                                                                                                             "about");
    arena_finish(&made.arena);
}

static void one_token_gives_one_event_and_one_secret(void **state)
{
    (void)state;
    struct receipt first, again, other, rate;
    receipt_make(&first, "form", "0123456789abcdef");
    receipt_make(&again, "form", "0123456789abcdef");
    receipt_make(&other, "form", "0123456789abcdeg");
    receipt_make(&rate, "rate", "0123456789abcdef");
    assert_string_equal(first.event_id, again.event_id);
    assert_string_equal(first.secret, again.secret);
    assert_string_not_equal(first.event_id, other.event_id);
    assert_string_not_equal(first.event_id + 5, rate.event_id + 5);
    assert_true(receipt_opens(first.secret, again.secret_hash));
    assert_false(receipt_opens(other.secret, first.secret_hash));
    assert_false(receipt_opens("", first.secret_hash));
    assert_false(receipt_opens(first.secret, ""));
    assert_true(receipt_token_fits("0123456789abcdef"));
    assert_false(receipt_token_fits("short"));
    assert_false(receipt_token_fits("0123456789abcdef/../../x"));
}

static void fresh_receipts_stand_in_order_of_time(void **state)
{
    (void)state;
    struct receipt first, later, other;
    receipt_make_fresh(&first, "new", 1767600000000);
    receipt_make_fresh(&later, "new", 1767600000001);
    receipt_make_fresh(&other, "new", 1767600000001);
    assert_true(strcmp(first.event_id, later.event_id) < 0);
    assert_string_not_equal(later.event_id, other.event_id);
    assert_int_equal(strlen(first.event_id), RECEIPT_EVENT_ID);
    assert_string_not_equal(first.secret, later.secret);
    assert_true(receipt_opens(first.secret, first.secret_hash));
}

static void all_processes_of_a_data_folder_have_one_key(void **state)
{
    (void)state;
    char folder[] = "/tmp/ingest-pseudonym-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    struct pseudonym first, second;
    struct fault fault = { "" };
    assert_int_equal(pseudonym_open(folder, &first, &fault), 0);
    assert_int_equal(pseudonym_open(folder, &second, &fault), 0);
    assert_memory_equal(first.key, second.key, sizeof first.key);
    snprintf(path, sizeof path, "%s/pseudonym.key", folder);
    assert_int_equal(truncate(path, 3), 0);
    assert_true(pseudonym_open(folder, &second, &fault) < 0);
    assert_non_null(strstr(fault.text, "expected 32 bytes"));
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_form_becomes_an_event_and_a_contact),
        cmocka_unit_test(what_names_a_person_is_not_in_the_event),
        cmocka_unit_test(the_same_sender_has_the_same_pseudonym_and_another_another),
        cmocka_unit_test(what_is_wrong_is_told_all_at_once),
        cmocka_unit_test(a_text_that_the_record_does_not_take_is_refused_by_name),
        cmocka_unit_test(a_title_is_cut_between_characters),
        cmocka_unit_test(places_and_times_that_cannot_be_trusted_are_marked),
        cmocka_unit_test(attributes_are_checked_against_the_definition),
        cmocka_unit_test(several_addresses_of_pictures_are_kept_in_their_order),
        cmocka_unit_test(further_words_need_neither_service_nor_place),
        cmocka_unit_test(files_that_are_no_pictures_too_large_or_too_many_are_refused),
        cmocka_unit_test(residents_read_complaints_in_their_own_language),
        cmocka_unit_test(one_token_gives_one_event_and_one_secret),
        cmocka_unit_test(fresh_receipts_stand_in_order_of_time),
        cmocka_unit_test(all_processes_of_a_data_folder_have_one_key),
    };
    return cmocka_run_group_tests(tests, load_test_book, free_test_book);
}
