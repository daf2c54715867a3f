#!/usr/bin/env bats
# lp-score from the outside: toy faces whose fakes are grainier than their reals.

bats_require_minimum_version 1.5.0

setup_file() {
    export BUILD_DIR=${BUILD_DIR:-$PWD/build/release} LC_ALL=C
    export SCORE="$BUILD_DIR/bin/lp-score -s score.bins=24"
    export TOY=$BATS_FILE_TMPDIR/toy
    python3 "$BATS_TEST_DIRNAME/score_faces.py" "$TOY" 8 3
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    cp -r "$TOY" run
}

@test "score: --help on stdout, unknown option 64, missing input 66, bad key 78" {
    run -0 --separate-stderr $SCORE --help
    [[ $output == *"Usage: lp-score"* && -z $stderr ]]
    run -64 $SCORE --colour
    run -66 $SCORE -i none.tsv -o s.tsv
    [[ $output == *"cannot open 'none.tsv'"* ]]
    run -78 $SCORE -s score.colour=1 -i run/align.tsv -o s.tsv
}

@test "score: scores, features and ids of the test split, better than chance" {
    run -0 $SCORE -q -i run/align.tsv -o run/scores/reference.tsv
    [ -z "$output" ]
    [ "$(head -1 run/scores/reference.tsv | cut -f3)" = stage=score ]
    [ "$(sed 1,2d run/scores/reference.tsv | wc -l)" -eq 24 ]
    ! sed 1,2d run/scores/reference.tsv | grep -v '	test	'
    cmp <(sed 1,2d run/scores/reference.tsv | cut -f1) <(sed 1,2d run/scores/reference.ids.tsv)
    python3 - run/scores/reference.npy <<'PY'
import ast, sys
data = open(sys.argv[1], "rb").read()
head = ast.literal_eval(data[10:10 + int.from_bytes(data[8:10], "little")].decode())
assert head["descr"] == "<f4" and head["shape"] == (24, 24) and not head["fortran_order"], head
PY
    run -0 --separate-stderr "$BUILD_DIR/bin/lp-evaluate" -q -i run/align.tsv run/scores/reference.tsv \
        --check 'auc.frame > 0.6' -s evaluate.bootstrap=0
}

@test "score: the same bytes at -j1 and -j4, and from standard input" {
    $SCORE -q -j1 -i run/align.tsv -o a.tsv
    $SCORE -q -j4 -i run/align.tsv -o b.tsv
    (cd run && $SCORE -q -o ../c.tsv <align.tsv)
    cmp a.tsv b.tsv && cmp a.npy b.npy && cmp a.ids.tsv b.ids.tsv
    cmp a.tsv c.tsv && cmp a.npy c.npy
    $SCORE -q -i run/align.tsv | cmp - a.tsv
}

@test "score: a picture that cannot be read is a row, and too many are 65" {
    printf 'not a picture' >run/faces/toy-real-c23-006-0.png
    run -0 $SCORE -i run/align.tsv -o s.tsv
    [[ $output == *"toy-real-c23-006-0.png"* ]]
    grep '^toy/real/c23/006/000000	' s.tsv | grep '	fail	'
    grep '^toy/real/c23/006/000000	\.	' s.tsv
    [ "$(sed 1,2d s.ids.tsv | wc -l)" -eq 23 ]
    run -0 --separate-stderr "$BUILD_DIR/bin/lp-evaluate" -q -i run/align.tsv s.tsv -s evaluate.bootstrap=0
    [[ $output == *"not-scored"*"line 21"* ]]
    run -65 $SCORE -s run.max_failed=0 -i run/align.tsv -o t.tsv
    [[ $output == *"1 of 48 frames failed"* ]]
    [ -s t.tsv ]
}

@test "score: no test split, one class to train on, a missing column, no label: 65" {
    sed 's/	test	/	train	/' run/align.tsv >run/a.tsv
    run -65 $SCORE -i run/a.tsv -o s.tsv
    [[ $output == *"no test split"* ]]
    grep -v '	fake	train	' run/align.tsv >run/a.tsv
    run -65 $SCORE -i run/a.tsv -o s.tsv
    [[ $output == *"no fake frame in the train split"* ]]
    sed '2s/image/picture/' run/align.tsv >run/a.tsv
    run -65 $SCORE -i run/a.tsv -o s.tsv
    [[ $output == *"image"* ]]
    sed '5s/	fake	/	false	/' run/align.tsv >run/a.tsv
    run -65 $SCORE -i run/a.tsv -o s.tsv
    [[ $output == *"line 5: label"* ]]
    [ ! -e s.tsv ]
}

@test "score: more rings than the picture can hold: 65; a full disk: 74" {
    run -65 "$BUILD_DIR/bin/lp-score" -i run/align.tsv -o s.tsv
    [[ $output == *"64 rings do not fit a picture of 64 x 64"* ]]
    run -74 $SCORE -i run/align.tsv -o /dev/full
    run -73 $SCORE -i run/align.tsv -o /dev/null/s.tsv
}

@test "score: -n writes nothing; --print-config can be read back" {
    run -0 $SCORE -n -i run/align.tsv -o s.tsv
    [[ $output == *"48 frames"* && ! -e s.tsv ]]
    $SCORE --print-config >c.yaml
    "$BUILD_DIR/bin/lp-score" -q -c c.yaml -i run/align.tsv -o a.tsv
    $SCORE -q -i run/align.tsv -o b.tsv
    cmp a.tsv b.tsv
}
