#!/usr/bin/env bats
# make dataset with the configurations of the three data sets, from a mirror of a miniature of each on
# this machine: only where the server and the folder are, and that the terms are accepted, is set.

bats_require_minimum_version 1.5.0

setup_file() {
    export TOP=$PWD BUILD_DIR=${BUILD_DIR:-$PWD/build/release} LC_ALL=C no_proxy=127.0.0.1
    unset http_proxy https_proxy all_proxy
    export FILES=$BATS_FILE_TMPDIR/files HEADS=$BATS_FILE_TMPDIR/heads LOG=$BATS_FILE_TMPDIR/log
    "$BUILD_DIR/gen/gen-heads" -q -o "$HEADS" --sequences 4 --frames 10
    mkdir -p "$FILES"
    python3 "$TOP/tests/cli/fault_server.py" "$FILES" "$BATS_FILE_TMPDIR/port" "$LOG" 3>&- &
    echo $! >"$BATS_FILE_TMPDIR/pid"
    for _ in $(seq 100); do
        [ -s "$BATS_FILE_TMPDIR/port" ] && break
        sleep 0.05
    done
    SERVER=http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/port")
    export SERVER
}

teardown_file() {
    kill "$(cat "$BATS_FILE_TMPDIR/pid")"
}

# clip FROM TO: a copy whose bytes differ by an MP4 box of padding.
clip() {
    mkdir -p "$(dirname "$2")"
    { cat "$1"; printf '\0\0\0\20free%8s' "$((N += 1))"; } >"$2"
}

# dataset CONFIG ROOT [KEY=VALUE...]
dataset() {
    local config=$1 root=$2
    shift 2
    make -s -C "$TOP" BUILD="$(basename "$BUILD_DIR")" dataset CONFIG="configs/$config.yaml" \
        RUN="$BATS_TEST_TMPDIR/run" SET="dataset.root=$root fetch.accept_terms=true fetch.retry_wait_s=0.05 $*"
}

count() { # FILE: of rows that are ok, and of rows
    awk -F'\t' 'NR > 2 { n++; ok += $(NF - 1) == "ok" } END { print ok + 0, n + 0 }' "$BATS_TEST_TMPDIR/run/$1.tsv"
}

real=original_sequences/youtube/c23/videos
fake=manipulated_sequences/Deepfakes/c23/videos

ffpp_mirror() {
    local v3=$FILES/v3 m f
    mkdir -p "$v3/misc"
    echo '[["000", "001"], ["002", "003"]]' >"$v3/misc/filelist.json"
    cp "$HEADS"/{train,val,test}.json "$v3"
    for f in "$HEADS/$real"/*.mp4; do clip "$f" "$v3/$real/${f##*/}"; done
    for m in Deepfakes Face2Face FaceSwap NeuralTextures FaceShifter; do
        for f in "$HEADS/$fake"/*.mp4; do
            clip "$f" "$v3/manipulated_sequences/$m/c23/videos/${f##*/}"
            [ $m = FaceShifter ] || clip "$f" "$v3/manipulated_sequences/$m/masks/videos/${f##*/}"
        done
    done
}

@test "mirror: FaceForensics++, by the server's lists" {
    ffpp_mirror
    run -2 dataset ffpp "$BATS_TEST_TMPDIR/root" fetch.server="$SERVER/plain/" fetch.accept_terms=false
    [[ $output == *"read the terms of use, $SERVER/plain/webpage/FaceForensics_TOS.pdf"* ]]
    [ ! -s "$LOG" ]
    dataset ffpp "$BATS_TEST_TMPDIR/root" fetch.server="$SERVER/plain/"
    [ "$(count fetch)" = "24 24" ]
    read -r ok n <<<"$(count align)"
    [ "$ok" -gt 150 ] && [ "$ok" -eq "$n" ]
    [ "$(find "$BATS_TEST_TMPDIR/root" -name '*.mp4' | wc -l)" -eq 24 ]
    # again, with the masks and from a server that cuts the connections: what is there stays
    : >"$LOG"
    dataset ffpp "$BATS_TEST_TMPDIR/root" fetch.server="$SERVER/cut/" fetch.masks=true
    [ "$(find "$BATS_TEST_TMPDIR/root" -path '*masks*' -name '*.mp4' | wc -l)" -eq 16 ]
    [ "$(grep '\.mp4' "$LOG" | grep -vc /masks/)" -eq 0 ]
    awk -F'\t' 'NR > 2 && $3 == "Deepfakes" { n += $13 ~ /masks/ } END { exit n != 4 }' "$BATS_TEST_TMPDIR/run/fetch.tsv"
}

@test "mirror: FaceForensics++ without the server's list: by the splits, some pairs, some methods" {
    ffpp_mirror
    rm "$FILES/v3/misc/filelist.json"
    dataset ffpp "$BATS_TEST_TMPDIR/root" fetch.server="$SERVER/plain/" fetch.pairs=1 dataset.methods=FaceSwap
    [ "$(count fetch)" = "4 4" ]
    # a folder that is there: nothing is asked of anybody
    : >"$LOG"
    dataset ffpp "$FILES/v3"
    [ "$(count fetch)" = "24 24" ]
    [ ! -s "$LOG" ]
}

