#!/bin/bash
# tap.sh PROGRAM: runs a test program. cmocka tells a test that was skipped as "not ok", which whoever reads TAP takes for a failure.
set -o pipefail
"$@" | sed -u 's/^not ok \([0-9]* # SKIP\)/ok \1/'
