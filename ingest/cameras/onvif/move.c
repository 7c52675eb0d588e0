#include "ingest/cameras/onvif/move.h"

#include <stdlib.h>

#include "ingest/cameras/onvif/soap.h"
#include "proto/record/camera.h"

enum { STOPS_LATER_S = 3 /* than we would tell it to: a hop and a second try away */ };

#define SCHEMA "xmlns=\"http://www.onvif.org/ver10/schema\""

bool move_is_stop(const struct source_move *move)
{
    return !move->pan && !move->tilt && !move->zoom;
}

/* In the generic space of speeds, -1 to 1, whatever the locale. */
static void put_speed(struct buffer *out, const char *name, int speed)
{
    int percent = abs(speed) * 100 / CAMERA_SPEED_MAX;
    buffer_format(out, " %s=\"%s%d.%02d\"", name, speed < 0 ? "-" : "", percent / 100, percent % 100);
}

void move_put(struct buffer *out, const char *profile, const struct source_move *move, const struct source_move *last)
{
    bool turns = move->pan || move->tilt || last->pan || last->tilt, zooms = move->zoom || last->zoom;
    buffer_text(out, "<ProfileToken>");
    soap_put_text(out, profile);
    buffer_text(out, "</ProfileToken>");
    if (move_is_stop(move)) {
        buffer_text(out, "<PanTilt>true</PanTilt><Zoom>true</Zoom>");
        return;
    }
    buffer_text(out, "<Velocity>");
    if (turns) {
        buffer_text(out, "<PanTilt " SCHEMA);
        put_speed(out, "x", move->pan);
        put_speed(out, "y", move->tilt);
        buffer_text(out, "/>");
    }
    if (zooms) {
        buffer_text(out, "<Zoom " SCHEMA);
        put_speed(out, "x", move->zoom);
        buffer_text(out, "/>");
    }
    buffer_text(out, "</Velocity>");
    if (move->seconds)
        buffer_format(out, "<Timeout>PT%dS</Timeout>", move->seconds + STOPS_LATER_S);
}
