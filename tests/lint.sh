#!/bin/bash
# lint.sh - what a reviewer should not have to say. One TAP line a rule; run by `make lint`.
# shellcheck disable=SC2046,SC2086 # lists of our own file names, which hold no blanks, on purpose
set -u
cd "$(dirname "$0")/.." || exit 70
: "${CC:=gcc}" "${BUILD_DIR:=$PWD/build/release}"

n=0
failed=0
# rule WORDS COMMAND...: passes when the command prints nothing.
rule() {
    local words=$1 out
    shift
    n=$((n + 1))
    if out=$("$@" 2>&1) && [ -z "$out" ]; then
        echo "ok $n - $words"
    else
        failed=$((failed + 1))
        echo "not ok $n - $words"
        printf '%s\n' "$out" | head -20 | sed 's/^/# /'
    fi
}
skip() {
    n=$((n + 1))
    echo "ok $n - $1 # SKIP $2"
}

c_files=$(git ls-files '*.c' '*.h' '*.cc')
stages='fetch extract align swap evaluate reports'

formatted() {
    clang-format --dry-run -Werror $c_files
}

shell_clean() {
    local f
    for f in $(git ls-files) ; do
        case $f in
        *.bats) continue ;;
        *.sh) ;;
        *) head -c 20 "$f" | grep -qE '^#!/(usr/)?bin/(env )?(ba)?sh' || continue ;;
        esac
        shellcheck "$f"
    done
}

man_pages_clean() {
    mandoc -Tlint -Wwarning $(git ls-files '*.1' '*.5' '*.7')
}

headers_alone() {
    local h
    for h in $(git ls-files '*.h'); do
        case $h in
        *_body.h) continue ;; # text that two files include with different macros
        esac
        echo "#include \"$h\"" | $CC -std=c11 -D_GNU_SOURCE -I. -Wall -Wextra -fsyntax-only -xc - ||
            echo "$h does not compile alone"
    done
}

arrows() {
    local s t
    for s in $stages; do
        for t in $stages; do
            [ "$s" = "$t" ] || grep -nE "#include \"$t/" "$s"/*.c "$s"/*.h "$s"/*.cc 2>/dev/null
        done
        grep -nE "#include \"$s/" lib/*.c lib/*.h lib/*/*.c 2>/dev/null
    done
    grep -nE '#include "tests/' $(git ls-files $stages lib | grep -E '\.(c|h|cc)$')
    true
}

# One door a dependency: each foreign header family is included below one name only.
doors() {
    local family files
    while read -r family door; do
        files=$(grep -lE "#include <$family" $(git ls-files $stages lib | grep -E '\.(c|h|cc)$') |
            grep -vE "$door")
        [ -z "$files" ] || echo "<$family> is included by $files, its door is $door"
    done <<'DOORS'
lib(av|sw) ^lib/media
jpeglib ^lib/media_jpeg.c
libdeflate ^lib/media_deflate.c
isa-l ^lib/media_deflate.c
yaml.h ^lib/conf.c
openssl/ ^lib/hash.c
archive ^(lib/(sink|byte_stream)|fetch/unpack).c
curl/ ^fetch/transfer.c
jansson ^lib/json_read.c
lmdb.h ^align/lmdb_file.c
dlib/ ^extract/detect_hog.cc
xnnpack ^extract/infer.c
gsl/ ^evaluate/dist.c
cblas ^evaluate/linalg.c
fftw3 ^evaluate/spectrum.c
DOORS
}

unique_names() {
    git ls-files '*.c' '*.h' '*.cc' | sed 's|.*/||' | grep -v '^main\.c$' | sort | uniq -d |
        sed 's/^/there twice: /'
}

# prove runs them by name.
scripts_can_run() {
    local bad
    bad=$(git ls-files -s '*.bats' '*.sh' .ci/run | awk '$1 != 100755 { print $4 }')
    [ -z "$bad" ] || { echo "$bad"; return 1; }
}

no_trailing_blanks() {
    git grep -nIE '[[:space:]]+$' -- ':!LICENSE' ':!tests/fuzz/corpus'
    true
}

# Each long option of --help is in the man page, and the other way round.
options_documented() {
    local tool page
    for tool in "$BUILD_DIR"/bin/lp-*; do
        page=$(git ls-files "*/$(basename "$tool").1")
        if [ -z "$page" ]; then
            echo "$(basename "$tool") has no man page"
            continue
        fi
        diff <("$tool" --help | sed -n '/^Options:/,$p' | grep -oE '^  .{3} --[a-z-]+' | grep -oE -- '--[a-z-]+' | sort -u) \
            <(mandoc -Tutf8 "$page" | col -bx | grep -oE -- '(^|[ ,])--[a-z-]+' | tr -d ' ,' | sort -u) |
            grep '^[<>]' | sed "s|^|$page: |"
    done
    true
}

banned() {
    grep -nwE 'strcpy|strcat|strncpy|strncat|sprintf|vsprintf|strtok|gmtime|ctime|gets|atoi|atof|alloca' \
        $(git ls-files $stages lib | grep -E '\.(c|h)$') | grep -vE '^[^:]+:[0-9]+: *(\*|//|/\*)'
    true
}

rule 'clang-format has nothing to change' formatted
rule 'shellcheck is content' shell_clean
if command -v mandoc >/dev/null; then
    rule 'mandoc is content' man_pages_clean
    rule 'help and man pages name the same options' options_documented
else
    skip 'mandoc is content' 'mandoc is not installed'
    skip 'help and man pages name the same options' 'mandoc is not installed'
fi
rule 'each header compiles alone' headers_alone
rule 'stages include lib and themselves only, lib includes no stage' arrows
rule 'one door a dependency' doors
rule 'file names are unique' unique_names
rule 'scripts can be run' scripts_can_run
rule 'no trailing blanks' no_trailing_blanks
rule 'no banned functions' banned
echo "1..$n"
[ "$failed" = 0 ]
