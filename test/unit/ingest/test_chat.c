/* What is read of a group chat: commands, and whether plain speech is a complaint. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/sources/chat/command.h"
#include "ingest/sources/chat/judge.h"
#include "ingest/sources/chat/words.h"

static const char *const names[] = { "小鼓", "Drum" };
static const struct book_chat chat = {
    .names = names, .name_count = 2, .unsure = UNSURE_ASK, .evidence_percent = 30, .sure_percent = 90, .ask_percent = 60
};

static void commands_are_read_in_both_languages(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct chat_command read;
    } rows[] = {
        { "帮助", { CHAT_HELP, .words = "" } },
        { "  HELP ", { CHAT_HELP, .words = "" } },
        { "@小鼓 帮助", { CHAT_HELP, .addressed = true, .words = "" } },
        { "＠drum　help", { CHAT_HELP, .addressed = true, .words = "" } },
        { "@小鼓", { CHAT_PLAIN, .addressed = true, .words = "" } },
        { "@老王 帮助", { CHAT_PLAIN, .words = "@老王 帮助" } },
        { "帮助老人过马路", { CHAT_PLAIN, .words = "帮助老人过马路" } },
        { "helpful people here", { CHAT_PLAIN, .words = "helpful people here" } },
        { "上报：3号楼前路灯不亮", { CHAT_REPORT, .words = "3号楼前路灯不亮" } },
        { "上报 12号楼漏水", { CHAT_REPORT, .words = "12号楼漏水" } },
        { "报修路灯", { CHAT_REPORT, .words = "路灯" } },
        { "投诉电话是多少", { CHAT_PLAIN, .words = "投诉电话是多少" } },
        { "上报的井盖还没修", { CHAT_PLAIN, .words = "上报的井盖还没修" } },
        { "Report: the lamp is out", { CHAT_REPORT, .words = "the lamp is out" } },
        { "reporter came by", { CHAT_PLAIN, .words = "reporter came by" } },
        { "report", { CHAT_REPORT, .words = "" } },
        { "查询12", { CHAT_STATUS, .number = 12, .words = "" } },
        { "查询 １２", { CHAT_STATUS, .number = 12, .words = "" } },
        { "查询#12号", { CHAT_STATUS, .number = 12, .words = "" } },
        { "查询", { CHAT_STATUS, .words = "" } },
        { "进度怎么样了", { CHAT_PLAIN, .words = "进度怎么样了" } },
        { "status 7", { CHAT_STATUS, .number = 7, .words = "" } },
        { "status7", { CHAT_STATUS, .number = 7, .words = "" } },
        { "status of the lift", { CHAT_PLAIN, .words = "status of the lift" } },
        { "查询 99999999999999999999", { CHAT_STATUS, .words = "" } },
        { "催办 12 三天了", { CHAT_URGE, .number = 12, .words = "三天了" } },
        { "催办的事怎么样了", { CHAT_PLAIN, .words = "催办的事怎么样了" } },
        { "urge 12", { CHAT_URGE, .number = 12, .words = "" } },
        { "补充 12：门口还有一个", { CHAT_ADD, .number = 12, .words = "门口还有一个" } },
        { "add 12 there is another one", { CHAT_ADD, .number = 12, .words = "there is another one" } },
        { "address is 12 Main St", { CHAT_PLAIN, .words = "address is 12 Main St" } },
        { "评价 12 5", { CHAT_RATE, .number = 12, .score = 5, .solved = true, .words = "" } },
        { "评价 12 2", { CHAT_RATE, .number = 12, .score = 2, .words = "" } },
        { "评价 12 4 未解决", { CHAT_RATE, .number = 12, .score = 4, .words = "未解决" } },
        { "评价 12 2 已解决", { CHAT_RATE, .number = 12, .score = 2, .solved = true, .words = "已解决" } },
        { "评价 5", { CHAT_RATE, .score = 5, .solved = true, .words = "" } },
        { "rate 12 4 not solved", { CHAT_RATE, .number = 12, .score = 4, .words = "not solved" } },
        { "rate 12 9", { CHAT_RATE, .number = 12, .words = "" } },
        { "rate of crime", { CHAT_PLAIN, .words = "rate of crime" } },
        { "重办 12 又漏了", { CHAT_REOPEN, .number = 12, .words = "又漏了" } },
        { "重新办理12，又漏了", { CHAT_REOPEN, .number = 12, .words = "又漏了" } },
        { "reopen 12 it leaks again", { CHAT_REOPEN, .number = 12, .words = "it leaks again" } },
        { "是", { CHAT_YES, .words = "" } },
        { "1", { CHAT_YES, .words = "" } },
        { "Yes.", { CHAT_YES, .words = "" } },
        { "是谁家的狗", { CHAT_PLAIN, .words = "是谁家的狗" } },
        { "1号楼没水", { CHAT_PLAIN, .words = "1号楼没水" } },
        { "no", { CHAT_NO, .words = "" } },
        { "nobody cares", { CHAT_PLAIN, .words = "nobody cares" } },
        { "不用", { CHAT_NO, .words = "" } },
        { "", { CHAT_PLAIN, .words = "" } },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena arena = { 0 };
        struct chat_command read = chat_command_read(&chat, rows[i].text, &arena);
        const struct chat_command *wanted = &rows[i].read;
        if (read.verb != wanted->verb || read.addressed != wanted->addressed || read.number != wanted->number ||
            read.score != wanted->score || read.solved != wanted->solved || strcmp(read.words, wanted->words) != 0)
            fail_msg("'%s': verb %d, addressed %d, number %d, score %d, solved %d, words '%s'", rows[i].text,
                     (int)read.verb, read.addressed, (int)read.number, (int)read.score, read.solved, read.words);
        arena_finish(&arena);
    }
}

static void chatter_is_told_from_complaints(void **state)
{
    (void)state;
    static const struct {
        struct chat_hint hint;
        enum chat_verdict verdict;
    } rows[] = {
        /* courtesy, whatever the model makes of it */
        { { "ok thanks", .confidence = 0.99, .evidence = 0.8 }, CHAT_IS_CHATTER },
        { { "谢谢！", .confidence = 0.99, .evidence = 0.8 }, CHAT_IS_CHATTER },
        { { "好的好的，辛苦了[玫瑰][玫瑰]", .confidence = 0.99, .evidence = 0.8 }, CHAT_IS_CHATTER },
        { { "收到👍", .confidence = 0.99, .evidence = 0.8 }, CHAT_IS_CHATTER },
        { { "👍👍", .confidence = 0.99, .evidence = 0.8 }, CHAT_IS_CHATTER },
        { { "[微笑]", .confidence = 0.99, .evidence = 0.8 }, CHAT_IS_CHATTER },
        { { "Good morning everyone!", .confidence = 0.99, .evidence = 0.8 }, CHAT_IS_CHATTER },
        { { "各位早上好", .confidence = 0.99, .evidence = 0.8 }, CHAT_IS_CHATTER },
        { { "谢谢", .addressed = true }, CHAT_IS_CHATTER },
        { { "+1", .confidence = 0.99, .evidence = 0.8 }, CHAT_IS_CHATTER },
        /* over and done */
        { { "路灯修好了，谢谢", .confidence = 0.99, .evidence = 0.8 }, CHAT_IS_CHATTER },
        { { "the lamp was fixed yesterday", .confidence = 0.99, .evidence = 0.8 }, CHAT_IS_CHATTER },
        { { "来电了", .confidence = 0.99, .evidence = 0.8 }, CHAT_IS_CHATTER },
        { { "路灯修好了吗", .addressed = true }, CHAT_MAY_BE_ONE },
        { { "路灯还没修好了吧", .confidence = 0.95, .evidence = 0.8 }, CHAT_IS_REPORT },
        { { "the lamp is still not fixed", .confidence = 0.95, .evidence = 0.8 }, CHAT_IS_REPORT },
        { { "nobody has repaired the lamp", .confidence = 0.95, .evidence = 0.8 }, CHAT_IS_REPORT },
        /* complaints */
        { { "3号楼前的路灯不亮了", .confidence = 0.95, .evidence = 0.8 }, CHAT_IS_REPORT },
        { { "麻烦修一下路灯，谢谢", .confidence = 0.95, .evidence = 0.8 }, CHAT_IS_REPORT },
        { { "3号楼前的路灯不亮了", .confidence = 0.7, .evidence = 0.8 }, CHAT_MAY_BE_ONE },
        { { "3号楼前的路灯不亮了", .confidence = 0.3, .evidence = 0.8 }, CHAT_IS_CHATTER },
        { { "3号楼前的路灯不亮了", .addressed = true }, CHAT_MAY_BE_ONE },
        { { "停水要停到几点？", .confidence = 0.95, .evidence = 0.8 }, CHAT_MAY_BE_ONE },
        { { "明天还停水吗", .confidence = 0.5, .evidence = 0.8 }, CHAT_IS_CHATTER },
        /* of which the model knows nothing */
        { { "周末一起吃饭", .confidence = 0.95, .evidence = 0.04 }, CHAT_IS_CHATTER },
        { { "@all see you at the party", .confidence = 0.95, .evidence = 0.29 }, CHAT_IS_CHATTER },
        { { "周末一起吃饭", .addressed = true, .confidence = 0.95, .evidence = 0.04 }, CHAT_MAY_BE_ONE },
        /* urgent */
        { { "2单元闻到煤气", .urgent = true }, CHAT_IS_REPORT },
        { { "谁家煤气泄漏了？", .urgent = true }, CHAT_IS_REPORT },
        { { "煤气泄漏已经修好了", .urgent = true }, CHAT_MAY_BE_ONE },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (chat_judge(&chat, &rows[i].hint) != rows[i].verdict)
            fail_msg("'%s': %d, expected %d", rows[i].hint.text, (int)chat_judge(&chat, &rows[i].hint),
                     (int)rows[i].verdict);
}

