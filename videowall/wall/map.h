/* The map: the district's areas, coloured by what is open in them, with the number of it, and a point for each case that is overdue or due soon.
 * Drawn by Cairo into a picture that is kept, anew only when what it shows has changed. In the wall's thread. */
#pragma once

#include "videowall/wall/canvas.h"
#include "videowall/wall/wall.h"

struct book;
struct map;

/* Takes the polygons from the book. Width and height even. */
struct map *map_create(const struct book *book, int width, int height, bool english);
void map_destroy(struct map *map); /* takes NULL */

/* True: it is drawn anew, or for the first time, and stands at x, y of the stage now. */
bool map_draw(struct map *map, const struct canvas *stage, int x, int y, const struct wall_numbers *numbers);
