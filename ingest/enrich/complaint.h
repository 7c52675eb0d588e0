/* Complaints: what is wrong with a report that somebody sent, as a list, so that the sender learns all of it at once.
 * Each kind stands once with its HTTP status and its words for programs' authors (English) and for residents (Chinese and English).
 */
#pragma once

#include <stddef.h>

#include "proto/base/arena.h"

/* X(kind, status, words for programs, words for residents in Chinese, in English); each %s is the subject of the complaint. */
#define COMPLAINTS(X) \
    X(NO_SERVICE, 400, "service_code was not provided%s", "请选择问题类型%s", "Please choose what it is about%s") \
    X(UNKNOWN_SERVICE, 404, "service_code '%s' was not found", "没有这个问题类型：%s", \
      "There is no such kind of problem: %s") \
    X(NO_PLACE, 400, "a location was not provided: give lat and long, address_string or address_id%s", \
      "请填写地点，或在地图上选点%s", "Please say where it is, or choose the place on the map%s") \
    X(HALF_POSITION, 400, "lat and long go together: %s was not provided", "位置不完整：%s", \
      "The position is incomplete: %s") \
    X(LATITUDE, 400, "lat '%s' is not a number from -90 to 90", "纬度不对：%s", "The latitude is wrong: %s") \
    X(LONGITUDE, 400, "long '%s' is not a number from -180 to 180", "经度不对：%s", "The longitude is wrong: %s") \
    X(NO_ATTRIBUTE, 400, "attribute[%s] was not provided; this service requires it", "请填写：%s", \
      "Please fill in: %s") \
    X(UNKNOWN_ATTRIBUTE, 400, "attribute[%s] is not in the definition of this service", "没有这一项：%s", \
      "There is no such field: %s") \
    X(ATTRIBUTE_VALUE, 400, "attribute[%s", "这一项填写不对：%s", "This is not filled in correctly: %s") \
    X(TOO_LONG, 400, "%s", "内容过长：%s", "This is too long: %s") \
    X(MEDIA_URL, 400, "media_url '%s' is not an http or https address", "图片链接不对：%s", \
      "The picture's address is wrong: %s") \
    X(NO_FIELD, 400, "%s was not provided", "请填写：%s", "Please fill in: %s") \
    X(STATUS, 400, "status '%s' is none of this server's", "没有这个状态：%s", "There is no such status: %s") \
    X(UPDATE_TIME, 400, "updated_datetime '%s' is not a W3C date and time like 2026-01-05T08:30:00+08:00", \
      "时间不对：%s", "The time is wrong: %s") \
    X(TIME, 400, "requested_datetime '%s' is not a W3C date and time like 2026-01-05T08:30:00+08:00", "时间不对：%s", \
      "The time is wrong: %s") \
    X(PHOTO_TYPE, 400, "'%s' is not a JPEG, PNG or WebP picture", "“%s”不是 JPEG、PNG 或 WebP 图片", \
      "‘%s’ is not a JPEG, PNG or WebP picture") \
    X(PHOTO_DAMAGED, 400, "picture %s", "图片已损坏，请重新拍摄：%s", \
      "This picture is damaged, please take it again: %s") \
    X(PHOTO_SIZE, 413, "picture '%s' is larger than this door takes", "图片“%s”太大", "The picture ‘%s’ is too large") \
    X(PHOTO_COUNT, 400, "too many pictures: at most %s", "图片太多，最多 %s 张", "Too many pictures: at most %s") \
    X(FORM, 400, "the form cannot be read: %s", "表单无法读取：%s", "The form cannot be read: %s")

enum complaint_kind {
#define COMPLAINT_ENUM(kind, status, program, zh, en) COMPLAINT_##kind,
    COMPLAINTS(COMPLAINT_ENUM)
#undef COMPLAINT_ENUM
};

enum { COMPLAINTS_MAX = 16 }; /* more than that nobody reads; the rest is left out */

struct complaint {
    enum complaint_kind kind;
    const char *subject;
};
struct complaints {
    struct complaint items[COMPLAINTS_MAX];
    size_t count;
};

/* `subject` is copied into the arena, a long one clipped; "" where the words need none. */
void complaint_add(struct complaints *complaints, struct arena *arena, enum complaint_kind kind, const char *subject);
/* The status for the whole answer: that of the first complaint. 0 where there is none. */
int complaints_status(const struct complaints *complaints);
int complaint_status(const struct complaint *complaint);

enum complaint_reader { COMPLAINT_FOR_PROGRAMS, COMPLAINT_FOR_RESIDENTS_ZH, COMPLAINT_FOR_RESIDENTS_EN };
const char *complaint_words(const struct complaint *complaint, enum complaint_reader reader, struct arena *arena);
