/* drumctl journal and drumctl erase, on the data of a town that lives meanwhile: what somebody with a signed head can check, before and
 * after words were erased. */
#include <sched.h>

#include "proto/store/event_log.h"
#include "proto/store/journal_key.h"
#include "proto/store/media_store.h"
#include "run.h"
#include "test/unit/dispatcher/town.h"

static const char *book;
static struct fault fault;

/* A town whose journal is signed with every turn, and the event log beside it. */
struct hall {
    struct town town;
    struct event_log *log;
    struct journal_signer signer;
    char photo[HASH_HEX];
};

static int open_hall(void **state)
{
    static struct hall hall;
    *state = &hall;
    hall = (struct hall){ 0 };
    if (!town_open(&hall.town, book, TOWN_MONDAY_NINE) ||
        event_log_open(hall.town.folder, STORE_READ_WRITE, &hall.log, &fault) ||
        journal_key_open(hall.town.folder, &hall.signer.key, &fault))
        return -1;
    hall.town.turn.signer = &hall.signer;
    return 0;
}

static int close_hall(void **state)
{
    struct hall *hall = *state;
    event_log_close(hall->log);
    town_close(&hall->town);
    return 0;
}

/* A file of the test's in the data folder; its path lives as long as the hall. */
static const char *path_of(struct hall *hall, const char *name)
{
    return arena_format(&hall->town.arena, "%s/%s", hall->town.folder, name);
}

/* What the last run printed, up to its first newline, into a file. */
static const char *keep_output(struct hall *hall, const char *name)
{
    const char *path = path_of(hall, name);
    FILE *file = fopen(path, "w");
    fprintf(file, "%.*s\n", (int)strcspn(output, "\n"), output);
    fclose(file);
    return path;
}

/* As ingest and the dispatcher would take it: in the log with its contact, then in a turn. */
static void report(struct hall *hall, const char *text)
{
    struct contact contact = { .name = "王芳", .phone = "13800000000" };
    struct media media = { .hash = hall->photo, .type = "image/jpeg", .lon = 116.4 };
    media.lat = hall->town.last_seq ? 39.95 : 39.9123;
    struct event event = { .id = arena_format(&hall->town.arena, "event-%d", (int)hall->town.last_seq + 1),
                           .kind = EVENT_REPORT,
                           .service = "0101",
                           .text = text,
                           .media = { &media, *hall->photo != 0 },
                           .received_at_ms = hall->town.now_ms };
    struct event_append append = { .event = &event, .contact = &contact };
    assert_ok(event_log_append(hall->log, &append, 1, &fault), &fault);
    assert_int_equal(town_event(&hall->town, event), (int64_t)append.seq);
    hall->town.last_seq = (int64_t)append.seq;
    hall->town.now_ms += 60000;
}

static const char *number_of(struct hall *hall, int64_t seq)
{
    struct case_file record;
    assert_true(town_case(&hall->town, seq, &record));
    return record.number;
}

static void operate(struct hall *hall, int64_t seq, enum verb verb, const char *reason)
{
    struct command command = {
        .actor = "o-01", .role = ROLE_OPERATOR, .case_number = number_of(hall, seq), .verb = verb, .reason = reason
    };
    assert_true(town_command(&hall->town, command));
    assert_int_equal(hall->town.answer.status, ANSWER_OK);
    hall->town.now_ms += 60000;
}

/* Two cases; the first one is accepted, dispatched and talked about. Entries: 1 book, 2 and 3 reports, 4 to 6 commands. */
static void live(struct hall *hall)
{
    const struct bytes jpeg = { (const uint8_t *)"\xff\xd8\xff a picture", 13 };
    assert_ok(media_store_put(hall->town.folder, jpeg, jpeg, hall->photo, &fault), &fault);
    report(hall, "Wang Fang saw a broken lid");
    report(hall, "something else");
    operate(hall, 1, VERB_ACCEPT, "");
    operate(hall, 1, VERB_DISPATCH, "");
    operate(hall, 1, VERB_NOTE, "call Mrs Wang back");
}

static void check_replay(struct hall *hall)
{
    struct buffer differing = { 0 };
    assert_int_equal(town_check(&hall->town, &differing), 0);
    buffer_finish(&differing);
}

#define DRUMCTL(...) run_helper(ARGUMENTS(__VA_ARGS__))
#define BY "--by", "admin", "--reason", "asked for"

/* ---- proofs ---- */

