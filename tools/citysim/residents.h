/* Residents: they report by the city's daily curve through Open311, with a key of their own, and try again until they are answered. */
#pragma once

#include "tools/citysim/city.h"

struct residents {
    struct city *city;
    struct loop_timer next;
};

/* Would they report it: it is public, and asks nothing that they would have to invent. */
bool residents_know(const struct book_service *service);
void residents_start(struct residents *residents, struct city *city);
