/* In what a report is written, and the urgent words of the test's book (zh 漏气, 着火; en "on fire", smoke; other "fuite de gaz"). */
#include "ingest/enrich/language.h"

#include "test/unit/ingest/fixture.h"

static void a_text_is_of_the_language_of_its_script(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum text_language language;
    } rows[] = {
        { "", LANGUAGE_NONE },
        { "12345 !?", LANGUAGE_NONE },
        { "🔥🔥", LANGUAGE_NONE },
        { "路灯不亮", LANGUAGE_ZH },
        { "3 号楼的 wifi 断了", LANGUAGE_ZH },
        { "請修理路燈", LANGUAGE_ZH },
        { "優の良品门口", LANGUAGE_OTHER },
        { "鼓楼东大街一百三十二号优の良品门口的路灯坏了三天没有人修", LANGUAGE_ZH },
        { "Street light out", LANGUAGE_EN },
        { "Light out at 鼓楼", LANGUAGE_EN },
        { "ＦＩＲＥ", LANGUAGE_EN },
        { "The café's sign fell down on the street in front of our house", LANGUAGE_EN },
        { "Die Straßenlaterne ist schon länger defekt", LANGUAGE_OTHER },
        { "L'éclairage public est en panne", LANGUAGE_OTHER },
        { "đèn đường hỏng", LANGUAGE_OTHER },
        { "Не горит фонарь", LANGUAGE_OTHER },
        { "街灯が消えています", LANGUAGE_OTHER },
        { "가로등이 고장났어요", LANGUAGE_OTHER },
        { "مصباح الشارع لا يعمل", LANGUAGE_OTHER },
        { "ไฟถนนดับ", LANGUAGE_OTHER },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (language_of(rows[i].text) != rows[i].language)
            fail_msg("'%s': %s", rows[i].text, enum_name(&text_language_desc, (int)language_of(rows[i].text)));
}

static void urgent_words_are_found_and_no_parts_of_others(void **state)
{
    static const struct {
        const char *text, *word;
    } rows[] = {
        { "", NULL },
        { "楼道里有点漏气的味道", "漏气" },
        { "楼上着火了!!", "着火" },
        { "漏了点气", NULL },
        { "The bin is ON FIRE", "on fire" },
        { "Something on fireplace street", NULL },
        { "on fire.", "on fire" },
        { "smoke", "smoke" },
        { "He is a smoker", NULL },
        { "chainsmoke", NULL },
        { "垃圾桶smoke很大", NULL }, /* a word that goes on in another script is another word */
        { "垃圾桶 smoke 很大", "smoke" },
        { "smoker's smoke", "smoke" }, /* the second one */
        { "Une FUITE DE GAZ rue Monge", "fuite de gaz" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *found = urgent_word_in(*state, rows[i].text);
        if (found != rows[i].word && (!found || !rows[i].word || strcmp(found, rows[i].word) != 0))
            fail_msg("'%s': found '%s'", rows[i].text, found ? found : "nothing");
    }
}

static void an_urgent_word_marks_the_event_and_raises_its_priority(void **state)
{
    static const struct {
        enum event_kind kind;
        const char *service, *title, *text;
        int64_t priority;
        bool urgent;
        int64_t raised;
        enum text_language written;
    } rows[] = {
        { EVENT_REPORT, "0101", "", "着火", 0, true, 2, LANGUAGE_ZH }, /* 2: the book's urgent priority */
        { EVENT_REPORT, "0101", "着火", "", 0, true, 2, LANGUAGE_ZH },
        { EVENT_REPORT, "", "", "on fire", 0, true, 2, LANGUAGE_EN },
        { EVENT_REPORT, "0101", "", "on fire", 1, true, 1, LANGUAGE_EN }, /* never lower */
        { EVENT_REPORT, "0101", "", "on fire", 4, true, 2, LANGUAGE_EN },
        { EVENT_REPORT, "0101", "", "all is well", 0, false, 0, LANGUAGE_EN },
        { EVENT_PATROL, "0101", "", "漏气", 0, true, 2, LANGUAGE_ZH },
        { EVENT_FOLLOW_UP, "", "", "漏气", 0, true, 2, LANGUAGE_ZH },
        { EVENT_ALARM, "0101", "smoke", "smoke", 0, false, 0, LANGUAGE_NONE }, /* a machine's words are its rule's */
        { EVENT_RATING, "", "", "着火", 0, false, 0, LANGUAGE_NONE },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct event event = { .kind = rows[i].kind,
                               .service = rows[i].service,
                               .condition = "",
                               .title = rows[i].title,
                               .text = rows[i].text,
                               .priority = rows[i].priority };
        language_mark(*state, &event);
        if (event.urgent != rows[i].urgent || event.priority != rows[i].raised || event.written != rows[i].written)
            fail_msg("row %zu: urgent %d, priority %d, %s", i, event.urgent, (int)event.priority,
                     enum_name(&text_language_desc, (int)event.written));
    }
}

static void what_is_left_out_counts_as_empty(void **state)
{
    struct event event = { .kind = EVENT_REPORT };
    language_mark(*state, &event);
    assert_int_equal(event.written, LANGUAGE_NONE);
    assert_false(event.urgent);
}

/* Further words come without a service. */
static void urgent_words_that_are_added_count_as_well(void **state)
{
    struct event event = { .kind = EVENT_FOLLOW_UP, .text = "There is SMOKE now" };
    language_mark(*state, &event);
    assert_true(event.urgent);
    assert_int_equal(event.priority, ((const struct book *)*state)->urgent.priority);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_of_the_language_of_its_script),
        cmocka_unit_test(urgent_words_are_found_and_no_parts_of_others),
        cmocka_unit_test(an_urgent_word_marks_the_event_and_raises_its_priority),
        cmocka_unit_test(what_is_left_out_counts_as_empty),
        cmocka_unit_test(urgent_words_that_are_added_count_as_well),
    };
    return cmocka_run_group_tests(tests, load_test_book, free_test_book);
}
