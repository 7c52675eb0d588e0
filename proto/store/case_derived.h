/* Inside the cases environment: what case_put() derives from a case. Nobody else includes this. */
#pragma once

#include "proto/record/case.h"
#include "proto/store/store.h"

void index_apply(struct txn *txn, const struct case_file *old, const struct case_file *record);
void counter_apply(struct txn *txn, const struct case_file *old, const struct case_file *record);
