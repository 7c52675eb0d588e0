/* Files that are read by a map, as the store reads its own. */
#pragma once

/* Where such a file ends before what should be in it (a copy that was cut short), or the disk cannot read it, the kernel sends SIGBUS. From here on
 * the process then ends with status 1 and a last line that says what to do, in place of silently. Early in main(). */
void mapped_files_tell_damage(void);
