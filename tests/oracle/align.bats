#!/usr/bin/env bats
# lp-align beside other implementations: LMDB's Python reader, NumPy, OpenCV.

bats_require_minimum_version 1.5.0

setup_file() {
    export BUILD_DIR=${BUILD_DIR:-$PWD/build/release}
    export ALIGN=$BUILD_DIR/bin/lp-align LC_ALL=C HERE=$PWD/tests
    export RUN=$BATS_FILE_TMPDIR/run
    "$BUILD_DIR/gen/gen-heads" -q -o "$BATS_FILE_TMPDIR/heads" --sequences 4 --frames 12
    "$BUILD_DIR/bin/lp-fetch" -q --set dataset.root="$BATS_FILE_TMPDIR/heads" --set dataset.name=h \
        -o "$RUN/fetch.tsv"
    "$BUILD_DIR/bin/lp-extract" -q --set extract.frames=3 -i "$RUN/fetch.tsv" -o "$RUN/extract.tsv"
}

setup() {
    cd "$BATS_TEST_TMPDIR"
}

# python MODULE...: skips where Debian's Python lacks one
python() {
    for m in "$@"; do
        /usr/bin/python3 -c "import $m" 2>/dev/null || skip "python3-$m is not installed"
    done
}

@test "align: lmdb: DeepfakeBench's loader finds every face and landmark; same bytes each time" {
    python lmdb
    for j in 1 4; do
        "$ALIGN" -q -j$j -i "$RUN/extract.tsv" -o $j/align.tsv --set align.template=deepfakebench \
            --set align.exports=lmdb
    done
    run -0 /usr/bin/python3 "$HERE/cli/deepfakebench_reader.py" 1/exports/lmdb 1 lmdb
    [ "$output" = "36 0" ]
    diff -r 1 4
    "$ALIGN" -q -i "$RUN/extract.tsv" -o 112/align.tsv --set align.template=arcface --set align.exports=lmdb
    run -0 /usr/bin/python3 "$HERE/cli/deepfakebench_reader.py" 112/exports/lmdb 112 lmdb
}

@test "align: deepfakebench: NumPy reads the landmarks" {
    python numpy
    "$ALIGN" -q -i "$RUN/extract.tsv" -o align.tsv --set align.exports=deepfakebench
    /usr/bin/python3 - <<'PY'
import glob, numpy as np
files = glob.glob("exports/deepfakebench/datasets/rgb/**/*.npy", recursive=True)
assert len(files) == 36
for f in files:
    a = np.load(f)
    assert a.shape == (81, 2) and a.dtype == np.int64 and abs(a).max() < 400
PY
}

@test "align: the warp is OpenCV's, to a grey level" {
    python cv2
    "$ALIGN" -q -i "$RUN/extract.tsv" -o align.tsv
    /usr/bin/python3 - <<'PY'
import csv, cv2, numpy as np
rows = list(csv.DictReader(open("align.tsv").read().split("\n")[1:], delimiter="\t"))
worst = 0
for r in rows:
    crop = cv2.imread(r["crop"])
    m = np.array([float(r["m%d%d" % (i, j)]) for i in range(3) for j in range(3)]).reshape(3, 3)
    m = m @ np.array([[1, 0, float(r["crop_x_px"])], [0, 1, float(r["crop_y_px"])], [0, 0, 1]])
    want = cv2.warpPerspective(crop, m, (224, 224), flags=cv2.INTER_LINEAR).astype(int)
    got = cv2.imread(r["image"]).astype(int)
    d = abs(got - want)
    worst = max(worst, d.mean())
    # OpenCV cuts positions to 1/32 pixel, so edges may differ by some grey levels
    assert d.mean() < 0.5 and np.percentile(d, 99) <= 6, (r["id"], d.mean(), np.percentile(d, 99))
print(worst)
PY
}

# Mean PSNR to the plain faces and mean bytes of JPEG by level: monotone.
@test "align: sets: each level is farther from the plain faces than the last" {
    command -v ffmpeg >/dev/null || skip "ffmpeg is not installed"
    ALL=saturation,contrast,blocks,noise,blur,pixelate,video
    "$ALIGN" -q -i "$RUN/extract.tsv" -o align.tsv --set align.perturb=$ALL
    for kind in ${ALL//,/ }; do
        last=1000
        for level in 1 2 3 4 5; do
            now=$(ffmpeg -hide_banner -loglevel info -f image2 -pattern_type glob -i 'aligned/h/*/c23/*/*.png' \
                -f image2 -pattern_type glob -i "sets/$kind-$level/aligned/h/*/c23/*/*.png" -lavfi psnr -f null - 2>&1 |
                sed -n 's/.*average:\([0-9.]*\).*/\1/p' | tail -1)
            echo "$kind-$level: $now dB"
            awk -v a="$now" -v b="$last" 'BEGIN { exit !(a > 5 && a < b - 0.05) }'
            last=$now
        done
    done
    # What compresses better than the plain faces, and more so at each level: blur, fewer grey levels
    size() { cat "$1"/*/*/c23/*/*.png | wc -c; }
    for kind in contrast blur video; do
        last=$(size aligned)
        for level in 1 3 5; do
            now=$(size "sets/$kind-$level/aligned")
            [ "$now" -lt "$last" ]
            last=$now
        done
    done
    # and what does so worse: noise
    [ "$(size sets/noise-5/aligned)" -gt "$(size sets/noise-1/aligned)" ]
    [ "$(size sets/noise-1/aligned)" -gt "$(size aligned)" ]
}

@test "align: blur and pixelate are OpenCV's, to a grey level" {
    python cv2
    "$ALIGN" -q -i "$RUN/extract.tsv" -o align.tsv --set align.perturb=blur,pixelate,contrast
    /usr/bin/python3 - <<'PY'
import csv, cv2, numpy as np
rows = list(csv.DictReader(open("align.tsv").read().split("\n")[1:], delimiter="\t"))
taps, parts, keep = (7, 9, 13, 17, 21), (2, 3, 4, 5, 6), (.85, .725, .6, .475, .35)
for r in rows[:6]:
    plain = cv2.imread(r["image"])
    for i in range(5):
        k, p = taps[i], parts[i]
        want = cv2.GaussianBlur(plain, (k, k), k / 6).astype(int)
        got = cv2.imread("sets/blur-%d/%s" % (i + 1, r["image"])).astype(int)
        assert abs(got - want).max() <= 1, (k, abs(got - want).max())
        small = cv2.resize(plain, (224 // p, 224 // p))
        want = cv2.resize(small, (224, 224)).astype(int)
        got = cv2.imread("sets/pixelate-%d/%s" % (i + 1, r["image"])).astype(int)
        assert abs(got - want).max() <= 2, (p, abs(got - want).max())
        want = (plain * keep[i]).astype(np.uint8).astype(int)
        got = cv2.imread("sets/contrast-%d/%s" % (i + 1, r["image"])).astype(int)
        assert abs(got - want).max() <= 1
PY
}
