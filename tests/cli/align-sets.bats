#!/usr/bin/env bats
# lp-align's robustness sets and frozen jitter: sets/NAME/ beside align.tsv.

bats_require_minimum_version 1.5.0

setup_file() {
    export BUILD_DIR=${BUILD_DIR:-$PWD/build/release}
    export ALIGN=$BUILD_DIR/bin/lp-align LC_ALL=C
    export RUN=$BATS_FILE_TMPDIR/run
    "$BUILD_DIR/gen/gen-heads" -q -o "$BATS_FILE_TMPDIR/heads" --sequences 2 --frames 12
    "$BUILD_DIR/bin/lp-fetch" -q --set dataset.root="$BATS_FILE_TMPDIR/heads" --set dataset.name=h \
        -o "$RUN/fetch.tsv"
    "$BUILD_DIR/bin/lp-extract" -q --set extract.frames=2 -i "$RUN/fetch.tsv" -o "$RUN/extract.tsv"
}

setup() {
    cd "$BATS_TEST_TMPDIR"
}

align() {
    "$ALIGN" -q -i "$RUN/extract.tsv" "$@"
}

ALL=saturation,contrast,blocks,noise,blur,pixelate,video

@test "sets: every kind at every level, its name in every row, the rest as in the plain set" {
    align -o align.tsv --set align.perturb=$ALL --set align.exports=imagefolder
    [ "$(find sets -mindepth 1 -maxdepth 1 | wc -l)" -eq 35 ]
    python3 - <<'PY'
import os, json
def read(path):
    rows = [l.rstrip("\n").split("\t") for l in open(path)][1:]
    return rows[0], [dict(zip(rows[0], r)) for r in rows[1:]]
names, plain = read("align.tsv")
for s in sorted(os.listdir("sets")):
    other, rows = read("sets/%s/align.tsv" % s)
    assert other == names and len(rows) == len(plain) == 12
    for a, b in zip(plain, rows):
        assert b["variant"] == s and a["variant"] == "."
        for n in names:
            if n in ("crop", "landmarks"):
                assert os.path.samefile(a[n], "sets/%s/%s" % (s, b[n]))
            elif n not in ("variant", "image"):
                assert a[n] == b[n], (n, a[n], b[n])
        assert open(a["image"], "rb").read() != open("sets/%s/%s" % (s, b["image"]), "rb").read()
    card = json.load(open("sets/%s/exports/card.json" % s))
    assert card["variant"] == s and card["faces"] == 12
    assert os.path.isdir("sets/%s/exports/imagefolder/train" % s) or os.path.isdir("sets/%s/exports/imagefolder/test" % s)
PY
}

@test "sets: same bytes at any -j and after --merge; what is whole is kept" {
    e="--set align.perturb=noise,video --set align.perturb_levels=2,5 --set align.jitter=2 --set align.exports=imagefolder"
    for j in 1 4; do align -j$j $e -o $j/align.tsv; done
    diff -r 1 4
    for i in 0 1; do align $e -o s/align.tsv --shard $i/2; done
    [ ! -e s/sets ]
    align $e -o s/align.tsv --merge
    rm s/align.*-of-2.tsv
    diff -r 1 s
    touch -d @1 1/sets/noise-2/aligned/h/original/c23/000/*.png
    align $e -o 1/align.tsv
    [ "$(stat -c %Y 1/sets/noise-2/aligned/h/original/c23/000/000000.png)" = 1 ]
    # another seed is another set
    align $e -o 4/align.tsv --set align.seed=2
    run ! diff -q 1/sets/jitter-1/align.tsv 4/sets/jitter-1/align.tsv
    run ! cmp -s 1/sets/noise-5/aligned/h/original/c23/000/000000.png 4/sets/noise-5/aligned/h/original/c23/000/000000.png
    cmp 1/sets/video-5/aligned/h/original/c23/000/000000.png 4/sets/video-5/aligned/h/original/c23/000/000000.png
}

@test "sets: a jittered picture is what its row's matrix says" {
    align -o align.tsv --set align.jitter=3
    # the crop of one face becomes a ramp of frame coordinates, so that colours are places
    cp -r "$RUN" own
    python3 - <<'PY'
import struct, zlib
rows = [l.rstrip("\n").split("\t") for l in open("own/extract.tsv")][1:]
col = {n: i for i, n in enumerate(rows[0])}
def chunk(t, d): return struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d))
r = rows[1]
x0, y0, w, h = (int(r[col[c]]) for c in ("crop_x_px", "crop_y_px", "crop_w_px", "crop_h_px"))
raw = b"".join(b"\0" + b"".join(bytes(((x + x0) // 2, (y + y0) // 2, 200)) for x in range(w)) for y in range(h))
open("own/" + r[col["image"]], "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))
PY
    "$ALIGN" -q -i own/extract.tsv -o own/align.tsv --set align.jitter=3 --set align.sampling=bilinear
    for k in 1 2 3; do
        image=own/sets/jitter-$k/$(awk -F'\t' 'NR == 3 { print $10 }' own/sets/jitter-$k/align.tsv)
        ffmpeg -v error -y -i "$image" -f rawvideo -pix_fmt rgb24 pixels
        python3 - own/sets/jitter-$k/align.tsv <<'PY'
import sys
rows = [l.rstrip("\n").split("\t") for l in open(sys.argv[1])][1:]
col = {n: i for i, n in enumerate(rows[0])}
m = [[float(rows[1][col["m%d%d" % (i, j)]]) for j in range(3)] for i in range(3)]
px = open("pixels", "rb").read()
def solve(u, v): # of m (x, y, 1) ~ (u, v, 1), by Cramer's rule
    a, b, c = m[0][0] - u * m[2][0], m[0][1] - u * m[2][1], u * m[2][2] - m[0][2]
    d, e, f = m[1][0] - v * m[2][0], m[1][1] - v * m[2][1], v * m[2][2] - m[1][2]
    det = a * e - b * d
    return (c * e - b * f) / det, (a * f - c * d) / det
n = 0
for v in range(4, 224, 5):
    for u in range(4, 224, 5):
        r, g, b = px[3 * (224 * v + u):3 * (224 * v + u) + 3]
        if b != 200:
            continue
        x, y = solve(u, v)
        assert abs(r - (x - 0.5) / 2) <= 1.01 and abs(g - (y - 0.5) / 2) <= 1.01, (u, v, r, g, x, y)
        n += 1
assert n > 700, n
PY
    done
}

@test "sets: a crop that is gone is a fail row; sets need a file as output; levels are checked" {
    cp -r "$RUN" own
    run -64 align -o - --set align.jitter=1
    [ ! -e sets ]
    run -78 align -o align.tsv --set align.perturb_levels=6
    run -78 align -o align.tsv --set align.perturb=jpeg
    image=$(awk -F'\t' 'NR == 3 { print $15 }' own/extract.tsv)
    echo junk >"own/$image"
    run "$ALIGN" -q -i own/extract.tsv -o own/align.tsv --set align.perturb=video,blur --set align.perturb_levels=1
    [ "$status" -eq 0 ]
    for s in video-1 blur-1; do
        [ "$(awk -F'\t' 'NR > 2 && $(NF - 1) == "fail"' own/sets/$s/align.tsv | wc -l)" -eq 1 ]
        [ "$(awk -F'\t' 'NR > 2 && $(NF - 1) == "ok"' own/sets/$s/align.tsv | wc -l)" -eq 11 ]
    done
}
