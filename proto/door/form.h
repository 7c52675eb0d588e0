/* Form fields (urlencoded and multipart) and files of a request's body, parsed within the limits. */
#pragma once

#include "proto/door/request.h"

struct form_field {
    const char *name, *value;     /* value of a text field: UTF-8, NUL-terminated */
    const char *file_name, *type; /* NULL for text fields */
    struct bytes bytes;           /* the part's bytes, also for text fields */
};
struct form {
    const struct form_field *fields;
    size_t count;
};
/* -EINVAL with a fault for anything malformed. A body of type application/json is not a form. */
int request_form(struct request *request, struct form *form, struct fault *fault);
const char *form_value(const struct form *form, const char *name); /* NULL if absent; first one wins */
