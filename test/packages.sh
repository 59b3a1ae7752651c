#!/usr/bin/env bash
# Install the Debian or Ubuntu packages that `make check`, `demo`, `lint` or `bench` needs and that are
# missing; says which and why.  Installs nothing, and asks for nothing, when all are there.
#
#     test/packages.sh check|demo|lint|bench
#
# No service is started or enabled: Debian's samba would listen on every address of the machine.
# While packages are installed a policy-rc.d forbids starting anything; one that is already there is
# set aside and put back as it was, whatever happens in between.
set -euo pipefail

POLICY=/usr/sbin/policy-rc.d
KEPT=$POLICY.kept-by-lava-smb
MARK='# put here by lava-smb test/packages.sh while it installs packages'

say() { echo "packages: $*"; }

# Each line: package, and what it is for.
build_packages() {
    cat <<'END'
gcc            compiles
libc6-dev      compiles
make           builds
pkg-config     finds the libraries
libssl-dev     signs and encrypts
zlib1g-dev     decompresses
libjansson-dev reads connection files
libcurl4-openssl-dev  speaks HTTP with S3
libexpat1-dev  reads what S3 answers
END
}

server_packages() {
    cat <<'END'
samba              is the private server
samba-common-bin   makes the server's users
libnss-wrapper     has users for the server without touching the machine's
python3            drives the server
procps             looks after processes
END
}

check_packages() {
    build_packages
    server_packages
    cat <<'END'
samba-vfs-modules  has alternate data streams
smbclient          is a second opinion on the server
python3-impacket   is a second server
python3-swift      keeps objects as S3 does
python3-boto3      is a second client of S3
openssl            makes certificates
check              runs the unit tests
libsubunit-dev     is what check links with
clang              compiles a second time, with sanitizers
clang-format       checks the layout
valgrind           finds uninitialised bytes
binutils           looks at symbols
iproute2           makes a network of its own, with a NetBIOS name service
END
    # The sanitizers and libFuzzer: a package of their own, or part of libclang-common.
    local version
    version=$(apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p' | head -n 1)
    if [ -n "$version" ] && [ -n "$(apt-cache show "libclang-rt-$version-dev" 2>/dev/null)" ]; then
        echo "libclang-rt-$version-dev  has the sanitizers"
    elif [ -n "$version" ]; then
        echo "libclang-common-$version-dev  has the sanitizers"
    fi
}

bench_packages() {
    cat <<'END'
binutils           binds the library
samba-vfs-modules  has alternate data streams
smbclient          is the other client
rclone             is a third client
python3-boto3      is how S3 is reached today
strace             counts system calls
openssl            tells how fast a cipher is
END
}

wanted() {
    case $1 in
    bench) build_packages; server_packages; bench_packages ;;
    check) check_packages ;;
    demo) build_packages; server_packages ;;
    lint) build_packages; printf '%s\n' 'check  has headers' 'clang-tidy  checks' 'cppcheck  checks' ;;
    esac
}

installed() {
    [ "$(dpkg-query -W -f='${Status}' "$1" 2>/dev/null)" = 'install ok installed' ]
}

# Those of `wanted` that are not installed and that this release has.
missing() {
    local package reason
    wanted "$1" | while read -r package reason; do
        if ! installed "$package" && ! provided "$package"; then
            echo "$package $reason"
        fi
    done
}

# Some names are given by another package (pkgconf is pkg-config, newer samba has its modules).
provided() {
    case $1 in
    pkg-config) installed pkgconf ;;
    samba-vfs-modules) installed samba && [ -n "$(find /usr/lib -name streams_xattr.so -print -quit 2>/dev/null)" ] ;;
    zlib1g-dev) installed libz-dev ;;
    libcurl4-openssl-dev) installed libcurl4-gnutls-dev || installed libcurl4-nss-dev ;;
    *) false ;;
    esac
}

forbid_services() {
    restore_policy # of a run that was killed
    if [ -e "$POLICY" ] || [ -L "$POLICY" ]; then
        $AS_ROOT mv "$POLICY" "$KEPT"
    fi
    printf '#!/bin/sh\n%s\nexit 101\n' "$MARK" | $AS_ROOT tee "$POLICY" >/dev/null
    $AS_ROOT chmod 755 "$POLICY"
}

restore_policy() {
    if [ -f "$POLICY" ] && grep -qF "$MARK" "$POLICY"; then
        $AS_ROOT rm -f "$POLICY"
    fi
    if [ -e "$KEPT" ] || [ -L "$KEPT" ]; then
        $AS_ROOT mv "$KEPT" "$POLICY"
    fi
}

# A samba that came with us must not start at the next boot either.
disable_samba() {
    local unit
    for unit in smbd nmbd samba-ad-dc; do
        if command -v deb-systemd-helper >/dev/null; then
            $AS_ROOT deb-systemd-helper disable "$unit.service" >/dev/null 2>&1 || true
        fi
        if command -v update-rc.d >/dev/null && [ -e "/etc/init.d/$unit" ]; then
            $AS_ROOT update-rc.d "$unit" disable >/dev/null 2>&1 || true
        fi
    done
    say "samba is installed but neither started nor enabled"
}

apt_get() {
    $AS_ROOT env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -qq -y \
        -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold "$@" </dev/null >/dev/null
}

# Package lists may be absent (containers drop them) or too old to name files that still exist.
have_lists() {
    [ -n "$(apt-cache show libssl-dev 2>/dev/null)" ]
}

install() {
    local packages=$1 had_samba=yes
    installed samba || had_samba=no
    forbid_services
    # shellcheck disable=SC2086 # a list of words
    if ! apt_get install --no-install-recommends $packages; then
        say "failed; once more with fresh package lists"
        apt_get update
        # shellcheck disable=SC2086
        apt_get install --no-install-recommends $packages
    fi
    if [ "$had_samba" = no ] && installed samba; then
        disable_samba
    fi
}

main() {
    case ${1:-} in
    check | demo | lint | bench) ;;
    *)
        echo 'usage: packages.sh check|demo|lint|bench' >&2
        exit 2
        ;;
    esac
    if ! command -v apt-get >/dev/null; then
        say "no apt-get here; these are needed:"
        wanted "$1"
        exit 0
    fi
    local absent
    absent=$(missing "$1")
    if [ -z "$absent" ] && { [ "$1" != check ] || sanitizers; }; then
        exit 0
    fi
    AS_ROOT=
    if [ "$(id -u)" != 0 ]; then
        AS_ROOT=sudo
        command -v sudo >/dev/null || { say "not root and no sudo; missing:"; echo "$absent"; exit 1; }
    fi
    trap restore_policy EXIT
    trap 'exit 143' TERM
    trap 'exit 130' INT
    if ! have_lists; then
        say "apt-get update (there are no package lists)"
        apt_get update
        absent=$(missing "$1")
    fi
    [ -n "$absent" ] || exit 0
    say "installing, each because something needs it:"
    sed 's/^\([^ ]*\) */    \1: /' <<<"$absent"
    install "$(sed 's/ .*//' <<<"$absent" | tr '\n' ' ')"
}

# Whether clang's run-time library is there: its package's name cannot be told without package lists.
sanitizers() {
    local library
    library=$(clang -print-file-name=libclang_rt.fuzzer-x86_64.a 2>/dev/null)
    [ -e "$library" ] || [ -e "${library/-x86_64/}" ] || [ -n "$(find /usr/lib/llvm* /usr/lib/clang \
        -name 'libclang_rt.fuzzer*' -print -quit 2>/dev/null)" ]
}

main "$@"
