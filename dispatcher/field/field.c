#include "dispatcher/field/field.h"

#include "proto/base/log.h"
#include "proto/door/daemon_door.h"
#include "proto/door/session.h"

static int open_door(struct field *field, struct loop *loop, const struct book *book,
                     const struct daemon_options *daemon, struct fault *fault)
{
    int result = daemon_door_open(loop, daemon, book, &field->door, fault);
    if (!result)
        result = accounts_open(daemon->data, &field->accounts, fault);
    if (!result)
        result = door_use_accounts(field->door, field->accounts, fault);
    return result ? result : daemon_door_pages(field->door, daemon, "field", fault);
}

int field_open(struct field *field, struct loop *loop, const struct book *book, const struct field_options *options,
               struct fault *fault)
{
    const struct daemon_options *daemon = &options->daemon;
    int result = bus_allow_users(options->bus_users, fault);
    if (!result)
        result = open_door(field, loop, book, daemon, fault);
    if (result)
        return result;
    log_info("listening", "address=%s book=%s", door_address(field->door), book->code);
    return case_api_open(&(struct case_api_options){ .loop = loop,
                                                     .door = field->door,
                                                     .book = book,
                                                     .data_folder = daemon->data,
                                                     .bus_port_base = daemon->bus_port,
                                                     .roles = ROLE_BIT(ROLE_WORKER) | ROLE_BIT(ROLE_LIAISON) },
                         &field->cases, fault);
}

void field_close(struct field *field)
{
    case_api_close(field->cases);
    door_close(field->door);
    accounts_close(field->accounts);
    *field = (struct field){ 0 };
}
