/* Chats: bridges to group chats, their groups with the place of each, and what is read of their words. */
#include <string.h>

#include "proto/book/sources_inside.h"

static const cyaml_strval_t unsure_strings[] = { CHAT_UNSURES(ENUM_STRING) };

#define RAW struct raw_chat_group
static const cyaml_schema_field_t group_fields[] = { RAW_CODE(id),
                                                     RAW_TEXT(name),
                                                     RAW_TEXT_OPTIONAL(name_en),
                                                     RAW_TEXT(area),
                                                     RAW_TEXT_OPTIONAL(address),
                                                     RAW_TEXT_OPTIONAL(language),
                                                     RAW_REAL_OR_DEFAULT(lat),
                                                     RAW_REAL_OR_DEFAULT(lon),
                                                     CYAML_FIELD_END };
static const cyaml_schema_value_t group_schema = RAW_ENTRY(group_fields);
#undef RAW
#define RAW struct raw_chat
static const cyaml_schema_field_t chat_fields[] = { RAW_CODE(name),
                                                    RAW_TEXT(callback),
                                                    RAW_LIST_OPTIONAL(names, &schema_text),
                                                    RAW_ENUM_OPTIONAL(unsure, unsure_strings),
                                                    RAW_INT_OR_DEFAULT(evidence_percent),
                                                    RAW_INT_OR_DEFAULT(sure_percent),
                                                    RAW_INT_OR_DEFAULT(ask_percent),
                                                    RAW_INT_OR_DEFAULT(per_minute),
                                                    RAW_INT_OR_DEFAULT(sender_per_hour),
                                                    RAW_INT_OR_DEFAULT(together_minutes),
                                                    RAW_INT_OR_DEFAULT(give_up_hours),
                                                    RAW_INT_OR_DEFAULT(urge_hours),
                                                    RAW_INT_OR_DEFAULT(window_seconds),
                                                    RAW_INT_OR_DEFAULT(body_bytes),
                                                    RAW_LIST(groups, &group_schema),
                                                    CYAML_FIELD_END };
const cyaml_schema_value_t chat_schema = RAW_ENTRY(chat_fields);
#undef RAW

/* Left out: as the district's pages begin. */
static bool take_language(struct loader *loader, struct spot spot, const char *language)
{
    const struct book *book = loader->book;
    const char *said = language ? language : book->language_count ? book->languages[0] : "";
    if (language && strcmp(language, "zh") != 0 && strcmp(language, "en") != 0)
        problem(loader, spot, "'%s'; expected zh or en", language);
    return strncmp(said, "en", 2) == 0;
}

static void take_group(struct loader *loader, struct spot spot, const struct raw_chat_group *raw,
                       struct book_chat_group *group)
{
    *group = (struct book_chat_group){
        .id = loader_text(loader, raw->id),
        .name = loader_name(loader, raw->name, raw->name_en),
        .area = loader_area(loader, spot_key(spot, "area"), raw->area),
        .address = loader_text(loader, raw->address ? raw->address : raw->name),
        .has_position = raw->lat && raw->lon,
        .is_english = take_language(loader, spot_key(spot, "language"), raw->language),
    };
    if (!raw->lat != !raw->lon)
        problem(loader, spot_key(spot, raw->lat ? "lat" : "lon"), "lat and lon go together; expected both");
    if (!group->has_position || !loader_position_ok(loader, spot_key(spot, "lat"), *raw->lat, *raw->lon))
        return;
    group->lat = *raw->lat;
    group->lon = *raw->lon;
    const struct book_area *found = book_locate(loader->book, group->lat, group->lon);
    if (group->area && found && !book_area_within(found, group->area))
        problem(loader, spot_key(spot, "lat"), "the position lies in area '%s'; expected one in '%s'", found->code,
                group->area->code);
}

static void take_groups(struct loader *loader, struct spot list, const struct raw_chat *raw, struct book_chat *chat)
{
    struct book_chat_group *groups = loader_array(loader, raw->groups_count, sizeof *groups);
    struct lookup ids;
    for (size_t i = 0; i < raw->groups_count; i++)
        take_group(loader, spot_item(list, i), &raw->groups[i], &groups[i]);
    loader_index(loader, &ids, groups, raw->groups_count, sizeof *groups, list, "id");
    chat->groups = groups;
    chat->group_count = raw->groups_count;
}

static void take_chat(struct loader *loader, struct spot spot, const struct raw_chat *raw, struct book_chat *chat)
{
    int64_t sure_percent = loader_number(loader, spot, "sure_percent", 90, 1, 100);
    *chat = (struct book_chat){
        .name = loader_text(loader, raw->name),
        .callback = loader_text(loader, raw->callback),
        .names = sources_texts(loader, raw->names, raw->names_count),
        .name_count = raw->names_count,
        .unsure = raw->unsure,
        .evidence_percent = loader_number(loader, spot, "evidence_percent", 30, 1, 1000),
        .sure_percent = sure_percent,
        .ask_percent = loader_number(loader, spot, "ask_percent", sure_percent < 60 ? sure_percent : 60, 1, 100),
        .per_minute = loader_number(loader, spot, "per_minute", 600, 1, 10000000),
        .sender_per_hour = loader_number(loader, spot, "sender_per_hour", 20, 1, 1000000),
        .together_ms = 60000 * loader_number(loader, spot, "together_minutes", 10, 1, 1440),
        .give_up_ms = 3600000 * loader_number(loader, spot, "give_up_hours", 24, 1, 720),
        .urge_ms = 3600000 * loader_number(loader, spot, "urge_hours", 4, 1, 720),
        .window_ms = 1000 * loader_number(loader, spot, "window_seconds", 300, 10, 86400),
        .body_bytes = loader_number(loader, spot, "body_bytes", 12 << 20, 1 << 10, 256 << 20),
    };
    sources_check_name(loader, spot_key(spot, "name"), chat->name);
    sources_url(loader, spot_key(spot, "callback"), raw->callback);
    if (chat->ask_percent > chat->sure_percent)
        problem(loader, spot_key(spot, "ask_percent"), "%d; expected at most the %d of sure_percent",
                (int)chat->ask_percent, (int)chat->sure_percent);
    take_groups(loader, spot_key(spot, "groups"), raw, chat);
}

void sources_take_chats(struct loader *loader, struct spot root, const struct raw_sources *raw)
{
    struct book_chat *chats = loader_array(loader, raw->chats_count, sizeof *chats);
    struct spot list = spot_key(root, "chats");
    struct lookup names;
    for (size_t i = 0; i < raw->chats_count; i++)
        take_chat(loader, spot_item(list, i), &raw->chats[i], &chats[i]);
    loader_index(loader, &names, chats, raw->chats_count, sizeof *chats, list, "name");
    loader->loaded->sources.chats = chats;
    loader->loaded->sources.chat_count = raw->chats_count;
}
