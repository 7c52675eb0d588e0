/* The district book: everything that a district decides for itself, read from YAML files, checked, and immutable while in use.
 *
 * A book is a folder:
 *   district.yaml     code, names, time zone, languages, stage limits, warn points, escalations, rules of the special operations,
 *                     failed-geocode points, urgent words, limits of the doors and of photos
 *   areas.yaml        tiers and parents; polygons from a GeoJSON file (plain or .gz), matched by a property
 *   departments.yaml  who disposes, who of them gets a task, whom they hand up to
 *   calendars.yaml    working periods, holidays, make-up days (see calendar.h)
 *   services.yaml     services and their filing conditions with limits or chains of them; what is verified, checked, merged; rows may be
 *                     imported from a CSV table
 *   routing.yaml      rules, first match wins
 *   people.yaml       workers with areas and shifts, liaisons, operators (no passwords: accounts are in their own store)
 *   cameras.yaml      id, name, place, bearing, address
 *   wall.yaml         optional: the native wall's scenes (see struct book_scene)
 *   sources.yaml      optional: sensors and the other ways in (see sources.h)
 * Every error names file, line and column, the value and what was expected. Unknown keys are errors.
 * A path in a book may use ${DRUMTOWER_TEST_DATA}; nothing else is expanded.
 *
 * All pointers live as long as the book. Lists keep the order of the files.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/crypto.h"
#include "proto/base/fault.h"
#include "proto/record/camera.h"
#include "proto/record/case.h"

struct calendar; /* calendar.h */
struct zone;     /* zone.h */

#define TIERS(X) \
    X(TIER, NONE, "none") \
    X(TIER, DISTRICT, "district")   /* 区 */ \
    X(TIER, STREET, "street")       /* 街道 */ \
    X(TIER, COMMUNITY, "community") /* 社区 */ \
    X(TIER, GRID, "grid")           /* 网格 */
ENUM_DECLARE(tier, TIERS)

/* Where in the book something stands, for explanations: "routing.yaml:12". */
struct book_text {
    const char *zh; /* what people of the district call it */
    const char *en; /* never NULL: falls back to zh */
};

struct book_limit {
    enum limit_unit unit; /* UNIT_NONE: no limit */
    int64_t amount;
    const struct calendar *calendar;
    const char *rule; /* "services.yaml:41"; "" without a limit */
};

/* What one place of the book says about the stages, by clock kind. An empty rule: nothing; UNIT_NONE with a rule: that there is no
 * clock. */
struct book_stages {
    struct book_limit limits[CLOCK_KIND_COUNT];
};

/* Who of a department gets a task. */
#define ASSIGNMENTS(X) \
    X(ASSIGNMENT, LIAISON, "liaison") /* 指派: its liaison names the worker */ \
    X(ASSIGNMENT, ASSIGN, \
      "assign") /* the engine names the nearest on duty; who is silent loses it to the next in line */ \
    X(ASSIGNMENT, OFFER, "offer")         /* 抢单: offered to the nearest few, the first to take it has it */ \
    X(ASSIGNMENT, BROADCAST, "broadcast") /* offered to everybody on duty */
ENUM_DECLARE(assignment, ASSIGNMENTS)

struct book_area {
    const char *code; /* opaque */
    struct book_text name;
    enum tier tier;
    const struct book_area *parent; /* NULL for the district */
    const struct book_department
        *department; /* serves this area (a grid station), NULL where none is named; see routing */
    double lat, lon; /* a point inside, for labels; 0, 0 without a polygon */
    bool has_polygon;
    const char *at; /* "areas.yaml:12" */
};

struct book_department {
    const char *code;
    struct book_text name;
    enum tier tier;
    enum assignment assignment; /* ASSIGNMENT_LIAISON where not said */
    bool worker_reports;        /* a worker's disposal is the department's report; otherwise the liaison's */
    const struct book_department
        *hand_up_to;                  /* layered disposal: who has what is beyond it; NULL: by the routing rules, see
                                               * book_hand_up() */
    const struct book_stages *stages; /* its own, at TIER_NONE; or NULL. See book_stage_limit() */
    const char *remote_listen; /* "" or the TLS address of this department's own socket: "tls+tcp://0.0.0.0:8331" */
    const char *at;            /* "departments.yaml:4" */
};

