#!/usr/bin/env bats
# detector: cnn from the outside. What needs its weights (make models) is skipped without them.

bats_require_minimum_version 1.5.0

setup_file() {
    export BUILD_DIR=${BUILD_DIR:-$PWD/build/release}
    export EXTRACT=$BUILD_DIR/bin/lp-extract
    export MODEL=${XDG_DATA_HOME:-$HOME/.local/share}/leakproof/models/blazeface-front-128.onnx
    export HEADS=$BATS_FILE_TMPDIR/heads
    "$BUILD_DIR/gen/gen-heads" -q -o "$HEADS" --sequences 2 --frames 24
    {
        printf '#lp-manifest\tversion=1\tstage=fetch\ttool=0.1.0\tsettings=sha256:0\tinput=sha256:0\n'
        printf 'id\tpath\tlabel\tsplit\tface_id\tcontext_id\tcomponent\tpair\tstatus\treason\n'
        printf 's/Deepfakes/c23/000_001\theads/manipulated_sequences/Deepfakes/c23/videos/000_001.mp4\tfake\ttrain\tf1\tx1\tc1\ts/original/c23/000\tok\t.\n'
        printf 's/original/c23/000\theads/original_sequences/youtube/c23/videos/000.mp4\treal\ttrain\tf1\tx1\tc1\t.\tok\t.\n'
        printf 's/original/c23/001\theads/original_sequences/youtube/c23/videos/001.mp4\treal\ttrain\tf1\tx1\tc1\t.\tok\t.\n'
    } > "$BATS_FILE_TMPDIR/fetch.tsv"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || exit
    cp "$BATS_FILE_TMPDIR/fetch.tsv" .
    ln -s "$HEADS" heads
}

# extract DETECTOR ARGUMENTS...
extract() {
    local detector=$1
    shift
    "$EXTRACT" -q -i fetch.tsv --set extract.frames=6 --set "extract.detector=$detector" "$@"
}

# What keeps the detector from running here goes to the test's log.
needs_cnn() {
    [ -e "$MODEL" ] || skip "no detector weights: run make models"
    ldd "$EXTRACT" | grep -q XNNPACK || skip "built without XNNPACK"
}

column() {
    awk -F'\t' -v name="$1" 'NR == 2 { for (i = 1; i <= NF; i++) if ($i == name) c = i } NR > 2 { print $c }' "$2"
}

boxes() {
    paste <(column face_x_px "$1") <(column face_y_px "$1") <(column face_w_px "$1") <(column face_h_px "$1")
}

@test "cnn: without weights it says what to run, exit 69" {
    HOME=$PWD/nobody XDG_DATA_HOME='' run -69 --separate-stderr extract cnn -o extract.tsv
    [ ! -e extract.tsv ]
    if ldd "$EXTRACT" | grep -q XNNPACK; then
        [[ $stderr == *"$PWD/nobody/.local/share/leakproof/models"*"make models"* ]]
        XDG_DATA_HOME=$PWD/data run -69 --separate-stderr extract cnn -o extract.tsv
        [[ $stderr == *"$PWD/data/leakproof/models"* ]]
        run -69 extract cnn -o extract.tsv --set extract.cnn_model=none.onnx
        [[ $output == *none.onnx* ]]
    else
        [[ $stderr == *XNNPACK* ]]
    fi
}

@test "cnn: a file that is no model is refused, exit 65" {
    ldd "$EXTRACT" | grep -q XNNPACK || skip "built without XNNPACK"
    head -c 5000 /dev/zero > zeros.onnx
    run -65 extract cnn -o extract.tsv --set extract.cnn_model="$PWD/zeros.onnx"
    [[ $output == *zeros.onnx* ]]
    [ ! -e extract.tsv ]
}

@test "cnn: damaged weights are refused or give a run, never a crash" {
    needs_cnn
    size=$(stat -c %s "$MODEL")
    for part in 10 1000 $((size / 2)) $((size - 1)); do
        head -c "$part" "$MODEL" > cut.onnx
        run -65 extract cnn -o extract.tsv --set extract.cnn_model="$PWD/cut.onnx" --set extract.frames=1
    done
    for at in 3 90 $((size / 3)) $((size - 2000)) $((size - 90)); do
        cp "$MODEL" flipped.onnx
        printf '\377' | dd of=flipped.onnx bs=1 seek="$at" conv=notrunc status=none
        run extract cnn -o extract.tsv --set extract.cnn_model="$PWD/flipped.onnx" --set extract.frames=1
        [ "$status" -eq 65 ] || [ "$status" -eq 0 ]
    done
}

@test "cnn: finds every face of the sample, where hog has it, by both schedules" {
    needs_cnn
    extract hog -o hog.tsv
    for schedule in fast reference; do
        extract cnn -o "$schedule.tsv" --set extract.schedule="$schedule"
        [ "$(column status "$schedule.tsv" | sort -u)" = ok ]
        [ "$(column detector "$schedule.tsv" | sort -u)" = cnn ]
        # Boxes of the two overlap with an IoU of at least 0.6.
        paste <(boxes hog.tsv) <(boxes "$schedule.tsv") | awk -F'\t' '
            function overlap(a, aw, b, bw) { lo = a > b ? a : b; hi = a + aw < b + bw ? a + aw : b + bw; return hi > lo ? hi - lo : 0 }
            { both = overlap($1, $3, $5, $7) * overlap($2, $4, $6, $8)
              if (both < 0.6 * ($3 * $4 + $7 * $8 - both)) { print; bad = 1 } }
            END { exit bad || NR < 18 }'
    done
}

@test "cnn: -j1 equals -j3, and a second run the first" {
    needs_cnn
    for j in 1 3 2; do
        mkdir "j$j"
        extract cnn -j "$j" -o "j$j/extract.tsv"
    done
    diff -r j1 j3
    diff -r j1 j2
}