static void a_case_is_proved_to_somebody_who_has_the_head_and_the_key_only(void **state)
{
    struct hall *hall = *state;
    const char *data = hall->town.folder, *key = path_of(hall, "keys/journal.pub");
    live(hall);
    assert_int_equal(DRUMCTL("journal", "verify", "--data", data), 0);
    assert_printed("whole: 6 entries");
    assert_printed("the last one holds 6 entries, 0 are newer");
    assert_int_equal(DRUMCTL("journal", "head", "--data", data), 0);
    const char *head = keep_output(hall, "head.json");
    assert_int_equal(DRUMCTL("journal", "prove", number_of(hall, 1), "--data", data), 0);
    assert_true(strlen(output) < 4096);
    const char *proof = keep_output(hall, "proof.json");
    assert_int_equal(DRUMCTL("journal", "check-proof", proof, "--head", head, "--key", key), 0);
    assert_printed("proved: 4 entries of the 6 that were signed at");
    assert_printed("Wang Fang saw a broken lid");
    assert_printed("\"verb\":\"dispatch\"");
    assert_not_printed("something else"); /* another's report: only its hash may be in the proof */
    assert_int_equal(DRUMCTL("journal", "prove", "3", "--data", data), 0);
    proof = keep_output(hall, "proof3.json");
    assert_int_equal(DRUMCTL("journal", "check-proof", proof, "--head", head, "--key", key), 0);
    assert_printed("proved: 1 entries");
    assert_printed("something else");
}

static void rewrite(const char *path, const char *from, const char *to)
{
    char text[65536];
    FILE *file = fopen(path, "r");
    size_t size = fread(text, 1, sizeof text - 1, file);
    text[size] = 0;
    fclose(file);
    char *at = strstr(text, from);
    assert_non_null(at);
    assert_int_equal(strlen(from), strlen(to));
    memcpy(at, to, strlen(to));
    file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
}

static void a_proof_that_was_changed_does_not_hold(void **state)
{
    struct hall *hall = *state;
    const char *data = hall->town.folder, *key = path_of(hall, "keys/journal.pub");
    live(hall);
    assert_int_equal(DRUMCTL("journal", "head", "--data", data), 0);
    const char *head = keep_output(hall, "head.json");
    assert_int_equal(DRUMCTL("journal", "prove", "5", "--data", data), 0);
    const char *proof = keep_output(hall, "proof.json");
    rewrite(proof, "\"n\":5", "\"n\":4");
    assert_int_equal(DRUMCTL("journal", "check-proof", proof, "--head", head, "--key", key), 1);
    assert_printed("not proved: these entries do not lead to the head's root");
    rewrite(proof, "\"n\":4", "\"n\":5");
    rewrite(proof, "\"command\"", "\"nothing\"");
    assert_int_equal(DRUMCTL("journal", "check-proof", proof, "--head", head, "--key", key), 1);
    assert_printed("'entries' 0: expected 'n' from 1 on and a 'kind' of input");
    rewrite(proof, "\"nothing\"", "\"command\"");
    assert_int_equal(DRUMCTL("journal", "check-proof", proof, "--head", head, "--key", key), 0);
    rewrite(head, "\"tree_size\":6", "\"tree_size\":7");
    assert_int_equal(DRUMCTL("journal", "check-proof", proof, "--head", head, "--key", key), 1);
    assert_printed("not signed by this key");
    assert_int_equal(DRUMCTL("journal", "check-proof", head, "--head", head), 2);
    assert_printed("--key FILE is missing");
    assert_int_equal(DRUMCTL("journal", "check-proof", key, "--key", key), 2);
    assert_printed("--head FILE is missing");
    assert_int_equal(DRUMCTL("journal", "prove-growth", "--data", data), 2);
    assert_printed("--head FILE is missing");
    assert_int_equal(DRUMCTL("journal", "check-proof", head, "--head", head, "--key", "/nowhere"), 1);
    assert_printed("/nowhere: no such file");
}

static void a_later_journal_is_proved_to_begin_with_an_earlier_one(void **state)
{
    struct hall *hall = *state;
    const char *data = hall->town.folder, *key = path_of(hall, "keys/journal.pub");
    live(hall);
    assert_int_equal(DRUMCTL("journal", "head", "--data", data), 0);
    const char *head = keep_output(hall, "head.json");
    report(hall, "one more");
    assert_int_equal(DRUMCTL("journal", "prove-growth", "--data", data, "--head", head), 0);
    const char *growth = keep_output(hall, "growth.json");
    assert_int_equal(DRUMCTL("journal", "check-proof", growth, "--head", head, "--key", key), 0);
    assert_printed("proved: the journal of 7 entries begins with the 6 of the given head");
    assert_int_equal(DRUMCTL("journal", "verify", "--data", data, "--head", head), 0);
    assert_printed("holds all that the given head of 6 entries holds");
    assert_int_equal(DRUMCTL("journal", "prove", "7", "--data", data, "--head", head), 1);
    assert_printed("nothing to prove: 1 entries are newer than the head of 6 entries");
}