@test "mirror: Celeb-DF, one archive" {
    local c=$BATS_TEST_TMPDIR/c
    clip "$HEADS/$real/000.mp4" "$c/Celeb-real/id0_0000.mp4"
    clip "$HEADS/$real/001.mp4" "$c/Celeb-real/id1_0000.mp4"
    clip "$HEADS/$real/002.mp4" "$c/YouTube-real/00000.mp4"
    clip "$HEADS/$fake/000_001.mp4" "$c/Celeb-synthesis/id0_id1_0000.mp4"
    clip "$HEADS/$fake/001_000.mp4" "$c/Celeb-synthesis/id1_id0_0000.mp4"
    printf '1 Celeb-real/id1_0000.mp4\n0 Celeb-synthesis/id1_id0_0000.mp4\n' >"$c/List_of_testing_videos.txt"
    (cd "$c" && python3 -m zipfile -c "$FILES/Celeb-DF-v2.zip" ./*)
    dataset celebdf "$BATS_TEST_TMPDIR/root" fetch.server="$SERVER/cut/"
    [ "$(count fetch)" = "5 5" ]
    read -r ok n <<<"$(count align)"
    [ "$ok" -gt 20 ] && [ "$ok" -eq "$n" ]
    # the archive in the folder, no server at all
    mkdir "$BATS_TEST_TMPDIR/own" && cp "$FILES/Celeb-DF-v2.zip" "$BATS_TEST_TMPDIR/own"
    : >"$LOG"
    dataset celebdf "$BATS_TEST_TMPDIR/own"
    [ "$(count fetch)" = "5 5" ]
    [ ! -s "$LOG" ]
}

dfdc_mirror() {
    local d=$BATS_TEST_TMPDIR/d n p
    for n in $(seq 0 49); do
        p=$d/dfdc_train_part_$n
        mkdir -p "$p"
        # ten letters: part, then which
        a=$(printf 'part%02dreal' "$n" | tr 0-9 a-j)
        b=$(printf 'part%02dfake' "$n" | tr 0-9 a-j)
        clip "$HEADS/$real/00$((n % 4)).mp4" "$p/$a.mp4"
        if [ $((n % 10)) = 0 ]; then
            clip "$HEADS/$fake/000_001.mp4" "$p/$b.mp4"
            echo "{\"$a.mp4\": {\"label\": \"REAL\", \"split\": \"train\"}, \"$b.mp4\": {\"label\": \"FAKE\", \"split\": \"train\", \"original\": \"$a.mp4\"}}" >"$p/metadata.json"
        else
            echo "{\"$a.mp4\": {\"label\": \"REAL\", \"split\": \"train\", \"original\": null}}" >"$p/metadata.json"
        fi
        (cd "$d" && python3 -m zipfile -c "$FILES/dfdc_train_part_$(printf %02d "$n").zip" "dfdc_train_part_$n")
    done
    mkdir -p "$d/test"
    clip "$HEADS/$real/001.mp4" "$d/test/aalscayrfi.mp4"
    printf 'filename,label\naalscayrfi.mp4,0\n' >"$d/test/labels.csv"
    (cd "$d/test" && python3 -m zipfile -c "$FILES/test.zip" ./*)
}

@test "mirror: DFDC, fifty parts and the test set; by signed addresses, and with cookies" {
    dfdc_mirror
    dataset dfdc "$BATS_TEST_TMPDIR/root" fetch.server="$SERVER/plain/" extract.frames=2
    [ "$(count fetch)" = "56 56" ]
    [ "$(find "$BATS_TEST_TMPDIR/root" -name '*.zip' | wc -l)" -eq 0 ] # keep_archives is false
    [ "$(find "$BATS_TEST_TMPDIR/root" -path '*/.lp-fetch/*' -name '*.part' | wc -l)" -eq 0 ]
    read -r ok n <<<"$(count align)"
    [ "$ok" -gt 80 ]
    cd "$BATS_TEST_TMPDIR"
    for n in 00 01 02; do
        echo "$SERVER/query/dfdc_train_part_$n.zip?X-Amz-Signature=abc"
    done >signed.txt
    chmod 600 signed.txt
    fetch=("$BUILD_DIR/bin/lp-fetch" --get -q -c "$TOP/configs/dfdc.yaml" --set fetch.accept_terms=true)
    "${fetch[@]}" --set dataset.root=few --set fetch.list=signed.txt
    [ -s few/dfdc_train_part_2/metadata.json ] && [ ! -e few/dfdc_train_part_3 ]
    # the server wants a session, and sends a page if there is none
    run -65 "${fetch[@]}" --set dataset.root=session --set fetch.server="$SERVER/cookie/" --set fetch.from="dfdc_train_part_00.zip unpack=."
    printf '127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\tc00kie\n' >cookies.txt
    chmod 600 cookies.txt
    "${fetch[@]}" --set dataset.root=session --set fetch.server="$SERVER/cookie/" --set fetch.from="dfdc_train_part_00.zip unpack=." \
        --set "fetch.credentials=${SERVER#http://} cookies $PWD/cookies.txt"
    [ -s session/dfdc_train_part_0/metadata.json ]
}
