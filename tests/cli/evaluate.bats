#!/usr/bin/env bats
# lp-evaluate from the outside.

bats_require_minimum_version 1.5.0

setup_file() {
    export BUILD_DIR=${BUILD_DIR:-$PWD/build/release} LC_ALL=C HERE=$BATS_TEST_DIRNAME
    export EVALUATE=$BUILD_DIR/bin/lp-evaluate
    export TOY=$BATS_FILE_TMPDIR/toy
    python3 "$HERE/score_faces.py" "$TOY" 8 3
    "$BUILD_DIR/bin/lp-score" -q -s score.bins=24 -i "$TOY/align.tsv" -o "$TOY/scores/reference.tsv"
    # Ten people, a real video and two fakes each, five frames a video; two models, the second better.
    python3 - "$BATS_FILE_TMPDIR" <<'PY'
import random, sys
rng = random.Random(4)
files = [open("%s/%s.csv" % (sys.argv[1], n), "w") for n in ("weak", "strong")]
for f in files:
    f.write("dataset,method,compression,video,frame,label,face_id,context_id,score\n")
for p in range(40):
    person = rng.gauss(0, .3)
    for k, method in enumerate(("real", "Deepfakes", "FaceSwap")):
        video = rng.gauss(0, .3)
        for t in range(5):
            for f, gain in zip(files, (.5, 1.0)):
                score = person + video + gain * (k > 0) + rng.gauss(0, .3)
                f.write("toy,%s,c23,%03d%s,%d,%s,%03d,%03d,%.6f\n" % (
                    method, p, "" if k == 0 else "_%03d" % (p ^ 1), t, "fake" if k else "real",
                    p ^ 1 if k else p, p, score))
PY
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    cp "$BATS_FILE_TMPDIR"/*.csv .
}

toy() {
    "$EVALUATE" -q -i "$TOY/align.tsv" "$TOY/scores/reference.tsv" "$@"
}

# value FILE EXPRESSION: evaluates Python on the JSON document m.
value() {
    python3 -c 'import json, sys; m = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$@"
}

@test "evaluate: --help on stdout, unknown option 64, no score file 64, missing input 66" {
    run -0 --separate-stderr "$EVALUATE" --help
    [[ $output == *"Usage: lp-evaluate"* && -z $stderr ]]
    run -64 "$EVALUATE" --colour x.csv
    run -64 "$EVALUATE" -o out
    [[ $output == *"no score file"* ]]
    run -66 "$EVALUATE" none.csv
    [[ $output == *"cannot open 'none.csv'"* ]]
    run -66 "$EVALUATE" -i none.tsv weak.csv
    run -64 "$EVALUATE" --features f.npy weak.csv
    run -78 "$EVALUATE" -s evaluate.cluster=planet weak.csv
}

@test "evaluate: metrics.json fits its schema; the tables are manifests that gnuplot could read" {
    run -0 toy -o out --features "$TOY/scores/reference.npy" \
        --feature-ids "$TOY/scores/reference.ids.tsv" -s evaluate.bootstrap=100
    [[ $output == *"reference: split test"* ]]
    python3 "$HERE/json_schema.py" "$HERE/../../evaluate/metrics.schema.json" out/metrics.json
    for t in curves probes pairs; do
        [ "$(head -1 out/$t.tsv | cut -f3)" = stage=evaluate ]
        awk -F'\t' 'NR == 2 { n = NF } NR > 2 && NF != n { exit 1 }' out/$t.tsv
        sed 1,2d out/$t.tsv | cut -f1 | sort -c
    done
    for k in roc roc_band pr density identity; do
        cut -f5 out/curves.tsv | grep -qx $k
    done
    [ "$(value out/metrics.json 'm["cluster"], m["split"], m["models"][0]["n"]["videos"]')" = "('component', 'test', 8)" ]
    for p in auc_within linear_probe_selectivity retrieval_rank1 erasure_auc_change; do
        cut -f3 out/probes.tsv | grep -qx $p
    done
    run -0 toy -o none.json --features "$TOY/scores/reference.npy" \
        --feature-ids "$TOY/scores/reference.ids.tsv" -s evaluate.bootstrap=0 -s evaluate.permutations=0
    python3 "$HERE/json_schema.py" "$HERE/../../evaluate/metrics.schema.json" none.json/metrics.json
}

@test "evaluate: the ROC band has its own grid; what has no interval says why; units are right" {
    "$EVALUATE" -q -s evaluate.bootstrap=50 -o out weak.csv >out.txt
    awk -F'\t' '$3 == "video" && $5 == "roc_band" { n++; if ($7 < x || $8 < y || $9 > $10) exit 1; x = $7; y = $8 }
        END { exit n != 107 || x != 1 || y != 1 }' out/curves.tsv
    [ "$(awk -F'\t' '$3 == "video" && $5 == "roc_band" && $7 > 0 && $7 < .01' out/curves.tsv | wc -l)" = 6 ]
    grep -q 'video, unresolved (the rate is below one real in all, of 40): TPR@FPR 1%, TPR@FPR 0.1%$' out.txt
    grep -q 'video, no interval (the bootstrap does not carry it): EER (hull)$' out.txt
    [ "$(value out/metrics.json '["unresolved" in m["models"][0]["video"]["tpr_at_fpr_" + q] for q in ("0.1", "0.01", "0.001")]')" = "[False, True, True]" ]
    [ "$(value out/metrics.json 'all(x["ci95"] or x["method"] for l in ("frame", "video") for x in m["models"][0][l].values() if x["value"] is not None)')" = True ]
    [ "$(value out/metrics.json 'min(p["identities"] for p in m["models"][0]["identity"]["probes"] if p["name"] in ("auc_identity_explained", "detection_given_identity", "auc_identity_memory"))')" = 40 ]
    "$EVALUATE" -q -s evaluate.bootstrap=0 -o off weak.csv >off.txt
    ! grep -q roc_band off/curves.tsv
    toy -s evaluate.bootstrap=0 --features "$TOY/scores/reference.npy" \
        --feature-ids "$TOY/scores/reference.ids.tsv" >toy.txt
    grep -q 'identity_information.* nats.* frames)' toy.txt
}

@test "evaluate: the same bytes at -j1 and -j4" {
    "$EVALUATE" -q -j1 -s evaluate.bootstrap=203 -o a weak.csv strong.csv >a.txt
    "$EVALUATE" -q -j4 -s evaluate.bootstrap=203 -o b weak.csv strong.csv >b.txt
    diff -r a b && cmp a.txt b.txt
}

@test "evaluate: CSV, TSV, JSON lines, standard input and renamed columns give the same numbers" {
    tr , '\t' <weak.csv >weak.tsv
    python3 -c 'import csv, json
for row in csv.DictReader(open("weak.csv")): print(json.dumps(row))' >weak.jsonl
    sed '1s/score/p_fake/; 1s/video/name/' weak.csv >weak.txt
    for f in weak.csv weak.tsv weak.jsonl; do
        "$EVALUATE" -q -s evaluate.bootstrap=50 $f
    done >three.txt
    "$EVALUATE" -q -s evaluate.bootstrap=50 weak.csv >one.txt
    cat one.txt one.txt one.txt | cmp - three.txt
    "$EVALUATE" -q -s evaluate.bootstrap=50 -s evaluate.columns=score=p_fake,video=name weak.txt | cmp - one.txt
    "$EVALUATE" -q -s evaluate.bootstrap=50 - <weak.csv | sed 's/stdin:/weak:/' | cmp - one.txt
}

@test "evaluate: compressed files and pipes, told by content" {
    "$EVALUATE" -q -s evaluate.bootstrap=50 weak.csv >one.txt
    gzip -c weak.csv >weak.csv.gz
    bzip2 -c weak.csv >odd.name 2>/dev/null || gzip -c weak.csv >odd.name
    "$EVALUATE" -q -s evaluate.bootstrap=50 weak.csv.gz | cmp - one.txt
    "$EVALUATE" -q -s evaluate.bootstrap=50 odd.name | sed 's/\bodd:/weak:/' | cmp - one.txt
    "$EVALUATE" -q -s evaluate.bootstrap=50 - <weak.csv.gz | sed 's/\bstdin:/weak:/' | cmp - one.txt
    if command -v zstd >/dev/null; then
        zstd -q -c weak.csv | "$EVALUATE" -q -s evaluate.bootstrap=50 - | sed 's/\bstdin:/weak:/' | cmp - one.txt
    fi
    head -c 3000 weak.csv.gz >cut.csv.gz
    run -65 "$EVALUATE" -q -o out cut.csv.gz
    [[ $output == *"'cut.csv.gz': damaged gzip data"* && ! -e out ]]
}

@test "evaluate: NPY scores with ids beside them" {
    python3 - <<'PY'
import csv, struct
rows = list(csv.DictReader(open("weak.csv")))
def npy(path, descr, shape, data):
    h = ("{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (descr, shape)).encode()
    h += b" " * (63 - (10 + len(h)) % 64) + b"\n"
    open(path, "wb").write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(h)) + h + data)
s = [float(r["score"]) for r in rows]
npy("weak.npy", "<f8", "(%d,)" % len(s), struct.pack("<%dd" % len(s), *s))
npy("two.npy", "<f8", "(%d, 2)" % len(s), b"".join(struct.pack("<2d", 1 - x, x) for x in s))
npy("short.npy", "<f8", "(%d,)" % (len(s) - 1), struct.pack("<%dd" % (len(s) - 1), *s[1:]))
npy("nan.npy", "<f8", "(%d,)" % len(s), struct.pack("<%dd" % len(s), *(s[:7] + [float("nan")] + s[8:])))
with open("weak.ids.csv", "w") as f:
    w = csv.DictWriter(f, [k for k in rows[0] if k != "score"], extrasaction="ignore")
    w.writeheader(); w.writerows(rows)
PY
    "$EVALUATE" -q -s evaluate.bootstrap=50 weak.csv >one.txt
    "$EVALUATE" -q -s evaluate.bootstrap=50 weak.npy | cmp - one.txt
    run -66 "$EVALUATE" -q -s evaluate.npy_column=1 two.npy
    [[ $output == *"'two.npy': no ids of its rows"* ]]
    run -65 "$EVALUATE" -q --score-ids weak.ids.csv two.npy
    [[ $output == *"2 columns: evaluate.npy_column"* ]]
    "$EVALUATE" -q -s evaluate.bootstrap=50 --score-ids weak.ids.csv -s evaluate.npy_column=1 two.npy |
        sed 's/\btwo:/weak:/' | cmp - one.txt
    run -65 "$EVALUATE" -q --score-ids weak.ids.csv short.npy
    [[ $output == *"more ids than the 599 scores of 'short.npy'"* ]]
    run -65 "$EVALUATE" -q --score-ids weak.ids.csv nan.npy
    [[ $output == *"'nan.npy' row 7: the score is not a number"* ]]
    # With a manifest a plain list of ids is enough.
    sed 1,2d "$TOY/scores/reference.tsv" | cut -f1 >plain.ids.txt
    sed 1,2d "$TOY/scores/reference.tsv" | cut -f2 | python3 -c '
import struct, sys
s = [float(x) for x in sys.stdin]
h = ("{\x27descr\x27: \x27<f8\x27, \x27fortran_order\x27: False, \x27shape\x27: (%d,), }" % len(s)).encode()
h += b" " * (63 - (10 + len(h)) % 64) + b"\n"
sys.stdout.buffer.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(h)) + h + struct.pack("<%dd" % len(s), *s))' >plain.npy
    toy -s evaluate.bootstrap=0 >toy.txt
    "$EVALUATE" -q -i "$TOY/align.tsv" -s evaluate.bootstrap=0 plain.npy | sed 's/\bplain:/reference:/' | cmp - toy.txt
}

@test "evaluate: several faces in a frame: the highest, the mean, or each of its own" {
    sed '1s/$/,face/; 1!s/$/,0/' weak.csv >faces.csv
    awk -F, 'NR > 1 { $9 -= NR % 5 ? 1 : -1; print $0 ",1" }' OFS=, weak.csv >>faces.csv
    python3 - <<'PY'
import csv
rows = list(csv.DictReader(open("faces.csv")))
frames = {}
for r in rows: frames.setdefault((r["method"], r["video"], r["frame"]), []).append(float(r["score"]))
one = list(csv.reader(open("weak.csv")))
for name, how in (("max", max), ("mean", lambda s: sum(s) / len(s))):
    with open(name + ".csv", "w") as f:
        w = csv.writer(f)
        w.writerow(one[0])
        for r in one[1:]: w.writerow(r[:8] + [repr(how(frames[r[1], r[3], r[4]]))])
PY
    for how in max mean; do
        "$EVALUATE" -q -s evaluate.bootstrap=0 $how.csv | sed "s/\b$how:/faces:/" >want.txt
        "$EVALUATE" -q -s evaluate.bootstrap=0 -s evaluate.faces=$how faces.csv >got.txt
        grep -q '600 frames have several scored faces' got.txt
        cmp <(grep -v many-faces got.txt) want.txt
    done
    "$EVALUATE" -q -s evaluate.bootstrap=0 -s evaluate.faces=all faces.csv >all.txt
    grep -q '1200 frames' all.txt
    tail -1 faces.csv >>faces.csv
    run -65 "$EVALUATE" -q faces.csv
    [[ $output == *"line 1202: this frame was scored on line 1201 already"* ]]
}

@test "evaluate: videos without a score: left out, a score of their own, or the worst" {
    # Two fakes and a real of which the detector made nothing.
    { grep -v ',00[01]_\|,002,' weak.csv; awk -F, '/,00[01]_|,002,/ { print $0 ",fail" }' weak.csv; } |
        sed '1s/$/,status/; 1!{/fail$/!s/$/,ok/}' >part.csv
    n=$(awk -F, '/,00[01]_|,002,/ { v[$2 $4] = 1 } END { print length(v) }' weak.csv)
    "$EVALUATE" -q -s evaluate.bootstrap=0 -o drop part.csv >drop.txt
    grep -q "missing-videos: part: $n videos of the split have no score and are left out" drop.txt
    "$EVALUATE" -q -s evaluate.bootstrap=0 -s evaluate.missing=score -s evaluate.missing_score=0.25 -o score part.csv >score.txt
    grep -q "the video level counts $n videos without a score" score.txt
    "$EVALUATE" -q -s evaluate.bootstrap=0 -s evaluate.missing=worst -o worst part.csv >worst.txt
    python3 - <<'PY'
import csv, json
rows = list(csv.DictReader(open("part.csv")))
def auc(v):
    fake = [s for s, y in v if y]; real = [s for s, y in v if not y]
    return sum((a > b) + .5 * (a == b) for a in fake for b in real) / len(fake) / len(real)
ok = [float(r["score"]) for r in rows if r["status"] == "ok"]
for name, gone in (("drop", None), ("score", lambda y: .25), ("worst", lambda y: min(ok) if y else max(ok))):
    v = {}
    for r in rows: v.setdefault((r["method"], r["video"], r["label"] == "fake"), []).extend([float(r["score"])] * (r["status"] == "ok"))
    want = auc([(sum(s) / len(s) if s else gone(k[2]), k[2]) for k, s in v.items() if s or gone])
    m = json.load(open(name + "/metrics.json"))["models"][0]
    assert abs(m["video"]["auc"]["value"] - want) < 1e-12, name
    assert m["n"]["imputed_videos"] == (m["n"]["missing_videos"] if gone else 0)
    assert m["n"]["missing_videos"] > 3 and m["frame"]["auc"]["n"] == len(ok)
PY
    # In the manifest, but without one good frame: no face.
    awk -F'\t' -v OFS='\t' 'NR > 2 && $2 ~ /000/ { $NF = "no face"; $(NF - 1) = "skip" } 1' "$TOY/align.tsv" >faceless.tsv
    awk -F'\t' 'NR > 2 && $(NF - 1) == "ok" { print $1 "," NR % 7 }' faceless.tsv | sed '1i id,score' >all.csv
    "$EVALUATE" -q -s evaluate.bootstrap=0 -s evaluate.split=all -i faceless.tsv all.csv >none.txt
    grep -q 'no-face: all: in [1-9][0-9]* videos of the split no face was found: they are left out' none.txt
}

@test "evaluate: a policy for contradictions and for one class" {
    { cat weak.csv; echo 'toy,real,c23,000,99,fake,000,000,0.5'; } >mixed.csv
    run -65 "$EVALUATE" -q mixed.csv
    [[ $output == *"'mixed.csv' line 602: video '000': label differs"* ]]
    run -0 "$EVALUATE" -q -s evaluate.bootstrap=0 -s evaluate.mixed_label=drop mixed.csv
    [[ $output == *"600 frames"*"mixed-labels: 'mixed.csv' line 602"* ]]
    grep -v ,real, weak.csv >one.csv
    run -65 "$EVALUATE" -q -o out -s evaluate.one_class=fail one.csv
    [[ $output == *"'one.csv': one class only: no real"* && ! -e out ]]
}

@test "evaluate: groups by method, clusters of people, AUC by an independent count" {
    "$EVALUATE" -q -s evaluate.bootstrap=0 -o out weak.csv >/dev/null
    python3 - <<'PY'
import csv, json
rows = list(csv.DictReader(open("weak.csv")))
def auc(rows):
    fake = [float(r["score"]) for r in rows if r["label"] == "fake"]
    real = [float(r["score"]) for r in rows if r["label"] == "real"]
    return sum((a > b) + .5 * (a == b) for a in fake for b in real) / len(fake) / len(real)
m = json.load(open("out/metrics.json"))["models"][0]
assert abs(m["frame"]["auc"]["value"] - auc(rows)) < 1e-12
assert [g["method"] for g in m["groups"]] == ["Deepfakes", "FaceSwap"]
assert m["groups"][0]["n"] == {"frames": 400, "fake_frames": 200, "videos": 80, "fake_videos": 40, "components": 20}
for g in m["groups"]:
    part = [r for r in rows if r["method"] in ("real", g["method"])]
    assert abs(g["frame"]["auc"]["value"] - auc(part)) < 1e-12
assert m["frame"]["auc"]["clusters"] == 20 and m["n"]["identities"] == 40
lo, hi = m["frame"]["auc"]["ci95"]
iid = m["frame"]["auc"]["ci95_independent_frames"]
assert lo < iid[0] < m["frame"]["auc"]["value"] < iid[1] < hi
PY
}

@test "evaluate: thresholds of the val split, breakdowns, means over groups, identities" {
    python3 - <<'PY'
import random
rng = random.Random(8)
with open("split.csv", "w") as f:
    f.write("dataset,method,compression,video,frame,label,split,face_id,context_id,score\n")
    for p in range(60):
        person, d, c = rng.gauss(0, .2), "AB"[p % 2], ("c23", "c40")[p // 2 % 2]
        for m in ("real", "DF", "FS"):
            for k in range(3):
                s = rng.gauss(.45 + .1 * (m == "DF") + .15 * (m == "FS") + person, .1)
                f.write("%s,%s,%s,%03d%s,%d,%s,%s,%03d,%03d,%.3f\n" % (d, m, c, p, m, k, "real" if m == "real" else "fake", "val" if p < 24 else "test", p, p, s))
PY
    "$EVALUATE" -q -s evaluate.bootstrap=60 -o out split.csv >out.txt
    python3 "$HERE/json_schema.py" "$HERE/../../evaluate/metrics.schema.json" out/metrics.json
    grep -q 'video, thresholds chosen on the val split' out.txt
    grep -q 'data set A: video AUC' out.txt
    python3 - <<'PY'
import csv, json
def near(a, b): assert abs(a - b) < 1e-9, (a, b)
rows = [dict(r, y=r["label"] == "fake", s=float(r["score"])) for r in csv.DictReader(open("split.csv"))]
def videos(rows):
    v = {}
    for r in rows: v.setdefault((r["dataset"], r["method"], r["compression"], r["video"]), []).append(r)
    return [dict(x[0], s=sum(r["s"] for r in x) / len(x)) for x in v.values()]
def at(rows, t):
    tp = sum(r["y"] and r["s"] >= t for r in rows); fp = sum(not r["y"] and r["s"] >= t for r in rows)
    M = sum(r["y"] for r in rows); N = len(rows) - M
    return dict(accuracy=(tp + N - fp) / len(rows), balanced_accuracy=(tp / M + 1 - fp / N) / 2,
                f1=2 * tp / (M + tp + fp), precision=tp / (tp + fp) if tp + fp else None, tpr=tp / M, fpr=fp / N)
def auc(rows):
    F = [r["s"] for r in rows if r["y"]]; R = [r["s"] for r in rows if not r["y"]]
    return sum((a > b) + .5 * (a == b) for a in F for b in R) / len(F) / len(R) if F and R else None
m = json.load(open("out/metrics.json"))["models"][0]
assert len(m["operating_points"]) == 12
for level in ("frame", "video"):
    of = lambda split: (videos if level == "video" else list)([r for r in rows if r["split"] == split])
    val, test = of("val"), of("test")
    best = {k: max(at(val, t)[k] for t in {r["s"] for r in val}) for k in ("accuracy", "balanced_accuracy", "f1")}
    for p in (p for p in m["operating_points"] if p["level"] == level):
        here, there = at(val, p["threshold"]), at(test, p["threshold"])
        if p["criterion"] in best: near(here[p["criterion"]], best[p["criterion"]])
        elif p["criterion"].startswith("fpr"):
            q = float(p["criterion"][4:])
            assert here["fpr"] <= q
            near(here["tpr"], max(a["tpr"] for a in (at(val, t) for t in {r["s"] for r in val}) if a["fpr"] <= q))
        else: assert abs(here["fpr"] - (1 - here["tpr"])) <= 1 / sum(not r["y"] for r in val) + 1 / sum(r["y"] for r in val)
        for k, v in there.items(): near(p[k]["value"], v)
        lo, hi = p["accuracy"]["ci95"]
        assert lo < p["accuracy"]["value"] < hi and p["accuracy"]["design_effect"] > 0
    near(m[level]["f1"]["value"], at(test, m["threshold"]["value"])["f1"])
    for b in m["breakdowns"]:
        near(b[level]["auc"]["value"], auc([r for r in test if r[b["by"]] == b["name"] or (b["by"] == "method" and not r["y"])]))
    groups = [auc([r for r in test if r["dataset"] == d and r["compression"] == c and (not r["y"] or r["method"] == x)]) for d in "AB" for c in ("c23", "c40") for x in ("DF", "FS")]
    (mean,) = [a for a in m["averages"] if a["level"] == level and a["over"] == "group"]
    near(mean["auc"]["value"], sum(groups) / 8)
    assert mean["groups"] == 8 and mean["auc"]["ci95"][0] < sum(groups) / 8 < mean["auc"]["ci95"][1]
    near(mean["ap"]["value"], sum(g[level]["ap"]["value"] for g in m["groups"]) / 8)
assert sorted((b["by"], b["name"]) for b in m["breakdowns"]) == [("compression", "c23"), ("compression", "c40"), ("dataset", "A"), ("dataset", "B"), ("method", "DF"), ("method", "FS")]
test = videos([r for r in rows if r["split"] == "test"])
assert len(m["identities"]) == 36
for p in m["identities"]:
    own = [r for r in test if r["face_id"] == p["identity"]]
    near(p["auc"], auc(own)); near(p["fpr"], at(own, m["threshold"]["value"])["fpr"]); near(p["tpr"], at(own, m["threshold"]["value"])["tpr"])
(mean,) = [a for a in m["averages"] if a["over"] == "identity"]
near(mean["auc"]["value"], sum(p["auc"] for p in m["identities"]) / 36)
PY
}

@test "evaluate: two models on the same frames, whatever the order of their rows" {
    { head -1 strong.csv; sed 1d strong.csv | sort -R --random-source=weak.csv; } >mixed.csv
    "$EVALUATE" -q -s evaluate.bootstrap=200 -o a weak.csv strong.csv >/dev/null
    "$EVALUATE" -q -s evaluate.bootstrap=200 -o b weak.csv mixed.csv >/dev/null
    cmp <(cut -f4-17 a/pairs.tsv | sed 1d) <(cut -f4-17 b/pairs.tsv | sed 1d)
    [ "$(value a/metrics.json '[p["n"] for p in m["pairs"]]')" = "[120, 600]" ]
    [ "$(value a/metrics.json 'all(p["ci95"][1] < 0 and p["p_holm"] < .01 and p["p_bootstrap"] < .05 for p in m["pairs"])')" = True ]
    python3 "$HERE/json_schema.py" "$HERE/../../evaluate/metrics.schema.json" a/metrics.json
}

@test "evaluate: the same bytes when arrays lie in files, and no file is left" {
    mkdir scratch
    for f in weak strong; do
        awk -F, -v OFS=, 'NR == 1 { print; next } { v = $4; for (i = 0; i < 40; i++) { $4 = v "x" i; $9 += 0.013; print } }' $f.csv >long.$f.csv
    done
    set -- -s evaluate.bootstrap=60 -s evaluate.permutations=20 --compat deepfakebench long.weak.csv long.strong.csv
    run -0 --separate-stderr "$EVALUATE" -o plain "$@"
    [[ $stderr != *scratch* ]]
    run -0 --separate-stderr "$EVALUATE" -v -s evaluate.memory_mib=1 -s evaluate.scratch=scratch -o files "$@"
    [[ $stderr == *"what does not fit into evaluate.memory_mib lies in '$PWD/scratch' while it is needed"* || $stderr == *"lies in 'scratch'"* ]]
    diff -r plain files
    [ -z "$(ls -A scratch)" ]
    # the environment's folder; one that is not there is told when it is needed
    run -0 env TMPDIR="$PWD/scratch" "$EVALUATE" -v -s evaluate.memory_mib=1 -s evaluate.bootstrap=0 long.weak.csv long.strong.csv
    [[ $output == *"scratch' while it is needed"* ]]
    run -74 "$EVALUATE" -s evaluate.memory_mib=1 -s evaluate.scratch=gone -o none "$@"
    [[ $output == *"no room for "*"gone' (evaluate.scratch)"* ]]
    [ ! -e none ]
}

@test "evaluate: bad rows are named with file and line, and nothing is written" {
    { cat weak.csv; echo 'toy,real,c23,900,0,real,900,900,nan'; echo 'toy,real,c23,900,1,real,900,900,'
      echo 'toy,real,c23,900,2,fake,900,900,1'; echo 'toy,real,c23,000,0,real,000,000,1'; echo 'short,row'
      echo 'toy,real,c23,900,3,real,900,900,-inf'; } >bad.csv
    run -65 "$EVALUATE" -o out bad.csv
    [[ $output == *"'bad.csv' line 602: the score is not a number"* ]]
    [[ $output == *"'bad.csv' line 603: the score is missing"* ]]
    [[ $output == *"'bad.csv' line 604:"*"label differs"* ]]
    [[ $output == *"'bad.csv' line 605: this frame was scored on line 2 already"* ]]
    [[ $output == *"'bad.csv' line 606: fewer fields"* ]]
    [[ $output == *"'bad.csv' line 607: the score is infinite"* ]]
    [[ $output == *"6 bad rows"* ]]
    [ ! -e out ]
    grep -v ',fake,900' bad.csv >drop.csv
    run -0 --separate-stderr "$EVALUATE" -q -o out -s evaluate.bad_score=drop -s evaluate.duplicate=drop drop.csv
    [ "$(value out/metrics.json 'm["models"][0]["n"]["dropped_rows"], m["models"][0]["n"]["frames"]')" = "(5, 600)" ]
    [ "$(value out/metrics.json 'sorted({p["kind"] for p in m["problems"]})')" = "['bad-row', 'bad-score', 'dropped', 'duplicate', 'few-clusters', 'missing-videos']" ]
}

@test "evaluate: ids that the manifest does not have" {
    { cat "$TOY/scores/reference.tsv"; printf 'zzz/1\t0.5\t.\t.\t.\t.\t.\t.\t.\t.\tok\t.\n'; } >s.tsv
    run -65 "$EVALUATE" -i "$TOY/align.tsv" s.tsv
    [[ $output == *"'s.tsv' line 27: id 'zzz/1' is not in the manifest"* ]]
    run -0 "$EVALUATE" -q -s evaluate.unknown=drop -i "$TOY/align.tsv" s.tsv
    [[ $output == *"24 frames"* ]]
}

@test "evaluate: scores by image path, whole or in part" {
    awk -F'\t' 'NR > 2 && $5 == "test" { print "/data/run/" $10 "," NR % 7 }' "$TOY/align.tsv" | sed '1i path,score' >a.csv
    awk -F'\t' 'NR > 2 && $5 == "test" { sub(/.*\//, "", $10); print $10 "," NR % 7 }' "$TOY/align.tsv" | sed '1i path,score' >b.csv
    "$EVALUATE" -q -i "$TOY/align.tsv" a.csv | sed 's/\ba:/x:/' >a.txt
    "$EVALUATE" -q -i "$TOY/align.tsv" b.csv | sed 's/\bb:/x:/' | cmp - a.txt
    grep -q '24 frames' a.txt
}

@test "evaluate: one class only is undefined with a reason, never 0" {
    grep -v ,real, weak.csv >one.csv
    run -0 "$EVALUATE" -q -o out one.csv
    [[ $output == *"undefined (one class only: no real)"* ]]
    [ "$(value out/metrics.json 'm["models"][0]["video"]["auc"]["value"]')" = None ]
    [ "$(value out/metrics.json '"one-class" in [p["kind"] for p in m["problems"]]')" = True ]
    python3 "$HERE/json_schema.py" "$HERE/../../evaluate/metrics.schema.json" out/metrics.json
}

@test "evaluate: fewer than two clusters: no interval and why" {
    sed '1s/$/,component/; 1!s/$/,c0/' weak.csv >one.csv
    "$EVALUATE" -q -s evaluate.cluster=component -o out one.csv >/dev/null
    [ "$(value out/metrics.json 'm["models"][0]["video"]["auc"]["ci95"], m["models"][0]["video"]["auc"]["method"]')" = "(None, 'no interval: fewer than 2 clusters of a class')" ]
    [ "$(value out/metrics.json 'm["models"][0]["video"]["eer"]["ci95"]')" = None ]
    # Everybody in one component: targets and donors cross.
    "$EVALUATE" -q -o cross one.csv >cross.txt
    grep -q 'clusters by two-way' cross.txt
    [ "$(value cross/metrics.json 'm["cluster"], m["crossed"]')" = "('two-way', False)" ]
    [ "$(value cross/metrics.json 'all(m["models"][0]["video"][k]["ci95"] for k in ("auc", "ap", "accuracy", "f1"))')" = True ]
    "$EVALUATE" -q -s evaluate.cluster=two-way -s evaluate.permutations=20 -o pair weak.csv strong.csv >pair.txt
    [ "$(value pair/metrics.json '[(p["p_exchange"], p["clusters"]) for p in m["pairs"]]')" = "[(None, 40), (None, 40)]" ]
    python3 "$HERE/json_schema.py" "$HERE/../../evaluate/metrics.schema.json" pair/metrics.json
}

@test "evaluate: two models: exchange test, design effect, power; targets and donors as a second opinion" {
    "$EVALUATE" -q -s evaluate.bootstrap=100 -s evaluate.permutations=99 -o out weak.csv strong.csv >out.txt
    python3 "$HERE/json_schema.py" "$HERE/../../evaluate/metrics.schema.json" out/metrics.json
    [ "$(value out/metrics.json '[p["p_exchange"] for p in m["pairs"]]')" = "[0.01, 0.01]" ]
    [ "$(value out/metrics.json '[p["power"]["difference"] for p in m["pairs"]]')" = "[0.02, 0.02]" ]
    [ "$(value out/metrics.json 'all(0 < p["power"]["power"] < 1 and p["power"]["detectable_80"] > .02 and p["power"]["clusters_80"] > p["clusters"] for p in m["pairs"])')" = True ]
    [ "$(value out/metrics.json 'm["pairs"][1]["design_effect"] > 1.5')" = True ]
    [ "$(value out/metrics.json 'm["crossed"] and all(len(x["video"]["auc"]["ci95_two_way"]) == 2 for x in m["models"])')" = True ]
    grep -q 'power to find a difference of 0.02' out.txt
    "$EVALUATE" -q -s evaluate.bootstrap=0 -s evaluate.power_difference=0 -o none weak.csv strong.csv >none.txt
    ! grep -q 'power to find' none.txt
}

@test "evaluate: a component in train and test is told" {
    sed 's/	c003	/	c000	/' "$TOY/align.tsv" >leak.tsv
    run -0 "$EVALUATE" -i leak.tsv -o out <(sed 1,2d "$TOY/scores/reference.tsv" | cut -f1,2 | sed '1i id\tscore')
    [[ $output == *"1 component of people crosses train and test (c000)"* ]]
    [ "$(value out/metrics.json '[p["kind"] for p in m["problems"]].count("split-leak")')" = 1 ]
}

@test "evaluate: only the test split is judged unless asked" {
    awk -F'\t' 'NR > 2 { print $1 "," NR % 7 }' "$TOY/align.tsv" | sed '1i id,score' >all.csv
    run -0 "$EVALUATE" -q -i "$TOY/align.tsv" all.csv
    [[ $output == *"split test"*"24 frames"*"other-split: 24 of 48 rows"* ]]
    run -0 "$EVALUATE" -q -s evaluate.split=all -i "$TOY/align.tsv" all.csv
    [[ $output == *"split all"*"48 frames"*"train-judged"* ]]
}

@test "evaluate: --check answers with the exit status, after writing" {
    run -0 "$EVALUATE" -q -s evaluate.bootstrap=0 --check 'auc.video >= 0.6, eer.frame < 0.5' weak.csv
    run -1 "$EVALUATE" -q -s evaluate.bootstrap=0 -o out --check 'auc.video.lo >= 0.99' weak.csv
    [[ $output == *"check 'auc.video.lo >= 0.99' fails: it is 0."* ]]
    [ -s out/metrics.json ]
    run -1 "$EVALUATE" -q -s evaluate.bootstrap=0 --check 'brier.frame < 1' weak.csv
    [[ $output == *"undefined: scores outside [0, 1]"* ]]
    run -64 "$EVALUATE" --check 'auc >= 0.9' weak.csv
    run -64 "$EVALUATE" --check 'beauty.video >= 0.9' weak.csv
    run -64 "$EVALUATE" --check 'auc.video >= much' weak.csv
}

@test "evaluate: information, worst identity, and people seen in training" {
    awk -F'\t' 'NR > 2 { print $1 "," NR % 7 }' "$TOY/align.tsv" | sed '1i id,score' >all.csv
    "$EVALUATE" -q -s evaluate.bootstrap=0 -i "$TOY/align.tsv" -o out all.csv >out.txt
    for p in mutual_information worst_identity_accuracy auc_seen_minus_unseen; do
        cut -f3 out/probes.tsv | grep -qx $p
    done
    # The people of the test split are not in the train split, so there is nobody seen to compare.
    grep -q 'auc_seen_minus_unseen, face .*undefined (.*seen in training)' out.txt
    # Everybody is judged: the train split's people, who are seen, are worth as many rows.
    "$EVALUATE" -q -s evaluate.bootstrap=0 -s evaluate.split=all -i "$TOY/align.tsv" all.csv >all.txt
    grep -q 'auc_seen_minus_unseen, face .*chance 0.0000.* videos)' all.txt
    # Without a train split there is no such row.
    "$EVALUATE" -q -s evaluate.bootstrap=0 weak.csv >weak.out
    ! grep -q seen_minus weak.out
    grep -q 'mutual_information, face, fake .* nats .* (80 videos)' weak.out
    python3 "$HERE/json_schema.py" "$HERE/../../evaluate/metrics.schema.json" out/metrics.json
}

# What DeepfakeBench reckons, written anew: folders by their last part, labels rounded down.
@test "evaluate: --compat tells the peers' numbers and why they differ" {
    run -64 "$EVALUATE" --compat pyeer weak.csv
    [[ $output == *"deepfakebench or caddm"* ]]
    # A real video that shares its name with a fake, and a score on the threshold.
    { cat weak.csv; echo 'toy,real,c23,000_001,0,real,000,000,0.5'; } >odd.csv
    "$EVALUATE" -q -s evaluate.bootstrap=0 --compat deepfakebench -o d odd.csv >d.txt
    "$EVALUATE" -q -s evaluate.bootstrap=0 --compat caddm -o c odd.csv >c.txt
    python3 - <<'PY'
import csv, json
rows = list(csv.DictReader(open("odd.csv")))
def auc(pairs):
    fake = [s for s, y in pairs if y]; real = [s for s, y in pairs if not y]
    return sum((a > b) + .5 * (a == b) for a in fake for b in real) / len(fake) / len(real)
def videos(key):
    v = {}
    for r in rows: v.setdefault(key(r), []).append((float(r["score"]), int(r["label"] == "fake")))
    return [(sum(s for s, _ in x) / len(x), int(sum(y for _, y in x) / len(x))) for x in v.values()]
folder = videos(lambda r: r["video"]); whole = videos(lambda r: (r["method"], r["video"]))
m = json.load(open("d/metrics.json"))["models"][0]
(one,) = m["compat"]["sets"]
got = {r["metric"]: r for r in one["metrics"]}
assert (one["videos"], one["their_videos"]) == (121, 80) and len(folder) == 80
assert abs(got["video auc"]["theirs"] - auc(folder)) < 1e-12
assert abs(got["video auc"]["ours"] - auc(whole)) < 1e-12 == (auc(whole) != auc(folder)) * 1e-12
assert "121 videos become 80, 1 of them" in got["video auc"]["why"]
right = [(float(r["score"]) > .5) == (r["label"] == "fake") for r in rows]
assert abs(got["frame accuracy"]["theirs"] - sum(right) / len(right)) < 1e-12
assert abs(got["frame accuracy"]["theirs"] - got["frame accuracy"]["ours"] - 1 / 601) < 1e-12
assert got["frame auc"]["theirs"] == m["frame"]["auc"]["value"]
assert abs(got["frame eer"]["theirs"] - got["frame eer"]["ours"]) < .02
(one,) = json.load(open("c/metrics.json"))["models"][0]["compat"]["sets"]
assert [r["metric"] for r in one["metrics"]] == ["frame auc", "video auc"]
assert all(r["theirs"] == r["ours"] for r in one["metrics"])
PY
    python3 "$HERE/json_schema.py" "$HERE/../../evaluate/metrics.schema.json" d/metrics.json
    grep -q 'as deepfakebench reckons, toy/c23: 80 videos where we see 121' d.txt
    grep -q 'as caddm reckons, toy/c23: 121 videos where we see 121' c.txt
}

@test "evaluate: a second feature file, a last layer, splits by component and by frame" {
    F=$TOY/scores/reference
    python3 - $F.npy <<'PY'
import struct, sys
b = open(sys.argv[1], "rb").read()
n = struct.unpack("<H", b[8:10])[0]
dim = eval(b[10:10 + n].decode())["shape"][1]
h = ("{'descr': '<f4', 'fortran_order': False, 'shape': (%d,), }" % dim).encode()
h += b" " * (63 - (10 + len(h)) % 64) + b"\n"
open("layer.npy", "wb").write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(h)) + h + struct.pack("<%df" % dim, *[1] * dim))
PY
    toy -s evaluate.bootstrap=0 --features $F.npy --feature-ids $F.ids.tsv --other-features $F.npy --other-ids $F.ids.tsv \
        --last-layer layer.npy -o out >out.txt
    grep -q '^    cka  *1.0000' out.txt
    grep -q '^    score_identity_share, face' out.txt
    python3 "$HERE/json_schema.py" "$HERE/../../evaluate/metrics.schema.json" out/metrics.json
    toy -s evaluate.bootstrap=0 -s evaluate.probe_split=component --features $F.npy --feature-ids $F.ids.tsv >component.txt
    grep -q 'features split by component' component.txt
    grep -q 'linear_probe_accuracy.*undefined (split by component' component.txt
    toy -s evaluate.bootstrap=0 -s evaluate.probe_split=frame --features $F.npy --feature-ids $F.ids.tsv >frame.txt
    grep -q 'split-by-frame: the probes on features are split by frame' frame.txt
    run -64 toy --last-layer layer.npy
    run -64 toy --features $F.npy --feature-ids $F.ids.tsv --other-features $F.npy
    run -65 toy --features $F.npy --feature-ids $F.ids.tsv --last-layer $F.npy
    [[ $output == *"not the floats of a last layer"* ]]
}

@test "evaluate: damaged feature files" {
    F=$TOY/scores/reference
    run -66 toy --features none.npy --feature-ids $F.ids.tsv
    printf 'junk' >junk.npy
    run -65 toy --features junk.npy --feature-ids $F.ids.tsv
    head -n -1 $F.ids.tsv >short.tsv
    run -65 toy --features $F.npy --feature-ids short.tsv
    [[ $output == *"23 ids for the 24 rows"* ]]
    sed '5s/.*/zzz/' $F.ids.tsv >odd.tsv
    run -65 toy --features $F.npy --feature-ids odd.tsv
    [[ $output == *"'odd.tsv' line 5: id 'zzz' is not in the manifest"* ]]
    python3 - $F.npy <<'PY'
import sys
b = bytearray(open(sys.argv[1], "rb").read()); b[-4:] = b"\0\0\xc0\x7f"
open("nan.npy", "wb").write(b)
PY
    run -65 toy --features nan.npy --feature-ids $F.ids.tsv
    [[ $output == *"row 23: column 23 is not finite"* ]]
}

@test "evaluate: a full disk is 74, a folder that cannot be made 73, nothing half-written" {
    run -74 bash -c '"$EVALUATE" -q -s evaluate.bootstrap=0 weak.csv >/dev/full'
    run -73 "$EVALUATE" -q -s evaluate.bootstrap=0 -o /dev/null/out weak.csv
    run -0 "$EVALUATE" -n -o out weak.csv
    [[ $output == *"would judge 1 score file"* && ! -e out ]]
}

@test "evaluate: --print-config can be read back" {
    "$EVALUATE" --print-config -s evaluate.bootstrap=77 >c.yaml
    "$EVALUATE" -q -c c.yaml -o a weak.csv >/dev/null
    [ "$(value a/metrics.json 'm["bootstrap"]')" = 77 ]
}

@test "evaluate: what is no score file" {
    : >empty.csv
    run -65 "$EVALUATE" empty.csv
    [[ $output == *"empty"* ]]
    head -c 4096 /dev/urandom >noise.csv
    run -65 "$EVALUATE" noise.csv
    head -1 weak.csv >head.csv
    run -65 "$EVALUATE" head.csv
    [[ $output == *"no scores"* ]]
    mkdir folder
    run -66 "$EVALUATE" folder
}