static void a_book_that_wants_silence_asks_nobody_but_who_speaks_to_the_bot(void **state)
{
    (void)state;
    struct book_chat quiet = chat;
    quiet.unsure = UNSURE_SILENT;
    struct chat_hint hint = { .text = "3号楼前的路灯不亮了", .confidence = 0.7, .evidence = 0.8 };
    assert_int_equal(chat_judge(&quiet, &hint), CHAT_IS_CHATTER);
    hint.addressed = true;
    assert_int_equal(chat_judge(&quiet, &hint), CHAT_MAY_BE_ONE);
    hint = (struct chat_hint){ .text = "3号楼前的路灯不亮了", .confidence = 0.9, .evidence = 0.8 };
    assert_int_equal(chat_judge(&quiet, &hint), CHAT_IS_REPORT);
}

static void answers_name_what_they_are_about(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    assert_string_equal(chat_say(true, &arena, TALK_STAGE, "12", "Closed"), "12: Closed");
    assert_string_equal(chat_say(false, &arena, TALK_STAGE, "12", "已结案"), "12：已结案");
    assert_non_null(strstr(chat_say(true, &arena, TALK_TOLD_CLOSED, "7, 8", "7", "7"), "7, 8 is closed"));
    assert_non_null(strstr(chat_say(false, &arena, TALK_RECEIVED), "{number}"));
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_read_in_both_languages),
        cmocka_unit_test(chatter_is_told_from_complaints),
        cmocka_unit_test(a_book_that_wants_silence_asks_nobody_but_who_speaks_to_the_bot),
        cmocka_unit_test(answers_name_what_they_are_about),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
