#!/usr/bin/env bats
# Several people, several shots: who is who in lp-extract's rows, on scenes whose truth is known, and
# what the stages behind make of them.

bats_require_minimum_version 1.5.0

setup_file() {
    export BUILD_DIR=${BUILD_DIR:-$PWD/build/release}
    export SCENES=$BATS_FILE_TMPDIR/scenes
    "$BUILD_DIR/gen/gen-scenes" -o "$SCENES"
    # A fake of the same frames.
    ffmpeg -v error -i "$SCENES/two.mp4" -vf 'eq=brightness=0.04' -c:v libx264 -crf 20 "$SCENES/fake.mp4"
    {
        printf '#lp-manifest\tversion=1\tstage=fetch\ttool=0.1.0\tsettings=sha256:0\tinput=sha256:0\n'
        printf 'id\tpath\tlabel\tsplit\tface_id\tcontext_id\tcomponent\tpair\tframes\tstatus\treason\n'
        for v in 'fake/c/-/two fake.mp4 fake f2 real/c/-/two' 'real/c/-/change change.mp4 real x .' \
            'real/c/-/cuts cuts.mp4 real y .' 'real/c/-/two two.mp4 real f1 .'; do
            set -- $v
            printf '%s\t%s\t%s\ttrain\t%s\t%s\tc1\t%s\t.\tok\t.\n' "$1" "$SCENES/$2" "$3" "$4" "$4" "$5"
        done
    } > "$SCENES/fetch.tsv"
    for faces in track all largest; do
        extract -o "$BATS_FILE_TMPDIR/$faces/extract.tsv" --set "extract.faces=$faces"
    done
}

setup() {
    cd "$BATS_TEST_TMPDIR" || exit
}

extract() {
    "$BUILD_DIR/bin/lp-extract" -q -j2 -i "$SCENES/fetch.tsv" --set extract.every=2 "$@"
}

# truth FOLDER VIDEO SCENE
truth() {
    python3 "$BATS_TEST_DIRNAME/scene_tracks.py" "$1/extract.tsv" "$SCENES/$3.tsv" "$2"
}

column() {
    awk -F'\t' -v name="$1" 'NR == 2 { for (i = 1; i <= NF; i++) if ($i == name) c = i } NR > 2 { print $c }' "$2"
}

@test "tracks: two people, one leaves, a cut, the sides changed: five tracks of one person each" {
    for faces in track all; do
        truth "$BATS_FILE_TMPDIR/$faces" real/c/-/two two > out
        cat out
        grep -qx 'wanted 48' out
        [ "$(awk '$1 == "found" { print $2 }' out)" -ge 46 ]
        [ "$(awk '$1 == "strays" { print $2 }' out)" -le 1 ]
        grep -qx 'tracks 5' out
        grep -qx 'split 0' out
        grep -qx 'merged 0' out
    done
}

@test "tracks: seven hard cuts at one place before one wall begin seven new tracks" {
    for faces in track all largest; do
        truth "$BATS_FILE_TMPDIR/$faces" real/c/-/cuts cuts > out
        cat out
        grep -qx 'wanted 24' out
        grep -qx 'found 24' out # so in the first frame after each cut, too
        grep -qx 'merged 0' out
        [ "$(awk '$1 == "split" { print $2 }' out)" -le 1 ]
    done
}

@test "tracks: somebody else who comes to the same place, without a cut, is a new track" {
    for faces in track all largest; do
        truth "$BATS_FILE_TMPDIR/$faces" real/c/-/change change > out
        cat out
        [ "$(awk '$1 == "found" { print $2 }' out)" -ge 20 ]
        grep -qx 'tracks 2' out
        grep -qx 'merged 0' out
    done
}

@test "tracks: a fake has the tracks, ids and crop boxes of its pristine video" {
    for faces in track all; do
        cut -f 1,9,11-14,17,24,30 "$BATS_FILE_TMPDIR/$faces/extract.tsv" > rows
        diff <(grep ^real/c/-/two rows | sed 's/^real//') <(grep ^fake/c/-/two rows | sed 's/^fake//')
        [ "$(grep -c '^fake.*ok$' rows)" -ge 46 ]
        truth "$BATS_FILE_TMPDIR/$faces" fake/c/-/two two > out
        grep -qx 'merged 0' out
    done
}

@test "tracks: the reference schedule sees the same people" {
    extract -o reference/extract.tsv --set extract.faces=track --set extract.schedule=reference --set extract.every=6
    truth reference real/c/-/two two > out
    cat out
    [ "$(awk '$1 == "found" { print $2 }' out)" -eq "$(awk '$1 == "wanted" { print $2 }' out)" ]
    grep -qx 'merged 0' out
}

@test "tracks: who is seen in too few samples is skipped, with his numbers and without a crop" {
    extract -o short/extract.tsv --set extract.faces=track --set extract.min_track=6
    truth short real/c/-/two two # crops are there where rows are ok, and nowhere else
    paste <(column video short/extract.tsv) <(column reason short/extract.tsv) <(column image short/extract.tsv) > rows
    # the third person is seen five times; everybody of `cuts` three times
    [ "$(grep -c '^real/c/-/two.filtered by extract.min_track' rows)" -eq 5 ]
    [ "$(grep -c '^fake/c/-/two.pristine face filtered by extract.min_track' rows)" -eq 5 ]
    [ "$(grep -c '^real/c/-/cuts.filtered by extract.min_track' rows)" -eq 24 ]
    [ "$(find short/crops/real/c/-/cuts -name '*.png' | wc -l)" -eq 0 ]
}

@test "tracks: -j1 equals -j2, shards merged equal one run" {
    extract -j1 -o one/extract.tsv --set extract.faces=track
    diff -r one "$BATS_FILE_TMPDIR/track"
    for i in 0 1; do
        extract -o parts/extract.tsv --set extract.faces=track --shard $i/2
    done
    extract -o parts/extract.tsv --merge
    rm parts/extract.*-of-2.tsv
    diff -r parts "$BATS_FILE_TMPDIR/track"
}

@test "tracks: lp-align and lp-swap take the rows" {
    cp -r "$BATS_FILE_TMPDIR/track" run
    "$BUILD_DIR/bin/lp-align" -q -i run/extract.tsv -o run/align.tsv
    [ "$(column status run/align.tsv | grep -c ok)" -eq "$(column status run/extract.tsv | grep -c ok)" ]
    [ "$(find run/aligned -name '*-01.png' | wc -l)" -gt 10 ]
    "$BUILD_DIR/bin/lp-swap" -q -i run/extract.tsv -o run/swap.tsv
    # The two sides of a sample are one face: the same frame, the same track.
    [ "$(column reason run/swap.tsv | grep -c 'landmarks lie in the crop')" -eq 0 ]
    paste <(column background run/swap.tsv) <(column foreground run/swap.tsv) > sides
    grep -q -- '-01' sides
    awk -F'\t' '{ sub(/.*\//, "", $1); sub(/.*\//, "", $2) }
        $1 != "." && $2 != "." { n++; if ($1 != $2) { print; bad++ } }
        END { print n " of both"; exit !(n > 10 && bad == 0) }' sides
}
