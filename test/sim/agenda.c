#include "test/sim/agenda.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "tools/benches/grow.h"

static bool earlier(const struct agenda_item *a, const struct agenda_item *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

void agenda_enter(struct agenda *agenda, struct agenda_item item)
{
    agenda->items = grow(agenda->items, agenda->count, &agenda->room, sizeof *agenda->items);
    item.order = agenda->entered++;
    size_t at = agenda->count++;
    for (; at && earlier(&item, &agenda->items[(at - 1) / 2]); at = (at - 1) / 2)
        agenda->items[at] = agenda->items[(at - 1) / 2];
    agenda->items[at] = item;
}

const struct agenda_item *agenda_first(const struct agenda *agenda)
{
    return agenda->count ? &agenda->items[0] : NULL;
}

struct agenda_item agenda_take(struct agenda *agenda)
{
    assert(agenda->count);
    struct agenda_item first = agenda->items[0], last = agenda->items[--agenda->count];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < agenda->count; at = child) {
        if (child + 1 < agenda->count && earlier(&agenda->items[child + 1], &agenda->items[child]))
            child++;
        if (!earlier(&agenda->items[child], &last))
            break;
        agenda->items[at] = agenda->items[child];
    }
    agenda->items[at] = last;
    return first;
}

void agenda_clear(struct agenda *agenda)
{
    agenda->count = 0;
}

void agenda_finish(struct agenda *agenda)
{
    free(agenda->items);
    *agenda = (struct agenda){ 0 };
}
