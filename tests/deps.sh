#!/bin/sh
# deps.sh PACKAGES-FILE SET... - installs what PACKAGES-FILE lists for these sets through apt.
# Says what it does; does nothing when all is there; without apt it says what is missing (exit 69).
set -eu

list=$1
shift
sets=" $* "

installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]
}

missing=
wanted=0
while read -r set_name package has _; do
    case $set_name in
    '' | '#'*) continue ;;
    esac
    case $sets in
    *" $set_name "*) ;;
    *) continue ;;
    esac
    wanted=$((wanted + 1))
    if [ "$has" != - ] && command -v "$has" >/dev/null 2>&1; then
        continue
    fi
    if installed "$package"; then
        continue
    fi
    missing="$missing $package"
done <"$list"

if [ -z "$missing" ]; then
    echo "deps: all $wanted packages are there"
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "deps: this system has no apt-get; please install what Debian calls:$missing" >&2
    exit 69
fi
as_root=
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "deps: neither root nor sudo; please run as root: apt-get install$missing" >&2
        exit 69
    fi
    as_root=sudo
fi
echo "deps: installing with apt-get${as_root:+ through sudo}:$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # a list of words on purpose
{
    $as_root apt-get update -q
    $as_root apt-get install -q -y --no-install-recommends $missing
}
echo "deps: done"
