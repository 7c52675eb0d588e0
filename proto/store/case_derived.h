/* Inside the cases environment: what case_put() derives from a case. Nobody else includes this. */
#pragma once

#include "proto/record/case.h"
#include "proto/store/store.h"

/* The keys that a case (NULL: none) has in the table of lists, each once, as a name set in that scratch slot. */
struct buffer *index_keys_of(struct txn *txn, int slot, const struct case_file *record);
void index_apply(struct txn *txn, const struct case_file *old, const struct case_file *record);
void counter_apply(struct txn *txn, const struct case_file *old, const struct case_file *record);
/* What counter_apply() has collected in the transaction so far. */
void counter_write_changes(struct txn *txn);
