#!/usr/bin/env bash
# The first 1,000 requests of a real city through the real doors: its limits and on-time verdicts come out of our engine.
# usage: test_replay.sh SOURCE REPLAY311        TAP on standard output
set -u
export DRUMTOWER_TEST_DATA=${DRUMTOWER_TEST_DATA:-$1/../shared/data}
requests=$DRUMTOWER_TEST_DATA/boston311_2011_first40000.csv.gz
if [ ! -f "$requests" ]; then
    echo "1..0 # SKIP no data: $requests is not there; set DRUMTOWER_TEST_DATA"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo 1..2

replay() { "$2" --book "$1/examples/boston" --verify --rules "$DRUMTOWER_TEST_DATA/boston311_sla_rules.csv" "${@:3}" >"$work/out" 2>"$work/told"; }
tell() { # ok|"not ok" number name
    echo "$1 $2 - $3"
    [ "$1" = ok ] || sed 's/^/# /' "$work/told" "$work/out"
}

if replay "$1" "$2" --csv "$requests" --rows 1000; then verdict=ok; else verdict='not ok'; fi
tell "$verdict" 1 "limits and verdicts of 1,000 rows agree with the city's"

zcat "$requests" | head -40 >"$work/rows.csv"
printf '%s\n' '9,2011-07-01 10:00:00,,2011-07-01 09:00:00,,Closed,,x,,,Sign Repair,,,,,"1 A St",,,,,,,,,,,42.3,-71.0,x' >>"$work/rows.csv"
replay "$1" "$2" --csv "$work/rows.csv"
if grep -q 'refused: line 41: closed_dt .* is before open_dt' "$work/told" &&
    tail -n 1 "$work/out" | grep -q '"rows": 40, "accepted": 39, "refused": 1,.*"lost": 0'; then
    verdict=ok
else
    verdict='not ok'
fi
tell "$verdict" 2 "a row closed before it was opened is refused, told and counted; the others go through"
