/* Documents of devices, in whatever encoding: catalogs are put together, alarms and positions read. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "ingest/cameras/gb28181/catalog.h"
#include "proto/record/codec.h"
#include "test/fuzz/fuzz.h"

static void check_catalog(const struct manscdp *document)
{
    struct catalog catalog = { 0 };
    catalog_ask(&catalog, document->serial > 0 ? document->serial : 1, 0);
    int first = catalog_take(&catalog, document, 1);
    size_t count = catalog.coming_count;
    int second = catalog_take(&catalog, document, 2); /* as devices do */
    assert(first == second && count == catalog.coming_count);
    bool complete = catalog_tick(&catalog, 1000000);
    assert(complete == (count > 0) && catalog.count == (complete ? count : 0));
    for (size_t i = 0; i < catalog.count; i++) {
        assert(catalog_find(&catalog, catalog.channels[i].id) == &catalog.channels[i]);
        assert(text_is_utf8(catalog.channels[i].name, strlen(catalog.channels[i].name)));
        assert(i == 0 || strcmp(catalog.channels[i - 1].id, catalog.channels[i].id) < 0);
    }
    catalog_finish(&catalog);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = { 0 };
    struct manscdp document;
    struct fault fault = { "" };
    if (manscdp_read((struct bytes){ data, size }, &arena, &document, &fault) < 0) {
        assert(*fault.text);
    } else {
        check_catalog(&document);
        struct manscdp_alarm alarm = manscdp_alarm(&document, 480);
        assert(alarm.method >= 0 && alarm.method <= 7 && alarm.type >= 0 && alarm.priority >= 0 && alarm.priority <= 4);
        assert(isnan(alarm.position.lat) == isnan(alarm.position.lon));
        assert(text_is_utf8(alarm.text, strlen(alarm.text)));
        manscdp_position(&document, 0);
    }
    arena_finish(&arena);
    return 0;
}
