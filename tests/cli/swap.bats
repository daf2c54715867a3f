#!/usr/bin/env bats
# lp-swap from the outside.

bats_require_minimum_version 1.5.0

setup_file() {
    export BUILD_DIR=${BUILD_DIR:-$PWD/build/release}
    export SWAP=$BUILD_DIR/bin/lp-swap
    export CONSUMER=$BATS_TEST_DIRNAME/swap_consumer.py
    python3 "$BATS_TEST_DIRNAME/swap_fixture.py" "$BATS_FILE_TMPDIR/run" 4 3
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    ln -s "$BATS_FILE_TMPDIR/run/crops" "$BATS_FILE_TMPDIR/run/landmarks" .
    cp "$BATS_FILE_TMPDIR/run/extract.tsv" .
}

swap() {
    "$SWAP" -q -s swap.shard_samples=10 "$@"
}

# column NAME FILE: the values of a column, without the two first lines
column() {
    awk -F'\t' -v name="$1" 'NR == 2 { for (i = 1; i <= NF; i++) if ($i == name) c = i } NR > 2 { print $c }' "$2"
}

# edit ID-PATTERN COLUMN VALUE: sets a field of the matching rows of extract.tsv
edit() {
    awk -F'\t' -v OFS='\t' -v id="$1" -v name="$2" -v value="$3" \
        'NR == 2 { for (i = 1; i <= NF; i++) if ($i == name) c = i } NR > 2 && $1 ~ id { $c = value } { print }' \
        extract.tsv > edited && mv edited extract.tsv
}

@test "swap: help goes to stdout, exit 0" {
    run -0 --separate-stderr "$SWAP" --help
    [[ $output == Usage:* ]]
    [ -z "$stderr" ]
}

@test "swap: every option of the help is in the man page, and the other way round" {
    page=$BATS_TEST_DIRNAME/../../swap/lp-swap.1
    "$SWAP" --help | grep -o -- ' --[a-z-]*' | tr -d ' ' | sort -u > help
    grep -o -- 'Fl \\-[a-z-]*' "$page" | sed 's/Fl \\-/--/' | sort -u > man
    grep -q -- --stream help
    diff help man
}

@test "swap: unknown option 64, missing input 66, bad configuration 78" {
    run -64 "$SWAP" --no-such-option
    run -66 "$SWAP" -i nowhere.tsv -o swap.tsv
    [ ! -e swap.tsv ]
    run -78 swap -i extract.tsv -o swap.tsv -s swap.windows=40x800
    [[ $output == *windows*40x800* ]]
    run -78 swap -i extract.tsv -o swap.tsv -s swap.soften_px=4
    run -78 swap -i extract.tsv -o swap.tsv -s swap.poisson=1.5
    run -78 swap -i extract.tsv -o swap.tsv -s swap.real_on_fake=0 -s swap.fake_on_real=0 -s swap.untouched=0 -s swap.partial=0
    run -64 swap -i extract.tsv -o swap.tsv --stream
}

