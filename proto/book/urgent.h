/* Words that make a report urgent: `urgent` of district.yaml. Inside proto/book only.
 *
 *   priority: 1                  # what such a report has at least: 1 (highest) to 5
 *   zh: [煤气泄漏, 触电]          # looked for anywhere in a text
 *   en: [gas leak, on fire]      # as whole words, small and capital letters alike
 *   other: [fuite de gaz]        # likewise
 */
#pragma once

#include "proto/book/loader.h"

/* X(key, language): a list for each. */
#define URGENT_LISTS(X) \
    X(zh, LANGUAGE_ZH) \
    X(en, LANGUAGE_EN) \
    X(other, LANGUAGE_OTHER)

struct raw_urgent {
    int64_t *priority;
#define URGENT_MEMBERS(key, language) \
    char **key; \
    uint32_t key##_count;
    URGENT_LISTS(URGENT_MEMBERS)
#undef URGENT_MEMBERS
};

extern const cyaml_schema_field_t urgent_fields[]; /* of struct raw_urgent */

/* raw NULL: the district names none. */
void urgent_take(struct loader *loader, struct spot spot, const struct raw_urgent *raw);
