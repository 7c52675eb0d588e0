#include "ingest/enrich/photos.h"

#include "proto/store/media_store.h"

static bool is_photo(const struct form_field *field)
{
    return field->file_name && field->bytes.size > 0;
}

void photos_check(const struct book_door_limits *limits, const struct form *form, struct arena *arena,
                  struct complaints *complaints)
{
    int64_t count = 0;
    for (size_t i = 0; i < form->count; i++) {
        const struct form_field *field = &form->fields[i];
        if (!is_photo(field))
            continue;
        count++;
        if (limits->photo_bytes && (int64_t)field->bytes.size > limits->photo_bytes)
            complaint_add(complaints, arena, COMPLAINT_PHOTO_SIZE, field->file_name);
        else if (!media_type_of(field->bytes))
            complaint_add(complaints, arena, COMPLAINT_PHOTO_TYPE, field->file_name);
    }
    if (count > limits->photos)
        complaint_add(complaints, arena, COMPLAINT_PHOTO_COUNT, arena_format(arena, "%d", (int)limits->photos));
}

int photos_store(const char *data_folder, const struct form *form, struct arena *arena, struct media_list *media,
                 struct complaints *complaints, struct fault *fault)
{
    for (size_t i = 0; i < form->count; i++) {
        const struct form_field *field = &form->fields[i];
        if (!is_photo(field))
            continue;
        char hash[HASH_HEX];
        int result = media_store_put(data_folder, field->bytes, hash, fault);
        if (result == -EINVAL) {
            complaint_add(complaints, arena, COMPLAINT_PHOTO_DAMAGED,
                          arena_format(arena, "'%s': %s", field->file_name, fault->text));
            return 0;
        }
        if (result < 0)
            return result;
        media->items[media->count++] = (struct media){
            .hash = arena_text(arena, hash, HASH_HEX - 1),
            .type = media_type_of(field->bytes),
            .url = "",
        };
    }
    return 0;
}