@test "swap: a run gives a row and a sample for each frame" {
    swap -i extract.tsv -o swap.tsv
    [ "$(sed -n 2p swap.tsv | tr '\t' ' ')" = "id shard offset label method window_h_px window_w_px blend mode background foreground seed box_x0_px box_y0_px box_x1_px box_y1_px face_id context_id status reason" ]
    [ "$(column status swap.tsv | sort | uniq -c | tr -s ' ')" = " 36 ok" ]
    [ "$(column label swap.tsv | grep -c real)" = 12 ]
    column id swap.tsv > ids
    LC_ALL=C sort -c ids
    [ "$(ls swap)" = "$(column shard swap.tsv | sort -u | sed s,swap/,,)" ]
    total=0
    for tar in swap/*.tar; do
        out=$(python3 "$CONSUMER" "$tar" jpg)
        total=$((total + ${out%% *}))
    done
    [ "$total" = 36 ]
}

@test "swap: offset is where a sample begins, the row says what its json says" {
    swap -i extract.tsv -o swap.tsv
    python3 - << 'END'
import json, tarfile
rows = [l.rstrip("\n").split("\t") for l in open("swap.tsv")][1:]
head, rows = rows[0], [dict(zip(rows[0], r)) for r in rows[1:]]
assert len(rows) == 36
for r in rows:
    with open(r["shard"], "rb") as f:
        f.seek(int(r["offset"]))
        tar = tarfile.open(fileobj=f, mode="r|")
        picture = tar.next()
        j = json.load(tar.extractfile(tar.next()))
    assert j["id"] == r["id"] and picture.name.endswith(".jpg")
    box = [r[n] for n in ("box_x0_px", "box_y0_px", "box_x1_px", "box_y1_px")]
    assert box == (list(map(str, j["boxes"][0])) if j["boxes"] else ["."] * 4)
    for n in ("label", "mode", "background", "face_id", "context_id"):
        assert j[n] == r[n], n
    assert (j["blend"] or ".") == r["blend"] and (j["foreground"] or ".") == r["foreground"]
    assert [str(v) for v in j["window_px"]] == [r[n] for n in ("window_h_px", "window_w_px") if r[n] != "."]
    # Who is seen: the owner of the face that lies on top, in the video of the background.
    real = lambda i: "/original/" in i
    top = r["foreground"] if r["mode"] == "global" else r["background"]
    owner = top.split("/")[3]
    assert r["face_id"] == (owner if real(top) else owner.split("_")[1])
    assert r["context_id"] == r["background"].split("/")[3].split("_")[0]
END
}

@test "swap: the same bytes with 1 and 4 threads, and in parts" {
    mkdir one four parts
    swap -i extract.tsv -o swap.tsv -j 1
    mv swap swap.tsv one
    swap -i extract.tsv -o swap.tsv -j 4
    mv swap swap.tsv four
    diff -r one four
    for i in 0 1 2; do swap -i extract.tsv -o swap.tsv --shard $i/3; done
    swap -i extract.tsv -o swap.tsv --merge
    rm swap.[0-9]-of-3.tsv
    mv swap swap.tsv parts
    diff -r one parts
}

@test "swap: the same bytes without AVX2" {
    swap -i extract.tsv -o swap.tsv
    mkdir one && mv swap swap.tsv one
    LP_CPUMASK=0 swap -i extract.tsv -o swap.tsv
    diff -r one/swap swap
    rm -r swap swap.tsv
    swap -i extract.tsv -o swap.tsv --cpumask none
    diff -r one/swap swap
    run -64 "$SWAP" --cpumask sse9 -i extract.tsv -o swap.tsv
    [[ $output == *"'sse9' for --cpumask; should be none, avx2"* ]]
}

@test "swap: standard input equals the file" {
    swap -i extract.tsv -o swap.tsv
    mv swap.tsv file.tsv
    swap -o swap.tsv < extract.tsv
    cmp file.tsv swap.tsv
}

@test "swap: a stream repeats, another epoch differs, parts make up the whole" {
    for e in 0 0 1; do
        "$SWAP" -q -i extract.tsv --stream --epoch $e | python3 "$CONSUMER" - jpg
    done > digests
    sed -n 1p digests | cmp - <(sed -n 2p digests)
    run ! cmp -s <(sed -n 1p digests) <(sed -n 3p digests)
    [[ $(sed -n 1p digests) == "36 12 24 "* ]]
    for i in 0 1; do "$SWAP" -q -i extract.tsv --stream --part $i/2 | tar -t; done | sort > parts
    "$SWAP" -q -i extract.tsv --stream | tar -t | sort | diff - parts
}

@test "swap: shards and stream hold the same samples" {
    swap -i extract.tsv -o swap.tsv -s swap.epochs=2
    for t in swap/*.tar; do mkdir -p a && tar -xf "$t" -C a; done
    mkdir b && "$SWAP" -q -i extract.tsv --stream --epochs 2 | tar -x -C b
    [ "$(ls a | wc -l)" = 144 ]
    diff -r a b
}

@test "swap: an endless stream ends quietly when the reader does" {
    run -0 --separate-stderr bash -c 'set -o pipefail; "$SWAP" -q -i extract.tsv --stream --epochs 0 | head -c 3000000 | wc -c'
    [ "$output" = 3000000 ]
    [ -z "$stderr" ]
}

@test "swap: extra members and png" {
    "$SWAP" -q -i extract.tsv --stream -s swap.extras=mask,anchors -s swap.image=png |
        python3 "$CONSUMER" - png mask.png anchors.npy > digest
    [[ $(cat digest) == "36 12 24 "* ]]
}

@test "swap: jpg has the chroma that was asked for" {
    for c in 420:2x2 422:2x1 444:1x1; do
        "$SWAP" -q -i extract.tsv --stream -s swap.jpg_chroma=${c%:*} --part 0/6 | tar -x --one-top-level=c$c
        # the sampling factors of luma stand behind the frame header
        python3 - c$c/*.jpg <<'PY' >kinds
import sys
for path in sys.argv[1:]:
    b = open(path, "rb").read()
    i = b.index(b"\xff\xc0")
    print("%dx%d" % (b[i + 11] >> 4, b[i + 11] & 15))
PY
        [ "$(sort -u kinds)" = "${c#*:}" ]
    done
    run -78 "$SWAP" -q -i extract.tsv -o swap.tsv -s swap.jpg_chroma=411
}

@test "swap: augmentations change pictures, not masks and boxes; the json names them" {
    for a in "" paper; do
        mkdir -p "x$a"
        "$SWAP" -q -i extract.tsv --stream -s swap.extras=mask -s swap.image=png -s swap.augment=$a |
            tar -x -C "x$a"
    done
    python3 - << 'END'
import glob, json
names = "jpeg normalise quantise hsv gamma motion blur noise tone resize".split()
seen, changed = set(), 0
for path in sorted(glob.glob("x/*.json")):
    key = path[2:-5]
    read = lambda folder, suffix: open(folder + "/" + key + suffix, "rb").read()
    plain, augmented = json.loads(read("x", ".json")), json.loads(read("xpaper", ".json"))
    assert "augmented" not in plain
    steps = augmented.pop("augmented")
    assert augmented == plain
    assert "gamma" in steps and steps == [n for n in names if n in steps]
    seen |= set(steps)
    assert read("x", ".mask.png") == read("xpaper", ".mask.png")
    changed += read("x", ".png") != read("xpaper", ".png")
assert seen == set(names) and changed == 36, (seen, changed)
END
    run -78 swap -i extract.tsv -o swap.tsv -s swap.augment=jpeg,paper
    [[ $output == *jpeg*twice* ]]
    run -78 swap -i extract.tsv -o swap.tsv -s swap.augment=jpeq
    run -78 swap -i extract.tsv -o swap.tsv -s swap.augment=paper,jpeg=2
    [[ $output == *"jpeg=2"*"0 to 1"* ]]
}

@test "swap: a step of a set is taken out, made certain or moved by the configuration" {
    steps() {
        "$SWAP" -q -i extract.tsv --stream -s swap.image=png -s swap.augment="$1" | tar -xO --wildcards '*.json' |
            grep -o '"augmented": *\[[^]]*' | tr -dc 'a-z0-9,\n-' | sed 's/^augmented//' | sort -u
    }
    steps paper > all
    grep -q noise all
    steps paper,noise=0 > less
    ! grep -q noise less
    sed 's/,noise//' all | sort -u | diff - less
    [ "$(steps jpeg-40=1,rgb-shift=1)" = jpeg-40,rgb-shift ]
    [ "$(steps sbi,jpeg-40=0,rgb-shift=1,hsv-shift=1,brightness=1)" = rgb-shift,hsv-shift,brightness ]
}

@test "swap: augmented samples are the same with 1 and 4 threads, and without AVX2" {
    "$SWAP" -q -i extract.tsv --stream -s swap.augment=paper -j 1 | cksum > digests
    "$SWAP" -q -i extract.tsv --stream -s swap.augment=paper -j 4 | cksum >> digests
    LP_CPUMASK=0 "$SWAP" -q -i extract.tsv --stream -s swap.augment=paper | cksum >> digests
    [ "$(sort -u digests | wc -l)" = 1 ]
}

@test "swap: a self-made fake has pose and augmentations of its genuine sample, unless apart" {
    # Steps of single pixels: what the mask leaves alone stays equal through them.
    a=sbi,jpeg-40=0,gamma,tone=1
    for method in sbi bob bi i2g fwa; do
        mkdir -p $method/alike $method/apart
        for pairs in alike apart; do
            "$SWAP" -q -i extract.tsv --stream -s swap.method=$method -s swap.pairs=$pairs -s swap.image=png \
                -s swap.genuine=2 -s swap.extras=mask -s swap.augment=$a | tar -x -C $method/$pairs
        done
    done
    python3 - << 'END'
import glob, json
for method in "sbi bob bi i2g fwa".split():
    n = {"alike": 0, "apart": 0}
    for pairs in n:
        for path in sorted(glob.glob(f"{method}/{pairs}/*s.json")):
            fake, real, more = (json.load(open(p)) for p in
                                (path, path[:-6] + ".json", path[:-6] + "r1.json"))
            same = [fake[k] == real[k] for k in ("frame_to_sample", "mirrored", "halved", "augmented")]
            assert all(same) == (pairs == "alike"), (path, same)
            assert more["frame_to_sample"] != real["frame_to_sample"]
            n[pairs] += 1
    assert n["alike"] == n["apart"] > 5, n
END
}

@test "swap: sbi makes a genuine sample and a fake of each pristine frame, of no other" {
    swap -i extract.tsv -o swap.tsv -s swap.method=sbi -j 1
    [ "$(column status swap.tsv | sort | uniq -c | tr -s ' ')" = " 24 ok" ]
    [ "$(column label swap.tsv | grep -c fake)" = 12 ]
    [ "$(column method swap.tsv | sort -u)" = sbi ]
    [ "$(column id swap.tsv | grep -vc /original/)" = 0 ]
    awk -F'\t' 'NR > 2 && $4 == "fake"' swap.tsv | cut -f1 | grep -c '/e0s$' | grep -qx 12
    diff <(column background swap.tsv) <(column id swap.tsv | sed 's,/e0s*$,,')
    mkdir one && mv swap swap.tsv one
    LP_CPUMASK=0 swap -i extract.tsv -o swap.tsv -s swap.method=sbi -j 4
    diff -r one/swap swap
    "$SWAP" -q -i extract.tsv --stream -s swap.method=sbi -s swap.extras=mask,anchors -s swap.image=png |
        python3 "$CONSUMER" - png mask.png anchors.npy > digest
    [[ $(cat digest) == "24 12 12 "* ]]
}

@test "swap: every method on real frames gives both labels, all targets, the same bytes anywhere" {
    for m in sbi bob bi i2g fwa; do
        "$SWAP" -q -i extract.tsv --stream -s swap.method=$m -j 1 > "$m.tar"
        LP_CPUMASK=0 "$SWAP" -q -i extract.tsv --stream -s swap.method=$m -j 3 | cmp - "$m.tar"
        "$SWAP" -q -i extract.tsv --stream -s swap.method=$m -s swap.image=png --part 1/3 \
            -s swap.extras=mask,xray,consistency,anchors |
            python3 "$CONSUMER" - png mask.png xray.png consistency.npy anchors.npy > digest
        [[ $(cat digest) == "8 4 4 "* ]]
    done
}

@test "swap: a donor is another person's frame of the same split, never of a component that crosses" {
    # components 0 = groups 000 001, 1 = 002 003; a frame of 001 and the fakes of 003 are of test
    "$SWAP" -q -i extract.tsv -o swap.tsv -s swap.method=bi
    awk -F'\t' 'NR > 2 && $4 == "fake"' swap.tsv | cut -f10,11,17,18 > pairs
    [ "$(wc -l < pairs)" = 12 ]
    while IFS=$'\t' read -r back fore face context; do
        b=$(cut -d/ -f4 <<< "$back") f=$(cut -d/ -f4 <<< "$fore")
        [ $((10#$b / 2)) != $((10#$f / 2)) ]
        [ "$face $context" = "$f $b" ]
    done < pairs
    edit '^t/[A-Za-z]*/c23/00[01]' split test
    "$SWAP" -q -i extract.tsv -o swap.tsv -s swap.method=i2g
    [ "$(column reason swap.tsv | grep -c "no frame of another person in split 'train'")" = 6 ]
    "$SWAP" -i extract.tsv -o swap.tsv -s swap.method=i2g -s swap.splits=train,test 2> words
    [ "$(column status swap.tsv | grep -c skip)" = 12 ]
    # one fake of component 0 in train: none of its frames may serve
    edit '^t/[A-Za-z]*/c23/00[01]' split train
    edit '^t/FaceSwap/c23/000_001/000000' split test
    "$SWAP" -i extract.tsv -o swap.tsv -s swap.method=bi 2> words
    grep -q "6 real frames give no faces to others" words
    [ "$(awk -F'\t' 'NR > 2 && $19 == "ok" && $4 == "fake"' swap.tsv | cut -f11 | grep -c '/00[01]/')" = 0 ]
    [ "$(column status swap.tsv | grep -c skip)" = 6 ]
}

