/* An account, as it is stored and as an administrator sets it. */
#pragma once

#include "proto/record/codec.h"
#include "proto/record/lifecycle.h"

#define ACCOUNT_FIELDS(X) \
    X(1, TEXT, login, 64) \
    X(2, TEXT, name, 200) \
    X(3, ENUM, role, role) \
    X(4, TEXT, department, 64) /* liaisons and workers */ \
    X(5, TEXT, password_hash, 128) \
    X(6, INT, failures, 0) /* wrong passwords since the last right one */ \
    X(7, INT, locked_until_ms, 0) \
    X(8, BOOL, disabled, 0) \
    X(9, INT, created_at_ms, 0)
RECORD_DECLARE(account, ACCOUNT_FIELDS)
