#include "videowall/wall/panel.h"

#include <stdio.h>
#include <string.h>

#include "proto/base/timestamp.h"
#include "proto/book/zone.h"
#include "videowall/wall/theme.h"
#include "videowall/wall/words.h"

enum { STALE_AFTER_MS = 5000 };

static void draw_cell(struct label *cell, const struct canvas *stage, struct rect place, struct label_style style,
                      const char *text)
{
    style.width = place.width;
    style.height = place.height;
    if (label_set(cell, &style, text))
        label_blend(cell, stage, place.x, place.y);
}

static struct label_style text_style(int size_px, enum label_align align, uint32_t argb)
{
    return (struct label_style){ .size_px = size_px, .align = align, .text_argb = argb, .ground_argb = THEME_GROUND };
}

/* ---- title and clock ---- */

static void draw_title(struct panel *panel, const struct canvas *stage, const struct wall_numbers *numbers,
                       int64_t now_ms)
{
    char text[256], age[48];
    bool stale = numbers->known && now_ms - numbers->counted_at_ms > STALE_AFTER_MS;
    if (!numbers->known) {
        snprintf(text, sizeof text, "%s · %s", panel->title, wall_word(panel->english, WORD_NO_DATA));
    } else if (stale) {
        wall_age(age, sizeof age, panel->english, now_ms - numbers->counted_at_ms);
        snprintf(text, sizeof text, "%s · %s%s", panel->title, wall_word(panel->english, WORD_DATA_AGE), age);
    } else {
        snprintf(text, sizeof text, "%s", panel->title);
    }
    struct label_style style = text_style(40, LABEL_LEFT, stale || !numbers->known ? THEME_WARN : THEME_TEXT);
    style.bold = true;
    draw_cell(&panel->title_cell, stage, panel->layout->title, style, text);
}

static void draw_clock(struct panel *panel, const struct canvas *stage, int64_t now_ms)
{
    int64_t local_ms = panel->zone ? zone_to_local_ms(panel->zone, now_ms) : now_ms;
    struct civil_date date = civil_from_days(local_ms / MS_PER_DAY);
    int64_t second = local_ms % MS_PER_DAY / MS_PER_SECOND;
    char text[64];
    snprintf(text, sizeof text, "%04d-%02d-%02d  %02d:%02d:%02d", date.year, date.month, date.day, (int)(second / 3600),
             (int)(second / 60 % 60), (int)(second % 60));
    draw_cell(&panel->clock_cell, stage, panel->layout->clock, text_style(36, LABEL_RIGHT, THEME_TEXT), text);
}

/* ---- headlines ---- */

static const struct {
    enum wall_word word;
    size_t offset;
    const char *sign; /* stands before a number that is abnormal: not by colour alone */
    uint32_t abnormal_argb;
} headlines[WALL_HEADLINES] = {
    [HEADLINE_OPEN] = { WORD_OPEN, offsetof(struct wall_numbers, open), "", THEME_TEXT },
    [HEADLINE_DUE_SOON] = { WORD_DUE_SOON, offsetof(struct wall_numbers, due_soon), "◆ ", THEME_WARN },
    [HEADLINE_OVERDUE] = { WORD_OVERDUE, offsetof(struct wall_numbers, overdue), "▲ ", THEME_BAD },
    [HEADLINE_CLOSED_TODAY] = { WORD_CLOSED_TODAY, offsetof(struct wall_numbers, closed_today), "", THEME_TEXT },
};

static int64_t number_of(enum panel_headline which, const struct wall_numbers *numbers)
{
    int64_t number;
    memcpy(&number, (const char *)numbers + headlines[which].offset, sizeof number);
    return number;
}

void panel_number_text(char out[24], enum panel_headline which, const struct wall_numbers *numbers)
{
    int64_t number = number_of(which, numbers);
    if (numbers->known)
        snprintf(out, 24, "%s%lld", number > 0 ? headlines[which].sign : "", (long long)number);
    else
        snprintf(out, 24, "—");
}

