#!/usr/bin/env bats
# lp-align from the outside: on synthetic heads, whose true landmarks are known, and on bad input.

bats_require_minimum_version 1.5.0

setup_file() {
    export BUILD_DIR=${BUILD_DIR:-$PWD/build/release}
    export ALIGN=$BUILD_DIR/bin/lp-align LC_ALL=C
    export RUN=$BATS_FILE_TMPDIR/run
    "$BUILD_DIR/gen/gen-heads" -q -o "$BATS_FILE_TMPDIR/heads" --sequences 4 --frames 12
    "$BUILD_DIR/bin/lp-fetch" -q --set dataset.root="$BATS_FILE_TMPDIR/heads" --set dataset.name=h \
        -o "$RUN/fetch.tsv"
    "$BUILD_DIR/bin/lp-extract" -q --set extract.frames=3 -i "$RUN/fetch.tsv" -o "$RUN/extract.tsv"
}

setup() {
    cd "$BATS_TEST_TMPDIR"
}

align() {
    "$ALIGN" -q -i "$RUN/extract.tsv" "$@"
}

# own: a copy of the run's input that a test may damage
own() {
    cp -r "$RUN" own
    rm -f own/align.tsv
}

rows() {
    awk -F'\t' -v s="$2" 'NR > 2 && $(NF - 1) == s' "$1" | wc -l
}

# damage FILE ROW COLUMN VALUE: sets a cell of the ROW-th row
damage() {
    awk -F'\t' -v OFS='\t' -v row="$2" -v name="$3" -v value="$4" '
        NR == 2 { for (i = 1; i <= NF; i++) if ($i == name) c = i }
        NR == row + 2 { $c = value }
        { print }' "$1" >"$1.new"
    mv "$1.new" "$1"
}

@test "align: help goes to stdout, exit 0; an unknown option exits 64" {
    run -0 --separate-stderr "$ALIGN" --help
    [[ $output == Usage:* ]]
    [ -z "$stderr" ]
    run -64 "$ALIGN" --no-such-option
    [[ $output == *no-such-option* ]]
}

@test "align: a missing input exits 66, a missing column 65, a full disk 74, a bad setting 78" {
    run -66 "$ALIGN" -i none.tsv -o align.tsv
    [[ $output == *none.tsv* ]]
    awk -F'\t' -v OFS='\t' 'NR == 2 { sub("crop_x_px", "other") } { print }' "$RUN/extract.tsv" >bad.tsv
    run -65 "$ALIGN" -i bad.tsv -o align.tsv
    [[ $output == *crop_x_px* ]]
    [ ! -e align.tsv ]
    run -74 align -o /dev/full
    run -78 align -o align.tsv --set align.template=none
    run -78 align -o align.tsv --set align.exports=none
    run -65 "$ALIGN" -i "$RUN/fetch.tsv" -o align.tsv
    [[ $output == *fetch* ]]
}

@test "align: a row a face, 224 pixels, landmarks near the template" {
    align -o align.tsv
    [ "$(rows align.tsv ok)" -eq 36 ]
    [ "$(sed -n 2p align.tsv | tr '\t' ' ')" = "id video pair label split face_id context_id component frame image track crop crop_x_px crop_y_px landmarks landmark_row landmark_kind mask variant template size_px m00 m01 m02 m10 m11 m12 m20 m21 m22 status reason" ]
    [ "$(find aligned -name '*.png' | wc -l)" -eq 36 ]
}

# compare: eyes_px = how far the eyes of align.tsv lie from where the true landmarks would put them.
# Least squares here goes another way than the tool's: sums over points, no matrices.
compare() {
    python3 - "$BATS_FILE_TMPDIR/heads/truth" "$@" <<'PY'
import ast, struct, sys
truth_dir, table, limit_median, limit_worst = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])

