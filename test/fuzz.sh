#!/usr/bin/env bash
# Run every fuzzer of a folder, two at a time, each over its seeds; close with `N passed, N failed`.
#
#     test/fuzz.sh SECONDS FOLDER
#
# fuzz_NAME starts from fuzz/corpus/NAME, if there is one; what it finds on the way is thrown away.
# An input that breaks something is kept as FOLDER/NAME.crash-... and its report is shown.
set -uo pipefail

seconds=$1 folder=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

find "$folder" -name 'fuzz_*' -type f -perm /100 | sort >"$work/fuzzers"
xargs -r -P 2 -I FUZZER sh -c '
    name=${4##*/fuzz_}
    mkdir "$1/$name.found"
    set -- "$@" "$1/$name.found"
    [ -d "fuzz/corpus/$name" ] && set -- "$@" "fuzz/corpus/$name"
    fuzzer=$4 log=$1/$name.log seconds=$2 folder=$3
    shift 4
    if "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$folder/$name." "$@" >"$log" 2>&1; then
        echo "$(sed -n "s/^stat::number_of_executed_units: *//p" "$log") runs of $fuzzer" >>"$log.done"
    fi
    ' fuzz "$work" "$seconds" "$folder" FUZZER <"$work/fuzzers"

passed=0 failed=0
while read -r fuzzer; do
    log=$work/${fuzzer##*/fuzz_}.log
    if [ -e "$log.done" ]; then
        passed=$((passed + 1))
        cat "$log.done"
    else
        failed=$((failed + 1))
        echo "--- $fuzzer"
        tail -n 40 "$log"
    fi
done <"$work/fuzzers"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
