#!/usr/bin/env bats
# Every codec and container that data sets come in, whole and damaged, through lp-fetch and
# lp-extract. DAMAGE=full cuts and flips as often as is worth under asan (make check-all); otherwise
# a small part of it.

bats_require_minimum_version 1.5.0

# name, then the options of ffmpeg
clips() {
    cat <<'CLIPS'
h264.mp4     -pix_fmt yuv420p -c:v libx264 -bf 2 -g 10
h264m.mkv    -pix_fmt yuv420p -c:v libx264
h264v.mov    -pix_fmt yuv420p -c:v libx264 -x264-params open-gop=1:bframes=3
rgb.mp4      -c:v libx264rgb -crf 0
yuv444.mp4   -pix_fmt yuv444p -c:v libx264
bits10.mkv   -pix_fmt yuv420p10le -c:v libx264
full.mp4     -pix_fmt yuvj420p -c:v libx264
bt709.mp4    -pix_fmt yuv420p -c:v libx264 -colorspace bt709 -color_primaries bt709 -color_trc bt709
hevc.mp4     -pix_fmt yuv420p -c:v libx265 -preset ultrafast -x265-params log-level=none
vp8.webm     -pix_fmt yuv420p -c:v libvpx -b:v 200k
vp9.webm     -pix_fmt yuv420p -c:v libvpx-vp9 -deadline realtime -cpu-used 8
av1.mkv      -pix_fmt yuv420p -c:v libsvtav1 -preset 12
mpeg4.avi    -c:v mpeg4 -q:v 4
mpeg4p.mp4   -c:v mpeg4 -q:v 4 -bf 2
theora.ogv   -pix_fmt yuv420p -c:v libtheora -q:v 7
odd.mp4      -vf scale=101:75 -pix_fmt yuv444p -c:v libx264
vfr.mp4      -vf select='not(mod(n\,3))+gt(n\,10)' -vsync vfr -pix_fmt yuv420p -c:v libx264
CLIPS
}

setup_file() {
    export BUILD_DIR=${BUILD_DIR:-$PWD/build/release}
    export CLIPS=$BATS_FILE_TMPDIR/clips
    mkdir -p "$CLIPS"
    clips | while read -r name options; do
        # shellcheck disable=SC2086
        ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=size=162x122:rate=25:duration=0.8 $options \
            -threads 1 "$CLIPS/$name" 2>"$CLIPS/log" || { rm -f "$CLIPS/$name"; echo "# no $name: $(tail -n 1 "$CLIPS/log")" >&3; }
    done
    rm -f "$CLIPS/log"
    # the same pictures turned by the container, and begun later by an edit list
    ffmpeg -nostdin -v error -i "$CLIPS/h264.mp4" -c copy -metadata:s:v rotate=90 "$CLIPS/turned.mp4"
    ffmpeg -nostdin -v error -ss 0.2 -i "$CLIPS/h264.mp4" -c copy "$CLIPS/edit.mp4"
    [ "$(find "$CLIPS" -type f | wc -l)" -ge 12 ]
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

# data_set FOLDER: a table of all its files
data_set() {
    printf 'path\tlabel\n' >table.tsv
    find "$1" -type f -printf '%P\treal\n' | LC_ALL=C sort >>table.tsv
}

# run_both FOLDER OPTION...: lp-fetch and lp-extract; neither may crash
run_both() {
    local root=$1
    shift
    data_set "$root"
    run "$BUILD_DIR/bin/lp-fetch" -q --set run.max_failed=1 --set dataset.name=d --set dataset.layout=table \
        --set dataset.root="$root" --set dataset.table=table.tsv -o fetch.tsv
    [ "$status" -eq 0 ] || { echo "lp-fetch: $status $output"; return 1; }
    run "$BUILD_DIR/bin/lp-extract" -q --set run.max_failed=1 --set extract.frames=5 "$@" -i fetch.tsv -o extract.tsv
    [ "$status" -eq 0 ] || { echo "lp-extract: $status $output"; return 1; }
}

@test "damage: whole clips of every kind: the frames are ffmpeg's, at its numbers" {
    run_both "$CLIPS" --set extract.keep=frames
    awk -F'\t' 'NR > 2' fetch.tsv | grep -vc 'ok' && { cat fetch.tsv; false; }
    python3 - "$CLIPS" <<'PY'
import os, subprocess, sys
clips = sys.argv[1]
rows = [l.rstrip("\n").split("\t") for l in open("extract.tsv")][1:]
head, rows = rows[0], rows[1:]
col = {n: i for i, n in enumerate(head)}
def ppm(*args):
    return subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-threads", "1", *args, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
                          check=True, capture_output=True).stdout
seen = {}
for r in rows:
    video, frame = r[col["video"]], int(r[col["frame"]])
    seen.setdefault(video, []).append(frame)
n = 0
for name in sorted(os.listdir(clips)):
    stem = name.rsplit(".", 1)[0]
    mine = [v for v in seen if v.split("/")[-1] == stem]
    assert len(mine) == 1, name
    whole = ppm("-i", f"{clips}/{name}", "-vsync", "passthrough", "-sws_flags", "accurate_rnd+full_chroma_int+bicubic")
    for frame in seen[mine[0]]:
        path = f"frames/{mine[0]}/{frame:06d}.png"
        got = ppm("-i", path)
        want = whole[frame * len(got):(frame + 1) * len(got)]
        assert len(want) == len(got), (name, frame, len(whole), len(got))
        off = sum(abs(a - b) for a, b in zip(got[::7], want[::7])) / len(got[::7])
        assert off < 3, (name, frame, off)
        n += 1
print("# frames compared:", n)
assert n == 5 * len(os.listdir(clips)), n
PY
}

