#include "ingest/sources/chat/message.h"

#include <stddef.h>
#include <string.h>

#include "ingest/enrich/locate.h"
#include "ingest/sources/json_pointer.h"
#include "proto/record/event.h"

/* X(member, name, most bytes, needed): as the records take them */
#define MESSAGE_TEXTS(X) \
    X(id, "id", 128, true) \
    X(group_id, "group", 64, true) \
    X(sender, "sender", 128, true) \
    X(sender_name, "sender_name", 95, false) \
    X(text, "text", EVENT_TEXT_BYTES, false) \
    X(address, "address", 300, false)

static const struct {
    const char *name;
    size_t offset, most;
    bool needed;
} texts[] = {
#define MESSAGE_ROW(member, name, most, needed) { name, offsetof(struct chat_message, member), most, needed },
    MESSAGE_TEXTS(MESSAGE_ROW)
#undef MESSAGE_ROW
};

/* The texts of an object as fields of a form. */
static struct form form_of_json(json_t *object, struct arena *arena)
{
    const char *name;
    json_t *value;
    struct form_field *fields = arena_array(arena, json_object_size(object) + 1, sizeof *fields);
    size_t count = 0;
    json_object_foreach(object, name, value)
    {
        const char *words = json_to_words(value, arena);
        if (words)
            fields[count++] = (struct form_field){ .name = name, .value = words };
    }
    return (struct form){ fields, count };
}

static bool read_body(struct request *request, struct form *form, struct fault *fault)
{
    const char *type = request_header(request, "Content-Type");
    if (type && strncmp(type, "application/json", 16) != 0)
        return request_form(request, form, fault) == 0;
    json_t *object = request_json(request, fault);
    if (object)
        *form = form_of_json(object, request_arena(request));
    return object;
}

static const char *value_of(const struct form *form, const char *name)
{
    const char *value = form_value(form, name);
    return value ? value : "";
}

static void take_texts(const struct form *form, struct arena *arena, struct chat_message *message,
                       struct complaints *complaints)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *value = value_of(form, texts[i].name);
        *(const char **)((char *)message + texts[i].offset) = value;
        if (texts[i].needed && !*value)
            complaint_add(complaints, arena, COMPLAINT_NO_FIELD, texts[i].name);
        if (strlen(value) > texts[i].most)
            complaint_add(
                complaints, arena, COMPLAINT_TOO_LONG,
                arena_format(arena, "%s: %zu bytes, at most %zu", texts[i].name, strlen(value), texts[i].most));
    }
}

static void take_position(const struct form *form, struct arena *arena, struct chat_message *message,
                          struct complaints *complaints)
{
    const char *lat = value_of(form, "lat"), *lon = value_of(form, "long");
    if (!*lat != !*lon)
        complaint_add(complaints, arena, COMPLAINT_HALF_POSITION, *lat ? "long" : "lat");
    if (*lat && !locate_degrees(lat, 90, &message->lat))
        complaint_add(complaints, arena, COMPLAINT_LATITUDE, lat);
    if (*lon && !locate_degrees(lon, 180, &message->lon))
        complaint_add(complaints, arena, COMPLAINT_LONGITUDE, lon);
    message->has_position = *lat && *lon;
}

static void take_time(const struct form *form, const struct book *book, struct arena *arena,
                      struct chat_message *message, struct complaints *complaints)
{
    const char *time = value_of(form, "time");
    if (*time && !text_time(time, book->zone, &message->at_ms))
        complaint_add(complaints, arena, COMPLAINT_TIME, time);
}

/* In the names of Open311, with the pictures as they are. */
static void make_form(const struct form *form, const struct book_chat *chat, struct arena *arena,
                      struct chat_message *message)
{
    const char *const said[][2] = {
        { "description", message->text },
        { "first_name", message->sender_name },
        { "device_id", message->sender },
        { "account_id", arena_format(arena, "chat/%s/%s", chat->name, message->sender) },
        { "media_url", value_of(form, "media_url") },
    };
    enum { SAID = sizeof said / sizeof *said };
    struct form_field *fields = arena_array(arena, SAID + form->count, sizeof *fields);
    size_t count = 0;
    message->has_picture = *said[SAID - 1][1];
    for (size_t i = 0; i < SAID; i++)
        fields[count++] = (struct form_field){ .name = said[i][0], .value = said[i][1] };
    for (size_t i = 0; i < form->count; i++)
        if (form->fields[i].file_name && form->fields[i].bytes.size) {
            fields[count++] = form->fields[i];
            message->has_picture = true;
        }
    message->form = (struct form){ fields, count };
}

bool chat_message_read(struct request *request, const struct book *book, const struct book_chat *chat,
                       struct chat_message *message, struct complaints *complaints, struct fault *fault)
{
    struct arena *arena = request_arena(request);
    struct form form = { 0 };
    *message = (struct chat_message){ 0 };
    if (!read_body(request, &form, fault))
        return false;
    take_texts(&form, arena, message, complaints);
    take_position(&form, arena, message, complaints);
    take_time(&form, book, arena, message, complaints);
    make_form(&form, chat, arena, message);
    if (!*message->text && !message->has_picture)
        complaint_add(complaints, arena, COMPLAINT_NO_FIELD, "text");
    message->group = book_chat_group(chat, message->group_id);
    return true;
}
