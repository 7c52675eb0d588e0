/* A case always fits into its record, whatever its senders do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dispatcher/engine/draft.h"
#include "test/unit/dispatcher/town.h"

static void say(struct town *town, const char *actor, enum role role, const char *department, enum verb verb)
{
    struct case_file record;
    assert_true(town_case(town, 1, &record));
    assert_true(town_command(town, (struct command){ .actor = actor,
                                                     .role = role,
                                                     .department = department,
                                                     .verb = verb,
                                                     .case_number = record.number,
                                                     .reason = "原因" }));
}

static void a_voice_too_many_opens_a_case_of_its_own(void **state)
{
    struct town *town = *state;
    struct case_file record;
    for (int i = 0; i < DRAFT_VOICES_MAX; i++)
        assert_true(town_event(town, (struct event){ .kind = EVENT_ALARM, .external_id = "pump-7" }));
    assert_true(town_case(town, DRAFT_VOICES_MAX, &record));
    assert_int_equal(record.id, 1);
    int64_t seq = town_event(town, (struct event){ .kind = EVENT_ALARM, .external_id = "pump-7" });
    assert_true(town_case(town, seq, &record));
    assert_int_equal(record.id, 2);
    /* and what follows joins that one */
    seq = town_event(town, (struct event){ .kind = EVENT_ALARM, .external_id = "pump-7" });
    assert_true(town_case(town, seq, &record));
    assert_int_equal(record.id, 2);
}

static void further_words_on_a_full_case_are_a_line_of_its_history(void **state)
{
    struct town *town = *state;
    struct case_file record;
    struct step_list steps;
    for (int i = 0; i < DRAFT_VOICES_MAX; i++)
        assert_true(town_event(town, (struct event){ .kind = EVENT_ALARM, .external_id = "pump-7" }));
    town_event(town, (struct event){ .kind = EVENT_FOLLOW_UP, .text = "还在漏", .about_seq = 7 });
    assert_true(town_numbered(town, "LANE-20260105-0001", &record));
    assert_false(town_numbered(town, "LANE-20260105-0002", &record));
    assert_int_equal(record.voices.count, DRAFT_VOICES_MAX);
    assert_true(town_history(town, &record, &steps));
    assert_string_equal(steps.items[steps.count - 1].note, "还在漏");
}

static void photos_beyond_the_limit_are_left_to_their_step(void **state)
{
    struct town *town = *state;
    struct media photos[DRAFT_MEDIA_MAX / 2 + 1];
    struct case_file record;
    struct step_list steps;
    enum { COUNT = sizeof photos / sizeof *photos };
    for (int i = 0; i < COUNT; i++)
        photos[i] = (struct media){ .hash = "ab", .type = "image/jpeg" };
    for (int i = 0; i < 3; i++)
        town_event(town, (struct event){ .about_seq = 1, .media = { photos, COUNT } });
    assert_true(town_case(town, 1, &record));
    assert_int_equal(record.media.count, DRAFT_MEDIA_MAX);
    assert_true(town_history(town, &record, &steps));
    assert_int_equal(steps.items[2].media.count, COUNT);
}

static void a_case_that_goes_round_for_ever_is_stopped_and_still_reads(void **state)
{
    struct town *town = *state;
    struct case_file record;
    town_event(town, (struct event){ .kind = EVENT_REPORT, .service = "0101", .place = { .area = "g1" } });
    say(town, "o-01", ROLE_OPERATOR, "", VERB_ACCEPT);
    say(town, "o-01", ROLE_OPERATOR, "", VERB_DISPATCH);
    for (int i = 0; i < 2 * DRAFT_TASKS_MAX; i++) {
        say(town, "w-001", ROLE_WORKER, "water", VERB_TAKE);
        say(town, "w-001", ROLE_WORKER, "water", VERB_DISPOSE);
        say(town, "o-01", ROLE_OPERATOR, "", VERB_REWORK);
    }
    assert_int_equal(town->answer.status, ANSWER_INVALID);
    assert_non_null(strstr(town->answer.message, "too often"));
    assert_true(town_case(town, 1, &record));
    assert_int_equal(record.tasks.count, DRAFT_TASKS_MAX);
    assert_int_equal(record.state, CASE_DISPOSED);
    say(town, "o-01", ROLE_OPERATOR, "", VERB_CHECK);
    assert_int_equal(town->answer.status, ANSWER_OK);
}

