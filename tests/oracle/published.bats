#!/usr/bin/env bats
# The published recipe computed with OpenCV, NumPy and SciPy, beside mfs-published.

bats_require_minimum_version 1.5.0

setup_file() {
    export BUILD_DIR=${BUILD_DIR:-$PWD/build/release}
}

@test "mfs-published: stages, noise chain, samples and boxes of 80 pairs as OpenCV and SciPy make them" {
    /usr/bin/python3 -c 'import cv2, numpy, scipy' 2> /dev/null ||
        skip "python3-opencv, python3-numpy or python3-scipy is not installed"
    run /usr/bin/python3 "$BATS_TEST_DIRNAME/published.py" "$BUILD_DIR/tests/oracle/published_stages" 80
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -eq 0 ]
}