@test "swap: only the wanted splits; none of them is an error that says so" {
    edit '^t/[A-Za-z]*/c23/00[01]' split test
    swap -i extract.tsv -o swap.tsv
    [ "$(column id swap.tsv | wc -l)" = 18 ]
    run -65 swap -i extract.tsv -o none.tsv -s swap.splits=val
    [[ $output == *"split val"* ]]
    [ ! -e none.tsv ]
}

@test "swap: bad items are rows, and too many of them fail the run" {
    rm crops landmarks && cp -r "$BATS_FILE_TMPDIR"/run/{crops,landmarks} .
    printf 'not a picture' > crops/t_Deepfakes_c23_000_001_0.png
    rm crops/t_original_c23_001_1.png
    head -c 100 "$BATS_FILE_TMPDIR/run/landmarks/t_FaceSwap_c23_002_003.npy" > landmarks/t_FaceSwap_c23_002_003.npy
    edit '^t/Deepfakes/c23/003_002/000020' landmark_row 77
    edit '^t/FaceSwap/c23/003_002/000010' crop_w_px 99
    edit '^t/FaceSwap/c23/003_002/000020' crop_x_px 4000
    edit '^t/original/c23/002/000000' status fail
    run -65 "$SWAP" -i extract.tsv -o swap.tsv
    [[ $output == *"samples failed"* ]]
    run -0 swap -i extract.tsv -o swap.tsv -s run.max_failed=0.5
    why() { awk -F'\t' -v id="$1/e0" '$1 == id { print $19 ": " $20 }' swap.tsv; }
    [[ $(why t/Deepfakes/c23/000_001/000000) == "fail: "* ]]
    [[ $(why t/original/c23/001/000010) == "fail: "* ]]
    [[ $(why t/Deepfakes/c23/001_000/000010) == "fail: "*original_c23_001_1* ]]
    [[ $(why t/FaceSwap/c23/002_003/000010) == "fail: "* ]]
    [[ $(why t/Deepfakes/c23/003_002/000020) == "fail: "* ]]
    [[ $(why t/FaceSwap/c23/003_002/000010) == "fail: "*"its row says 99x160"* ]]
    [[ $(why t/FaceSwap/c23/003_002/000020) == "skip: "*landmarks* ]]
    [[ $(why t/Deepfakes/c23/002_003/000000) == "skip: no ok row for frame 0 of the pristine video"* ]]
    [ "$(column status swap.tsv | grep -c fail)" = 8 ]
    [ "$(column status swap.tsv | grep -c ok)" -ge 20 ]
}

