#!/usr/bin/env bats
# lp-align's exports, read back by readers that know nothing of it: each re-implements what the
# framework at hand does with its files.

bats_require_minimum_version 1.5.0

setup_file() {
    export BUILD_DIR=${BUILD_DIR:-$PWD/build/release}
    export ALIGN=$BUILD_DIR/bin/lp-align LC_ALL=C HERE=$PWD/tests/cli
    export HEADS=$BATS_FILE_TMPDIR/heads RUN=$BATS_FILE_TMPDIR/run
    "$BUILD_DIR/gen/gen-heads" -q -o "$HEADS" --sequences 4 --frames 12
    # Masks of one method: a white box, whose place is known, and one that ends early.
    mkdir -p "$HEADS/manipulated_sequences/Deepfakes/masks/videos"
    for v in "$HEADS"/manipulated_sequences/Deepfakes/c23/videos/*.mp4; do
        size=$(ffprobe -v error -show_entries stream=width,height -of csv=p=0:s=x "$v")
        frames=12
        [[ $v == */001_000.mp4 ]] && frames=4
        ffmpeg -v error -f lavfi -i "color=black:s=$size:r=25" -frames:v $frames -vf \
            "drawbox=x=iw/4:y=ih/4:w=iw/2:h=ih/2:color=white:t=fill" -c:v libx264 -crf 1 -pix_fmt yuv420p \
            "$HEADS/manipulated_sequences/Deepfakes/masks/videos/${v##*/}"
    done
    "$BUILD_DIR/bin/lp-fetch" -q --set dataset.root="$HEADS" --set dataset.name=h -o "$RUN/fetch.tsv"
    "$BUILD_DIR/bin/lp-extract" -q --set extract.frames=3 --set extract.keep=frames -i "$RUN/fetch.tsv" \
        -o "$RUN/extract.tsv"
    "$ALIGN" -q -i "$RUN/extract.tsv" -o "$RUN/align.tsv" --set align.template=deepfakebench
}

setup() {
    cd "$BATS_TEST_TMPDIR"
}

# exports LIST...: the run again, below ./run, with these exports
exports() {
    local list=$1
    shift
    # at the depth of RUN, so that the relative paths in its tables hold
    cp -r "$RUN" "$RUN-$BATS_TEST_NUMBER"
    ln -s "$RUN-$BATS_TEST_NUMBER" run
    "$ALIGN" -q -i run/extract.tsv -o run/align.tsv --set align.template=deepfakebench \
        --set "align.exports=$list" "$@"
}

@test "align: masks of the data set are warped with their faces" {
    [ "$(awk -F'\t' 'NR > 2 && $18 != "."' "$RUN/align.tsv" | wc -l)" -eq 10 ]
    [ "$(find "$RUN/masks" -name '*.png' | wc -l)" -eq 10 ]
    image=$(awk -F'\t' 'NR > 2 && $18 != "." { print $18; exit }' "$RUN/align.tsv")
    ffmpeg -v error -i "$RUN/$image" -f rawvideo -pix_fmt gray pixels
    python3 - "$RUN/align.tsv" "$RUN/fetch.tsv" <<'PY'
import sys
rows = [l.rstrip("\n").split("\t") for l in open(sys.argv[1])][1:]
col = {n: i for i, n in enumerate(rows[0])}
r = next(r for r in rows[1:] if r[col["mask"]] != ".")
fetch = [l.rstrip("\n").split("\t") for l in open(sys.argv[2])][1:]
f = next(dict(zip(fetch[0], x)) for x in fetch[1:] if x[0] == r[col["video"]])
w, h = int(f["width"]), int(f["height"])
m = [float(r[col["m%d%d" % (i, j)]]) for i in range(3) for j in range(3)]
det = m[0] * m[4] - m[1] * m[3]
px = open("pixels", "rb").read()
assert len(px) == 256 * 256
seen = {0: 0, 255: 0}
for v in range(0, 256, 3):
    for u in range(0, 256, 3):
        x = (m[4] * (u - m[2]) - m[1] * (v - m[5])) / det
        y = (m[0] * (v - m[5]) - m[3] * (u - m[2])) / det
        inside = min(x - w / 4, w * 3 / 4 - x, y - h / 4, h * 3 / 4 - y)
        if abs(inside) < 4:
            continue # the edge, and what the codec makes of it
        assert px[256 * v + u] == (255 if inside > 0 else 0), (u, v, x, y, px[256 * v + u])
        seen[px[256 * v + u]] += 1
assert seen[255] > 500, seen
PY
    # of a fetch.tsv that is not the one of this run, nothing is taken, and it is said
    cp -r "$RUN" other
    sed -i '$d' other/fetch.tsv
    run -0 "$ALIGN" -i other/extract.tsv -o other/align.tsv
    [[ $output == *"not the one that the input was made from"* ]]
    [ "$(awk -F'\t' 'NR > 2 && $18 != "."' other/align.tsv | wc -l)" -eq 0 ]
    run -0 "$ALIGN" -q -i "$RUN/extract.tsv" -o none/align.tsv --set align.masks=false
    [ ! -e none/masks ]
}

