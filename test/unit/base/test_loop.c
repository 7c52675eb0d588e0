#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "proto/base/loop.h"

struct story {
    struct loop *loop;
    char told[32];
    int length;
    struct loop_watch *other;
    int hooks;
};

static void tell(struct story *story, char what)
{
    story->told[story->length++] = what;
    story->told[story->length] = 0;
}

static int setup(void **state)
{
    static struct story story;
    story = (struct story){ 0 };
    *state = &story;
    return loop_create(&story.loop, NULL);
}

static int teardown(void **state)
{
    loop_destroy(((struct story *)*state)->loop);
    return 0;
}

static int tell_a(void *context)
{
    tell(context, 'a');
    return 0;
}

static int tell_b(void *context)
{
    tell(context, 'b');
    return 0;
}

static int tell_end(void *context)
{
    struct story *story = context;
    tell(story, 'e');
    loop_stop(story->loop, 5);
    return 0;
}

static void timers_fire_in_the_order_of_their_time(void **state)
{
    struct story *story = *state;
    struct loop_timer a = { .fire = tell_a, .context = story }, b = { .fire = tell_b, .context = story },
                      end = { .fire = tell_end, .context = story }, never = { .fire = tell_a, .context = story };
    loop_timer_arm(story->loop, &end, 20);
    loop_timer_arm(story->loop, &a, 10);
    loop_timer_arm(story->loop, &b, 30);
    loop_timer_arm(story->loop, &b, 1); /* arming again moves it */
    loop_timer_arm(story->loop, &never, 5);
    loop_timer_disarm(story->loop, &never);
    assert_int_equal(loop_run(story->loop), 5);
    assert_string_equal(story->told, "bae");
}

static int fail_now(void *context)
{
    (void)context;
    return -42;
}

static void a_failing_callback_ends_the_loop(void **state)
{
    struct story *story = *state;
    struct loop_timer bad = { .fire = fail_now };
    loop_timer_arm(story->loop, &bad, 0);
    assert_int_equal(loop_run(story->loop), -42);
}

static int remove_other(void *context, uint32_t events)
{
    (void)events;
    struct story *story = context;
    tell(story, 'r');
    loop_remove(story->loop, story->other);
    loop_stop(story->loop, 0);
    return 0;
}

static void a_watch_that_was_removed_is_not_called_in_the_same_round(void **state)
{
    struct story *story = *state;
    int first[2], second[2];
    assert_int_equal(pipe(first), 0);
    assert_int_equal(pipe(second), 0);
    struct loop_watch one = { .fd = first[0], .ready = remove_other, .context = story };
    struct loop_watch two = { .fd = second[0], .ready = remove_other, .context = story };
    assert_int_equal(loop_add(story->loop, &one, EPOLLIN), 0);
    assert_int_equal(loop_add(story->loop, &two, EPOLLIN), 0);
    assert_int_equal(write(first[1], "x", 1) + write(second[1], "x", 1), 2);
    story->other = &two; /* whichever comes first removes `two`; if that is `two` itself, `one` still comes */
    assert_int_equal(loop_run(story->loop), 0);
    assert_true(story->length == 1 || (story->length == 2 && story->other == &two));
    loop_remove(story->loop, &one);
    for (int i = 0; i < 2; i++) {
        close(first[i]);
        close(second[i]);
    }
}

static int woken(void *context)
{
    struct story *story = context;
    tell(story, 'w');
    loop_stop(story->loop, 0);
    return 0;
}

static void *wake_from_a_thread(void *wake)
{
    loop_wake_notify(wake);
    return NULL;
}

static int count_hook(void *context)
{
    ((struct story *)context)->hooks++;
    return 0;
}

static void another_thread_wakes_the_loop_and_hooks_run_before_it_sleeps(void **state)
{
    struct story *story = *state;
    struct loop_wake wake;
    struct loop_hook hook = { .run = count_hook, .context = story };
    loop_add_hook(story->loop, &hook);
    assert_int_equal(loop_wake_init(story->loop, &wake, woken, story), 0);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, wake_from_a_thread, &wake), 0);
    assert_int_equal(loop_run(story->loop), 0);
    pthread_join(thread, NULL);
    assert_string_equal(story->told, "w");
    assert_true(story->hooks >= 1);
    loop_wake_finish(story->loop, &wake);
}

static int raise_term(void *context)
{
    (void)context;
    return raise(SIGTERM);
}

static void sigterm_ends_the_loop_in_order(void **state)
{
    struct story *story = *state;
    assert_int_equal(loop_catch_signals(story->loop, NULL), 0);
    struct loop_timer timer = { .fire = raise_term };
    loop_timer_arm(story->loop, &timer, 0);
    assert_int_equal(loop_run(story->loop), 0);
}

/* A round with one event, then one in which a timer and an event come together. */
struct meeting {
    struct story *story;
    int first[2], second[2];
    struct loop_watch first_watch, second_watch;
    struct loop_timer timer, end;
};

static int first_is_ready(void *context, uint32_t events)
{
    (void)events;
    struct meeting *meeting = context;
    tell(meeting->story, '1');
    loop_remove(meeting->story->loop, &meeting->first_watch);
    loop_timer_arm(meeting->story->loop, &meeting->timer, 0);
    loop_timer_arm(meeting->story->loop, &meeting->end, 1);
    return write(meeting->second[1], "x", 1) == 1 ? 0 : -1;
}

static int second_is_ready(void *context, uint32_t events)
{
    (void)events;
    tell(((struct meeting *)context)->story, '2');
    return -1;
}

static int timer_removes_second(void *context)
{
    struct meeting *meeting = context;
    tell(meeting->story, 't');
    loop_remove(meeting->story->loop, &meeting->second_watch);
    return 0;
}

static void a_watch_that_a_timer_removed_is_not_called_any_more(void **state)
{
    struct story *story = *state;
    struct meeting meeting = { .story = story };
    assert_int_equal(pipe(meeting.first), 0);
    assert_int_equal(pipe(meeting.second), 0);
    meeting.first_watch = (struct loop_watch){ meeting.first[0], first_is_ready, &meeting };
    meeting.second_watch = (struct loop_watch){ meeting.second[0], second_is_ready, &meeting };
    meeting.timer = (struct loop_timer){ .fire = timer_removes_second, .context = &meeting };
    meeting.end = (struct loop_timer){ .fire = tell_end, .context = story };
    assert_int_equal(loop_add(story->loop, &meeting.first_watch, EPOLLIN), 0);
    assert_int_equal(loop_add(story->loop, &meeting.second_watch, EPOLLIN), 0);
    assert_int_equal(write(meeting.first[1], "x", 1), 1);
    assert_int_equal(loop_run(story->loop), 5);
    assert_string_equal(story->told, "1te");
    for (int i = 0; i < 2; i++) {
        close(meeting.first[i]);
        close(meeting.second[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(timers_fire_in_the_order_of_their_time, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failing_callback_ends_the_loop, setup, teardown),
        cmocka_unit_test_setup_teardown(a_watch_that_was_removed_is_not_called_in_the_same_round, setup, teardown),
        cmocka_unit_test_setup_teardown(a_watch_that_a_timer_removed_is_not_called_any_more, setup, teardown),
        cmocka_unit_test_setup_teardown(another_thread_wakes_the_loop_and_hooks_run_before_it_sleeps, setup, teardown),
        cmocka_unit_test_setup_teardown(sigterm_ends_the_loop_in_order, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
