#include "ingest/cameras/gb28181/ptz.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/record/camera.h"

/* Bits of the fourth byte. */
enum { RIGHT = 1, LEFT = 2, DOWN = 4, UP = 8, ZOOM_IN = 16, ZOOM_OUT = 32 };
enum { FIRST = 0xa5, SPEED_FULL = 255, ZOOM_FULL = 15 };

static int direction(int speed, int more, int less)
{
    return speed > 0 ? more : speed < 0 ? less : 0;
}

/* The slowest that is not 0 still moves. */
static uint8_t speed_of(int speed, int full)
{
    return (uint8_t)((abs(speed) * full + CAMERA_SPEED_MAX - 1) / CAMERA_SPEED_MAX);
}

void ptz_command(char out[PTZ_TEXT_SIZE], const struct source_move *move)
{
    uint8_t bytes[8] = {
        FIRST,
        0x0f, /* version 0; the sum of the digits of the first three halves, modulo 16 */
        0x01, /* the low byte of the address, which DeviceID makes needless */
        (uint8_t)(direction(move->pan, RIGHT, LEFT) | direction(move->tilt, UP, DOWN) |
                  direction(move->zoom, ZOOM_IN, ZOOM_OUT)),
        speed_of(move->pan, SPEED_FULL),
        speed_of(move->tilt, SPEED_FULL),
        (uint8_t)(speed_of(move->zoom, ZOOM_FULL) << 4),
    };
    for (int i = 0; i < 7; i++)
        bytes[7] = (uint8_t)(bytes[7] + bytes[i]);
    for (int i = 0; i < 8; i++)
        snprintf(out + 2 * i, 3, "%02X", bytes[i]);
}
