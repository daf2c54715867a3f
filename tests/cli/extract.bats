#!/usr/bin/env bats
# lp-extract from the outside: on synthetic heads, where faces are known, and on what is no video.

bats_require_minimum_version 1.5.0

setup_file() {
    export BUILD_DIR=${BUILD_DIR:-$PWD/build/release}
    export EXTRACT=$BUILD_DIR/bin/lp-extract
    export HEADS=$BATS_FILE_TMPDIR/heads
    "$BUILD_DIR/gen/gen-heads" -q -o "$HEADS" --sequences 2 --frames 24
    fetch_tsv > "$BATS_FILE_TMPDIR/fetch.tsv"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || exit
    cp "$BATS_FILE_TMPDIR/fetch.tsv" .
    ln -s "$HEADS" heads
}

manifest_head() {
    printf '#lp-manifest\tversion=1\tstage=fetch\ttool=0.1.0\tsettings=sha256:0\tinput=sha256:0\n'
    printf 'id\tpath\tlabel\tsplit\tface_id\tcontext_id\tcomponent\tpair\tframes\tstatus\treason\n'
}

# row ID PATH LABEL PAIR [STATUS REASON]
row() {
    printf '%s\t%s\t%s\ttrain\t%s\t%s\tc1\t%s\t.\t%s\t%s\n' "$1" "$2" "$3" f1 x1 "$4" "${5:-ok}" "${6:-.}"
}

# Two real clips and the two Deepfakes-like fakes between them.
fetch_tsv() {
    manifest_head
    {
        row s/Deepfakes/c23/000_001 heads/manipulated_sequences/Deepfakes/c23/videos/000_001.mp4 fake s/original/c23/000
        row s/Deepfakes/c23/001_000 heads/manipulated_sequences/Deepfakes/c23/videos/001_000.mp4 fake s/original/c23/001
        row s/original/c23/000 heads/original_sequences/youtube/c23/videos/000.mp4 real .
        row s/original/c23/001 heads/original_sequences/youtube/c23/videos/001.mp4 real .
    } | LC_ALL=C sort
}

# column NAME FILE: the values of a column, without the two first lines
column() {
    awk -F'\t' -v name="$1" 'NR == 2 { for (i = 1; i <= NF; i++) if ($i == name) c = i } NR > 2 { print $c }' "$2"
}

extract() {
    "$EXTRACT" -q --set extract.frames=6 "$@"
}

@test "extract: help goes to stdout, exit 0" {
    run -0 --separate-stderr "$EXTRACT" --help
    [[ $output == Usage:* ]]
    [ -z "$stderr" ]
}

@test "extract: every option of the help is in the man page, and the other way round" {
    page=$BATS_TEST_DIRNAME/../../extract/lp-extract.1
    "$EXTRACT" --help | grep -o -- ' --[a-z-]*' | tr -d ' ' | sort -u > options
    grep -o -- 'Fl \\-[a-z-]*' "$page" | sed 's/Fl \\-/--/' | sort -u > page-options
    grep -q -- --shard options
    diff options page-options
}

@test "extract: an unknown option exits 64" {
    run -64 "$EXTRACT" --no-such-option
    [[ $output == *no-such-option* ]]
}

@test "extract: a missing input exits 66 and writes nothing" {
    run -66 "$EXTRACT" -i none.tsv -o extract.tsv
    [[ $output == *none.tsv* ]]
    [ ! -e extract.tsv ]
}

@test "extract: a missing column exits 65 and is named" {
    cut -f 1-7,9- fetch.tsv > bad.tsv
    run -65 "$EXTRACT" -i bad.tsv -o extract.tsv
    [[ $output == *"'pair'"* ]]
    [ ! -e extract.tsv ]
}

@test "extract: a missing landmark model exits 69, a corrupt one 65" {
    run -69 extract -i fetch.tsv -o extract.tsv --set extract.landmarks_model=none.dat
    [[ $output == *none.dat*libdlib-data* ]]
    echo "no model" > bad.dat
    run -65 extract -i fetch.tsv -o extract.tsv --set extract.landmarks_model=bad.dat
    [[ $output == *bad.dat* ]]
    [ ! -e extract.tsv ]
}

