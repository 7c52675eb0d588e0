#include "tools/citysim/camsim/orders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum value_kind { VALUE_NONE, VALUE_NUMBER, VALUE_CODEC, VALUE_SCENE, VALUE_SETS, VALUE_START, VALUE_HALF };

#define VERB_ROW(verb, name, value, does) { name, VALUE_##value },
static const struct {
    const char *name;
    enum value_kind value;
} verbs[] = { CAMSIM_VERBS(VERB_ROW) };

static const char *const sets_words[] = { "band", "sdp" }, *const start_words[] = { "key", "any" },
                         *const half_words[] = { "profiles", "streams", "gone" };
static const struct {
    const char *const *words;
    size_t count;
} vocabularies[] = {
    [VALUE_CODEC] = { programme_codec_names, PROGRAMME_CODEC_COUNT },
    [VALUE_SCENE] = { programme_scene_names, PROGRAMME_SCENE_COUNT },
    [VALUE_SETS] = { sets_words, 2 },
    [VALUE_START] = { start_words, 2 },
    [VALUE_HALF] = { half_words, 3 },
};

#define VERB_HELP(verb, name, value, does) "  " name ": " does "\n"
const char *orders_help(void)
{
    return CAMSIM_VERBS(VERB_HELP);
}

/* ---- reading ---- */

static int read_value(struct sim_order *order, const char *word, struct fault *fault)
{
    enum value_kind kind = verbs[order->verb].value;
    if (kind == VALUE_NONE)
        return *word ? fault_set(fault, -EINVAL, "'%s' takes no value", verbs[order->verb].name) : 0;
    if (kind == VALUE_NUMBER) {
        char *end;
        order->number = strtoll(word, &end, 10);
        return *word && !*end
                   ? 0
                   : fault_set(fault, -EINVAL, "'%s': expected a number, not '%s'", verbs[order->verb].name, word);
    }
    for (size_t i = 0; i < vocabularies[kind].count; i++)
        if (strcmp(vocabularies[kind].words[i], word) == 0) {
            order->number = (int64_t)i;
            return 0;
        }
    return fault_set(fault, -EINVAL, "'%s': no such value '%s'", verbs[order->verb].name, word);
}

int order_parse(const char *line, struct sim_order *order, struct fault *fault)
{
    char verb[33] = "", value[33] = "", more[2] = "";
    *order = (struct sim_order){ .which = "" };
    int words = sscanf(line, "%64s %32s %32s %1s", order->which, verb, value, more);
    if (words < 2 || words > 3)
        return fault_set(fault, -EINVAL, "expected WHICH VERB [VALUE]");
    for (order->verb = 0; order->verb < CAMSIM_VERB_COUNT; order->verb++)
        if (strcmp(verbs[order->verb].name, verb) == 0)
            return read_value(order, value, fault);
    return fault_set(fault, -EINVAL, "no such verb '%s'", verb);
}

bool order_concerns(const struct sim_order *order, const char *id, struct dice *dice)
{
    size_t length = strlen(order->which);
    char last = order->which[length - 1];
    if (last == '*')
        return strncmp(order->which, id, length - 1) == 0;
    if (last == '%')
        return (double)dice_below(dice, 100000) < strtod(order->which, NULL) * 1000;
    return strcmp(order->which, id) == 0;
}

void order_apply(const struct sim_order *order, enum programme_scene own_scene, struct sim_behaviour *behaviour)
{
    switch (order->verb) {
    case CAMSIM_WELL:
        *behaviour = (struct sim_behaviour){ .codec = behaviour->codec, .scene = own_scene };
        break;
    case CAMSIM_FREEZE:
        behaviour->frozen = true;
        break;
    case CAMSIM_MUTE:
        behaviour->mute = true;
        break;
    case CAMSIM_DIE:
        behaviour->dead = true;
        break;
    case CAMSIM_GARBAGE:
        behaviour->garbage = true;
        break;
    case CAMSIM_NOISE:
        behaviour->noise = true;
        break;
    case CAMSIM_LOSE:
        behaviour->lose_per_mille = order->number;
        break;
    case CAMSIM_SHUFFLE:
        behaviour->shuffled = true;
        break;
    case CAMSIM_CHANGE:
        behaviour->changed = !behaviour->changed;
        break;
    case CAMSIM_CODEC:
        behaviour->codec = (enum programme_codec)order->number;
        break;
    case CAMSIM_SEE:
        behaviour->scene = (enum programme_scene)order->number;
        break;
    case CAMSIM_CLOCK:
        behaviour->clock_ahead_s = order->number;
        break;
    case CAMSIM_SETS:
        behaviour->sets_in_sdp_only = order->number == 1;
        break;
    case CAMSIM_START:
        behaviour->starts_anywhere = order->number == 1;
        break;
    case CAMSIM_SILENT:
        behaviour->silent = true;
        break;
    case CAMSIM_SSRC:
        behaviour->other_ssrc = true;
        break;
    case CAMSIM_TWICE:
        behaviour->twice = true;
        break;
    case CAMSIM_UTF8:
        behaviour->utf8 = true;
        break;
    case CAMSIM_VIA:
        behaviour->other_via = true;
        break;
    case CAMSIM_PASSWORD:
        behaviour->wrong_password = true;
        break;
    case CAMSIM_FIXED:
        behaviour->fixed = true;
        break;
    case CAMSIM_ENDLESS:
        behaviour->endless = true;
        break;
    case CAMSIM_DIGEST:
        behaviour->http_digest = true;
        break;
    case CAMSIM_OLD:
        behaviour->old = true;
        break;
    case CAMSIM_ODD:
        behaviour->odd = true;
        break;
    case CAMSIM_MEDIA2:
        behaviour->media2 = true;
        break;
    case CAMSIM_HALF:
        behaviour->half = HALF_PROFILES + (enum half)order->number;
        break;
    case CAMSIM_FAULT:
        behaviour->faulty = true;
        break;
    case CAMSIM_HUGE:
        behaviour->huge = true;
        break;
    case CAMSIM_LATE:
        behaviour->late_ms = order->number;
        break;
    case CAMSIM_CUT:
    case CAMSIM_RESTART:
    case CAMSIM_REGISTER:
    case CAMSIM_ALARM:
    case CAMSIM_VERB_COUNT:
        break;
    }
}

struct sim_order order_draw(struct dice *dice)
{
    static const enum camsim_verb troubles[] = { CAMSIM_FREEZE,  CAMSIM_MUTE,  CAMSIM_DIE,  CAMSIM_CUT,
                                                 CAMSIM_GARBAGE, CAMSIM_NOISE, CAMSIM_LOSE, CAMSIM_CHANGE };
    struct sim_order order = { .verb = troubles[dice_below(dice, sizeof troubles / sizeof *troubles)] };
    if (order.verb == CAMSIM_LOSE)
        order.number = 1 + (int64_t)dice_below(dice, 100);
    return order;
}
