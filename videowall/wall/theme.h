/* The wall's colours, those of data-theme="wall" in proto/web/tokens.css: neutral and dark, colour only for what is abnormal. */
#pragma once

#define THEME_GROUND 0xff0f1214u
#define THEME_PICTURE_GROUND 0xff21272bu
#define THEME_TEXT 0xfff3f5f5u
#define THEME_TEXT_SOFT 0xffb4bec3u
#define THEME_WARN 0xffffbf5eu
#define THEME_BAD 0xffff8177u
#define THEME_LINE 0xff343c41u
#define THEME_WARN_GROUND 0xff3a2b12u
#define THEME_BAD_GROUND 0xff43201du
#define THEME_VEIL 0xb00f1214u /* over a picture */
