#!/usr/bin/env bash
# Build the clients on other libraries (libraries.py) into the directory FOLDER.
#
#     bench/peers/build.sh FOLDER
#
# Takes each library from its language's registry.  What cannot be had is said, and left out.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
folder=${1:?usage: build.sh FOLDER}
mkdir -p "$folder" && folder=$(cd "$folder" && pwd) || exit

# attempt NAME PROGRAM COMMAND...: unless it is there, build it with a tool that may be missing.
attempt() {
    local name=$1 program=$2
    shift 2
    [ ! -e "$folder/$name" ] || return 0
    if ! command -v "$program" >/dev/null; then
        echo "peers: no $name: $program is not installed"
    elif ! "$@" >"$folder/$name.log" 2>&1; then
        rm -f "${folder:?}/$name"
        echo "peers: no $name: $(grep -v '^ *$' "$folder/$name.log" | tail -n 1)"
    fi
}

python() {
    [ -x "$folder/venv/bin/pip" ] || python3 -m venv "$folder/venv" || return
    "$folder/venv/bin/pip" install -q "$1==$2" && ln -sf "$here/by_$1.py" "$folder/$1"
}

rust() {
    (cd "$here/rust" && cargo build -q --release --locked --target-dir "$folder/cargo") &&
        ln -sf cargo/release/peer "$folder/smb2"
}

go_library() {
    (cd "$here/go" && go build -o "$folder/go-smb2" .)
}

attempt smbprotocol python3 python smbprotocol 1.17.0
attempt pysmb python3 python pysmb 1.2.15
attempt smb2 cargo rust
attempt go-smb2 go go_library
