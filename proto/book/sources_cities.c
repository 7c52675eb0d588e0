/* Other cities: to whose Open311 endpoint the cases of a department are handed on. */
#include <string.h>

#include "proto/book/sources_inside.h"

#define RAW struct raw_city_service
static const cyaml_schema_field_t service_fields[] = { RAW_TEXT_OPTIONAL(service), RAW_CODE(code), CYAML_FIELD_END };
static const cyaml_schema_value_t service_schema = RAW_ENTRY(service_fields);
#undef RAW
#define RAW struct raw_city
static const cyaml_schema_field_t city_fields[] = { RAW_CODE(name),
                                                    RAW_TEXT(url),
                                                    RAW_TEXT_OPTIONAL(jurisdiction),
                                                    RAW_TEXT_OPTIONAL(pictures),
                                                    RAW_TEXT(department),
                                                    RAW_LIST(services, &service_schema),
                                                    RAW_INT_OR_DEFAULT(poll_seconds),
                                                    CYAML_FIELD_END };
const cyaml_schema_value_t city_schema = RAW_ENTRY(city_fields);
#undef RAW

static void take_services(struct loader *loader, struct spot list, const struct raw_city *raw, struct book_city *city)
{
    struct book_city_service *services = loader_array(loader, raw->services_count, sizeof *services);
    for (size_t i = 0; i < raw->services_count; i++) {
        const struct raw_city_service *row = &raw->services[i];
        struct spot spot = spot_item(list, i);
        services[i] = (struct book_city_service){
            loader_refer(loader, &loader->loaded->services, spot_key(spot, "service"), "service", row->service),
            loader_text(loader, row->code),
        };
        if (!row->service && i + 1 < raw->services_count)
            problem(loader, spot, "a row without a service is for all that no other row names; expected it last");
    }
    city->services = services;
    city->service_count = raw->services_count;
}

static void take_city(struct loader *loader, struct spot spot, const struct raw_city *raw, struct book_city *city)
{
    *city = (struct book_city){
        .name = loader_text(loader, raw->name),
        .url = sources_url(loader, spot_key(spot, "url"), raw->url),
        .jurisdiction = loader_text(loader, raw->jurisdiction),
        .pictures = sources_url(loader, spot_key(spot, "pictures"), raw->pictures),
        .department = loader_department(loader, spot_key(spot, "department"), raw->department),
        .poll_ms = 1000 * loader_number(loader, spot, "poll_seconds", 60, 1, 86400),
    };
    sources_check_name(loader, spot_key(spot, "name"), city->name);
    take_services(loader, spot_key(spot, "services"), raw, city);
}

void sources_take_cities(struct loader *loader, struct spot root, const struct raw_sources *raw)
{
    struct book_city *cities = loader_array(loader, raw->cities_count, sizeof *cities);
    struct spot list = spot_key(root, "cities");
    struct lookup names;
    for (size_t i = 0; i < raw->cities_count; i++) {
        take_city(loader, spot_item(list, i), &raw->cities[i], &cities[i]);
        for (size_t k = 0; k < i; k++)
            if (cities[k].department && cities[k].department == cities[i].department)
                problem(loader, spot_key(spot_item(list, i), "department"),
                        "department '%s' stands for city '%s'; expected another one", cities[i].department->code,
                        cities[k].name);
    }
    loader_index(loader, &names, cities, raw->cities_count, sizeof *cities, list, "name");
    loader->loaded->sources.cities = cities;
    loader->loaded->sources.city_count = raw->cities_count;
}
