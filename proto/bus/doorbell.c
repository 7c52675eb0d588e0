#include "proto/bus/doorbell.h"

void doorbell_ring(struct bus_publisher *publisher, const char *topic, uint64_t last_seq)
{
    uint8_t message[8];
    bytes_put_be64(message, last_seq);
    bus_publish(publisher, topic, (struct bytes){ message, sizeof message });
}

uint64_t doorbell_seq(struct bytes message)
{
    return message.size == 8 ? bytes_be64(message.data) : 0;
}

static int beat(void *context)
{
    struct doorbell_heart *heart = context;
    doorbell_ring(heart->publisher, DOORBELL_HEARTBEAT_TOPIC, heart->last_seq(heart->context));
    loop_timer_arm(heart->loop, &heart->timer, DOORBELL_HEARTBEAT_MS);
    return 0;
}

void doorbell_heart_start(struct doorbell_heart *heart, struct loop *loop, struct bus_publisher *publisher,
                          uint64_t (*last_seq)(void *context), void *context)
{
    *heart = (struct doorbell_heart){
        .timer = { .fire = beat, .context = heart },
        .loop = loop,
        .publisher = publisher,
        .last_seq = last_seq,
        .context = context,
    };
    loop_timer_arm(loop, &heart->timer, 0);
}

void doorbell_heart_stop(struct doorbell_heart *heart)
{
    if (heart->loop)
        loop_timer_disarm(heart->loop, &heart->timer);
    *heart = (struct doorbell_heart){ 0 };
}