/* One limit of a chain: stop work 4 working hours → fine 7 working days → demolish 20 working days. */
struct book_link {
    struct book_text name;
    struct book_limit limit;
};

/* Filing condition (立案条件): carries the limit. */
struct book_condition {
    const char *code;
    struct book_text name;
    struct book_text closing;      /* closing condition (结案条件) */
    struct book_limit limit;       /* the first of the chain, where it has one */
    const struct book_link *links; /* the chain, two or more; NULL: a single limit */
    size_t link_count;
    const struct book_department *department; /* NULL: by the routing rules */
    const struct book_route *route; /* the rule that this department makes, before all of routing.yaml; or NULL */
    int64_t priority;               /* 0: as the service */
};

#define ATTRIBUTE_TYPES(X) \
    X(ATTRIBUTE, STRING, "string") \
    X(ATTRIBUTE, NUMBER, "number") \
    X(ATTRIBUTE, DATETIME, "datetime") \
    X(ATTRIBUTE, TEXT, "text") \
    X(ATTRIBUTE, SINGLEVALUELIST, "singlevaluelist") \
    X(ATTRIBUTE, MULTIVALUELIST, "multivaluelist")
ENUM_DECLARE(attribute_type, ATTRIBUTE_TYPES)

struct book_attribute_value {
    const char *key;
    struct book_text name;
};

/* When a report joins a case of the same service that is open: near in place and in time. */
enum { BOOK_MERGE_RADIUS_MAX_M = 500 };
struct book_merge {
    int64_t radius_m; /* 0: never by place; at most BOOK_MERGE_RADIUS_MAX_M */
    int64_t hours;    /* since the case's last voice */
    int64_t raise_at; /* so many voices raise the priority by one, once; 0: never */
};

/* Open311 service definition attribute. */
struct book_attribute {
    const char *code;
    enum attribute_type type;
    bool required;
    bool is_only_shown; /* words for the reporter, no question (Open311: variable = false) */
    struct book_text description;
    struct book_text type_description; /* what the answer should look like */
    const struct book_attribute_value *values;
    size_t value_count;
};

/* How a report of a service gets its number (Open311: type). */
#define SERVICE_TYPES(X) \
    X(SERVICE_TYPE, REALTIME, "realtime") /* at once */ \
    X(SERVICE_TYPE, BATCH, "batch")       /* a token at once, the number when the desk has looked at it */ \
    X(SERVICE_TYPE, BLACKBOX, "blackbox") /* never: nobody outside reads of it again */
ENUM_DECLARE(service_type, SERVICE_TYPES)

struct book_service {
    const char *code; /* GB/T 30428 style "0101", or a city's own */
    struct book_text name;
    struct book_text description;
    struct book_text group;  /* class (大类) */
    const char *keywords;    /* comma separated, for Open311 and the suggestion */
    struct book_text notice; /* what the reporter may expect (Open311: service_notice) */
    enum service_type type;
    bool is_part;           /* part (部件) or event (事件) */
    bool is_public;         /* offered to residents */
    bool auto_accept;       /* accepted and filed without the desk */
    bool auto_dispatch;     /* sent to the routed department without the desk */
    bool auto_check;        /* no check on the spot: disposal counts as checked */
    bool limit_from_report; /* the limit counts from the report; otherwise from dispatch */
    bool verify;            /* a resident's report is verified on the spot before filing */
    bool check_task;        /* the check after disposal is given to a grid worker on duty */
    bool is_for_triage;     /* on purpose no rule has it: the desk decides; see book_advise() */
    int64_t priority;       /* 1 to 5 */
    struct book_merge merge;
    const struct book_stages *stages;        /* by tier; NULL: none of its own. See book_stage_limit() */
    const struct book_condition *conditions; /* the first is the default; at least one */
    size_t condition_count;
    const struct book_attribute *attributes;
    size_t attribute_count;
    const char *at; /* "services.yaml:41" */
};

struct book_shift {
    int64_t from_minute, to_minute;  /* of the local day; to < from: over midnight */
    const struct calendar *calendar; /* only on its working days; NULL: every day */
    unsigned weekdays;               /* bit 0 = Monday; 0 = all */
};