def npy(path):
    b = open(path, "rb").read()
    n = struct.unpack("<H", b[8:10])[0]
    shape = ast.literal_eval(b[10:10 + n].decode())["shape"]
    v = struct.unpack("<%df" % (shape[0] * shape[1] * 2), b[10 + n:])
    return [[(v[2 * (f * shape[1] + k)], v[2 * (f * shape[1] + k) + 1]) for k in range(shape[1])] for f in range(shape[0])]

def five(p):
    mean = lambda lo, hi: tuple(sum(p[k][a] for k in range(lo, hi)) / (hi - lo) for a in (0, 1))
    return [mean(36, 42), mean(42, 48), p[30], p[48], p[54]]

# CADDM's align_5p at scale 0.9 in 224 pixels
template = [(75.745703, 92.561983), (147.745703, 92.383388), (111.625247, 144.584174), (81.902365, 186.023650), (141.848486, 185.420018)]

def fit(src):
    n = len(src)
    mx, my = (sum(p[i] for p in src) / n for i in (0, 1))
    ux, uy = (sum(q[i] for q in template) / n for i in (0, 1))
    s = sum((x - mx) ** 2 + (y - my) ** 2 for x, y in src)
    a = sum((x - mx) * (u - ux) + (y - my) * (v - uy) for (x, y), (u, v) in zip(src, template)) / s
    b = sum((x - mx) * (v - uy) - (y - my) * (u - ux) for (x, y), (u, v) in zip(src, template)) / s
    return a, b, ux - a * mx + b * my, uy - b * mx - a * my

rows = [l.rstrip("\n").split("\t") for l in open(table)][1:]
col = {n: i for i, n in enumerate(rows[0])}
errors = []
for r in rows[1:]:
    _, method, _, name = r[col["video"]].split("/")
    p = five(npy("%s/%s/%s.npy" % (truth_dir, method, name))[int(r[col["frame"]])])
    m = [float(r[col["m%d%d" % (i, j)]]) for i in range(3) for j in range(3)]
    assert m[6:] == [0, 0, 1] and abs(m[0] - m[4]) < 1e-9 and abs(m[1] + m[3]) < 1e-9, m
    a, b, tx, ty = fit(p)
    for x, y in p[:2]:
        u, v = a * x - b * y + tx, b * x + a * y + ty
        errors.append(((m[0] * x + m[1] * y + m[2] - u) ** 2 + (m[3] * x + m[4] * y + m[5] - v) ** 2) ** .5)
