/* What the reader of routing.yaml shares with the matching of rules. Inside proto/book only. */
#pragma once

#include <stdbool.h>

/* A trailing * in the pattern stands for any end. */
bool route_pattern_matches(const char *pattern, const char *code);