struct book_person {
    const char *id; /* account name */
    const char *name;
    enum role role; /* ROLE_WORKER, ROLE_LIAISON, ROLE_OPERATOR, ROLE_LEADER, ROLE_ADMIN, ROLE_DEVICE */
    const struct book_department *department; /* NULL for the centre */
    const struct book_area *const *areas;     /* workers: the grids they serve; none = the whole district */
    size_t area_count;
    const struct book_shift *shifts; /* none = always on duty */
    size_t shift_count;
};

/* One routing rule; an empty list matches anything. */
struct book_route {
    const char *const *services; /* service codes; a trailing * matches a prefix */
    size_t service_count;
    const char *const *conditions;
    size_t condition_count;
    const struct book_area *const *areas; /* the area itself or any above the case's */
    size_t area_count;
    unsigned sources;                   /* bits 1 << enum event_source; 0 = any */
    int64_t priority_at_most;           /* 0 = any */
    const struct calendar *in_hours_of; /* only inside (or, negated, outside) that calendar's working periods */
    bool out_of_hours;
    const struct book_department *department; /* NULL with area_department: */
    bool to_area_department; /* the department whose code the case's area or the nearest one above names */
    const char *name;        /* what the book calls the rule, for tests of the routing; "" */
    const char *rule;        /* "routing.yaml:12" */
};

/* Whether a rule has a case, and if not, the first thing that does not fit. */
#define ROUTE_VERDICTS(X) \
    X(ROUTE, MATCHES, "matches") \
    X(ROUTE, SERVICE, "service") \
    X(ROUTE, CONDITION, "condition") \
    X(ROUTE, AREA, "area") \
    X(ROUTE, SOURCE, "source") \
    X(ROUTE, PRIORITY, "priority") \
    X(ROUTE, HOURS, "hours") \
    X(ROUTE, NO_DEPARTMENT, "no_department") /* to the area's department, and neither it nor one above names one */
ENUM_DECLARE(route_verdict, ROUTE_VERDICTS)

enum { CAMERA_SUB_WIDE_PX = 704 };
struct book_camera {
    const char *id;
    struct book_text name;
    const char *url; /* rtsp://…, onvif://… (onvif.h), gb28181://… (gb28181.h), of the main stream where it has two */
    const char *sub_url; /* "": it has one stream */
    int64_t sub_wide_px; /* who shows the camera wider is given its main stream: CAMERA_SUB_WIDE_PX */
    bool armed;          /* pulled all the time, so that its last seconds are there */
    bool mobile; /* on a vehicle or a person: where it is, it says itself (places.h); lat, lon: where it is at home */
    double lat, lon, bearing_deg; /* whither it looks: 0 is north, 90 is east */
    bool has_bearing;             /* false: the book does not say; one that turns, or sees all around */
    const struct book_area *area; /* by point in polygon where not said */
};

/* What the native wall can show. A scene with more cameras than tiles is a tour: its pages follow each other. */
enum { SCENE_GRID_MAX = 12, SCENE_DWELL_S_DEFAULT = 20, SCENE_DWELL_S_MIN = 5, SCENE_DWELL_S_MAX = 3600 };
struct book_scene {
    const char *id;
    struct book_text name;
    int columns, rows; /* of its grid, 1 to SCENE_GRID_MAX */
    int large;         /* the first tile takes large × large cells; 1: all tiles are equal */
    bool panels;       /* the district's figures stand beside the tiles */
    bool map;          /* the first place, large or not, has the district's map in place of a camera */
    int64_t dwell_s;   /* how long a page of a tour stays */
    const struct book_camera *const *cameras; /* none were named: all of the book, in its order */
    size_t camera_count;
};

/* When the cameras near a case are brought up on the native wall and at the desks (wall.yaml). */
enum { POPUP_CAMERAS_MAX = 4 };
struct book_popup {
    int64_t cameras;          /* so many, the nearest ones: 4; 0: never by itself */
    int64_t within_m;         /* 800 */
    int64_t dwell_s;          /* how long they stay on the wall: 30 */
    int64_t priority_at_most; /* a case of that priority or a higher one: 1; 0: none for its priority */
    unsigned sources;         /* bits 1 << enum event_source: a case that such a source opens, whatever its priority */
};