@test "align: deepfakebench: its loader finds every face, landmark and mask" {
    exports deepfakebench
    run -0 python3 "$HERE/deepfakebench_reader.py" run/exports/deepfakebench run
    [ "$output" = "36 10" ]
    cd run/exports/deepfakebench/preprocessing/dataset_json
    [ "$(echo *)" = "FF-DF.json FF-FS.json FaceForensics++.json" ]
    grep -q extrapolated81 FF-DF.json
    grep -q 'extrapolated (landmark_kind extrapolated81)' ../../../card.md
}

@test "align: deepfakebench: other names, other methods, more frames than it takes" {
    cp -r "$RUN" run
    # A method that it does not know, a name that its loader trips over, no split, and 40 frames.
    python3 - <<'PY'
import os, re
lines = open("run/extract.tsv").read().split("\n")
head, names, rows = lines[0], lines[1], [l.split("\t") for l in lines[2:] if l]
col = {n: i for i, n in enumerate(names.split("\t"))}
out = []
for r in rows:
    if "/FaceSwap/" in r[0]:
        for c in ("id", "video"):
            r[col[c]] = r[col[c]].replace("/FaceSwap/c23/", "/MyMethod/c23/").replace("/000_001", "/frames_1")
        r[col["split"]] = "-"
    if "/original/c23/000" in r[0] and r[col["frame"]] == "0":
        for k in range(100, 140):
            n = list(r)
            n[0], n[col["frame"]] = "h/original/c23/000/%06d" % k, str(k)
            out.append(n)
    out.append(r)
out.sort(key=lambda r: r[0])
open("run/extract.tsv", "w").write("\n".join([head, names] + ["\t".join(r) for r in out]) + "\n")
PY
    "$ALIGN" -q -i run/extract.tsv -o run/align.tsv --set align.exports=deepfakebench --set align.family=ffpp
    python3 - <<'PY'
import json, os
d = "run/exports/deepfakebench/preprocessing/dataset_json/"
assert sorted(os.listdir(d)) == ["FF-DF.json", "FaceForensics++.json", "MyMethod.json"]
my = json.load(open(d + "MyMethod.json"))["MyMethod"]
assert set(my) == {"MyMethod", "FF-real"}
assert not my["MyMethod"]["train"] and not my["MyMethod"]["val"] # no split is test
video = my["MyMethod"]["test"]["Frames_1"]
assert all(p.count("frames") == 1 and os.path.exists("run/exports/deepfakebench/" + p) for p in video["frames"])
ff = json.load(open(d + "FaceForensics++.json"))["FaceForensics++"]
frames = [v["frames"] for s in ff["FF-real"].values() for n, v in s["c23"].items() if n == "000"][0]
assert len(frames) == 32
numbers = [int(p[-7:-4]) for p in frames]
assert numbers[0] == 0 and numbers[-1] == 139 and numbers == sorted(set(numbers))
assert "MyMethod" not in ff
card = open("run/exports/card.md").read()
assert "template 'caddm'" in card and "add 'MyMethod: 1' to label_dict" in card
assert "1 videos have more than 32 faces" in card and "of no split are listed as test" in card
PY
}

