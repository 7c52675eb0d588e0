#include "ingest/enrich/complaint.h"

#include "ingest/enrich/clip.h"

enum { SUBJECT_BYTES = 160 };

struct complaint_row {
    int status;
    const char *words[3]; /* by enum complaint_reader */
};
static const struct complaint_row rows[] = {
#define COMPLAINT_ROW(kind, status, program, zh, en) [COMPLAINT_##kind] = { status, { program, zh, en } },
    COMPLAINTS(COMPLAINT_ROW)
#undef COMPLAINT_ROW
};

void complaint_add(struct complaints *complaints, struct arena *arena, enum complaint_kind kind, const char *subject)
{
    if (complaints->count == COMPLAINTS_MAX)
        return;
    complaints->items[complaints->count++] = (struct complaint){
        .kind = kind,
        .subject = arena_text(arena, subject, clip_utf8(subject, SUBJECT_BYTES)),
    };
}

int complaint_status(const struct complaint *complaint)
{
    return rows[complaint->kind].status;
}

int complaints_status(const struct complaints *complaints)
{
    return complaints->count ? complaint_status(&complaints->items[0]) : 0;
}

/* The words hold exactly one %s each, by the table's own rule; put in by hand, so that a subject is never a format. */
const char *complaint_words(const struct complaint *complaint, enum complaint_reader reader, struct arena *arena)
{
    const char *words = rows[complaint->kind].words[reader];
    const char *hole = strstr(words, "%s");
    return arena_format(arena, "%.*s%s%s", (int)(hole - words), words, complaint->subject, hole + 2);
}