@test "extract: contradicting keys exit 78" {
    run -78 extract -i fetch.tsv -o extract.tsv --set extract.every=2 --set extract.fps=5
    [[ $output == *every*fps* ]]
}

@test "extract: a row a sampled frame, crops and landmarks of all" {
    extract -i fetch.tsv -o extract.tsv
    [ "$(column status extract.tsv | sort | uniq -c | tr -s ' ')" = " 24 ok" ]
    [ "$(column detector extract.tsv | sort -u)" = hog ]
    column image extract.tsv | while read -r f; do [ -s "$f" ] || exit 1; done
    [ "$(find crops -name '*.png' | wc -l)" -eq 24 ]
    [ "$(find landmarks -name '*.npy' | wc -l)" -eq 4 ]
    # shape and finite values, by a reader of our own
    python3 - <<'PY'
import struct, ast, glob, math
for f in glob.glob("landmarks/**/*.npy", recursive=True):
    b = open(f, "rb").read()
    n = struct.unpack("<H", b[8:10])[0]
    head = ast.literal_eval(b[10:10 + n].decode())
    assert head["shape"] == (6, 68, 2) and head["descr"] == "<f4", head
    v = struct.unpack("<%df" % (6 * 68 * 2), b[10 + n:])
    assert all(math.isfinite(x) and -50 < x < 450 for x in v)
PY
    # ids, and frames from the first to the last
    [ "$(column id extract.tsv | head -1)" = s/Deepfakes/c23/000_001/000000 ]
}

@test "extract: a fake has the frames and the crop boxes of its pristine video" {
    extract -i fetch.tsv -o extract.tsv
    boxes() {
        awk -F'\t' -v v="$1" '$2 == v { print $9, $11, $12, $13, $14 }' extract.tsv
    }
    [ "$(boxes s/original/c23/000 | wc -l)" -eq 6 ]
    [ "$(boxes s/original/c23/000)" = "$(boxes s/Deepfakes/c23/000_001)" ]
    [ "$(boxes s/original/c23/001)" = "$(boxes s/Deepfakes/c23/001_000)" ]
    [ "$(boxes s/original/c23/000)" != "$(boxes s/original/c23/001)" ]
}

