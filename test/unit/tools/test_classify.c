/* drumctl classify and train: on made-up complaints, as a table and as the history of a data folder. */
#include <stdlib.h>

#include "proto/store/case_store.h"
#include "proto/store/event_log.h"
#include "run.h"
#include "test/unit/ingest/sayings.h"

static struct fault fault;
static const int64_t START_MS = INT64_C(1767573000000);
static const char *book; /* of test/unit/ingest */

/* ---- eval ---- */

static const char *write_requests(const char *folder, size_t count)
{
    static char path[300];
    struct saying saying;
    snprintf(path, sizeof path, "%s/requests.csv", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    /* what is set later gives the answer away: who looked would be right always */
    fputs("case_title,type,pwd_district,neighborhood,queue,department,closure_reason\n", file);
    for (size_t i = 0; i < count; i++) {
        saying_make(&saying, i);
        fprintf(file, "\"%s\",%s,%s,t1,q-%s,d-%s,%s\n", saying.text, i % 3 ? "one" : "other", saying.area,
                saying.service, strcmp(saying.service, "internal") == 0 ? "0101" : saying.service, saying.service);
    }
    fputs("a row with too few fields\n", file);
    assert_int_equal(fclose(file), 0);
    return path;
}

static double figure(const char *name)
{
    char key[60];
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *line = strstr(output, "{\"bench\":\"classify\"");
    const char *found = line ? strstr(line, key) : NULL;
    if (!found)
        fail_msg("no %s in:\n%s", name, output);
    return strtod(found + strlen(key), NULL);
}

static void eval_judges_by_the_rows_that_were_not_learned(void **state)
{
    const char *csv = write_requests(*state, 900);
    assert_int_equal(run_helper(ARGUMENTS("classify", "eval", "--csv", csv, "--train", "600", "--json")), 0);
    assert_true(figure("learned") == 600 && figure("judged") == 300 && figure("refused") == 1);
    assert_true(figure("queue_top1") > 0.95 && figure("department_top1") > 0.95);
    assert_true(figure("automatic_share") > 0.9);
    assert_true(figure("queue_by_type") < 0.4); /* the type says nothing here */
    assert_true(figure("type_top1") < 0.8);     /* and the words nothing of the type, */
    assert_true(figure("type_top3") == 1);      /* of which there are two */
    assert_printed("\"bar_met\":true");
}

/* A third of the queues is made of chance: what goes automatically must be the others. */
static void the_threshold_keeps_back_what_cannot_be_known(void **state)
{
    char path[300];
    struct saying saying;
    snprintf(path, sizeof path, "%s/chance.csv", (const char *)*state);
    FILE *file = fopen(path, "w");
    fputs("case_title,type,pwd_district,neighborhood,queue,department\n", file);
    for (size_t i = 0; i < 2000; i++) {
        saying_make(&saying, i);
        if (i % 3)
            fprintf(file, "\"%s\",t,%s,t1,q-%s,d\n", saying.text, saying.area, saying.service);
        else
            fprintf(file, "\"随便 %zu\",u,%s,t1,q-%s,d%zu\n", i % 7, saying.area, saying.service, i % 2);
    }
    assert_int_equal(fclose(file), 0);
    assert_int_equal(run_helper(ARGUMENTS("classify", "eval", "--csv", path, "--train", "1500", "--json")), 0);
    assert_true(figure("queue_top1") > 0.65 && figure("queue_top1") < 0.85);
    assert_true(figure("automatic_share") > 0.6 && figure("automatic_share") < 0.72);
    assert_printed("\"bar_met\":false");
}

static void eval_says_what_it_misses(void **state)
{
    const char *csv = write_requests(*state, 200);
    assert_int_equal(run_helper(ARGUMENTS("classify", "eval", "--csv", csv, "--train", "200")), 2);
    assert_printed("has 200 rows; expected more than the 200 of --train");
    assert_int_equal(run_helper(ARGUMENTS("classify", "eval", "--csv", book, "--train", "200")), 1);
    assert_int_equal(run_helper(ARGUMENTS("classify", "eval")), 2);
    assert_printed("--csv FILE is missing");
    FILE *file = fopen(csv, "w");
    fputs("case_title,type\na,b\n", file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(run_helper(ARGUMENTS("classify", "eval", "--csv", csv)), 2);
    assert_printed("requests.csv: no column 'pwd_district' in the first line");
}

/* ---- train ---- */

struct filled {
    struct saying saying;
    struct event event;
    char id[24];
};

static void append_sayings(const char *folder, struct filled *filled, struct event_append *batch, size_t n,
                           size_t count)
{
    struct event_log *log;
    for (size_t i = 0; i < count; i++) {
        saying_make(&filled[i].saying, n + i);
        snprintf(filled[i].id, sizeof filled[i].id, "e-%zu", n + i);
        filled[i].event = (struct event){ .id = filled[i].id,
                                          .kind = EVENT_REPORT,
                                          .source = SOURCE_RESIDENT,
                                          .text = filled[i].saying.text,
                                          .place = { .area = filled[i].saying.area },
                                          .received_at_ms = START_MS + (int64_t)(n + i) };
        batch[i].event = &filled[i].event;
    }
    assert_ok(event_log_open(folder, STORE_READ_WRITE, &log, &fault), &fault);
    assert_ok(event_log_append(log, batch, count, &fault), &fault);
    event_log_close(log);
}

/* Reports from the n-th saying on, each with a case; the first `lies` of them have another's service, or all the one that is given. */
static void fill_as(const char *service, const char *folder, size_t n, size_t count, size_t lies, enum case_state state)
{
    struct filled *filled = calloc(count, sizeof *filled);
    struct event_append *batch = calloc(count, sizeof *batch);
    struct store *cases;
    assert_true(filled && batch);
    append_sayings(folder, filled, batch, n, count);
    assert_ok(case_store_open(folder, STORE_READ_WRITE, &cases, &fault), &fault);
    struct txn *txn = txn_begin_write(cases);
    for (size_t i = 0; i < count; i++) {
        struct saying other;
        struct voice voice = { .seq = (int64_t)batch[i].seq };
        saying_make(&other, (n + i) * 31 + 5);
        case_put(txn, NULL,
                 &(struct case_file){ .id = voice.seq,
                                      .number = filled[i].id,
                                      .state = state,
                                      .service = service    ? service
                                                 : i < lies ? other.service
                                                            : filled[i].saying.service,
                                      .voices = { &voice, 1 } });
    }
    assert_ok(txn_commit(txn, &fault), &fault);
    store_close(cases);
    free(filled);
    free(batch);
}

static void fill(const char *folder, size_t n, size_t count, size_t lies, enum case_state state)
{
    fill_as(NULL, folder, n, count, lies, state);
}

static size_t read_model(const char *folder, uint8_t bytes[1 << 20])
{
    char path[300];
    snprintf(path, sizeof path, "%s/suggest.model", folder);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    size_t size = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    return size;
}

static const char *right_of(const char *name)
{
    const char *line = strstr(output, name);
    if (!line)
        fail_msg("no '%s' in:\n%s", name, output);
    return line + strlen(name);
}

static void a_history_gives_a_model_that_explains_itself(void **state)
{
    static uint8_t model[1 << 20];
    char path[300];
    fill(*state, 0, 400, 0, CASE_CLOSED);
    fill(*state, 400, 100, 100, CASE_DISPATCHED); /* nobody has confirmed these */
    assert_int_equal(run_helper(ARGUMENTS("train", "--data", *state, "--book", book)), 0);
    assert_printed(
        "learning from 2"); /* 400 without those of a service that the book has not, and without the judges */
    assert_printed("the new model is in place");
    assert_true(strtod(right_of("the new model:"), NULL) > 95);
    assert_true(strtod(right_of("always the most frequent service:"), NULL) < 50);
    assert_true(read_model(*state, model) > 100);
    snprintf(path, sizeof path, "%s/suggest.model", (const char *)*state);
    assert_int_equal(run_helper(ARGUMENTS("classify", "explain", "--model", path, "--text", "您好，井盖丢了", "--area",
                                          "east", "--book", book)),
                     0);
    assert_memory_equal(output, "0.", 2);
    assert_memory_equal(output + 8, "internal 内部事项, score", strlen("internal 内部事项, score"));
    assert_printed("'井盖'");
    assert_printed("area east");
    assert_not_printed("gone");
    assert_int_equal(run_helper(ARGUMENTS("classify", "explain", "--model", path, "--text", "井盖丢了", "--area",
                                          "west", "--most", "1")),
                     0);
    assert_memory_equal(output + 8, "0101, score", strlen("0101, score"));
    assert_not_printed("internal");
}

static void a_service_without_reports_is_known_by_its_name(void **state)
{
    char path[300];
    struct saying saying;
    for (size_t n = 0; n < 120; n++) {
        saying_make(&saying, n);
        if (strcmp(saying.service, "0102") != 0) /* of lamps nobody has said anything */
            fill(*state, n, 1, 0, CASE_CLOSED);
    }
    snprintf(path, sizeof path, "%s/elsewhere.model", (const char *)*state);
    assert_int_equal(run_helper(ARGUMENTS("train", "--data", *state, "--book", book, "--out", path)), 0);
    assert_int_equal(run_helper(ARGUMENTS("classify", "explain", "--model", path, "--text", "路灯", "--most", "1")), 0);
    assert_memory_equal(output + 8, "0102", 4);
}

static void a_worse_model_leaves_the_one_that_is_there(void **state)
{
    static uint8_t before[1 << 20], after[1 << 20];
    fill(*state, 0, 300, 0, CASE_CLOSED);
    assert_int_equal(run_helper(ARGUMENTS("train", "--data", *state)), 0);
    size_t size = read_model(*state, before);
    assert_true(size > 100);
    fill(*state, 300, 900, 780, CASE_CLOSED); /* lies, and then the truth, which judges */
    assert_int_equal(run_helper(ARGUMENTS("train", "--data", *state, "--most", "900")), 1);
    assert_printed("left as it was, the new model is worse");
    assert_true(strtod(right_of("the model in place:"), NULL) > strtod(right_of("the new model:"), NULL));
    assert_int_equal(read_model(*state, after), size);
    assert_memory_equal(before, after, size);
}

/* What judges is of a service that nobody has reported before: the rival gets nothing right either. */
static void a_model_that_gets_nothing_right_is_not_put_in_place(void **state)
{
    static uint8_t model[1 << 20];
    fill(*state, 0, 270, 0, CASE_CLOSED);
    fill_as("9999", *state, 270, 30, 0, CASE_CLOSED);
    assert_int_equal(run_helper(ARGUMENTS("train", "--data", *state)), 1);
    assert_true(strtod(right_of("the new model:"), NULL) == 0);
    assert_true(strtod(right_of("always the most frequent service:"), NULL) == 0);
    assert_printed("left as it was, the new model gets nothing right");
    assert_int_equal(read_model(*state, model), 0);
}

static void a_damaged_model_is_replaced(void **state)
{
    static uint8_t model[1 << 20];
    char path[300];
    fill(*state, 0, 300, 0, CASE_CHECKED);
    snprintf(path, sizeof path, "%s/suggest.model", (const char *)*state);
    FILE *file = fopen(path, "w");
    fputs("DTMODEL1, they say", file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(run_helper(ARGUMENTS("train", "--data", *state)), 0);
    assert_printed("the model in place does not count: ");
    assert_true(read_model(*state, model) > 100);
}

static void too_little_memory_or_history_changes_nothing(void **state)
{
    static uint8_t model[1 << 20];
    fill(*state, 0, 49, 0, CASE_RATED);
    assert_int_equal(run_helper(ARGUMENTS("train", "--data", *state)), 1);
    assert_printed("49 reports of cases that were disposed of; at least 50 are needed");
    fill(*state, 49, 251, 0, CASE_DISPOSED);
    assert_int_equal(run_helper(ARGUMENTS("train", "--data", *state, "--memory-mb", "1")), 1);
    assert_printed("nothing was learned: ");
    assert_not_printed("learned from"); /* what was meant is not said as done */
    assert_int_equal(read_model(*state, model), 0);
    assert_int_equal(run_helper(ARGUMENTS("train", "--data", "/nowhere")), 1);
    assert_int_equal(run_helper(ARGUMENTS("train")), 2);
}

static void explain_needs_a_model_and_a_text(void **state)
{
    char path[300];
    snprintf(path, sizeof path, "%s/none.model", (const char *)*state);
    assert_int_equal(run_helper(ARGUMENTS("classify", "explain", "--text", "x")), 2);
    assert_int_equal(run_helper(ARGUMENTS("classify", "explain", "--text", "x", "--model", path)), 1);
    assert_printed("none.model");
    assert_int_equal(run_helper(ARGUMENTS("classify", "guess")), 2);
    assert_printed("expected eval or explain");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(eval_judges_by_the_rows_that_were_not_learned, make_test_folder,
                                        remove_test_folder),
        cmocka_unit_test_setup_teardown(the_threshold_keeps_back_what_cannot_be_known, make_test_folder,
                                        remove_test_folder),
        cmocka_unit_test_setup_teardown(eval_says_what_it_misses, make_test_folder, remove_test_folder),
        cmocka_unit_test_setup_teardown(a_history_gives_a_model_that_explains_itself, make_test_folder,
                                        remove_test_folder),
        cmocka_unit_test_setup_teardown(a_service_without_reports_is_known_by_its_name, make_test_folder,
                                        remove_test_folder),
        cmocka_unit_test_setup_teardown(a_worse_model_leaves_the_one_that_is_there, make_test_folder,
                                        remove_test_folder),
        cmocka_unit_test_setup_teardown(a_model_that_gets_nothing_right_is_not_put_in_place, make_test_folder,
                                        remove_test_folder),
        cmocka_unit_test_setup_teardown(a_damaged_model_is_replaced, make_test_folder, remove_test_folder),
        cmocka_unit_test_setup_teardown(too_little_memory_or_history_changes_nothing, make_test_folder,
                                        remove_test_folder),
        cmocka_unit_test_setup_teardown(explain_needs_a_model_and_a_text, make_test_folder, remove_test_folder),
    };
    if (argc != 3) {
        fprintf(stderr, "usage: test_classify DRUMCTL BOOK\n");
        return 2;
    }
    helper_program = argv[1];
    book = argv[2];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
