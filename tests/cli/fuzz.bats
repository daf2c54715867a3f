#!/usr/bin/env bats
# The fuzz targets over their corpus: what was ever found does not come back.

bats_require_minimum_version 1.5.0

setup_file() {
    export BUILD_DIR=${BUILD_DIR:-$PWD/build/release}
    export CORPUS=$BATS_TEST_DIRNAME/../fuzz/corpus
}

@test "fuzz: every target has a corpus, and every corpus a target" {
    for folder in "$CORPUS"/*/; do
        [ -x "$BUILD_DIR/fuzz/replay_$(basename "$folder")" ]
    done
    for target in "$BATS_TEST_DIRNAME"/../fuzz/fuzz_*.c; do
        name=$(basename "$target" .c)
        [ "$name" = fuzz_files ] || [ -d "$CORPUS/${name#fuzz_}" ]
    done
}

@test "fuzz: the corpus is replayed" {
    for folder in "$CORPUS"/*/; do
        run -0 "$BUILD_DIR/fuzz/replay_$(basename "$folder")" "$folder"*
    done
}

@test "fuzz: damaged versions of the corpus are replayed" {
    python3 - "$CORPUS" "$BATS_TEST_TMPDIR" <<'PY'
import os, random, sys
corpus, out = sys.argv[1:]
rng = random.Random(1)
for kind in sorted(os.listdir(corpus)):
    os.makedirs(f"{out}/{kind}")
    for name in sorted(os.listdir(f"{corpus}/{kind}")):
        data = open(f"{corpus}/{kind}/{name}", "rb").read()
        for i in range(6):
            b = bytearray(data)
            if i % 2 and b:
                del b[rng.randrange(len(b)):]
            for _ in range(1 + i):
                if b:
                    b[rng.randrange(len(b))] = rng.choice([0, 10, 34, 45, 48, 57, 92, 123, 255, rng.randrange(256)])
            open(f"{out}/{kind}/{name}.{i}", "wb").write(b)
PY
    for folder in "$BATS_TEST_TMPDIR"/*/; do
        run -0 "$BUILD_DIR/fuzz/replay_$(basename "$folder")" "$folder"*
    done
}