@test "swap: bad pairs are a named skip or fail with every method" {
    rm crops landmarks && cp -r "$BATS_FILE_TMPDIR"/run/{crops,landmarks} .
    python3 "$BATS_TEST_DIRNAME/swap_fixture.py" small 1 1 90
    python3 "$BATS_TEST_DIRNAME/swap_fixture.py" large 1 1 231
    # another size than the pair's, and rows that say so; the wrong size; no picture; landmarks far away and NaN
    cp large/crops/t_original_c23_000_0.png crops/t_original_c23_000_0.png
    edit '^t/original/c23/000/000000' crop_w_px 231
    edit '^t/original/c23/000/000000' crop_h_px 231
    cp small/crops/t_original_c23_000_0.png crops/t_original_c23_001_0.png
    head -c 300 crops/t_original_c23_002_0.png > cut && mv cut crops/t_original_c23_002_0.png
    edit '^t/original/c23/003/000000' crop_x_px -5000
    python3 - <<'PY'
with open("landmarks/t_original_c23_003.npy", "r+b") as f:
    f.seek(-4, 2)
    f.write(b"\0\0\xc0\x7f")
PY
    for m in mfs mfs-published sbi bob bi i2g fwa; do
        run -0 "$SWAP" -i extract.tsv -o $m.tsv -s swap.method=$m -s run.max_failed=1 -s swap.corrections=all
        [ "$(column id $m.tsv | wc -l)" -ge 24 ]
        [ "$(column status $m.tsv | sort -u | tr '\n' ' ')" = "fail ok skip " ]
        # every one of them says why
        ! awk -F'\t' 'NR == 2 { for (i = 1; i <= NF; i++) c[$i] = i } NR > 2 && $c["status"] != "ok" && length($c["reason"]) < 12' \
            $m.tsv | grep .
        reason() { awk -F'\t' -v id="^t/original/c23/$1/" 'NR == 2 { for (i = 1; i <= NF; i++) c[$i] = i }
            NR > 2 && $1 ~ id { print $c["status"] ": " $c["reason"] }' $m.tsv; }
        [[ $(reason 000/000000) == *ok:* ]]
        [[ $(reason 001/000000) == *"fail: "*"its row says 160x160"* ]]
        [[ $(reason 002/000000) == *"fail: "*original_c23_002_0* ]]
        [[ $(reason 003/000000) == *"skip: "*landmarks* ]]
        [[ $(reason 003/000020) == *"fail: "*"landmark 67 is not finite"* ]]
    done
}

@test "swap: damaged manifests are refused with the place" {
    sed 's/\tlandmark_row\t/\tx\t/' extract.tsv > bad.tsv
    run -65 swap -i bad.tsv -o swap.tsv
    [[ $output == *landmark_row* ]]
    sed '5s/\t.*//' extract.tsv > bad.tsv
    run -65 swap -i bad.tsv -o swap.tsv
    [[ $output == *"line 5"* ]]
    edit '^t/original/c23/000/000000' label maybe
    run -65 swap -i extract.tsv -o swap.tsv
    [ ! -e swap.tsv ]
}

@test "swap: a full disk is 74" {
    run -74 swap -i extract.tsv -o /dev/full
    # a device has no folder of ours: the shards go below the working folder, as for a pipe
    [ -e swap/shard-000000.tar ]
    [ ! -e /dev/swap ]
    run -74 bash -c '"$SWAP" -q -i extract.tsv --stream > /dev/full'
}

@test "swap: a killed run goes on and comes to the same end" {
    swap -i extract.tsv -o swap.tsv -s swap.epochs=6
    mkdir one && mv swap swap.tsv one
    "$SWAP" -q -s swap.shard_samples=10 -i extract.tsv -o swap.tsv -s swap.epochs=6 -j 1 3>&- &
    pid=$!
    while [ ! -e swap/shard-000004.tar ] && kill -0 $pid; do sleep 0.02; done
    kill -9 $pid
    wait $pid || true
    [ ! -e swap.tsv ]
    stat -c '%n %i' swap/shard-00000[0-3].tar > before
    swap -i extract.tsv -o swap.tsv -s swap.epochs=6
    stat -c '%n %i' swap/shard-00000[0-3].tar | cmp - before
    rm -f swap/.*.tmp
    diff -r one/swap swap
    cmp one/swap.tsv swap.tsv
}

@test "swap: folders hold the files of the tars, also after a kill, and replace them" {
    swap -i extract.tsv -o swap.tsv -s swap.epochs=3
    for t in swap/*.tar; do mkdir -p "tars/$(basename "$t" .tar)" && tar -xf "$t" -C "tars/$(basename "$t" .tar)"; done
    sed 's/\.tar\t/\t/' swap.tsv | cut -f1,2,4- | tail -n +3 > rows
    swap -i extract.tsv -o swap.tsv -s swap.epochs=3 -s swap.sink=folder -j 3
    diff -r tars swap
    cut -f1,2,4- swap.tsv | tail -n +3 | diff rows -
    [ "$(column offset swap.tsv | sort -u)" = . ]
    rm -r swap swap.tsv
    "$SWAP" -q -s swap.shard_samples=10 -i extract.tsv -o swap.tsv -s swap.epochs=3 -s swap.sink=folder -j 1 3>&- &
    pid=$!
    while [ ! -e swap/shard-000003 ] && kill -0 $pid; do sleep 0.02; done
    kill -9 $pid
    wait $pid || true
    swap -i extract.tsv -o swap.tsv -s swap.epochs=3 -s swap.sink=folder
    find swap -name '.*.tmp' -delete
    diff -r tars swap
    swap -i extract.tsv -o swap.tsv
    [ -z "$(find swap -mindepth 1 -type d)" ]
}

@test "swap: tars of a longer, earlier run do not stay" {
    swap -i extract.tsv -o swap.tsv -s swap.epochs=2
    long=$(ls swap | wc -l)
    touch swap/shard-mine.tar
    swap -i extract.tsv -o swap.tsv
    [ "$(ls swap/shard-0*.tar | wc -l)" -lt "$long" ]
    [ "$(column shard swap.tsv | sort -u | wc -l)" = "$(ls swap/shard-0*.tar | wc -l)" ]
    [ -e swap/shard-mine.tar ]
}