static void entries_are_printed_with_what_is_in_them(void **state)
{
    struct hall *hall = *state;
    live(hall);
    assert_int_equal(DRUMCTL("journal", "export", "--data", hall->town.folder), 0);
    assert_printed("{\"n\":1,\"at\":\"2026-01-05T01:00:00Z\",\"at_ms\":1767574800000,\"kind\":\"book\"");
    assert_printed("\"text\":\"Wang Fang saw a broken lid\"");
    assert_int_equal(DRUMCTL("journal", "export", "--data", hall->town.folder, "--from", "4", "--limit", "1"), 0);
    assert_printed("\"verb\":\"accept\"");
    assert_not_printed("\"n\":5");
    assert_not_printed("\"n\":3");
}

/* ---- erasure ---- */

static void erased_words_are_gone_and_what_was_proved_before_still_holds(void **state)
{
    struct hall *hall = *state;
    const char *data = hall->town.folder, *key = path_of(hall, "keys/journal.pub");
    live(hall);
    assert_int_equal(DRUMCTL("journal", "head", "--data", data), 0);
    const char *head = keep_output(hall, "head.json");
    assert_int_equal(DRUMCTL("journal", "prove", "2", "--data", data), 0);
    const char *proof = keep_output(hall, "proof.json");
    assert_int_equal(DRUMCTL("journal", "export", "--data", data), 0);
    assert_printed("39.9123"); /* where the photo was taken */
    assert_int_equal(DRUMCTL("case", "show", number_of(hall, 1), "--data", data), 0);
    assert_printed(hall->photo);
    assert_not_printed("39.9123"); /* of a case many people read */
    assert_int_equal(DRUMCTL("erase", "report", "1", "--photos", BY, "--data", data), 0);
    assert_printed("photos: 1 of 1 removed");
    assert_printed("words of entry 2 erased, also from its case, by entry 7");
    assert_int_equal(DRUMCTL("journal", "export", "--data", data), 0);
    assert_not_printed("Wang Fang");
    assert_not_printed("39.9123");
    assert_printed("\"erased_by\":7");
    assert_int_equal(DRUMCTL("case", "show", number_of(hall, 1), "--data", data), 0);
    assert_not_printed("Wang Fang");
    assert_printed("call Mrs Wang back"); /* another input's */
    assert_int_equal(DRUMCTL("events", "--json", "--data", data), 0);
    assert_printed(ERASED_MARK);
    assert_int_equal(DRUMCTL("journal", "verify", "--data", data, "--head", head), 0);
    assert_printed("erased: the words of 1 entries");
    assert_int_equal(DRUMCTL("journal", "check-proof", proof, "--head", head, "--key", key), 0);
    check_replay(hall);
}

static void an_erased_entry_is_proved_with_the_one_that_erased_it(void **state)
{
    struct hall *hall = *state;
    const char *data = hall->town.folder, *key = path_of(hall, "keys/journal.pub");
    live(hall);
    assert_int_equal(DRUMCTL("erase", "report", "1", BY, "--data", data), 0);
    report(hall, "one more"); /* a turn, so that a head holds the erasure */
    assert_int_equal(DRUMCTL("journal", "head", "--data", data), 0);
    const char *head = keep_output(hall, "head.json");
    assert_int_equal(DRUMCTL("journal", "prove", number_of(hall, 1), "--data", data), 0);
    const char *proof = keep_output(hall, "proof.json");
    assert_int_equal(DRUMCTL("journal", "check-proof", proof, "--head", head, "--key", key), 0);
    assert_printed("proved: 5 entries of the 8");
    assert_printed("\"erased_by\":7");
    assert_printed(ERASED_MARK);
    assert_printed("\"reason\":\"asked for\"");
}

