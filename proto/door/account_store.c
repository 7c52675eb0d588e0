#include "proto/door/account_store.h"

#include <string.h>

#include "proto/base/log.h"

#define RECORD_TYPE struct account
RECORD_DEFINE(account, 1, ACCOUNT_FIELDS)
#undef RECORD_TYPE
#define RECORD_TYPE struct open_session
RECORD_DEFINE(open_session, 1, SESSION_FIELDS)
#undef RECORD_TYPE
ENUM_DEFINE(audit_kind, AUDIT_KINDS)
#define RECORD_TYPE struct audit_line
RECORD_DEFINE(audit_line, 1, AUDIT_FIELDS)
#undef RECORD_TYPE

#define ACCOUNTS_MAP_BYTES (INT64_C(1) << 30)

static const char *const tables[ACCOUNTS_TABLE_COUNT] = {
    [ACCOUNTS_ACCOUNT] = "accounts",
    [ACCOUNTS_SESSION] = "sessions",
    [ACCOUNTS_AUDIT] = "audit",
};

int account_store_open(const char *data_folder, enum store_mode mode, struct store **store, struct fault *fault)
{
    static const struct store_layout layout = { .name = "accounts",
                                                .tables = tables,
                                                .table_count = ACCOUNTS_TABLE_COUNT };
    struct arena arena = { 0 };
    int result = store_open(arena_format(&arena, "%s/accounts", data_folder), &layout, mode,
                            &(struct store_options){ .map_bytes = ACCOUNTS_MAP_BYTES }, store, fault);
    arena_finish(&arena);
    return result;
}

static struct bytes text_bytes(const char *text)
{
    return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

bool account_get(struct txn *txn, const char *login, struct arena *arena, struct account *account)
{
    struct bytes value;
    return *login && strlen(login) <= 64 && txn_get(txn, ACCOUNTS_ACCOUNT, text_bytes(login), &value) &&
           record_decode(&account_desc, value, arena, account, NULL) == 0;
}

void account_put(struct txn *txn, const struct account *account)
{
    struct buffer value = { 0 };
    record_encode(&account_desc, account, &value);
    txn_put(txn, ACCOUNTS_ACCOUNT, text_bytes(account->login), buffer_view(&value));
    buffer_finish(&value);
}

void audit_put(struct txn *txn, const struct audit_line *line)
{
    struct bytes key, value;
    uint8_t next[8];
    struct buffer bytes = { 0 };
    bytes_put_be64(next, txn_last(txn, ACCOUNTS_AUDIT, &key, &value) && key.size == 8 ? bytes_be64(key.data) + 1 : 1);
    record_encode(&audit_line_desc, line, &bytes);
    txn_append(txn, ACCOUNTS_AUDIT, (struct bytes){ next, sizeof next }, buffer_view(&bytes));
    buffer_finish(&bytes);
    log_info(enum_name(&audit_kind_desc, (int)line->kind), "login=\"%s\" address=%s%s%s", line->login, line->address,
             line->what ? " what=" : "", line->what ? line->what : "");
}

void audit_write(struct txn *txn, enum audit_kind kind, const char *login, const char *address, int64_t now_ms)
{
    audit_put(txn, &(struct audit_line){ .at_ms = now_ms, .kind = kind, .login = login, .address = address });
}
