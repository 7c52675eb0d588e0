/* drumctl account add | import | list | audit: who may sign in at the doors, and who did. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/book/book.h"
#include "proto/door/account_store.h"
#include "proto/door/session.h"
#include "tools/drumctl/look.h"
#include "tools/drumctl/subcommands.h"

enum { PASSWORD_LINE = 512 };

struct account_call {
    const char *data, *book, *role, *department, *name, *password_file;
};

/* The first line of the file, or of standard input: a password on the command line would be seen by every process. */
static int read_password(const char *path, char line[PASSWORD_LINE], struct fault *fault)
{
    FILE *file = path ? fopen(path, "r") : stdin;
    int result = 0;
    if (!file)
        return fault_set(fault, -errno, "%s: cannot be read: %s", path, strerror(errno));
    if (!fgets(line, PASSWORD_LINE, file))
        result = fault_set(fault, -EINVAL, "%s: no password: expected one line", path ? path : "standard input");
    else
        line[strcspn(line, "\r\n")] = 0;
    if (path)
        fclose(file);
    return result;
}

static int add(struct accounts *accounts, const struct account_call *call, const char *login, struct fault *fault)
{
    char password[PASSWORD_LINE] = "";
    int role = enum_value(&role_desc, call->role ? call->role : "");
    if (role <= ROLE_NONE)
        return fault_set(fault, -EINVAL, "--role '%s': expected worker, liaison, operator, leader, admin or device",
                         call->role ? call->role : "");
    int result = read_password(call->password_file, password, fault);
    if (result)
        return result;
    const struct account account = {
        .login = login,
        .name = call->name ? call->name : login,
        .role = (enum role)role,
        .department = call->department ? call->department : "",
    };
    result = accounts_set(accounts, &account, password, fault);
    explicit_bzero(password, sizeof password);
    if (!result)
        printf("%s may sign in as %s\n", login, enum_name(&role_desc, role));
    return result;
}

/* Everybody of the book, with one password for all: for a demonstration, or for a first day on which all change theirs. */
static int import(struct accounts *accounts, const struct account_call *call, struct fault *fault)
{
    char password[PASSWORD_LINE] = "";
    struct book *book = NULL;
    if (!call->book)
        return fault_set(fault, -EINVAL, "import needs --book DIR");
    int result = book_load(call->book, &book, NULL, NULL, fault);
    if (!result)
        result = read_password(call->password_file, password, fault);
    for (size_t i = 0; !result && i < book->person_count; i++) {
        const struct book_person *person = &book->people[i];
        const struct account account = {
            .login = person->id,
            .name = person->name,
            .role = person->role,
            .department = person->department ? person->department->code : "",
        };
        result = accounts_set(accounts, &account, password, fault);
    }
    explicit_bzero(password, sizeof password);
    if (!result)
        printf("%zu people of %s may sign in\n", book->person_count, book->code);
    book_destroy(book);
    return result;
}

static int print_account(void *context, const struct account *account)
{
    char locked[TIMESTAMP_TEXT];
    (void)context;
    printf("%-20s %-10s %-20s %s%s", account->login, enum_name(&role_desc, account->role), account->department,
           account->name, account->disabled ? "  (disabled)" : "");
    if (account->failures)
        printf("  (%" PRId64 " wrong passwords)", account->failures);
    if (account->locked_until_ms)
        printf("  (locked until %s)", look_time(locked, NULL, account->locked_until_ms));
    putchar('\n');
    return 0;
}

static int print_audit(void *context, const struct audit_line *line)
{
    char at[TIMESTAMP_TEXT];
    (void)context;
    printf("%s %-12s %-20s %s%s%s\n", look_time(at, NULL, line->at_ms), enum_name(&audit_kind_desc, (int)line->kind),
           line->login, line->address, *line->what ? " " : "", line->what);
    return 0;
}

/* 0, or <0 for a wrong call or a failure. */
static int run(const struct account_call *call, char **operands, int count, struct fault *fault)
{
    struct accounts *accounts = NULL;
    bool adds = strcmp(operands[0], "add") == 0, imports = strcmp(operands[0], "import") == 0;
    bool audits = strcmp(operands[0], "audit") == 0;
    if (count != (adds ? 2 : 1) || (!adds && !imports && !audits && strcmp(operands[0], "list") != 0))
        return fault_set(fault, -EINVAL, "expected add LOGIN, import, list, or audit");
    int result = adds || imports ? accounts_open(call->data, &accounts, fault)
                                 : accounts_open_to_read(call->data, &accounts, fault);
    if (!result)
        result = adds      ? add(accounts, call, operands[1], fault)
                 : imports ? import(accounts, call, fault)
                 : audits  ? accounts_visit_audit(accounts, print_audit, NULL, fault)
                           : accounts_visit(accounts, print_account, NULL, fault);
    accounts_close(accounts);
    return result;
}

int drumctl_account(int argc, char **argv)
{
    struct account_call call = { 0 };
    const struct arg args[] = {
        { "data", ARG_TEXT, &call.data, "DIR", "data folder", 0, 0 },
        { "book", ARG_TEXT, &call.book, "DIR", "import: district book", 0, 0 },
        { "role", ARG_TEXT, &call.role, "R", "worker, liaison, operator, leader, admin or device", 0, 0 },
        { "department", ARG_TEXT, &call.department, "D", "the department's code: workers and liaisons", 0, 0 },
        { "name", ARG_TEXT, &call.name, "N", "what the pages show; default the login", 0, 0 },
        { "password-file", ARG_TEXT, &call.password_file, "FILE", "its first line; default standard input", 0, 0 },
    };
    const struct arg_program program = {
        .name = "drumctl account",
        .usage = "add LOGIN --role R [--department D] [--name N] [--password-file FILE] --data DIR\n"
                 "       drumctl account import --book DIR [--password-file FILE] --data DIR\n"
                 "       drumctl account list --data DIR\n"
                 "       drumctl account audit --data DIR",
        .summary = "add makes an account, or changes the one that is there: role, department, name and password. The "
                   "login of a\nworker or liaison is the id of a person in the book. import does so for everybody in "
                   "the book, with one password. audit prints who signed in and out, "
                   "which\naccounts were locked or set, and who looked at which evidence of which case, the oldest "
                   "first.",
        .args = args,
        .arg_count = sizeof args / sizeof *args,
        .min_operands = 1,
        .max_operands = 2,
    };
    struct fault fault = { "" };
    int operands, status = look_parse(&program, argc, argv, &operands, &call.data);
    if (status != LOOK_GO_ON)
        return status;
    int result = run(&call, argv, operands, &fault);
    return result ? look_fail(&program, result == -EINVAL ? 2 : 1, &fault) : 0;
}