static void a_contact_is_erased_and_says_by_whom(void **state)
{
    struct hall *hall = *state;
    const char *data = hall->town.folder;
    struct arena arena = { 0 };
    struct contact contact;
    struct erasure erasure;
    live(hall);
    assert_int_equal(event_log_contact(hall->log, 1, &arena, &contact, &fault), 0);
    assert_int_equal(event_log_erasure(hall->log, 1, &arena, &erasure, &fault), 1);
    assert_int_equal(DRUMCTL("erase", "contact", "1", BY, "--data", data), 0);
    assert_printed("contact of report 1 erased");
    assert_printed("journal: entry 7 says so");
    assert_int_equal(event_log_contact(hall->log, 1, &arena, &contact, &fault), 1);
    assert_int_equal(event_log_contact(hall->log, 2, &arena, &contact, &fault), 0);
    assert_int_equal(event_log_erasure(hall->log, 1, &arena, &erasure, &fault), 0);
    assert_string_equal(erasure.actor, "admin");
    assert_string_equal(erasure.reason, "asked for");
    assert_int_equal(DRUMCTL("journal", "export", "--data", data, "--from", "7"), 0);
    assert_printed("\"kind\":\"erasure\"");
    assert_printed("\"event_seq\":1");
    check_replay(hall);
    arena_finish(&arena);
}

static void what_was_not_there_is_not_said_to_be_erased(void **state)
{
    struct hall *hall = *state;
    const char *data = hall->town.folder;
    struct erasure mark = { .event_seq = 1, .actor = "admin", .reason = "asked for", .at_ms = 1 };
    struct arena arena = { 0 };
    live(hall);
    /* drumctl was killed between the log and the journal: the mark is made up for */
    assert_ok(event_log_erase(hall->log, 1, false, &mark, &arena, &fault), &fault);
    arena_finish(&arena);
    assert_int_equal(DRUMCTL("erase", "contact", "1", BY, "--data", data), 0);
    assert_printed("event log: nothing of it is there any more: the contact of report 1");
    assert_printed("journal: entry 7 says so");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(DRUMCTL("erase", "contact", "1", BY, "--data", data), 0);
        assert_printed("event log: nothing of it is there any more: the contact of report 1");
        assert_printed("journal: entry 7 said so before");
    }
    assert_int_equal(DRUMCTL("journal", "verify", "--data", data), 0);
    assert_printed("whole: 7 entries");
}

static void the_words_of_a_command_are_erased_by_its_entry(void **state)
{
    struct hall *hall = *state;
    const char *data = hall->town.folder;
    live(hall);
    assert_int_equal(DRUMCTL("erase", "entry", "2", BY, "--data", data), 1);
    assert_printed("entry 2 is report 1: drumctl erase report 1");
    assert_int_equal(DRUMCTL("erase", "entry", "6", BY, "--data", data), 0);
    assert_int_equal(DRUMCTL("case", "show", number_of(hall, 1), "--data", data), 0);
    assert_not_printed("Mrs Wang");
    assert_int_equal(DRUMCTL("erase", "entry", "6", BY, "--data", data), 0);
    assert_printed("its words are erased already");
    assert_int_equal(DRUMCTL("erase", "entry", "4", BY, "--data", data), 0);
    assert_printed("it has no words");
    assert_int_equal(DRUMCTL("journal", "verify", "--data", data), 0);
    check_replay(hall);
}

static void a_report_is_erased_once_however_often_it_is_asked_for(void **state)
{
    struct hall *hall = *state;
    const char *data = hall->town.folder;
    live(hall);
    for (int i = 0; i < 3; i++)
        assert_int_equal(DRUMCTL("erase", "report", "1", "--photos", BY, "--data", data), 0);
    assert_printed("its words were erased before");
    assert_int_equal(DRUMCTL("journal", "verify", "--data", data), 0);
    assert_printed("whole: 7 entries");
    assert_int_equal(DRUMCTL("erase", "report", "9", BY, "--data", data), 1);
    assert_printed("no report 9");
}

/* The dispatcher was away: it will take the report without its words. */
static void a_report_that_nobody_has_taken_yet_is_erased_in_the_log(void **state)
{
    struct hall *hall = *state;
    const char *data = hall->town.folder;
    struct event event = { .id = "early", .kind = EVENT_REPORT, .text = "Wang Fang saw it", .received_at_ms = 1 };
    struct event_append append = { .event = &event };
    assert_ok(event_log_append(hall->log, &append, 1, &fault), &fault);
    assert_int_equal(DRUMCTL("erase", "report", "1", BY, "--data", data), 0);
    assert_printed("words and contact of report 1 erased");
    assert_printed("journal: entry 2 says so");
    assert_int_equal(DRUMCTL("events", "--json", "--data", data), 0);
    assert_printed(ERASED_MARK);
    assert_not_printed("Wang Fang");
}