struct label_style panel_number_style(const struct wall_layout *layout, enum panel_headline which,
                                      const struct wall_numbers *numbers)
{
    bool abnormal = numbers->known && number_of(which, numbers) > 0;
    struct label_style style = text_style(72, LABEL_LEFT, abnormal ? headlines[which].abnormal_argb : THEME_TEXT);
    style.bold = true;
    style.width = layout->numbers[which].width;
    style.height = layout->numbers[which].height;
    return style;
}

static void draw_headlines(struct panel *panel, const struct canvas *stage, const struct wall_numbers *numbers)
{
    const struct wall_layout *layout = panel->layout;
    for (int i = 0; i < WALL_HEADLINES; i++) {
        char text[24];
        panel_number_text(text, (enum panel_headline)i, numbers);
        draw_cell(&panel->numbers[i], stage, layout->numbers[i],
                  panel_number_style(layout, (enum panel_headline)i, numbers), text);
        draw_cell(&panel->words[i], stage, layout->words[i], text_style(36, LABEL_RIGHT, THEME_TEXT_SOFT),
                  wall_word(panel->english, headlines[i].word));
    }
}

/* ---- departments ---- */

static const enum wall_word head_words[WALL_COLUMNS] = { WORD_DEPARTMENTS, WORD_OPEN, WORD_DUE_SOON, WORD_OVERDUE };

static void draw_count(struct label *cell, const struct canvas *stage, struct rect place, int64_t count,
                       const char *sign, uint32_t abnormal_argb)
{
    char text[32];
    snprintf(text, sizeof text, "%s%lld", count > 0 ? sign : "", (long long)count);
    draw_cell(cell, stage, place, text_style(28, LABEL_RIGHT, count > 0 ? abnormal_argb : THEME_TEXT_SOFT), text);
}

static void draw_department(struct panel *panel, const struct canvas *stage, const struct wall_numbers *numbers,
                            size_t row)
{
    struct label *cells = panel->departments[row];
    const struct rect *places = panel->layout->departments[row];
    if (!numbers->known || row >= numbers->department_count) {
        for (int i = 0; i < WALL_COLUMNS; i++)
            draw_cell(&cells[i], stage, places[i], text_style(28, LABEL_LEFT, THEME_TEXT), "");
        return;
    }
    const struct wall_department *department = &numbers->departments[row];
    draw_cell(&cells[0], stage, places[0], text_style(24, LABEL_LEFT, THEME_TEXT), department->name);
    draw_count(&cells[1], stage, places[1], department->open, "", THEME_TEXT);
    draw_count(&cells[2], stage, places[2], department->due_soon, "◆", THEME_WARN);
    draw_count(&cells[3], stage, places[3], department->overdue, "▲", THEME_BAD);
}

void panel_draw(struct panel *panel, const struct canvas *stage, const struct wall_numbers *numbers, int64_t now_ms)
{
    if (!panel->layout->panels)
        return;
    draw_title(panel, stage, numbers, now_ms);
    draw_clock(panel, stage, now_ms);
    draw_headlines(panel, stage, numbers);
    for (int i = 0; i < WALL_COLUMNS; i++)
        draw_cell(&panel->heads[i], stage, panel->layout->heads[i],
                  text_style(18, i ? LABEL_RIGHT : LABEL_LEFT, THEME_TEXT_SOFT),
                  wall_word(panel->english, head_words[i]));
    for (size_t row = 0; row < WALL_DEPARTMENTS_MAX; row++)
        draw_department(panel, stage, numbers, row);
}

static void finish_cells(struct label *cells, size_t count)
{
    for (size_t i = 0; i < count; i++)
        label_finish(&cells[i]);
}

void panel_finish(struct panel *panel)
{
    finish_cells(&panel->title_cell, 1);
    finish_cells(&panel->clock_cell, 1);
    finish_cells(panel->heads, WALL_COLUMNS);
    finish_cells(panel->departments[0], WALL_DEPARTMENTS_MAX * WALL_COLUMNS);
    finish_cells(panel->numbers, WALL_HEADLINES);
    finish_cells(panel->words, WALL_HEADLINES);
}