@test "align: deepfakebench: it takes PNG only, and two videos of one place are refused" {
    cp -r "$RUN" run
    run -78 "$ALIGN" -q -i run/extract.tsv -o run/align.tsv --set align.exports=deepfakebench --set align.image=jpg
    [[ $output == *"align.image: png"* ]]
    [ ! -e run/exports/deepfakebench ]
    # Two data sets that are both FaceForensics++
    awk -F'\t' -v OFS='\t' 'NR < 3 { print; next } { print; gsub(/^h\//, "i/", $1); sub(/^h\//, "i/", $2); print }' \
        run/extract.tsv >two.tsv
    { sed 2q two.tsv; sed 1,2d two.tsv | sort -t$'\t' -k1,1; } >run/extract.tsv
    run -65 "$ALIGN" -q -i run/extract.tsv -o run/align.tsv --set align.exports=deepfakebench
    [[ $output == *"two videos would be"* ]]
}

@test "align: caddm: every file has its key, every source frame is there" {
    exports caddm
    [ "$(ls run/exports/caddm)" = "$(printf 'test_images\ntrain_images')" ]
    run -0 python3 "$HERE/caddm_reader.py" "$PWD/run/exports/caddm" "$PWD/run" ./train_images "$RUN"
    train=$output
    run -0 python3 "$HERE/caddm_reader.py" "$PWD/run/exports/caddm" "$PWD/run" ./test_images "$RUN"
    [ $((train + output)) -eq 36 ]
    grep -q extrapolated81 run/exports/card.md
}

@test "align: caddm: a fake without its pristine frame is left out of training" {
    cp -r "$RUN" run
    # The first pristine train frame is gone, and so are the two fakes that are made of it.
    gone=$(awk -F'\t' '$4 == "real" && $5 == "train" { print $1; exit }' run/extract.tsv)
    awk -F'\t' -v OFS='\t' -v gone="$gone" '$1 == gone { $(NF - 1) = "skip"; $NF = "no face" } { print }' \
        run/extract.tsv >damaged.tsv
    mv damaged.tsv run/extract.tsv
    "$ALIGN" -q -i run/extract.tsv -o run/align.tsv --set align.exports=caddm
    run -0 python3 "$HERE/caddm_reader.py" "$PWD/run/exports/caddm" "$PWD/run" ./train_images "$RUN"
    n=$(awk -F'\t' '$5 == "train" && $(NF - 1) == "ok"' run/align.tsv | wc -l)
    [ "$output" -eq $((n - 2)) ]
    grep -q '2 fakes of train and val are left out' run/exports/card.md
}

@test "align: caddm and sbi say what to do when whole frames were not kept" {
    cp -r "$RUN" run
    rm -r run/frames
    for e in caddm sbi; do
        run -78 "$ALIGN" -q -i run/extract.tsv -o run/align.tsv --set align.exports=$e
        [[ $output == *"extract.keep: [frames]"* ]]
        [ ! -e run/exports/$e ]
    done
}