/* What becomes of a trouble that the health round finds at a camera. */
struct book_camera_trouble {
    enum camera_condition condition;
    const struct book_service *service; /* an event of that service says so */
    int64_t visits;                     /* so many in a row must find it so: 2 */
    const char *rule;                   /* "cameras.yaml:41" */
};

/* The health round over all cameras; see cameras.yaml of an example for what each means. */
struct book_camera_health {
    int64_t minutes; /* every camera within so many; 0: there is no round */
    int64_t visit_seconds, at_once, wrong_time_seconds;
    const struct book_camera_trouble *troubles;
    size_t trouble_count;
};

/* What is kept of a camera for a case (取证), by an operator's click or because a report of these services came; see cameras.yaml of an example. */
enum { EVIDENCE_CAMERAS_MAX = 8 };
struct book_camera_evidence {
    int64_t before_s, after_s, keep_days, at_once;
    int64_t nearest, within_m; /* of a report: the nearest so many, no farther than that */
    const struct book_service *const *services;
    size_t service_count;
};

/* What cameras may cost, all with defaults; see cameras.yaml of an example for what each means. */
struct book_camera_limits {
    int64_t pulled, ring_seconds, ring_bytes;
};

/* By what an alarm of GB/T 28181 was raised (GB/T 28181-2016, A.2.5: AlarmMethod, from 1). X(GB_ALARM, value, word of the book) */
#define GB_ALARM_METHODS(X) \
    X(GB_ALARM, ANY, "any") \
    X(GB_ALARM, PHONE, "phone") \
    X(GB_ALARM, DEVICE, "device") /* an input of the device: a contact, a button */ \
    X(GB_ALARM, MESSAGE, "message") \
    X(GB_ALARM, GPS, "gps") \
    X(GB_ALARM, VIDEO, "video") /* what the camera itself made out; see type */ \
    X(GB_ALARM, DEVICE_FAULT, "fault") \
    X(GB_ALARM, OTHER, "other")
ENUM_DECLARE(gb_alarm_method, GB_ALARM_METHODS)

/* What becomes of an alarm: the first row that it fits; none: it is only counted and logged. */
struct book_gb_alarm {
    enum gb_alarm_method method;
    int64_t type; /* as the standard numbers those of the method; 0: any */
    const struct book_service *service;
    const struct book_condition *condition; /* NULL: the service's first */
    int64_t priority;                       /* 0: as service and condition say */
    const char *rule;                       /* "cameras.yaml:41" */
};

/* GB/T 28181: how the devices reach us; see cameras.yaml of an example for what each means. */
struct book_gb28181 {
    const char *id;            /* our own, 20 digits; "": nobody reaches us so */
    const char *listen;        /* an IPv4 address */
    const char *media_address; /* what devices are told to send to; "": the address by which we reach them */
    bool media_tcp;            /* pictures by TCP, to which the device connects; else UDP */
    int64_t port, media_port, media_ports, keepalive_seconds, position_seconds;
    const struct book_gb_alarm *alarms;
    size_t alarm_count;
};

struct book_point {
    double lat, lon;
};

/* Whom a clock that ran out is taken to, if nobody acknowledges it. */
#define ESCALATE_TOS(X) \
    X(ESCALATE_TO, DESK, "desk") \
    X(ESCALATE_TO, LEADER, "leader") \
    X(ESCALATE_TO, DEPARTMENT, "department") /* the one that has the case */ \
    X(ESCALATE_TO, NEXT_TIER, "next_tier")   /* the one that it would hand the case up to */ \
    X(ESCALATE_TO, PERSON, "person")
ENUM_DECLARE(escalate_to, ESCALATE_TOS)

/* One step of an escalation chain; those of one clock kind follow each other in the order of the file. */
struct book_escalation {
    enum clock_kind clock;
    struct book_limit after; /* from the firing; UNIT_NONE: at once */
    enum escalate_to to;
    const struct book_person *person; /* ESCALATE_TO_PERSON */
    int64_t priority_at_most;         /* only cases of that priority or a higher one; 0: all */
    const char *rule;                 /* "district.yaml:41" */
};

