/* Power cut: what LMDB's file looks like when the machine loses power in the middle of a commit. By default a commit writes its pages, waits
 * until they are on the disk, and only then writes the meta page that names them. So of the pages any may be there, not there, or torn; the meta
 * pages are those of the commit before.
 */
#pragma once

#include "test/unit/dispatcher/town.h"

struct sim;

/* A turn of the station's town whose commit is cut off; then the process starts again. False: the town's fault says what failed. */
bool power_cut_in_turn(struct sim *sim, int (*take)(struct town *town, void *context));