/* Nobody takes it, and the liaison has patience: each time a clock is started. */
static void a_case_that_is_assigned_for_ever_is_stopped_and_still_reads(void **state)
{
    struct town *town = *state;
    struct case_file record;
    town_event(town, (struct event){ .kind = EVENT_REPORT, .service = "0101", .place = { .area = "g1" } });
    say(town, "o-01", ROLE_OPERATOR, "", VERB_ACCEPT);
    say(town, "o-01", ROLE_OPERATOR, "", VERB_DISPATCH);
    assert_true(town_case(town, 1, &record));
    for (int i = 0; i < RECORD_LIST_MAX + 10; i++)
        town_command(town, (struct command){ .actor = "l-water",
                                             .role = ROLE_LIAISON,
                                             .department = "water",
                                             .verb = VERB_ASSIGN,
                                             .case_number = record.number,
                                             .to_worker = i % 2 ? "w-001" : "w-002" });
    assert_int_equal(town->answer.status, ANSWER_INVALID);
    assert_non_null(strstr(town->answer.message, "too often"));
    assert_true(town_case(town, 1, &record));
    assert_int_equal(case_lead_task(&record)->offers.count, DRAFT_OFFERS_MAX);
    say(town, "w-002", ROLE_WORKER, "water", VERB_TAKE);
    assert_int_equal(town->answer.status, ANSWER_OK);
}

/* Few rounds, each as large as it may be: the room that is left is for its end. */
static void a_case_that_grows_too_large_is_stopped_and_still_reads(void **state)
{
    struct town *town = *state;
    struct case_file record;
    static char url[1000];
    struct media photos[DRAFT_MEDIA_MAX];
    memset(url, 'u', sizeof url - 1);
    for (int i = 0; i < DRAFT_MEDIA_MAX; i++)
        photos[i] = (struct media){ .url = url };
    town_event(town, (struct event){ .kind = EVENT_REPORT, .service = "0101", .place = { .area = "g1" } });
    say(town, "o-01", ROLE_OPERATOR, "", VERB_ACCEPT);
    say(town, "o-01", ROLE_OPERATOR, "", VERB_DISPATCH);
    for (int i = 0; i < 20; i++) {
        assert_true(town_case(town, 1, &record));
        say(town, "w-001", ROLE_WORKER, "water", VERB_TAKE);
        assert_true(town_command(town, (struct command){ .actor = "w-001",
                                                         .role = ROLE_WORKER,
                                                         .department = "water",
                                                         .verb = VERB_DISPOSE,
                                                         .case_number = record.number,
                                                         .media = { photos, DRAFT_MEDIA_MAX } }));
        say(town, "o-01", ROLE_OPERATOR, "", VERB_REWORK);
    }
    assert_int_equal(town->answer.status, ANSWER_INVALID);
    assert_non_null(strstr(town->answer.message, "too often"));
    assert_true(town_case(town, 1, &record));
    assert_true(record.tasks.count < 20);
    for (int i = 0; i < DRAFT_VOICES_MAX; i++)
        town_event(town, (struct event){ .about_seq = 1, .media = { photos, 1 } });
    say(town, "o-01", ROLE_OPERATOR, "", VERB_CHECK);
    say(town, "o-01", ROLE_OPERATOR, "", VERB_CLOSE);
    assert_int_equal(town->answer.status, ANSWER_OK);
    assert_true(town_case(town, 1, &record));
    assert_int_equal(record.state, CASE_CLOSED);
}

static void long_words_are_cut_between_characters(void **state)
{
    struct town *town = *state;
    struct case_file record;
    struct step_list steps;
    char text[3001];
    for (int i = 0; i < 1000; i++)
        memcpy(text + 3 * i, "井", 3);
    text[3000] = 0;
    town_event(town, (struct event){ .kind = EVENT_REPORT, .text = text });
    town_event(town, (struct event){ .kind = EVENT_FOLLOW_UP, .about_seq = 1, .text = text });
    assert_true(town_case(town, 1, &record));
    assert_int_equal(strlen(record.text), 3000);
    assert_int_equal(strlen(record.title), 60);
    assert_true(town_history(town, &record, &steps));
    assert_int_equal(strlen(steps.items[1].note), 999);
    assert_true(text_is_utf8(steps.items[1].note, 999));
}

int main(int argc, char **argv)
{
    town_of_all_tests(argc > 1 ? argv[1] : "test/scenario/books/lane");
#define IN_TOWN(test) cmocka_unit_test_setup_teardown(test, town_set_up, town_tear_down)
    const struct CMUnitTest tests[] = {
        IN_TOWN(a_voice_too_many_opens_a_case_of_its_own),
        IN_TOWN(further_words_on_a_full_case_are_a_line_of_its_history),
        IN_TOWN(photos_beyond_the_limit_are_left_to_their_step),
        IN_TOWN(a_case_that_goes_round_for_ever_is_stopped_and_still_reads),
        IN_TOWN(a_case_that_is_assigned_for_ever_is_stopped_and_still_reads),
        IN_TOWN(a_case_that_grows_too_large_is_stopped_and_still_reads),
        IN_TOWN(long_words_are_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
