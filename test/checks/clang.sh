#!/usr/bin/env bash
# The whole tree with the second compiler, warnings as errors.
set -euo pipefail
cd "$1"
build=$2
echo "1..1"
if { [ -f "$build/build.ninja" ] || CC=clang meson setup "$build" -Dwerror=true -Dpages=false -Doptimization=0; } >"$build.log" 2>&1 &&
    ninja -C "$build" >>"$build.log" 2>&1; then
    echo "ok 1 - clang builds the tree without a warning"
else
    grep -E -A6 'error:' "$build.log" | head -n 40 | sed 's/^/# /'
    echo "not ok 1 - clang builds the tree without a warning"
    exit 1
fi
