#include "support.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

const char *helper_program;
extern char **environ;

int make_test_folder(void **state)
{
    const char *base = getenv("TMPDIR");
    char *folder;
    if (asprintf(&folder, "%s/drumtower-store-XXXXXX", base ? base : "/tmp") < 0 || !mkdtemp(folder))
        return -1;
    *state = folder;
    return 0;
}

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *where)
{
    (void)stat, (void)kind, (void)where;
    return remove(path);
}

int remove_test_folder(void **state)
{
    int result = nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return result;
}

struct bytes as_bytes(const char *text)
{
    return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

void helper_start(struct helper *helper, const char *const *argv)
{
    const char *all[16] = { helper_program };
    for (size_t i = 0; argv[i]; i++)
        all[i + 1] = argv[i];
    assert_non_null(helper_program);
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    if (helper->hears_errors)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    int code = posix_spawn(&helper->pid, helper_program, &actions, NULL, (char *const *)all, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (code)
        fail_msg("cannot start %s: %s", helper_program, strerror(code));
    helper->lines = fdopen(ends[0], "r");
}

bool helper_line(struct helper *helper, char *line, size_t size)
{
    if (!fgets(line, (int)size, helper->lines))
        return false;
    line[strcspn(line, "\n")] = 0;
    return true;
}

void helper_kill(struct helper *helper)
{
    kill(helper->pid, SIGKILL);
}

int helper_wait(struct helper *helper)
{
    int status;
    fclose(helper->lines);
    while (waitpid(helper->pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}