@test "damage: cut and flipped clips: no crash, every video has its rows, -j1 = -j2" {
    local share=25
    [ "${DAMAGE-}" = full ] && share=1
    python3 - "$CLIPS" "$share" <<'PY'
import os, random, sys
clips, share = sys.argv[1], int(sys.argv[2])
rng = random.Random(5)
os.makedirs("bad")
for name in sorted(os.listdir(clips)):
    data = open(f"{clips}/{name}", "rb").read()
    stem, ending = name.rsplit(".", 1)
    for i in range(50 // share):
        open(f"bad/{stem}-{ending}-cut{i}.{ending}", "wb").write(data[:rng.randrange(len(data))])
    # 200 flips a clip, in files of one, five and forty
    for i, flips in enumerate([1] * max(1, 20 // share) + [5] * max(1, 20 // share) + [40] * max(1, 2 // share)):
        b = bytearray(data)
        for _ in range(flips):
            b[rng.randrange(len(b))] ^= 1 << rng.randrange(8)
        open(f"bad/{stem}-{ending}-flip{i}.{ending}", "wb").write(b)
PY
    run_both bad -j2
    n=$(find bad -type f | wc -l)
    [ "$(awk 'NR > 2' fetch.tsv | wc -l)" -eq "$n" ]
    # each video is there, and what is not ok says why
    [ "$(awk -F'\t' 'NR > 2 { print $2 }' extract.tsv | sort -u | wc -l)" -eq "$n" ]
    awk -F'\t' 'NR == 2 { for (i = 1; i <= NF; i++) c[$i] = i }
        NR > 2 && $c["status"] != "ok" && $c["reason"] == "." { print; bad = 1 } END { exit bad }' extract.tsv
    grep -q '	fail	' fetch.tsv
    mv extract.tsv two.tsv
    "$BUILD_DIR/bin/lp-extract" -q -j1 --set run.max_failed=1 --set extract.frames=5 -i fetch.tsv -o extract.tsv
    cmp extract.tsv two.tsv
    echo "# $n damaged clips: $(grep -c '	fail	' fetch.tsv) cannot be read, $(grep -c '	fail	' extract.tsv) frames are lost" >&3
}
