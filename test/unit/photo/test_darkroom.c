/* Photos through programs: the real one, and programs that crash, hang or lie in its place. */
#include "proto/photo/darkroom.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "test/unit/photo/samples.h"

/* A loop that ends when all photos have come back. */
struct room {
    struct loop *loop;
    struct darkroom *darkroom;
    struct buffer file;
    int under_way, good, bad, failed;
    char words[256];
    char script[64];
};

static void came_back(void *context, int result, const struct photo *photo, const struct fault *fault)
{
    struct room *room = context;
    if (result == 0 && sample_look(photo->picture, 20, 50).colour)
        room->good++;
    else if (result == -EINVAL)
        room->bad++;
    else
        room->failed++;
    snprintf(room->words, sizeof room->words, "%s", fault->text);
    if (--room->under_way == 0)
        loop_stop(room->loop, 0);
}

/* program: NULL for the real one, or the lines of a script that takes its place. */
static void room_open(struct room *room, const char *script, int64_t waiting)
{
    struct fault fault = { "" };
    *room = (struct room){ 0 };
    assert_int_equal(loop_create(&room->loop, &fault), 0);
    if (script) {
        strcpy(room->script, "/tmp/drumtower-photo-XXXXXX");
        int fd = mkstemp(room->script);
        assert_true(fd >= 0 && dprintf(fd, "#!/bin/sh\n%s\n", script) > 0);
        assert_int_equal(fchmod(fd, 0700) || close(fd), 0);
    }
    const struct darkroom_options options = {
        .loop = room->loop,
        .program = script ? room->script : NULL,
        .limits = { .pixels = 1000000, .edge_px = 200, .small_px = 32, .seconds = script ? 1 : 20 },
        .workers = 2,
        .waiting = waiting,
    };
    if (darkroom_open(&options, &room->darkroom, &fault))
        fail_msg("%s", fault.text);
    sample_jpeg(160, 90, &(struct buffer){ 0 }, &room->file);
}

static void room_close(struct room *room)
{
    darkroom_close(room->darkroom);
    loop_destroy(room->loop);
    buffer_finish(&room->file);
    if (*room->script)
        unlink(room->script);
}

static int hand_in(struct room *room, struct bytes file)
{
    int result = darkroom_develop(room->darkroom, file, came_back, room);
    room->under_way += result == DARKROOM_TAKEN;
    return result;
}

static void photos_are_developed_a_few_at_a_time(void **state)
{
    (void)state;
    struct room room;
    room_open(&room, NULL, 20);
    for (int i = 0; i < 10; i++)
        assert_int_equal(hand_in(&room, buffer_view(&room.file)), DARKROOM_TAKEN);
    assert_int_equal(loop_run(room.loop), 0);
    assert_int_equal(room.good, 10);
    room_close(&room);
}

static void a_bad_one_costs_the_others_nothing(void **state)
{
    (void)state;
    struct room room;
    room_open(&room, NULL, 20);
    for (int i = 0; i < 3; i++) {
        hand_in(&room, (struct bytes){ (const uint8_t *)"\x89PNG\r\n\x1a\n", 8 });
        hand_in(&room, buffer_view(&room.file));
    }
    assert_int_equal(loop_run(room.loop), 0);
    assert_int_equal(room.good, 3);
    assert_int_equal(room.bad, 3);
    room_close(&room);
}

