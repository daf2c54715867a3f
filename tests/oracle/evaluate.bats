#!/usr/bin/env bats
# lp-evaluate against other implementations, and its intervals against simulated truth.

bats_require_minimum_version 1.5.0

setup_file() {
    export BUILD_DIR=${BUILD_DIR:-$PWD/build/release} LC_ALL=C HERE=$BATS_TEST_DIRNAME
}

setup() {
    cd "$BATS_TEST_TMPDIR" || exit
}

@test "evaluate: 200 random cases, ties, tiny sets, one class, extreme scores, as scikit-learn reckons" {
    /usr/bin/python3 -c 'import numpy, sklearn' 2>/dev/null || skip "python3-sklearn is not installed"
    OPENBLAS_NUM_THREADS=1 run -0 /usr/bin/python3 "$HERE/metrics_oracle.py" "$BUILD_DIR/bin/lp-evaluate" "$BATS_FILE_TMPDIR" 200
    echo "# ${lines[-1]}" >&3
}

@test "evaluate: areas, partial areas, DeLong variances and paired tests of the same cases, as pROC reckons" {
    command -v Rscript >/dev/null && Rscript -e 'library(pROC)' >/dev/null 2>&1 || skip "r-cran-proc is not installed"
    [ -s "$BATS_FILE_TMPDIR/ours.tsv" ] || skip "python3-sklearn, which makes the cases, is not installed"
    run -0 Rscript "$HERE/metrics_oracle.R" "$BATS_FILE_TMPDIR"
    echo "# ${lines[-1]}" >&3
}

@test "evaluate: clustered intervals hold the truth in 95 of 100 sets, iid ones do not, p-values are flat" {
    run -0 "$BUILD_DIR/tests/oracle/interval_coverage" 2000
    printf '# %s\n' "${lines[@]}" >&3
}
