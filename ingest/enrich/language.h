/* In what a report is written, and whether it says one of the district's urgent words.
 *
 * The language by script alone, no dictionary: each Han character counts one, and so does each run of letters of another script (Latin, Cyrillic,
 * kana, …); full-width Latin letters are Latin.
 *   other    a tenth of the signs of East Asia are kana or Hangul; or most is of no script of these; or a tenth of the Latin words have a
 *            letter that English has not (é, ü, đ)
 *   zh       at least as many Han characters as runs of other letters
 *   en       Latin otherwise: so pinyin, and German without its dots, count as en
 *   none     no letter at all
 * The urgent words stand in the book by language (urgent: in district.yaml), and all of them are looked for in every text, as one writes Chinese
 * with English words in it: those of zh anywhere, those of the others as whole words, small and capital letters alike.
 */
#pragma once

#include "proto/book/book.h"

enum text_language language_of(const char *text);

/* The one of the book's urgent words that comes first in the text; NULL where there is none. */
const char *urgent_word_in(const struct book *book, const char *text);

/* Sets event.written and event.urgent from title and text of what people wrote (a report, a patrol, further words), and raises its priority
 * above what it would have by the book's urgent priority, never lowers it. */
void language_mark(const struct book *book, struct event *event);
