#!/usr/bin/env bats
# 50,000 faces through lp-align and every export: memory does not grow with them beyond their rows.

bats_require_minimum_version 1.5.0

@test "align: 50,000 faces and all exports in less than 300 MiB" {
    : "${BUILD_DIR:=$PWD/build/release}"
    case $BUILD_DIR in *asan* | *tsan*) skip "the sanitizer has memory of its own" ;; esac
    cd "$BATS_TEST_TMPDIR"
    "$BUILD_DIR/gen/gen-heads" -q -o heads --sequences 2 --frames 4 --width 320 --height 240
    "$BUILD_DIR/bin/lp-fetch" -q --set dataset.root=heads --set dataset.name=h -o run/fetch.tsv
    "$BUILD_DIR/bin/lp-extract" -q --set extract.frames=2 --set extract.keep=frames -i run/fetch.tsv -o run/extract.tsv
    # Each first frame as 313 videos of 32 frames; crops and landmarks are shared, frames are links.
    python3 - <<'PY'
import os
lines = open("run/extract.tsv").read().split("\n")
head, names, rows = lines[0], lines[1], [l.split("\t") for l in lines[2:] if l]
col = {n: i for i, n in enumerate(names.split("\t"))}
out = []
for r in rows:
    if r[col["frame"]] != "0":
        continue
    kind, name = r[col["video"]].rsplit("/", 1)
    frame = "run/frames/%s/000000.png" % r[col["video"]]
    for v in range(313):
        number = "%03d" % v
        new = list(r)
        video = "%s/%s" % (kind, number if "original" in kind else number + "_" + name)
        os.makedirs("run/frames/" + video, exist_ok=True)
        for f in range(32):
            n = list(r)
            n[col["video"]], n[col["frame"]] = video, str(f)
            n[0] = "%s/%06d" % (video, f)
            if n[col["pair"]] != ".":
                n[col["pair"]] = "h/original/c23/" + number
            n[col["split"]] = "train" if v < 157 else "test"
            out.append(n)
            to = "run/frames/%s.png" % n[0]
            if not os.path.exists(to):
                os.link(frame, to)
out = sorted({n[0]: n for n in out}.values())
print(len(out), "rows")
open("run/extract.tsv", "w").write("\n".join([head, names] + ["\t".join(n) for n in out]) + "\n")
PY
    [ "$(wc -l <run/extract.tsv)" -gt 50000 ]
    python3 - "$BUILD_DIR/bin/lp-align" -i run/extract.tsv -o run/align.tsv --set align.size_px=64 \
        --set align.exports=imagefolder,webdataset,deepfakebench,lmdb,caddm,sbi <<'PY' >&3
import resource, subprocess, sys, time
start = time.time()
subprocess.run(sys.argv[1:], check=True, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
rows = sum(1 for _ in open("run/align.tsv")) - 2
print("# %d faces: %.0f MiB, %.0f s" % (rows, mib, time.time() - start))
assert mib < 300
PY
}
