/* Photos: stored once under their content's name. The name is a secret by itself (256 bits): who may see a case learns its photos' names. */
#pragma once

#include "proto/door/case_api_share.h"

int case_media_open(struct case_api *api, struct fault *fault);