@test "extract: every face is found and the landmarks lie on the true ones" {
    "$EXTRACT" -q -i fetch.tsv -o extract.tsv --set extract.every=1
    python3 - <<'PY'
import ast, math, struct

def npy(path):
    b = open(path, "rb").read()
    n = struct.unpack("<H", b[8:10])[0]
    shape = ast.literal_eval(b[10:10 + n].decode())["shape"]
    v = struct.unpack("<%df" % math.prod(shape), b[10 + n:])
    return [list(zip(v[i:i + 136:2], v[i + 1:i + 136:2])) for i in range(0, len(v), 136)]

def middle(points):
    return [sum(c) / len(points) for c in zip(*points)]

lines = open("extract.tsv").read().split("\n")[1:-1]
rows = [dict(zip(lines[0].split("\t"), line.split("\t"))) for line in lines[1:]]
errors = []
for r in rows:
    if r["label"] != "real":
        continue
    assert r["status"] == "ok", r
    got = npy(r["landmarks"])[int(r["landmark_row"])]
    true = npy("heads/truth/original/%s.npy" % r["video"].split("/")[-1])[int(r["frame"])]
    eyes = math.dist(middle(true[36:42]), middle(true[42:48]))
    errors.append(sum(map(math.dist, got, true)) / 68 / eyes)
errors.sort()
# The heads are synthetic: what dlib's model, learnt on photographs, makes of them.
assert len(errors) > 30 and errors[len(errors) // 2] < 0.06, errors
PY
}

@test "extract: schedules agree on the faces" {
    extract -i fetch.tsv -o fast.tsv
    extract -i fetch.tsv -o reference.tsv --set extract.schedule=reference
    paste <(tail -n +3 fast.tsv) <(tail -n +3 reference.tsv) | awk -F'\t' '
        { n_columns = NF / 2
          ax = $18; ay = $19; aw = $20; ah = $21
          bx = $(18 + n_columns); by = $(19 + n_columns); bw = $(20 + n_columns); bh = $(21 + n_columns)
          w = (ax + aw < bx + bw ? ax + aw : bx + bw) - (ax > bx ? ax : bx)
          h = (ay + ah < by + bh ? ay + ah : by + bh) - (ay > by ? ay : by)
          if (w < 0 || h < 0 || w * h < 0.5 * (aw * ah + bw * bh - w * h)) bad++
          n++ }
        END { exit !(n == 24 && bad == 0) }'
}

@test "extract: a face that a filter leaves out is a skip row that keeps its numbers" {
    extract -i fetch.tsv -o plain.tsv
    # between the sizes that there are, so that some frames stay
    limit=$(column face_w_px plain.tsv | sort -n | sed -n 12p)
    rm -r crops
    extract -i fetch.tsv -o extract.tsv --set "extract.min_size_px=$limit.5"
    # the numbers are those of an unfiltered run
    for name in face_x_px face_score track blur exposure yaw_deg pitch_deg roll_deg crop_w_px landmark_row; do
        diff <(column $name plain.tsv) <(column $name extract.tsv)
        [ "$(column $name extract.tsv | grep -c '^\.$')" -eq 0 ]
    done
    python3 - "$limit" <<'PY'
import os, sys
lines = open("extract.tsv").read().split("\n")[1:-1]
rows = [dict(zip(lines[0].split("\t"), line.split("\t"))) for line in lines[1:]]
real = {(r["video"], r["frame"]): r for r in rows if r["label"] == "real"}
kept = left = 0
for r in rows:
    small = float((real[r["pair"], r["frame"]] if r["label"] == "fake" else r)["face_w_px"]) <= float(sys.argv[1])
    # The pristine face decides for both.
    reason = "pristine face filtered" if r["label"] == "fake" else "filtered"
    assert (r["status"], r["reason"]) == (("skip", reason + " by extract.min_size_px") if small else ("ok", ".")), r
    assert (r["image"] == ".") == small
    assert os.path.exists("crops/" + r["id"] + ".png") == (not small)
    left += small
    kept += not small
assert kept >= 4 and left >= 4, (kept, left)
PY
}

@test "extract: a filter out of range exits 78" {
    run -78 extract -i fetch.tsv -o extract.tsv --set extract.max_yaw_deg=200
    [[ $output == *max_yaw_deg* ]]
}

@test "extract: -j1 equals -j4, stdin equals a file, with any --cpumask" {
    mkdir one four stdin
    extract -j1 -i fetch.tsv -o one/extract.tsv
    extract -j4 -i fetch.tsv -o four/extract.tsv
    extract --cpumask none -o stdin/extract.tsv < fetch.tsv
    diff -r one four
    diff -r one stdin
}

@test "extract: stdout carries the manifest" {
    extract -i fetch.tsv > got.tsv
    extract -i fetch.tsv -o extract.tsv
    cmp got.tsv extract.tsv
}

@test "extract: shards merged equal one run" {
    mkdir whole parts
    extract -i fetch.tsv -o whole/extract.tsv
    for i in 0 1 2; do
        extract -i fetch.tsv -o parts/extract.tsv --shard $i/3
    done
    extract -o parts/extract.tsv --merge
    rm parts/extract.*-of-3.tsv
    diff -r whole parts
}

@test "extract: a full disk exits 74" {
    run -74 extract -i fetch.tsv -o /dev/full
    [[ $output == *"No space left"* ]]
}

@test "extract: a dry run writes nothing" {
    run -0 extract -n -i fetch.tsv -o extract.tsv
    [[ $output == *"4 videos in 2 pair groups"* ]]
    [ ! -e extract.tsv ]
    [ ! -e crops ]
}

@test "extract: bad videos are rows that say why, and the run goes on" {
    : > empty.mp4
    echo "no video at all" > text.mp4
    head -c 3000 heads/original_sequences/youtube/c23/videos/000.mp4 > cut.mp4
    ffmpeg -v error -f lavfi -i testsrc=size=320x240:rate=10:duration=1 -y -pix_fmt yuv420p noface.mp4
    ffmpeg -v error -i heads/manipulated_sequences/Deepfakes/c23/videos/000_001.mp4 -vf scale=200:150 -y small.mp4
    {
        manifest_head
        {
            row b/x/-/cut cut.mp4 real .
            row b/x/-/empty empty.mp4 real .
            row b/x/-/fake-of-empty heads/manipulated_sequences/Deepfakes/c23/videos/000_001.mp4 fake b/x/-/empty
            row b/x/-/good heads/original_sequences/youtube/c23/videos/000.mp4 real .
            row b/x/-/missing none.mp4 real .
            row b/x/-/noface noface.mp4 real .
            row b/x/-/notfetched . real . fail 'HTTP 404'
            row b/x/-/orphan heads/manipulated_sequences/Deepfakes/c23/videos/000_001.mp4 fake b/x/-/gone
            row b/x/-/small small.mp4 fake b/x/-/good
            row b/x/-/text text.mp4 real .
        } | LC_ALL=C sort
    } > bad.tsv
    run -65 extract -i bad.tsv -o extract.tsv
    [[ $output == *"videos failed"* ]]
    reason() {
        awk -F'\t' -v v="$1" '$2 == v { print $(NF - 1) ": " $NF }' extract.tsv | sort -u
    }
    [[ $(reason b/x/-/cut) == fail:*cut.mp4* ]]
    [[ $(reason b/x/-/empty) == fail:*empty.mp4* ]]
    [[ $(reason b/x/-/text) == fail:*text.mp4* ]]
    [[ $(reason b/x/-/missing) == fail:*none.mp4* ]]
    [[ $(reason b/x/-/fake-of-empty) == "fail: pristine video 'b/x/-/empty' failed:"* ]]
    [ "$(reason b/x/-/orphan)" = "fail: pristine video 'b/x/-/gone' is missing" ]
    [ "$(reason b/x/-/noface)" = "skip: no face found" ]
    [ "$(reason b/x/-/notfetched)" = "skip: not fetched: HTTP 404" ]
    [ "$(reason b/x/-/small)" = "fail: its size 200x150 differs from the pristine video's 400x300" ]
    [ "$(reason b/x/-/good)" = "ok: ." ]
    [ "$(awk -F'\t' '$2 == "b/x/-/good"' extract.tsv | wc -l)" -eq 6 ]
    # the same bytes from another folder
    mkdir elsewhere
    cd elsewhere || exit
    run -65 extract -i ../bad.tsv -o extract.tsv
    cmp extract.tsv ../extract.tsv
}

@test "extract: unpaired fakes can be kept" {
    { manifest_head; row a/x/-/orphan heads/manipulated_sequences/Deepfakes/c23/videos/000_001.mp4 fake a/x/-/gone; } > orphan.tsv
    extract -i orphan.tsv -o extract.tsv --set extract.unpaired=keep
    [ "$(column status extract.tsv | sort -u)" = ok ]
}

@test "extract: an id that climbs out of the folder is refused" {
    { manifest_head; row ../../up heads/original_sequences/youtube/c23/videos/000.mp4 real .; } > up.tsv
    mkdir run
    run -65 extract -i up.tsv -o run/extract.tsv
    grep -q 'cannot be a file name' run/extract.tsv
    [ "$(find . -name '*.png' | wc -l)" -eq 0 ]
}

@test "extract: a stopped run goes on and does no group twice" {
    mkdir whole
    extract -i fetch.tsv -o whole/extract.tsv
    # Killed as soon as the first group is in the journal (or later: then nothing is left to do).
    extract -j1 -i fetch.tsv -o extract.tsv &
    pid=$!
    for _ in $(seq 200); do
        [ -s .extract.tsv.journal ] && grep -qa s/original/c23/000 .extract.tsv.journal && break
        sleep 0.02
    done
    kill -9 $pid 2> /dev/null || true
    wait $pid || true
    rm -f extract.tsv
    extract -i fetch.tsv -o extract.tsv
    cmp extract.tsv whole/extract.tsv
    diff -r crops whole/crops
    [ ! -e .extract.tsv.journal ]
}

@test "extract: --print-config is a configuration" {
    "$EXTRACT" --print-config --set extract.frames=7 > c.yaml
    grep -q 'frames: 7' c.yaml
    "$EXTRACT" -c c.yaml --print-config | cmp - c.yaml
}