/* Rules of the special operations (DOMAIN 5) and of dispatch, all with defaults; see district.yaml of an example. */
struct book_rules {
    int64_t extensions;       /* at most so many are granted to one case: 2 */
    int64_t suspensions;      /* at most so often a case is suspended: 3 */
    int64_t suspension_days;  /* a suspension ends within so many: 365 */
    int64_t reopen_days;      /* how long after closing a reporter may have it reopened: 30 */
    int64_t offer_to;         /* to so many workers a task is offered at once: 3 */
    int64_t position_minutes; /* a worker's position is believed for so long: 120 */
    int64_t load_m;           /* an open task counts as so many metres of way: 500 */
    int64_t suggest_percent;  /* a suggestion that is at least so sure needs no desk; 100: none is: 97 */
};

/* Limits of the doors, all with defaults; see district.yaml of an example for what each means. */
struct book_door_limits {
    int64_t connections, connections_per_address, body_bytes, body_memory_bytes, photo_bytes, photos, header_bytes,
        request_seconds, page_size, reports_per_address_per_hour, lists_per_address_per_minute, list_events;
    int64_t sign_in_failures, lock_seconds, lock_seconds_most, address_failures_per_minute; /* proto/door/session.h */
    int64_t live_waiting_bytes;                                                             /* videowall/live/live.h */
    int64_t reports_waiting, log_seconds; /* of the intake: ingest/intake.h */
};

/* What becomes of photos from outside (proto/photo), all with defaults; see district.yaml of an example for what each means. */
struct book_photo_limits {
    int64_t pixels, edge_px, small_px, seconds, workers, waiting, far_m, old_hours;
};

/* Words that make a report urgent wherever somebody writes them; see ingest/enrich/language.h for how they are looked for. */
struct book_words {
    const char *const *items;
    size_t count;
};
struct book_urgent {
    int64_t priority; /* what such a report has at least */
    struct book_words words[TEXT_LANGUAGE_COUNT];
    /* By two bytes, of either case: bit `language` where one of its words begins with them. */
    uint8_t begun_by[UINT8_MAX + 1][UINT8_MAX + 1];
};

struct book {
    const char *code; /* first part of every case number */
    struct book_text name;
    const char *time_zone;
    const struct zone *zone;
    const char *const *languages; /* BCP 47, the first is the default */
    size_t language_count;
    double center_lat, center_lon;
    const struct book_area *areas;
    size_t area_count;
    const struct book_department *departments;
    size_t department_count;
    const struct book_service *services;
    size_t service_count;
    const struct calendar *const *calendars;
    size_t calendar_count;
    const struct book_route *routes;
    size_t route_count;
    const struct book_person *people;
    size_t person_count;
    const struct book_camera *cameras;
    size_t camera_count;
    struct book_camera_limits camera_limits;
    struct book_camera_health camera_health;
    struct book_gb28181 gb28181;
    struct book_camera_evidence camera_evidence;
    const struct book_scene *scenes;
    size_t scene_count;
    struct book_popup popup;
    const struct book_point *failed_geocodes; /* points that a geocoder gives when it fails */
    size_t failed_geocode_count;
    double failed_geocode_radius_m;
    const struct book_stages *stages;         /* of district.yaml, by tier: see book_stage_limit() */
    const struct book_stages *service_stages; /* of `defaults` in services.yaml, by tier; or NULL */
    const int64_t
        *warn_percents; /* a clock warns when these shares of its span have passed; rising, between 1 and 99 */
    size_t warn_percent_count;
    const struct book_escalation *escalations;
    size_t escalation_count;
    struct book_rules rules;
    struct book_door_limits door;
    struct book_photo_limits photo;
    struct book_urgent urgent;
    struct hash hash;      /* of all the files, names and bytes: the version of the book */
    int64_t changed_at_ms; /* when the last of its own files was written */
};

/* Reads and checks the whole folder. -EINVAL: the fault holds the first error; where `report` is given, it is called with
 * every error found ("services.yaml:41:7: no department 'wather'; did you mean 'water'?"). */
int book_load(const char *folder, struct book **book, void (*report)(void *context, const char *error), void *context,
              struct fault *fault);
