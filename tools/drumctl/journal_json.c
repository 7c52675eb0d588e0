/* Heads and proofs of the journal as JSON, written and read. What is read may come from anybody. */
#include <limits.h>
#include <string.h>

#include "proto/store/journal_key.h"
#include "tools/drumctl/journal.h"

/* ---- writing ---- */

json_t *journal_base64(const void *bytes, size_t size)
{
    struct buffer text = { 0 };
    base64_encode(bytes, size, &text);
    json_t *json = json_stringn((const char *)text.bytes, text.size);
    buffer_finish(&text);
    return json;
}

json_t *journal_head_to_json(const struct journal_head *head)
{
    char at[TIMESTAMP_TEXT];
    timestamp_format(at, head->at_ms, 0);
    return json_pack("{ss sI sI ss so so}", "format", JOURNAL_HEAD_FORMAT, "tree_size", (json_int_t)head->size, "at_ms",
                     (json_int_t)head->at_ms, "at", at, "root", journal_base64(head->root.bytes, HASH_BYTES),
                     "signature", journal_base64(head->signature.bytes, SIGNATURE_BYTES));
}

json_t *journal_nodes_to_json(struct bytes nodes)
{
    json_t *array = json_array();
    for (size_t at = 0; at < nodes.size; at += HASH_BYTES)
        json_array_append_new(array, journal_base64(nodes.data + at, HASH_BYTES));
    return array;
}

/* ---- reading ---- */

int journal_take_base64(const json_t *object, const char *name, size_t size, struct buffer *out, struct fault *fault)
{
    const char *text = json_string_value(json_object_get(object, name));
    size_t before = out->size;
    if (!text || base64_decode(text, out) || (size && out->size - before != size))
        return size ? fault_set(fault, -EINVAL, "'%s': expected %zu bytes in base64", name, size)
                    : fault_set(fault, -EINVAL, "'%s': expected base64", name);
    return 0;
}

static int take_fixed(const json_t *object, const char *name, void *out, size_t size, struct fault *fault)
{
    struct buffer bytes = { 0 };
    int result = journal_take_base64(object, name, size, &bytes, fault);
    if (!result)
        memcpy(out, bytes.bytes, size);
    buffer_finish(&bytes);
    return result;
}

int journal_take_integer(const json_t *object, const char *name, int64_t *value, struct fault *fault)
{
    const json_t *member = json_object_get(object, name);
    if (!json_is_integer(member) || json_integer_value(member) < 0)
        return fault_set(fault, -EINVAL, "'%s': expected a number of 0 or more", name);
    *value = json_integer_value(member);
    return 0;
}

int journal_take_nodes(const json_t *object, struct buffer *nodes, struct fault *fault)
{
    const json_t *array = json_object_get(object, "nodes");
    if (!json_is_array(array))
        return fault_set(fault, -EINVAL, "'nodes': expected a list of hashes");
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *text = json_string_value(json_array_get(array, i));
        size_t before = nodes->size;
        if (!text || base64_decode(text, nodes) || nodes->size - before != HASH_BYTES)
            return fault_set(fault, -EINVAL, "'nodes' %zu: expected a hash, %d bytes in base64", i, HASH_BYTES);
    }
    return 0;
}

static int expect_format(const json_t *object, const char *format, struct fault *fault)
{
    const char *found = json_string_value(json_object_get(object, "format"));
    return found && strcmp(found, format) == 0
               ? 0
               : fault_set(fault, -EINVAL, "'format' is '%s', expected '%s'", found ? found : "", format);
}

int journal_head_from_json(const json_t *object, struct journal_head *head, struct fault *fault)
{
    int64_t size = 0;
    int result = expect_format(object, JOURNAL_HEAD_FORMAT, fault);
    if (!result)
        result = journal_take_integer(object, "tree_size", &size, fault);
    head->size = (uint64_t)size;
    if (!result)
        result = journal_take_integer(object, "at_ms", &head->at_ms, fault);
    if (!result)
        result = take_fixed(object, "root", head->root.bytes, HASH_BYTES, fault);
    return result ? result : take_fixed(object, "signature", head->signature.bytes, SIGNATURE_BYTES, fault);
}

/* ---- files ---- */

json_t *journal_load_json(const char *path, struct fault *fault)
{
    json_error_t error;
    json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (json_is_object(json))
        return json;
    if (json)
        fault_set(fault, -EINVAL, "%s: expected a JSON object", path);
    else
        fault_set(fault, -EINVAL, "%s:%d: %s", path, error.line, error.text);
    json_decref(json);
    return NULL;
}

int journal_load_head(const struct journal_request *request, const struct public_key *key, struct journal_head *head,
                      struct fault *fault)
{
    json_t *json = journal_load_json(request->head_file, fault);
    if (!json)
        return -EINVAL;
    int result = journal_head_from_json(json, head, fault);
    json_decref(json);
    if (result)
        return fault_prefix(fault, result, "%s", request->head_file);
    return !key || journal_head_is_signed(head, key)
               ? 0
               : fault_set(fault, -EINVAL, "%s: not signed by this key", request->head_file);
}

int journal_load_key(const struct journal_request *request, struct public_key *key, struct fault *fault)
{
    if (!request->key_file)
        return request->data ? journal_key_public(request->data, key, fault) : 1;
    int result = journal_key_load(request->key_file, key, fault);
    return result == 1 ? fault_set(fault, -ENOENT, "%s: no such file", request->key_file) : result;
}
