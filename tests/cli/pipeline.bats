#!/usr/bin/env bats
# The whole pipeline on configs/small.yaml: golden tables, same bytes at any -j and any shard count,
# reruns, memory.

setup_file() {
    : "${BUILD_DIR:=$PWD/build/release}"
    export BUILD_DIR TOP="$PWD" LC_ALL=C
    export RUN="$BATS_FILE_TMPDIR/run" SOURCE="$BATS_FILE_TMPDIR/source"
    "$BUILD_DIR"/gen/gen-heads -q -o "$SOURCE" --sequences 6 --frames 12 --width 320 --height 240
    chain "$RUN" 2
}

# lp STAGE ARGUMENTS...
lp() {
    local stage=$1
    shift
    "$BUILD_DIR/bin/lp-$stage" -q -c "$TOP/configs/small.yaml" --set "dataset.root=$SOURCE" "$@"
}

# chain RUN JOBS: every stage once.
chain() {
    lp fetch -j "$2" -o "$1/fetch.tsv"
    lp extract -j "$2" -i "$1/fetch.tsv" -o "$1/extract.tsv"
    lp align -j "$2" -i "$1/extract.tsv" -o "$1/align.tsv"
    lp swap -j "$2" -i "$1/extract.tsv" -o "$1/swap.tsv"
    lp score -j "$2" -i "$1/align.tsv" -o "$1/scores/reference.tsv"
    lp evaluate -j "$2" -i "$1/align.tsv" -o "$1/evaluate" "$1/scores/reference.tsv" \
        --features "$1/scores/reference.npy" --feature-ids "$1/scores/reference.ids.tsv" >"$1/table.txt"
    lp report -j "$2" -i "$1" -o "$1/report"
}

# sums FOLDER: a hash and a name for each file a chain makes; PDF is outside of the promise.
sums() {
    (cd "$1" && find . -type f ! -name '*.pdf' -print0 | sort -z |
        xargs -0 sha256sum)
}

@test "no stage fails an item" {
    for stage in fetch extract align swap; do
        run awk -F'\t' '$1 !~ /^#/ && $(NF - 1) == "fail"' "$RUN/$stage.tsv"
        [ "$status" -eq 0 ]
        [ -z "$output" ]
    done
}

@test "the tables are the golden ones" {
    # Shape, not pixels: ids, frames, labels, splits, identities, components, statuses.
    sed 1d "$RUN/fetch.tsv" | cut -f1-3,7-13,16-19,21-22 >"$BATS_TEST_TMPDIR/fetch"
    diff "$TOP/tests/cli/golden/fetch.tsv" "$BATS_TEST_TMPDIR/fetch"
    sed 1d "$RUN/extract.tsv" | cut -f1-9,24,30,31 >"$BATS_TEST_TMPDIR/extract"
    diff "$TOP/tests/cli/golden/extract.tsv" "$BATS_TEST_TMPDIR/extract"
}

@test "-j1 and -j4 give the same bytes" {
    # At the depth of RUN, so that relative paths to the source agree.
    for j in 1 4; do
        mkdir -p "$BATS_FILE_TMPDIR/j$j"
        chain "$BATS_FILE_TMPDIR/j$j" "$j"
        sums "$BATS_FILE_TMPDIR/j$j" >"$BATS_TEST_TMPDIR/sums$j"
    done
    sums "$RUN" >"$BATS_TEST_TMPDIR/sums2"
    diff "$BATS_TEST_TMPDIR/sums1" "$BATS_TEST_TMPDIR/sums4"
    diff "$BATS_TEST_TMPDIR/sums1" "$BATS_TEST_TMPDIR/sums2"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/sums1")" -gt 50 ]
}

@test "three shards merged are the bytes of one run" {
    local s="$BATS_FILE_TMPDIR/shards" stage before=
    mkdir -p "$s"
    for stage in fetch extract align swap; do
        [ "$stage" = swap ] && before=extract
        for i in 0 1 2; do
            lp $stage ${before:+-i "$s/$before.tsv"} -o "$s/$stage.tsv" --shard "$i/3"
        done
        lp $stage -o "$s/$stage.tsv" --merge
        before=$stage
        cmp "$RUN/$stage.tsv" "$s/$stage.tsv"
    done
    (cd "$RUN" && find crops landmarks aligned swap -type f -exec sha256sum {} + | sort) >"$BATS_TEST_TMPDIR/a"
    (cd "$s" && find crops landmarks aligned swap -type f -exec sha256sum {} + | sort) >"$BATS_TEST_TMPDIR/b"
    diff "$BATS_TEST_TMPDIR/a" "$BATS_TEST_TMPDIR/b"
}

@test "a run stopped by kill -9 goes on and ends the same" {
    local s="$BATS_FILE_TMPDIR/killed"
    mkdir -p "$s"
    cp "$RUN/fetch.tsv" "$s/fetch.tsv"
    "$BUILD_DIR/bin/lp-extract" -q -j1 -c "$TOP/configs/small.yaml" -i "$s/fetch.tsv" -o "$s/extract.tsv" &
    local pid=$!
    for _ in $(seq 200); do # until something is finished, but not all
        [ "$(wc -c <"$s/.extract.tsv.journal" 2>/dev/null || echo 0)" -gt 1000 ] && break
        sleep 0.02
    done
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" || true
    lp extract -i "$s/fetch.tsv" -o "$s/extract.tsv"
    cmp "$RUN/extract.tsv" "$s/extract.tsv"
    [ ! -e "$s/.extract.tsv.journal" ]
}

@test "no tool takes more than 300 MiB" {
    local s="$BATS_FILE_TMPDIR/memory" kib
    mkdir -p "$s"
    for stage in fetch extract align swap score; do
        case $stage in
        fetch) set -- -o "$s/fetch.tsv" ;;
        extract) set -- -i "$s/fetch.tsv" -o "$s/extract.tsv" ;;
        align) set -- -i "$s/extract.tsv" -o "$s/align.tsv" ;;
        swap) set -- -i "$s/extract.tsv" -o "$s/swap.tsv" ;;
        score) set -- -i "$s/align.tsv" -o "$s/scores/reference.tsv" ;;
        esac
        kib=$(python3 - "$BUILD_DIR/bin/lp-$stage" -q -j2 -c "$TOP/configs/small.yaml" \
            --set "dataset.root=$SOURCE" "$@" <<'PY'
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdin=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
PY
        )
        echo "$stage: $kib KiB"
        [ "$kib" -lt $((300 * 1024)) ] || case $BUILD_DIR in *asan*) true ;; *) false ;; esac
    done
}
