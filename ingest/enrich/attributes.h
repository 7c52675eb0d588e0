/* The answers to a service's questions: attribute[CODE]=value of a form, checked against the service's definition (Open311). */
#pragma once

#include "ingest/enrich/complaint.h"
#include "proto/book/book.h"
#include "proto/door/door.h"
#include "proto/record/place.h"

/* Collects the form's attribute[CODE] and attribute[CODE][] fields in the order of the definition; several values of a
 * multivaluelist become several attributes of one code. Empty values count as not given, and those of attributes that are only shown. What is wrong is added to `complaints`. */
void attributes_take(const struct book_service *service, const struct form *form, struct arena *arena,
                     struct attribute_list *attributes, struct complaints *complaints);
