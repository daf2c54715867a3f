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
for g in m["groups"]:
    part = [r for r in rows if r["method"] in ("real", g["method"])]
    assert abs(g["frame"]["auc"]["value"] - auc(part)) < 1e-12
assert m["frame"]["auc"]["clusters"] == 20 and m["n"]["identities"] == 40
lo, hi = m["frame"]["auc"]["ci95"]
iid = m["frame"]["auc"]["ci95_independent_frames"]
assert lo < iid[0] < m["frame"]["auc"]["value"] < iid[1] < hi
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
    "$EVALUATE" -q -o out one.csv >/dev/null
    [ "$(value out/metrics.json 'm["models"][0]["video"]["auc"]["ci95"], m["models"][0]["video"]["auc"]["method"]')" = "(None, 'no interval: fewer than 2 clusters of a class')" ]
    [ "$(value out/metrics.json 'm["models"][0]["video"]["eer"]["ci95"]')" = None ]
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
