/* What the Open311 door answers: a document or errors, in the form that the path ends with. Only .json is JSON; XML is what the standard
 * has every server speak. */
#pragma once

#include "ingest/sources/open311/document.h"
#include "ingest/sources/open311/open311.h"

/* Takes the document's reference. root: see xml_document(). */
void answer_document(struct request *request, int status, const char *root, json_t *document);
void answer_receipt(struct request *request, const struct document_reader *reader,
                    const struct document_receipt *receipt);
void answer_error(struct request *request, int status, const char *description);
void answer_complaints(struct request *request, const struct complaints *complaints);
/* A fault of ours: the words go to the log, not to the street. */
void answer_failure(struct request *request, const struct fault *fault);

/* Whom the answer is for. */
struct document_reader answer_reader(const struct open311 *open311, struct request *request);

/* The parameter at the path's end without ".json" or ".xml"; "" for any other ending. */
const char *answer_named(struct request *request, const char *param);
