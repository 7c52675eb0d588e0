/* The numbers: title and clock, departments, headlines. Each text is a cached label; only what changed is drawn. In the wall's thread. */
#pragma once

#include "videowall/wall/label.h"
#include "videowall/wall/layout.h"

struct zone;

struct panel {
    bool english;
    const char *title;       /* lives as long as the panel */
    const struct zone *zone; /* NULL: UTC */
    const struct wall_layout *layout;
    struct label title_cell, clock_cell;
    struct label heads[WALL_COLUMNS], departments[WALL_DEPARTMENTS_MAX][WALL_COLUMNS];
    struct label numbers[WALL_HEADLINES], words[WALL_HEADLINES];
};

enum panel_headline { HEADLINE_OPEN, HEADLINE_DUE_SOON, HEADLINE_OVERDUE, HEADLINE_CLOSED_TODAY };

void panel_draw(struct panel *panel, const struct canvas *stage, const struct wall_numbers *numbers, int64_t now_ms);
void panel_finish(struct panel *panel); /* safe on a zeroed struct */

/* How a headline number looks and what it says ("—" where nothing is known): what the wall draws, and what a test looks for in its picture. */
struct label_style panel_number_style(const struct wall_layout *layout, enum panel_headline which,
                                      const struct wall_numbers *numbers);
void panel_number_text(char out[24], enum panel_headline which, const struct wall_numbers *numbers);
