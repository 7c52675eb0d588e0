/* Ids and addresses of GB/T 28181 (GB/T 28181-2016, annex E): 20 digits. Pure. */
#pragma once

#include <stdbool.h>

enum { GB_ID_DIGITS = 20, GB_STREAMS_MAX = 8 };

/* gb28181://DEVICE/CHANNEL[?stream=N]: what a camera is in cameras.yaml. */
struct gb_address {
    char device[GB_ID_DIGITS + 1], channel[GB_ID_DIGITS + 1];
    int stream; /* 0: the main one; others as the device numbers them */
};

bool gb_is_id(const char *text);
bool gb_is_address(const char *url); /* by its scheme */
/* -EINVAL: no such address. */
int gb_address_read(const char *url, struct gb_address *address);
