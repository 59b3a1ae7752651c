#!/usr/bin/env bash
# Run unit tests, two at a time, show what failed and close with `N passed, N failed`.
#
#     test/unit.sh TEST...
set -uo pipefail

# libcheck gives a test 4 seconds; sanitizers on a busy machine need more.
export CK_TIMEOUT_MULTIPLIER=${CK_TIMEOUT_MULTIPLIER:-15}

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# Each program ends with libcheck's "100%: Checks: 12, Failures: 0, Errors: 0"; one that does not
# say that much has failed as a whole.
printf '%s\n' "$@" | xargs -r -P 2 -I TEST sh -c '
    log=$1/$(echo "$2" | tr / _)
    timeout --signal=KILL 300 "$2" >"$log" 2>&1 || echo "$2: exit status $?" >>"$log"
    ' unit "$logs" TEST

passed=0 failed=0
for test in "$@"; do
    log=$logs/$(echo "$test" | tr / _)
    read -r checks bad < <(awk '/^[0-9]+%: Checks: / { gsub(/,/, ""); n = $3; bad = $5 + $7 }
                                /: exit status [0-9]+$/ && bad == 0 { bad = 1 }
                                END { print n + 0, bad + 0 }' "$log")
    [ "$checks" -gt 0 ] || bad=1
    passed=$((passed + (checks > bad ? checks - bad : 0)))
    failed=$((failed + bad))
    if [ "$bad" -gt 0 ]; then
        echo "--- $test"
        cat "$log"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
