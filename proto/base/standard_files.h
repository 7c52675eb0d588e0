/* Standard input, output and error: that nothing else is opened in their place, and that what was printed has arrived. */
#pragma once

#include "proto/base/fault.h"

/* First of all in main(): takes the places of those that the caller closed (`>&-`). Else the next file, socket or store would get
 * such a number, and what is printed would be written into it. To use one of them fails as before. 0 or -errno. */
int standard_files_hold(void);
/* Last of all: writes what is left of standard output. <0: not all that was printed could be written. */
int standard_output_finish(struct fault *fault);