static void more_than_may_wait_are_not_taken(void **state)
{
    (void)state;
    struct room room;
    room_open(&room, NULL, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(hand_in(&room, buffer_view(&room.file)), DARKROOM_TAKEN);
    assert_int_equal(hand_in(&room, buffer_view(&room.file)), DARKROOM_FULL);
    assert_int_equal(loop_run(room.loop), 0);
    assert_int_equal(room.good, 3);
    assert_int_equal(hand_in(&room, buffer_view(&room.file)), DARKROOM_TAKEN);
    assert_int_equal(loop_run(room.loop), 0);
    assert_int_equal(room.good, 4);
    room_close(&room);
}

/* Each of these programs stands for one that a photo has taken over. The next photo gets a new one all the same. */
static void a_program_that_crashes_hangs_or_lies_costs_its_sender_an_error(void **state)
{
    (void)state;
    static const struct {
        const char *script, *words;
    } rows[] = {
        { "kill -SEGV $$", "it cannot be decoded" },
        { "kill -KILL $$", "more than 1 s" },
        { "exit 3", "it cannot be decoded" },
        { "exit 0", "it cannot be decoded" },
        { "echo nonsense", "it cannot be decoded" },
        { "cat /proc/self/fd/0", "it cannot be decoded" }, /* the photo itself for an answer */
        { "exec sleep 600", "more than 1 s" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct room room;
        room_open(&room, rows[i].script, 20);
        for (int photo = 0; photo < 2; photo++) {
            hand_in(&room, buffer_view(&room.file));
            assert_int_equal(loop_run(room.loop), 0);
        }
        if (room.bad != 2 || !strstr(room.words, rows[i].words))
            fail_msg("'%s': %d refused, '%s'", rows[i].script, room.bad, room.words);
        room_close(&room);
    }
}

static void a_program_that_is_gone_is_not_the_photos_fault(void **state)
{
    (void)state;
    struct room room;
    room_open(&room, "exit 0", 20);
    unlink(room.script);
    hand_in(&room, buffer_view(&room.file));
    assert_int_equal(loop_run(room.loop), 0);
    assert_int_equal(room.failed, 1);
    assert_non_null(strstr(room.words, room.script));
    room_close(&room);
}

/* Whoever starts a program for a stranger's bytes hands on nothing of its own. */
static void the_program_inherits_no_file_and_no_environment(void **state)
{
    (void)state;
    enum { FAR_UP = 100 }; /* a number that the script's shell does not use itself */
    struct room room;
    char script[512], said[64] = "", path[] = "/tmp/drumtower-photo-said-XXXXXX";
    int answer = mkstemp(path), inherited = fcntl(answer, F_DUPFD, FAR_UP); /* without FD_CLOEXEC */
    snprintf(script, sizeof script, "exec > %s\n[ -e /proc/$$/fd/%d ] && echo file\necho \"env$SECRET\"", path,
             inherited);
    setenv("SECRET", "x", 1);
    room_open(&room, script, 20);
    hand_in(&room, buffer_view(&room.file));
    assert_int_equal(loop_run(room.loop), 0);
    assert_true(pread(answer, said, sizeof said - 1, 0) > 0);
    assert_string_equal(said, "env\n");
    room_close(&room);
    close(inherited);
    close(answer);
    unlink(path);
}

static int stop(void *context)
{
    loop_stop(context, 0);
    return 0;
}

static void closing_ends_what_is_under_way(void **state)
{
    (void)state;
    struct room room;
    room_open(&room, "exec sleep 600", 20);
    for (int i = 0; i < 5; i++)
        hand_in(&room, buffer_view(&room.file));
    struct loop_timer after_the_start = { .fire = stop, .context = room.loop };
    loop_timer_arm(room.loop, &after_the_start, 0);
    assert_int_equal(loop_run(room.loop), 0);
    room_close(&room);
    assert_int_equal(room.under_way, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(photos_are_developed_a_few_at_a_time),
        cmocka_unit_test(a_bad_one_costs_the_others_nothing),
        cmocka_unit_test(more_than_may_wait_are_not_taken),
        cmocka_unit_test(a_program_that_crashes_hangs_or_lies_costs_its_sender_an_error),
        cmocka_unit_test(a_program_that_is_gone_is_not_the_photos_fault),
        cmocka_unit_test(the_program_inherits_no_file_and_no_environment),
        cmocka_unit_test(closing_ends_what_is_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
