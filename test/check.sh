#!/usr/bin/env bash
# What `make check` runs once the packages are there: two lanes side by side, each of which builds and tests.
# Every stage may fail without stopping the others; closes with `N passed, N failed`.
set -uo pipefail

make=${MAKE:-make}
unset MAKEFLAGS MFLAGS MAKELEVEL
jobs=$(nproc)
logs=$(mktemp -d)
lanes=()

# However we end, what we started ends with us: each lane is a process group of its own.
finish() {
    for lane in "${lanes[@]}"; do
        kill -- "-$lane" 2>/dev/null
    done
    rm -rf "$logs"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# report NAME RESULT FAILED SECONDS LOG: one write, since the lanes share the terminal.
report() {
    local text
    if [ "$3" -eq 0 ]; then
        text="ok      $1: ${2/exit status 0/done}, $4 s"
        text+=$(grep -hE '(: skipped|skipped, |^# )' "$5" | grep -vE '^[0-9]+ passed' | sed 's/^/\n        /')
    else
        # The failures themselves where the log marks them, else its end.
        text="FAILED  $1: $2, $4 s"$'\n'
        text+=$(grep -vE '^(ok|skip) [0-9]+ - ' "$5" | tail -n 80 | sed 's/^/        /')
    fi
    printf '%s\n' "$text"
}

# stage NAME COMMAND...: run it, say how it went, count.  A command that closes with `N passed, N failed`
# is counted by that, any other as one.
stage() {
    local name=$1 log began=$SECONDS status=0 passed=0 failed=0 line
    shift
    log=$logs/${name//[^a-z0-9]/_}
    "$@" >"$log" 2>&1 </dev/null || status=$?
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
    if [ -n "$line" ]; then
        read -r passed _ failed _ <<<"${line//,/}"
        [ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
    elif [ "$status" -eq 0 ]; then
        passed=1
    else
        failed=1
    fi
    echo "$passed $failed" >>"$logs/counts"
    report "$name" "${line:-exit status $status}" "$failed" $((SECONDS - began)) "$log"
    [ "$failed" -eq 0 ]
}

# Encoders must set every byte they send, which only valgrind sees.  Shows the programs that fail.
uninitialised() {
    local test bad=0 checked=0
    for test in build/test/proto/test_*; do
        case $test in *.o | *.d) continue ;; esac
        checked=$((checked + 1))
        CK_FORK=no valgrind -q --error-exitcode=1 "$test" >"$logs/valgrind" 2>&1 || {
            bad=$((bad + 1))
            head -n 25 "$logs/valgrind"
        }
    done
    echo "$((checked - bad)) passed, $bad failed"
    [ "$bad" -eq 0 ]
}

# links ROOT PACKAGE EXAMPLE: as the manual says, with what is installed there and nothing else of ours.
links() {
    local flags
    flags=$(PKG_CONFIG_SYSROOT_DIR=$1 PKG_CONFIG_PATH=$1/usr/lib/pkgconfig pkg-config --static --cflags --libs "$2") &&
        (cd / && cc -x c - -x none $flags -o /dev/null) <"examples/$3.c"
}

# Installing, using what was installed, and removing it again leaves nothing.
installs() {
    local root
    root=$(mktemp -d) || return
    "$make" install DESTDIR="$root" PREFIX=/usr WERROR=1 &&
        "$root/usr/bin/lava-smb" --version &&
        links "$root" lsmb roundtrip && links "$root" lsmb-s3 s3_roundtrip &&
        "$make" uninstall DESTDIR="$root" PREFIX=/usr &&
        [ -z "$(find "$root" ! -type d)" ]
    local status=$?
    rm -rf "$root"
    return "$status"
}

plain_lane() {
    stage "build, gcc" "$make" -k -j"$jobs" everything WERROR=1
    stage "unit tests" "$make" unit WERROR=1
    stage "order of the folders" "$make" layers WERROR=1
    stage "exported symbols" "$make" symbols WERROR=1
    stage "layout" "$make" format-check
    stage "install and uninstall" installs
    stage "uninitialised bytes" uninitialised
    LAVA_SMB=build/lava-smb stage "lab" test/lab/suite.py
    LAVA_SMB=build/lava-smb stage "measuring works" bench/bench.py --smoke
    CONFORMANCE=build/conformance stage "conformance" test/lab/matrix.py
}

sanitized_lane() {
    stage "build, clang with sanitizers" "$make" -k -j"$jobs" asan-build
    stage "build, fuzzers" "$make" -k -j"$jobs" fuzz-build
    stage "unit tests, sanitized" "$make" asan
    LAVA_SMB=build-asan/lava-smb stage "lab, sanitized" test/lab/suite.py -j 3
    local fuzzers seconds
    fuzzers=$(find build-asan/fuzz -name 'fuzz_*' -perm /100 -type f 2>/dev/null | wc -l)
    seconds=$((fuzzers ? 100 / fuzzers : 0))
    seconds=$((seconds > 20 ? 20 : seconds < 5 ? 5 : seconds))
    [ "$fuzzers" -eq 0 ] || stage "fuzzers, $seconds s each" "$make" fuzz FUZZ_SECONDS="$seconds"
}

cd "$(dirname "$0")/.." || exit
set -m # a process group for each lane
plain_lane &
lanes+=($!)
sanitized_lane &
lanes+=($!)
set +m
wait "${lanes[@]}"
lanes=()
read -r passed failed < <(awk '{ p += $1; f += $2 } END { print p + 0, f + 0 }' "$logs/counts")
echo "all of it took $SECONDS s"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