void book_destroy(struct book *book); /* takes NULL */
/* Tells what a book may hold although its district would hardly want it, each with its place: a service that no rule has (and is not for
 * triage), a grid that has no worker on duty at some hour of the week from now_ms on, a calendar whose named days end within
 * BOOK_DAYS_AHEAD, a department that gets no case. Returns how many. */
enum { BOOK_DAYS_AHEAD = 60 };
size_t book_advise(const struct book *book, int64_t now_ms, void (*report)(void *context, const char *advice),
                   void *context);

const struct book_area *book_area(const struct book *book, const char *code);
const struct book_department *book_department(const struct book *book, const char *code);
const struct book_service *book_service(const struct book *book, const char *code);
/* NULL or "" gives the service's first one; NULL where it has no such one. */
const struct book_condition *book_condition(const struct book_service *service, const char *code);
/* The limit of a clock. Of the dispose clock it is the filing condition's. Of a stage it is what the nearest place says: the service, the
 * department that has the case (NULL: none yet), `defaults` of services.yaml, `stages` of district.yaml; at each of them first for
 * the tier of the department, then for all tiers. UNIT_NONE: no clock. Never NULL. Service and condition may be NULL. */
const struct book_limit *book_stage_limit(const struct book *book, const struct book_service *service,
                                          const struct book_condition *condition,
                                          const struct book_department *department, enum clock_kind kind);
const struct calendar *book_calendar(const struct book *book, const char *code);
const struct book_person *book_person(const struct book *book, const char *id);
const struct book_camera *book_camera(const struct book *book, const char *id);
/* Is it of a kind that can be turned and zoomed? By its address; whether it has a motor, it says itself. */
bool book_camera_turns(const struct book_camera *camera);
const struct book_scene *book_scene(const struct book *book, const char *id);

/* The smallest area that holds the point, NULL outside. On a border the first in file order. */
const struct book_area *book_locate(const struct book *book, double lat, double lon);
/* A polygon (at least three points, closed or not, in order of its border) or, with a radius, a circle around one point. */
struct book_shape {
    const struct book_point *points;
    size_t count;
    double radius_m; /* < 0: a polygon */
};
/* The areas with a polygon that the shape touches, in the order of the file; `touched` has room for area_count of them. Returns how many. */
size_t book_areas_touched(const struct book *book, const struct book_shape *shape, const struct book_area **touched);
/* The smallest area that both are in; NULL takes the other one. */
const struct book_area *book_area_common(const struct book_area *a, const struct book_area *b);
/* True for the area itself and all below it. */
bool book_area_within(const struct book_area *inner, const struct book_area *outer);
/* What nobody asked for in a language of their own is told in the district's first one: Chinese of any kind, else English. */
bool book_speaks_chinese(const struct book *book);
/* All polygons as one GeoJSON FeatureCollection (code, name, name_en, tier, parent), for the pages' maps; NUL-terminated. */
const char *book_geojson(const struct book *book);

/* The rule that has the case: the filing condition's own department where it names one, else the first of routing.yaml that matches (one
 * to the area's department only where the area or one above has it); NULL: none does. `at_ms` decides the rules about hours. *department is
 * set with it. */
const struct book_route *book_route(const struct book *book, const struct case_file *record, int64_t at_ms,
                                    const struct book_department **department);
/* Who has what a department cannot do itself: its `hand_up_to`, else the department of the first rule that has the case and leads to a higher
 * tier than the department's; NULL: nobody. */
const struct book_department *book_hand_up(const struct book *book, const struct case_file *record, int64_t at_ms,
                                           const struct book_department *department, const char **rule);
/* One rule of routing.yaml by itself; *department is set where it matches. */
enum route_verdict book_route_verdict(const struct book *book, const struct book_route *route,
                                      const struct case_file *record, int64_t at_ms,
                                      const struct book_department **department);
/* What a report has that names no priority: the condition's, else the service's. */
int64_t book_priority(const struct book_service *service, const struct book_condition *condition);
/* Is the person on duty (shifts, in the district's local time)? */
bool book_on_duty(const struct book *book, const struct book_person *person, int64_t at_ms);