/* 'S': it waits for somebody else; 'Z': it has ended. */
static char state_of(pid_t pid)
{
    char path[64], state = 'Z';
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%*d (%*[^)]) %c", &state), 1);
    fclose(file);
    return state;
}

struct taking {
    struct hall *hall;
    struct event *event;
    struct helper eraser;
};

/* The turn has read the words when they are erased from the log, and commits while drumctl waits for it. */
static int take_while_it_is_erased(struct town *town, void *context)
{
    struct taking *taking = context;
    struct erasure erasure;
    struct event event;
    record_encode(&event_desc, taking->event, &town->bytes);
    assert_ok(record_decode(&event_desc, buffer_view(&town->bytes), &town->arena, &event, &fault), &fault);
    assert_ok(turn_event(&town->turn, &event, buffer_view(&town->bytes), &fault), &fault);
    helper_start(&taking->eraser, ARGUMENTS("erase", "report", "1", BY, "--data", town->folder));
    while (event_log_erasure(taking->hall->log, 1, &town->arena, &erasure, &fault) > 0)
        sched_yield();
    while (state_of(taking->eraser.pid) != 'S')
        assert_int_not_equal(state_of(taking->eraser.pid), 'Z');
    return 0;
}

static void a_report_that_is_being_taken_is_erased_from_the_journal_too(void **state)
{
    struct hall *hall = *state;
    const char *data = hall->town.folder;
    struct event event = { .id = "now", .kind = EVENT_REPORT, .service = "0101", .text = "Wang Fang saw it" };
    struct event_append append = { .event = &event };
    struct taking taking = { .hall = hall, .event = &event, .eraser = { .hears_errors = true } };
    event.received_at_ms = hall->town.now_ms;
    assert_ok(event_log_append(hall->log, &append, 1, &fault), &fault);
    assert_true(town_turn(&hall->town, take_while_it_is_erased, &taking, true));
    output[fread(output, 1, sizeof output - 1, taking.eraser.lines)] = 0;
    assert_int_equal(helper_wait(&taking.eraser), 0);
    assert_printed("journal: words of entry 2 erased, also from its case, by entry 3");
    assert_int_equal(DRUMCTL("journal", "export", "--data", data), 0);
    assert_not_printed("Wang Fang");
    assert_int_equal(DRUMCTL("case", "show", number_of(hall, 1), "--data", data), 0);
    assert_not_printed("Wang Fang");
}

static void who_erases_says_who_and_why(void **state)
{
    struct hall *hall = *state;
    const char *data = hall->town.folder;
    assert_int_equal(DRUMCTL("erase", "report", "1", "--data", data), 2);
    assert_printed("--by NAME and --reason TEXT are missing");
    assert_int_equal(DRUMCTL("erase", "case", "1", BY, "--data", data), 2);
    assert_int_equal(DRUMCTL("erase", "report", "one", BY, "--data", data), 2);
    assert_int_equal(DRUMCTL("erase", "report", "1", BY, "--data", "/nowhere"), 1);
    assert_printed("no data yet");
}

#define in_hall(test) cmocka_unit_test_setup_teardown(test, open_hall, close_hall)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        in_hall(a_case_is_proved_to_somebody_who_has_the_head_and_the_key_only),
        in_hall(a_proof_that_was_changed_does_not_hold),
        in_hall(a_later_journal_is_proved_to_begin_with_an_earlier_one),
        in_hall(entries_are_printed_with_what_is_in_them),
        in_hall(erased_words_are_gone_and_what_was_proved_before_still_holds),
        in_hall(an_erased_entry_is_proved_with_the_one_that_erased_it),
        in_hall(a_contact_is_erased_and_says_by_whom),
        in_hall(what_was_not_there_is_not_said_to_be_erased),
        in_hall(the_words_of_a_command_are_erased_by_its_entry),
        in_hall(a_report_is_erased_once_however_often_it_is_asked_for),
        in_hall(a_report_that_nobody_has_taken_yet_is_erased_in_the_log),
        in_hall(a_report_that_is_being_taken_is_erased_from_the_journal_too),
        in_hall(who_erases_says_who_and_why),
    };
    helper_program = argc > 1 ? argv[1] : NULL;
    book = argc > 2 ? argv[2] : "test/scenario/books/lane";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
