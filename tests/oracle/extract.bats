#!/usr/bin/env bats
# Faces and landmarks beside dlib itself, on real photographs and clips.

bats_require_minimum_version 1.5.0

setup_file() {
    export BUILD_DIR=${BUILD_DIR:-$PWD/build/release}
    export REAL=$BATS_TEST_DIRNAME/../../runs/.cache/real
    export FETCH_STATUS=0
    "$BATS_TEST_DIRNAME/../gen/fetch-real.sh" -o "$REAL" > "$BATS_FILE_TMPDIR/fetch.log" 2>&1 || FETCH_STATUS=$?
}

setup() {
    if [ "$FETCH_STATUS" -ne 0 ]; then
        skip "the photographs cannot be had now: $(tail -1 "$BATS_FILE_TMPDIR/fetch.log")"
    fi
}

@test "real faces: the reference schedule and the landmarks equal dlib's, fast finds the same face" {
    run "$BUILD_DIR/tests/oracle/faces_beside_dlib" -n 70 "$REAL"/*.mp4 "$REAL"/still*
    echo "$output"
    # Figures for the log of a verbose run.
    echo "# ${output//$'\n'/$'\n'# }" >&3
    [ "$status" -eq 0 ]
}