@test "align: sbi: its loader finds every pristine frame once" {
    exports sbi
    run -0 python3 "$HERE/sbi_reader.py" "$PWD/run/exports/sbi" "$RUN"
    [ "$output" = "$(for s in train val test; do awk -F'\t' -v s=$s '$4 == "real" && $5 == s' run/align.tsv | wc -l; done | xargs)" ]
    grep -q 'not by RetinaFace' run/exports/card.md
    [ ! -e 'run/exports/sbi/data/FaceForensics++/videos.tsv' ]
    # names that three characters do not tell apart are numbered
    awk -F'\t' -v OFS='\t' '{ for (i = 1; i < 4; i++) sub("h/original/c23/0", "h/original/c23/long0", $i); print }' \
        run/extract.tsv >long.tsv
    { sed 2q long.tsv; sed 1,2d long.tsv | sort -t$'\t' -k1,1; } >run/extract.tsv
    mv run/frames/h/original/c23 c23
    mkdir -p run/frames/h/original/c23
    for v in c23/*; do mv "$v" "run/frames/h/original/c23/long${v#c23/}"; done
    "$ALIGN" -q -i run/extract.tsv -o run/align.tsv --set align.exports=sbi
    run -0 python3 "$HERE/sbi_reader.py" "$PWD/run/exports/sbi" "$PWD/run"
    [ -e 'run/exports/sbi/data/FaceForensics++/videos.tsv' ]
    [[ $output == *" 0 "* ]]
}

@test "align: of several faces in a frame, exports of one face a frame take who is seen most" {
    cp -r "$RUN" run
    # A second person in two of the three frames of a video, listed first in one of them.
    python3 - <<'PY'
lines = open("run/extract.tsv").read().split("\n")
head, names, rows = lines[0], lines[1], [l.split("\t") for l in lines[2:] if l]
col = {n: i for i, n in enumerate(names.split("\t"))}
out = []
for r in rows:
    if r[col["video"]] == "h/original/c23/000":
        for track in ("0", "1"):
            n = list(r)
            n[0] += "-" + track
            n[col["track"]] = track
            if track == "1" or r[col["frame"]] != "5":
                out.append(n)
    else:
        out.append(r)
open("run/extract.tsv", "w").write("\n".join([head, names] + ["\t".join(r) for r in sorted(out)]) + "\n")
PY
    "$ALIGN" -q -i run/extract.tsv -o run/align.tsv --set align.exports=deepfakebench,caddm,imagefolder
    python3 - <<'PY'
import glob, os
d = "run/exports/deepfakebench/datasets/rgb/FaceForensics++/original_sequences/youtube/c23/frames/000/"
assert len(os.listdir(d)) == 3
for f in os.listdir(d): # track 1 has three faces, track 0 two
    assert os.path.samefile(d + f, "run/aligned/h/original/c23/000/%06d-1.png" % int(f[:-4]))
assert len(glob.glob("run/exports/imagefolder/*/real/h-original-c23-000-*")) == 5
assert "2 faces of further people in a frame are left out" in open("run/exports/card.md").read()
PY
    [ "$(find run/exports/caddm -path '*/frames/000/*' | wc -l)" -eq 3 ]
}

@test "align: webdataset: landmarks and masks as further members" {
    for want in landmarks landmarks81; do
        exports webdataset --set align.extras=$want,mask
        python3 - $want <<'PY'
import io, json, struct, sys, tarfile
points = 81 if sys.argv[1] == "landmarks81" else 68
rows = [l.rstrip("\n").split("\t") for l in open("run/align.tsv")][1:]
col = {n: i for i, n in enumerate(rows[0])}
want = {r[0]: r for r in rows[1:]}
n = masks = 0
for shard in json.load(open("run/exports/webdataset/shards.json")):
    samples = {}
    with tarfile.open("run/exports/webdataset/" + shard["file"]) as t:
        for m in t.getmembers(): # the key is what stands before the first dot
            key, kind = m.name.split(".", 1)
            samples.setdefault(key, {})[kind] = t.extractfile(m).read()
    for s in samples.values():
        j = json.loads(s["json"])
        r = want[j["id"]]
        assert j["landmark_kind"] == ("extrapolated81" if points == 81 else "measured68")
        head = 10 + struct.unpack("<H", s["landmarks.npy"][8:10])[0]
        assert b"'<f4'" in s["landmarks.npy"][:head] and ("(%d, 2)" % points).encode() in s["landmarks.npy"][:head]
        got = struct.unpack("<%df" % (2 * points), s["landmarks.npy"][head:])
        data = open("run/" + r[col["landmarks"]], "rb").read()
        at = 10 + struct.unpack("<H", data[8:10])[0] + 544 * int(r[col["landmark_row"]])
        p = struct.unpack("<136f", data[at:at + 544])
        m = [float(r[col["m%d%d" % (a, b)]]) for a in range(3) for b in range(3)]
        for k in range(68):
            w = m[6] * p[2 * k] + m[7] * p[2 * k + 1] + m[8]
            assert abs(got[2 * k] - (m[0] * p[2 * k] + m[1] * p[2 * k + 1] + m[2]) / w) < 1e-3
            assert abs(got[2 * k + 1] - (m[3] * p[2 * k] + m[4] * p[2 * k + 1] + m[5]) / w) < 1e-3
        assert ("mask.png" in s) == (r[col["mask"]] != ".")
        if "mask.png" in s:
            assert s["mask.png"] == open("run/" + r[col["mask"]], "rb").read()
            masks += 1
        n += 1
assert n == 36 and masks == 10
PY
        rm -r run "$RUN-$BATS_TEST_NUMBER"
    done
}