errors.sort()
assert len(errors) == 72
print("eyes: median %.4f, worst %.4f px" % (errors[len(errors) // 2], errors[-1]))
assert errors[len(errors) // 2] <= limit_median and errors[-1] <= limit_worst
PY
}

@test "align: with the true landmarks the eyes are where they should be, to 0.01 px" {
    own
    python3 - "$BATS_FILE_TMPDIR/heads/truth" <<'PY'
import struct, sys
rows = [l.rstrip("\n").split("\t") for l in open("own/extract.tsv")][1:]
col = {n: i for i, n in enumerate(rows[0])}
for r in rows[1:]:
    _, method, _, name = r[col["video"]].split("/")
    true = open("%s/%s/%s.npy" % (sys.argv[1], method, name), "rb").read()
    path = "own/" + r[col["landmarks"]]
    mine = bytearray(open(path, "rb").read())
    size, head = 68 * 2 * 4, 10 + struct.unpack("<H", true[8:10])[0]
    at, start = head + int(r[col["frame"]]) * size, 10 + struct.unpack("<H", mine[8:10])[0]
    row = int(r[col["landmark_row"]])
    mine[start + row * size:start + (row + 1) * size] = true[at:at + size]
    open(path, "wb").write(mine)
PY
    "$ALIGN" -q -i own/extract.tsv -o own/align.tsv
    compare own/align.tsv 0.01 0.01
}

# This is the error of the landmarks, not of the alignment: the pupils are 72 px apart here.
@test "align: with measured landmarks the eyes are within 5 % of their distance, median" {
    align -o align.tsv
    compare align.tsv 3.6 7.2
}

@test "align: the picture is what the row's matrix says" {
    align -o align.tsv
    # Known pixels: put a frame-coordinate ramp in place of a crop, so that aligned colours are
    # the source coordinates.
    own
    python3 - <<'PY'
import struct, zlib
rows = [l.rstrip("\n").split("\t") for l in open("own/extract.tsv")][1:]
col = {n: i for i, n in enumerate(rows[0])}
r = rows[1]
x0, y0, w, h = (int(r[col[c]]) for c in ("crop_x_px", "crop_y_px", "crop_w_px", "crop_h_px"))
def chunk(t, d): return struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d))
raw = b"".join(b"\0" + b"".join(bytes(((x + x0) // 2, (y + y0) // 2, 200)) for x in range(w)) for y in range(h))
open("own/" + r[col["image"]], "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))
PY
    "$ALIGN" -q -i own/extract.tsv -o own/align.tsv
    image=$(awk -F'\t' 'NR == 3 { print $10 }' own/align.tsv)
    ffmpeg -v error -i "own/$image" -f rawvideo -pix_fmt rgb24 pixels
    python3 - <<'PY'
rows = [l.rstrip("\n").split("\t") for l in open("own/align.tsv")][1:]
col = {n: i for i, n in enumerate(rows[0])}
m = [float(rows[1][col["m%d%d" % (i, j)]]) for i in range(3) for j in range(3)]
px = open("pixels", "rb").read()
assert len(px) == 224 * 224 * 3
det = m[0] * m[4] - m[1] * m[3]
n = 0
for v in range(4, 224, 5):
    for u in range(4, 224, 5):
        r, g, b = px[3 * (224 * v + u):3 * (224 * v + u) + 3]
        if b != 200:
            continue # outside of the crop, or mixed with it
        x = (m[4] * (u - m[2]) - m[1] * (v - m[5])) / det
        y = (m[0] * (v - m[5]) - m[3] * (u - m[2])) / det
        # the ramp is floor(x / 2), so within half a step of (x - 0.5) / 2, and a rounding
        assert abs(r - (x - 0.5) / 2) <= 1.01 and abs(g - (y - 0.5) / 2) <= 1.01, (u, v, r, g, x, y)
        n += 1
assert n > 1500, n
PY
}

# The whole way, in pixels: bright dots are painted into the crops where the eyes are known to be, and
# looked for in the aligned pictures.
@test "align: the eyes of the synthetic heads are within 0.5 px of the template, in the picture" {
    own
    python3 - "$BATS_FILE_TMPDIR/heads/truth" <<'PY'
import math, struct, sys, zlib
rows = [l.rstrip("\n").split("\t") for l in open("own/extract.tsv")][1:]
col = {n: i for i, n in enumerate(rows[0])}
def chunk(t, d): return struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d))
# Template `custom`: where a level face of eye distance 80 has its five points.
template = [(72, 90), (152, 90), (112, 132), (84, 174), (140, 174)]
for k, r in enumerate(rows[1:7]):
    _, method, _, name = r[col["video"]].split("/")
    true = open("%s/%s/%s.npy" % (sys.argv[1], method, name), "rb").read()
    size, head = 68 * 2 * 4, 10 + struct.unpack("<H", true[8:10])[0]
    p = struct.unpack("<136f", true[head + int(r[col["frame"]]) * size:][:size])
    eye = [[sum(p[2 * i + a] for i in range(lo, lo + 6)) / 6 for a in (0, 1)] for lo in (36, 42)]
    # Nose and mouth go where a face of the template's shape would have them, so that the fit is exact.
    dx, dy = (eye[1][0] - eye[0][0]) / 80, (eye[1][1] - eye[0][1]) / 80
    place = lambda x, y: (eye[0][0] + dx * (x - 72) - dy * (y - 90), eye[0][1] + dy * (x - 72) + dx * (y - 90))
    p = list(p)
    for i, q in zip((30, 48, 54), template[2:]):
        p[2 * i:2 * i + 2] = place(*q)
    path = "own/" + r[col["landmarks"]]
    mine = bytearray(open(path, "rb").read())
    start = 10 + struct.unpack("<H", mine[8:10])[0] + int(r[col["landmark_row"]]) * size
    mine[start:start + size] = struct.pack("<136f", *p)
    open(path, "wb").write(mine)
    x0, y0, w, h = (int(r[col[c]]) for c in ("crop_x_px", "crop_y_px", "crop_w_px", "crop_h_px"))
    def pixel(x, y):
        v = sum(math.exp(-((x + x0 - e[0]) ** 2 + (y + y0 - e[1]) ** 2) / 18) for e in eye)
        return bytes([int(20 + 200 * min(v, 1))]) * 3
    raw = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(w)) for y in range(h))
    open("own/" + r[col["image"]], "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(raw, 1)) + chunk(b"IEND", b""))
PY
    "$ALIGN" -q -i own/extract.tsv -o own/align.tsv --set align.template=custom --set align.size_px=224 \
        --set align.points=72,90,152,90,112,132,84,174,140,174
    for image in $(awk -F'\t' 'NR > 2 && NR < 9 { print $10 }' own/align.tsv); do
        ffmpeg -v error -i "own/$image" -f rawvideo -pix_fmt gray - >>pixels
    done
    python3 - <<'PY'
data = open("pixels", "rb").read()
worst = 0
assert len(data) == 6 * 224 * 224
for k in range(6):
    px = data[k * 224 * 224:]
    for x, y in ((72, 90), (152, 90)):
        m = sx = sy = 0
        for v in range(y - 20, y + 21):
            for u in range(x - 20, x + 21):
                g = max(px[224 * v + u] - 40, 0)
                m, sx, sy = m + g, sx + g * u, sy + g * v
        assert m > 2000, (k, m)
        worst = max(worst, ((sx / m - x) ** 2 + (sy / m - y) ** 2) ** .5)
print("eyes: worst %.3f px" % worst)
assert worst < 0.5, worst
PY
}

@test "align: -j1 equals -j4, shards merged equal a whole run, stdin equals a file, with any --cpumask" {
    e="--set align.exports=imagefolder,webdataset"
    for j in 1 4; do align -j$j $e -o j$j/align.tsv; done
    diff -r j1 j4
    for i in 0 1 2; do align $e -o s/align.tsv --shard $i/3; done
    [ ! -e s/exports ]
    align $e -o s/align.tsv --merge
    rm s/align.*-of-3.tsv
    diff -r j1 s
    (cd "$RUN" && "$ALIGN" -q --cpumask none $e -o "$BATS_TEST_TMPDIR/p/align.tsv" <extract.tsv)
    diff -r j1 p
    align $e -o j1/align.tsv
    diff -r j1 j4
}

@test "align: templates, sizes and formats" {
    for t in deepfakebench-256 arcface-112 ffhq-256; do
        align -o "$t/align.tsv" --set "align.template=${t%-*}"
        image=$t/$(awk -F'\t' 'NR == 3 { print $10 }' "$t/align.tsv")
        [ "$(ffprobe -v error -show_entries stream=width,height -of csv=p=0 "$image")" = "${t#*-},${t#*-}" ]
    done
    align -o j/align.tsv --set align.size_px=300 --set align.image=jpg
    image=j/$(awk -F'\t' 'NR == 3 { print $10 }' j/align.tsv)
    [ "$(ffprobe -v error -show_entries stream=codec_name,width -of csv=p=0 "$image")" = "mjpeg,300" ]
}

@test "align: a custom template needs ten numbers and a size; a margin makes faces smaller" {
    run -78 align -o align.tsv --set align.template=custom
    [[ $output == *size_px* ]]
    run -78 align -o align.tsv --set align.template=custom --set align.size_px=100 --set align.points=1,2,3
    [[ $output == *"ten numbers"* ]]
    run -78 align -o align.tsv --set align.template=custom --set align.size_px=100 --set align.points=1,2,3,4,5,6,7,8,9,x
    [[ $output == *"'x' is no number"* ]]
    align -o 0/align.tsv
    align -o 1/align.tsv --set align.margin=0.25
    paste <(cut -f22 0/align.tsv) <(cut -f22 1/align.tsv) |
        awk 'NR > 2 { r = $1 / $2; if (r < 1.2499 || r > 1.2501) exit 1; n++ } END { exit n != 36 }'
}

@test "align: bad rows are fail rows with a reason, the others are done" {
    own
    t=own/extract.tsv
    image() { awk -F'\t' -v r="$1" 'NR == r + 2 { print $15 }' $t; }
    echo junk >"own/$(image 2)"
    rm "own/$(image 3)"
    : >"own/$(image 4)"
    damage $t 5 crop_w_px 7
    damage $t 6 landmark_row 99
    damage $t 7 landmarks none.npy
    damage $t 8 crop_x_px nan
    damage $t 9 image .
    damage $t 10 status skip
    damage $t 10 reason "no face"
    damage $t 11 status fail
    run -65 "$ALIGN" -i $t -o own/align.tsv
    [[ $output == *"8 of 36 faces failed"* ]]
    [ "$(rows own/align.tsv fail)" -eq 9 ]
    [ "$(rows own/align.tsv skip)" -eq 1 ]
    [ "$(rows own/align.tsv ok)" -eq 26 ]
    awk -F'\t' 'NR > 2 && $(NF - 1) != "ok" && $NF == "." && NR != 13' own/align.tsv >silent
    [ ! -s silent ]
    [[ $(awk -F'\t' 'NR == 12 { print $NF }' own/align.tsv) == "no face" ]]
    [[ $(awk -F'\t' 'NR == 7 { print $NF }' own/align.tsv) == *"its row says 7x"* ]]
}

@test "align: a stopped run ends with the same table and the same verdict" {
    own
    for i in 2 3 4 5; do
        echo junk >"own/$(awk -F'\t' -v r=$i 'NR == r + 2 { print $15 }' own/extract.tsv)"
    done
    run -65 "$ALIGN" -q -i own/extract.tsv -o own/align.tsv
    cp own/align.tsv whole.tsv
    rm own/align.tsv
    # stopped at the first picture that cannot be written: what was done before is in the journal
    last=$(awk -F'\t' 'END { print "aligned/" $1 ".png" }' own/extract.tsv)
    rm -rf "own/$last"
    mkdir -p "own/$last/in-the-way"
    run ! "$ALIGN" -q -j1 -i own/extract.tsv -o own/align.tsv
    [ ! -e own/align.tsv ]
    [ -s own/.align.tsv.journal ]
    rm -r "own/$last"
    run -65 "$ALIGN" -q -i own/extract.tsv -o own/align.tsv
    [[ $output == *"4 of 36 faces failed"* ]]
    cmp whole.tsv own/align.tsv
    [ ! -e own/.align.tsv.journal ]
}

@test "align: faces that reach out of their crops are told" {
    own
    # as if only a part of the crop had been kept
    w=$(awk -F'\t' 'NR == 3 { print $13 }' own/extract.tsv)
    image=own/$(awk -F'\t' 'NR == 3 { print $15 }' own/extract.tsv)
    h=$(awk -F'\t' 'NR == 3 { print $14 }' own/extract.tsv)
    ffmpeg -v error -y -i "$image" -vf "crop=$((w / 2)):$h:0:0" -update 1 half.png
    mv half.png "$image"
    damage own/extract.tsv 1 crop_w_px $((w / 2))
    run -0 "$ALIGN" -i own/extract.tsv -o own/align.tsv
    [[ $output == *"reach out of their crops"* ]]
}

@test "align: imagefolder: every face once, labels and people in the metadata" {
    for kind in jsonl csv; do
        align -o align.tsv --set align.exports=imagefolder --set align.metadata=$kind
        python3 - $kind <<'PY'
import csv, json, os, sys
kind = sys.argv[1]
rows = [l.rstrip("\n").split("\t") for l in open("align.tsv")][1:]
col = {n: i for i, n in enumerate(rows[0])}
want = {r[0]: r for r in rows[1:] if r[col["status"]] == "ok"}
seen, files, types = set(), set(), set()
for split in os.listdir("exports/imagefolder"):
    base = "exports/imagefolder/" + split
    # Hugging Face's loader refuses metadata of two kinds, and splits whose columns differ in type
    assert [f for f in os.listdir(base) if f.startswith("metadata")] == ["metadata." + kind]
    if kind == "csv":
        meta = list(csv.DictReader(open(base + "/metadata.csv", newline="")))
    else:
        meta = [json.loads(l) for l in open(base + "/metadata.jsonl")]
        types |= {tuple((k, type(v)) for k, v in m.items()) for m in meta}
    for m in meta:
        r = want[m["id"]]
        assert m["id"] not in seen
        seen.add(m["id"])
        assert m["file_name"].split("/")[0] == m["label"] == r[col["label"]]
        assert split == r[col["split"]] and m["variant"] == "" and m["landmark_kind"] == "measured68"
        assert m["face_id"] == r[col["face_id"]] and m["component"] == r[col["component"]]
        assert int(m["frame"]) == int(r[col["frame"]]) and int(m["track"]) == 0
        path = base + "/" + m["file_name"]
        assert open(path, "rb").read() == open(r[col["image"]], "rb").read()
        files.add(path)
assert seen == set(want) and len(types) == (kind == "jsonl")
there = {os.path.join(d, f) for d, _, fs in os.walk("exports/imagefolder") for f in fs if f.endswith(".png")}
assert there == files
PY
    done
}

@test "align: ids that become one name are refused, not merged" {
    own
    # h/a-b/c23/x and h/a/b-c23/x
    sed -n '1,2p' own/extract.tsv >t.tsv
    awk -F'\t' -v OFS='\t' 'NR == 3 { $3 = "."; $2 = "h/a-b/c23/x"; $1 = $2 "/000000"; print; $2 = "h/a/b-c23/x"; $1 = $2 "/000000"; print }' \
        own/extract.tsv >>t.tsv
    mv t.tsv own/extract.tsv
    for e in imagefolder webdataset; do
        run -65 "$ALIGN" -q -i own/extract.tsv -o own/align.tsv --set align.exports=$e
        [ ! -e own/exports/$e ]
    done
}

@test "align: webdataset: what tarfile reads is what was aligned" {
    align -o align.tsv --set align.exports=webdataset --set align.shard_samples=7
    python3 - <<'PY'
import hashlib, json, os, tarfile
rows = [l.rstrip("\n").split("\t") for l in open("align.tsv")][1:]
col = {n: i for i, n in enumerate(rows[0])}
want = {r[0]: r for r in rows[1:] if r[col["status"]] == "ok"}
order = []
for shard in json.load(open("exports/webdataset/shards.json")):
    path = "exports/webdataset/" + shard["file"]
    assert shard["bytes"] == os.path.getsize(path)
    assert shard["sha256"] == hashlib.sha256(open(path, "rb").read()).hexdigest()
    wids = json.load(open("exports/webdataset/%s.index.json" % shard["split"]))
    assert wids["__kind__"] == "wids-shard-index-v1" and wids["wids_version"] == 1
    assert {"url": shard["file"], "nsamples": shard["samples"], "filesize": shard["bytes"]} in wids["shardlist"]
    with tarfile.open(path) as t:
        members = t.getmembers()
        assert len(members) == 2 * shard["samples"] and shard["samples"] <= 7
        for picture, text in zip(members[::2], members[1::2]):
            key = picture.name.split(".")[0]
            assert picture.name == key + ".png" and text.name == key + ".json"
            assert picture.mtime == 0 and picture.uid == 0
            j = json.load(t.extractfile(text))
            r = want[j["id"]]
            assert t.extractfile(picture).read() == open(r[col["image"]], "rb").read()
            assert j["label"] == (r[col["label"]] == "fake") and j["split"] == shard["split"] == r[col["split"]]
            assert j["face_id"] == r[col["face_id"]] and j["frame"] == int(r[col["frame"]])
            order.append(j["id"])
assert sorted(order) == sorted(want) and order != sorted(order)
PY
    cp exports/webdataset/train-000000.tar one.tar
    align -o align.tsv --set align.exports=webdataset --set align.shard_samples=7 --set align.shuffle_seed=2
    run ! cmp -s one.tar exports/webdataset/train-000000.tar
    # a limit of size: no shard has more than it and one sample
    align -o align.tsv --set align.exports=webdataset --set align.shard_mb=1 --set align.size_px=448
    [ "$(find exports/webdataset -name '*.tar' -size -1600k | wc -l)" -eq "$(find exports/webdataset -name '*.tar' | wc -l)" ]
    [ "$(find exports/webdataset -name '*.tar' | wc -l)" -gt 4 ]
}

@test "align: the card counts what the table holds" {
    own
    damage own/extract.tsv 1 status skip
    damage own/extract.tsv 1 reason "no face in 'x'"
    damage own/extract.tsv 2 status skip
    damage own/extract.tsv 2 reason "no face in 'y'"
    "$ALIGN" -q -i own/extract.tsv -o own/align.tsv --set align.exports=imagefolder
    python3 - <<'PY'
import json
card = json.load(open("own/exports/card.json"))
rows = [l.rstrip("\n").split("\t") for l in open("own/align.tsv")][1:]
col = {n: i for i, n in enumerate(rows[0])}
ok = [r for r in rows[1:] if r[col["status"]] == "ok"]
assert card["faces"] == len(ok) == sum(k["faces"] for k in card["kinds"])
assert card["left_out"] == 2 and card["reasons"] == [{"reason": "no face in '...'", "rows": 2}]
assert card["people"] == len({r[col["face_id"]] for r in ok})
assert card["components"] == len({r[col["component"]] for r in ok})
assert card["components_in_several_splits"] == 0
assert card["landmarks"] == {"measured68": len(ok), "measured81": 0} and card["masks"] == 0
assert [e["name"] for e in card["exports"]] == ["imagefolder"]
for k in card["kinds"]:
    mine = [r for r in ok if r[col["video"]].split("/")[1] == k["method"] and r[col["split"]] == k["split"]]
    assert k["faces"] == len(mine)
    assert k["videos"] - k["videos_without_a_face"] == len({r[col["video"]] for r in mine})
    assert k["people"] == len({r[col["face_id"]] for r in mine})
import hashlib
assert card["sha256"]["align.tsv"] == hashlib.sha256(open("own/align.tsv", "rb").read()).hexdigest()
PY
    grep -q '^| h | original | c23 | real |' own/exports/card.md
    run ! grep -rq "$BATS_TEST_TMPDIR" own/exports
    run ! grep -q 'more than one split' own/exports/card.md
    # one video of a component in another split
    video=$(awk -F'\t' '$5 == "train" { print $2; exit }' own/extract.tsv)
    awk -F'\t' -v OFS='\t' -v v="$video" '$2 == v { $5 = "test" } { print }' own/extract.tsv >moved.tsv
    mv moved.tsv own/extract.tsv
    "$ALIGN" -q -i own/extract.tsv -o own/align.tsv --set align.exports=imagefolder
    grep -q '^\*\*1 components are in more than one split' own/exports/card.md
}

@test "align: exports need a file as output" {
    run -64 align -o - --set align.exports=imagefolder
    [ ! -e exports ]
}
