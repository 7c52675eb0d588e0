/* Who asks at the Open311 door: jurisdiction_id, api_key, and how much of each sender is taken (sources.yaml: open311).
 *
 * An api_key is NAME.TEXT: a name of the book, a dot, and the text of its key file, which is read anew each time, so that another one counts at
 * once. Who has a key has its share of a minute; who has none, its address's share of an hour (quota.h). Of a book that names no keys, api_key
 * is not looked at. Lists are for everybody, so many a minute to an address. Each function answers the request itself where it returns false.
 */
#pragma once

#include "ingest/enrich/post.h"
#include "ingest/sources/rate.h"
#include "proto/base/metrics.h"
#include "proto/book/sources.h"
#include "proto/door/door.h"

struct quota;

struct access_key {
    const struct book_open311_key *book;
    struct rate rate;
    struct metric **fates;
};

struct access {
    const struct book_open311 *book;
    const char *folder; /* of the key files */
    struct quota *reports_quota, *lists_quota;
    struct access_key *keys;
};

/* book, folder and the quotas are set. */
void access_open(struct access *access);
void access_close(struct access *access); /* safe on a zeroed struct */

/* Is it about this jurisdiction? Else 400 or 404. `form`: NULL for GET. */
bool access_jurisdiction(const struct access *access, struct request *request, const struct form *form);
/* The same, and has its address's share of lists not been used up? Else 429 with Retry-After: a list may look at thousands of cases. */
bool access_lister(const struct access *access, struct request *request);
/* May it send? Else 403, or 429 with Retry-After. *key: the client's; NULL without one. */
bool access_sender(struct access *access, struct request *request, const struct form *form,
                   const struct book_open311_key **key);
/* Answers a post that cannot be taken; false: it can. What is asked for again does not count as a part of the sender's share. */
bool access_refuse_post(struct access *access, const struct post *post, const struct book_open311_key *key);
/* Answers what the intake did not take (INTAKE_FULL, INTAKE_UNFIT for the fault's reason); nothing where it did. */
void access_refuse_intake(struct access *access, struct request *request, const struct book_open311_key *key,
                          int result, const struct fault *fault);