# What an export leaves behind when it fails: nothing of its own.
nothing_half() {
    [ -z "$(find "$1" -name '.*' ! -path "$1" 2>/dev/null)" ]
}

@test "align: exports: a picture or landmarks that are gone: said, nothing half-written" {
    cp -r "$RUN" run
    for e in imagefolder webdataset deepfakebench lmdb; do
        "$ALIGN" -q -i run/extract.tsv -o run/align.tsv --shard 0/1 --set align.exports=$e
        image=$(awk -F'\t' 'NR == 20 { print $10 }' run/align.0-of-1.tsv)
        rm "run/$image"
        run -66 "$ALIGN" -q -o run/align.tsv --merge --set align.exports=$e
        [[ $output == *"${image##*/}"* ]]
        [ ! -e "run/exports/$e" ]
        nothing_half run/exports
        [ ! -e run/exports/card.md ]
    done
    # landmarks that are not there any more
    "$ALIGN" -q -i run/extract.tsv -o run/align.tsv --shard 0/1 --set align.exports=deepfakebench
    mv run/landmarks gone
    run -66 "$ALIGN" -q -o run/align.tsv --merge --set align.exports=deepfakebench
    [ ! -e run/exports/deepfakebench ]
    nothing_half run/exports
}

@test "align: exports: what was there is replaced as a whole, and stays if the new one fails" {
    cp -r "$RUN" run
    "$ALIGN" -q -i run/extract.tsv -o run/align.tsv --set align.exports=imagefolder,webdataset
    (cd run/exports && find . -type f -exec sha256sum {} + | sort) >first
    echo stray >run/exports/imagefolder/train/stray.png
    "$ALIGN" -q -i run/extract.tsv -o run/align.tsv --set align.exports=imagefolder,webdataset
    (cd run/exports && find . -type f -exec sha256sum {} + | sort) >second
    diff first second
    "$ALIGN" -q -i run/extract.tsv -o run/align.tsv --shard 0/1 --set align.exports=webdataset
    rm "run/$(awk -F'\t' 'NR == 20 { print $10 }' run/align.0-of-1.tsv)"
    run -66 "$ALIGN" -q -o run/align.tsv --merge --set align.exports=webdataset
    (cd run/exports && find . -type f -exec sha256sum {} + | sort) >third
    diff first third
}

@test "align: exports: a file in the way exits 73, an id that comes twice 65" {
    cp -r "$RUN" run
    echo mine >run/exports
    run -73 "$ALIGN" -q -i run/extract.tsv -o run/align.tsv --set align.exports=imagefolder
    [[ $output == *exports* ]]
    [ "$(cat run/exports)" = mine ]
    sed -n '1,3p;3p' "$RUN/extract.tsv" >run/extract.tsv
    run -65 "$ALIGN" -q -i run/extract.tsv -o run/twice.tsv
    [[ $output == *twice* || $output == *"line 4"* ]]
    [ ! -e run/twice.tsv ]
}

@test "align: exports: a full disk exits 74 and a read-only one 73, with nothing half-written" {
    mkdir small
    mount -t tmpfs -o size=4m tmpfs small 2>/dev/null || skip "no right to mount a small disk"
    "$ALIGN" -q -i "$RUN/extract.tsv" -o small/align.tsv --set align.image=jpg --set align.masks=false
    free=$(df --output=avail -k small | tail -1)
    head -c $((free * 1024 - 200000)) /dev/zero >small/ballast
    for e in webdataset imagefolder; do
        status=0
        "$ALIGN" -q -i "$RUN/extract.tsv" -o small/align.tsv --set align.image=jpg --set align.masks=false \
            --set align.exports=$e 2>message || status=$?
        if [ $e = webdataset ]; then
            [ "$status" -eq 74 ]
            grep -q "No space left" message
            [ ! -e small/exports/webdataset ]
            nothing_half small/exports
        fi
    done
    rm small/ballast
    mount -o remount,ro small
    run -73 "$ALIGN" -q -i "$RUN/extract.tsv" -o small/align.tsv --set align.exports=webdataset
    [[ $output == *"Read-only"* ]]
    umount small
}

teardown() {
    umount "$BATS_TEST_TMPDIR/small" 2>/dev/null || true
}
