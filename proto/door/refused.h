/* What a limit or a check of a door refused, counted by its reason. */
#pragma once

#define REFUSED_REASONS(X) \
    X(CONNECTIONS, "drumtower_door_refused_total{reason=\"connections\"}") \
    X(ADDRESS, "drumtower_door_refused_total{reason=\"connections_per_address\"}") \
    X(PROTOCOL, "drumtower_door_refused_total{reason=\"protocol\"}") \
    X(MALFORMED, "drumtower_door_refused_total{reason=\"malformed\"}") \
    X(HEADER, "drumtower_door_refused_total{reason=\"header_bytes\"}") \
    X(BODY, "drumtower_door_refused_total{reason=\"body_bytes\"}") \
    X(MEMORY, "drumtower_door_refused_total{reason=\"body_memory\"}") \
    X(SHARE, "drumtower_door_refused_total{reason=\"body_memory_per_address\"}") \
    X(ROUTE, "drumtower_door_refused_total{reason=\"route\"}") \
    X(ACCOUNT, "drumtower_door_refused_total{reason=\"account\"}") \
    X(FORGERY, "drumtower_door_refused_total{reason=\"forgery\"}") \
    X(TIME, "drumtower_door_refused_total{reason=\"request_seconds\"}") \
    X(ATTEMPTS, "drumtower_door_refused_total{reason=\"sign_in_attempts\"}")
#define REFUSED_ENUM(name, text) REFUSED_##name,
enum refused_reason { REFUSED_REASONS(REFUSED_ENUM) REFUSED_REASON_COUNT };

void refused_count(enum refused_reason reason);
