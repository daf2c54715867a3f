#!/usr/bin/env bats
# lp-swap with the method mfs-published from the outside.

bats_require_minimum_version 1.5.0

setup_file() {
    export BUILD_DIR=${BUILD_DIR:-$PWD/build/release}
    export SWAP=$BUILD_DIR/bin/lp-swap
    export ROOT=$BATS_TEST_DIRNAME/../..
    python3 "$BATS_TEST_DIRNAME/swap_fixture.py" "$BATS_FILE_TMPDIR/run" 4 3
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    ln -s "$BATS_FILE_TMPDIR/run/crops" "$BATS_FILE_TMPDIR/run/landmarks" .
    cp "$BATS_FILE_TMPDIR/run/extract.tsv" .
}

# published CORRECTIONS OUT [OPTION...]
published() {
    local corrections=$1 out=$2
    shift 2
    "$SWAP" -q -s swap.method=mfs-published -s swap.corrections="$corrections" \
        -s swap.shard_samples=10 -s swap.extras=mask "$@" -i extract.tsv -o "$out/swap.tsv"
}

@test "mfs-published: every correction in the settings is in the man page, and the other way round" {
    sed -n 's/^  corrections: .*# list enum all \([^:]*\): .*/\1/p' "$ROOT/configs/default.yaml" |
        tr ' ' '\n' | sort > settings
    sed -n '/^\.Sh CORRECTIONS/,/^\.Sh FAULTS/s/^\.It Cm \([a-z-]*\).*/\1/p' \
        "$ROOT/docs/lp-mfs-published.7" | sort > manual
    [ "$(wc -l < settings)" -ge 20 ]
    diff settings manual
    # The program knows them all.
    grep -vx sample-pixels settings | paste -sd, > names
    published "$(cat names)" all-but-one
}

@test "mfs-published: the same bytes at any -j" {
    published "" one -j 1 -s swap.augment=paper
    published "" two -j 2 -s swap.augment=paper
    diff -r one/swap two/swap
    diff one/swap.tsv two/swap.tsv
}

@test "mfs-published: all corrections give the pictures and masks of mfs" {
    published all a -s swap.image=png
    "$SWAP" -q -s swap.shard_samples=10 -s swap.extras=mask -s swap.image=png -i extract.tsv -o b/swap.tsv
    for run in a b; do
        mkdir $run/files
        for tar in $run/swap/*.tar; do
            tar -xf "$tar" -C $run/files
        done
        rm $run/files/*.json
    done
    [ "$(find a/files -name '*.png' | wc -l)" -gt 10 ]
    diff -r a/files b/files
}

@test "mfs-published: without corrections whole-face boxes are the picture, and Poisson is refused to masks of doubles" {
    published "" out -s swap.epochs=6
    awk -F'\t' 'NR == 2 { for (i = 1; i <= NF; i++) c[$i] = i }
        NR > 2 && $c["status"] == "ok" && $c["label"] == "fake" && $c["mode"] != "partial" {
            if ($c["box_x0_px"] != 0 || $c["box_y1_px"] != 224) exit 1
            n++
        }
        NR > 2 && $c["reason"] ~ /refuses/ && $c["blend"] == "alpha" { refused++ }
        NR > 2 && $c["mode"] == "partial" && $c["blend"] == "poisson" { exit 1 }
        END { exit !(n > 5 && refused > 0) }' out/swap.tsv
}

@test "mfs-published: an unknown correction, or the last one alone, is refused" {
    run -78 published flip out
    [[ $output == *"swap.corrections"* ]]
    run -78 published sample-pixels out
    [[ $output == *"needs all others"* ]]
}
