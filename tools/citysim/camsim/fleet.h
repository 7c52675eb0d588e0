/* A fleet: many simulated devices of GB/T 28181 (device.h) that share a few sockets. All in camsim's thread. */
#pragma once

#include "tools/citysim/camsim/conversation.h"

struct fleet;

/* Begins to register. The cameras of the devices are found by the devices' ids. */
int fleet_open(struct sim_host *sim, struct fleet **fleet, struct fault *fault);
void fleet_close(struct fleet *fleet);                             /* takes NULL */
void fleet_device_id(char out[CAMSIM_ID_MAX + 1], int64_t number); /* from 1 */
void fleet_tick(struct fleet *fleet, int64_t now_us, int64_t now_mono_ms);
/* What is an order for a device alone, and no way to behave. */
void fleet_befall(struct fleet *fleet, const struct sim_order *order, const struct sim_camera *camera);
size_t fleet_registered(const struct fleet *fleet);
