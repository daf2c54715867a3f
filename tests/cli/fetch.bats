#!/usr/bin/env bats
# lp-fetch from the outside: miniatures of each data set in its exact layout.

bats_require_minimum_version 1.5.0

setup_file() {
    export BUILD_DIR=${BUILD_DIR:-$PWD/build/release}
    export FETCH=$BUILD_DIR/bin/lp-fetch LC_ALL=C
    export CLIP=$BATS_FILE_TMPDIR/clip.mp4
    ffmpeg -v error -f lavfi -i testsrc=size=64x48:rate=25:duration=0.28 -c:v libx264 -pix_fmt yuv420p \
        -threads 1 "$CLIP"
}

setup() {
    cd "$BATS_TEST_TMPDIR"
}

# clip FILE...: a video of 7 frames; each file differs in its last bytes (an MP4 box of padding).
clip() {
    local f
    for f; do
        mkdir -p "$(dirname "$f")"
        { cat "$CLIP"; printf '\0\0\0\20free%8s' "$((N += 1))"; } >"$f"
    done
}

# ffpp DIR: four sequences in two pairs, two methods.
ffpp() {
    local v m
    clip "$1"/original_sequences/youtube/c23/videos/{000,001,002,003}.mp4
    for m in Deepfakes Face2Face; do
        for v in 000_001 001_000 002_003 003_002; do
            clip "$1/manipulated_sequences/$m/c23/videos/$v.mp4"
        done
    done
    clip "$1"/manipulated_sequences/Deepfakes/masks/videos/{000_001,001_000,002_003,003_002}.mp4
    echo '[["000", "001"]]' >"$1/train.json"
    echo '[["003", "002"]]' >"$1/test.json"
}

fetch() {
    "$FETCH" -q "$@"
}

# cell FILE ID COLUMN
cell() {
    awk -F'\t' -v id="$2" -v name="$3" '
        NR == 2 { for (i = 1; i <= NF; i++) if ($i == name) c = i }
        NR > 2 && $1 == id { print $c; found = 1 }
        END { exit !(found && c) }' "$1"
}

# is FILE ID COLUMN=VALUE...
is() {
    local file=$1 id=$2 pair got
    shift 2
    for pair; do
        got=$(cell "$file" "$id" "${pair%%=*}")
        if [ "$got" != "${pair#*=}" ]; then
            echo "$id: ${pair%%=*} is '$got', should be '${pair#*=}'"
            return 1
        fi
    done
}

rows() {
    tail -n +3 "$1" | wc -l
}

@test "fetch: help goes to stdout, exit 0; options are those of the man page" {
    run -0 --separate-stderr "$FETCH" --help
    [[ $output == Usage:* ]]
    [ -z "$stderr" ]
    page=$BATS_TEST_DIRNAME/../../fetch/lp-fetch.1
    "$FETCH" --help | grep -oE '^  .{3} --[a-z-]+' | grep -oE -- '--[a-z-]+' | sort -u >help
    grep -oE 'Fl \\-[a-z-]+' "$page" | sed 's/Fl \\-/--/' | sort -u >man
    grep -q -- --audit help
    diff help man
}

@test "fetch: wrong command lines exit 64" {
    run -64 "$FETCH" --no-such-option
    [[ $output == *no-such-option* ]]
    run -64 "$FETCH" --audit --resplit --set dataset.root=.
    run -64 "$FETCH" --check --set dataset.root=.
    run -64 "$FETCH" --audit --shard 0/2 --set dataset.root=.
}

@test "fetch: wrong settings exit 78, a missing folder 66, an unknown one 65" {
    run -78 fetch
    [[ $output == *dataset.root* ]]
    run -78 fetch --set dataset.root=. --set dataset.name=a/b
    run -78 fetch --set dataset.root=. --set dataset.split_shares=1,2
    run -78 fetch --set dataset.root=. --set dataset.split_shares=1,-2,0
    run -78 fetch --set dataset.root=. --set dataset.compression=
    run -66 fetch --set dataset.root=none
    [[ $output == *"'none'"* ]]
    mkdir empty
    run -65 fetch --set dataset.root=empty
    [[ $output == *original_sequences* ]]
    mkdir -p hollow/original_sequences/youtube/c23/videos
    run -65 fetch --set dataset.root=hollow
    [[ $output == *"no video"* ]]
}

@test "fetch: FF++: people, pairs, splits, components, and what the files say" {
    ffpp set
    fetch --set dataset.root=set -o run/fetch.tsv
    [ "$(rows run/fetch.tsv)" -eq 12 ]
    [ "$(sed -n 2p run/fetch.tsv | tr '\t' ' ')" = "id dataset method compression name path label split face_id context_id component pair mask bytes sha256 frames width height fps codec status reason" ]
    is run/fetch.tsv ffpp/original/c23/000 dataset=ffpp method=original compression=c23 name=000 \
        path=../set/original_sequences/youtube/c23/videos/000.mp4 label=real split=train \
        face_id=ffpp:000 context_id=ffpp:000 component=ffpp:000 pair=. mask=. frames=7 width=64 \
        height=48 fps=25 codec=h264 status=ok reason=.
    is run/fetch.tsv ffpp/Deepfakes/c23/001_000 label=fake split=train face_id=ffpp:000 \
        context_id=ffpp:001 component=ffpp:000 pair=ffpp/original/c23/001 \
        mask=../set/manipulated_sequences/Deepfakes/masks/videos/001_000.mp4
    is run/fetch.tsv ffpp/Face2Face/c23/003_002 mask=. face_id=ffpp:003 context_id=ffpp:003 split=test \
        component=ffpp:002 pair=ffpp/original/c23/003
    f=set/manipulated_sequences/Face2Face/c23/videos/003_002.mp4
    is run/fetch.tsv ffpp/Face2Face/c23/003_002 bytes="$(stat -c %s $f)" \
        sha256="$(sha256sum $f | cut -d' ' -f1)"
}

@test "fetch: the same bytes at -j1 and -j4, in shards, on stdout, and again" {
    ffpp set
    mkdir a b c
    fetch -j1 --set dataset.root=set -o a/fetch.tsv
    fetch -j4 --set dataset.root=set -o b/fetch.tsv
    cmp a/fetch.tsv b/fetch.tsv
    for i in 0 1 2; do fetch --set dataset.root=set -o c/fetch.tsv --shard $i/3; done
    fetch --merge --set dataset.root=set -o c/fetch.tsv
    cmp a/fetch.tsv c/fetch.tsv
    fetch -j4 --set dataset.root=set -o b/fetch.tsv
    cmp a/fetch.tsv b/fetch.tsv
    fetch --set dataset.root=set -o fetch.tsv
    fetch --set dataset.root=set >out
    cmp fetch.tsv out
    [ -z "$(find . -name '.*' -type f)" ]
}

@test "fetch: a full disk exits 74, a folder that cannot be made 73" {
    ffpp set
    run -74 fetch --set dataset.root=set -o /dev/full
    touch file
    run -73 fetch --set dataset.root=set -o file/fetch.tsv
}

@test "fetch: a dry run opens nothing and writes nothing" {
    ffpp set
    chmod 0 set/original_sequences/youtube/c23/videos/000.mp4
    run -0 fetch -n --set dataset.root=set -o new/fetch.tsv
    [[ $output == *"original c23: 4 videos (train 2, val 0, test 2, none 0)"* ]]
    [ ! -e new ]
}

@test "fetch: bad files are fail rows with a reason, and no crash" {
    ffpp set
    d=set/manipulated_sequences/Deepfakes/c23/videos
    : >$d/000_001.mp4
    head -c 1500 "$CLIP" >$d/001_000.mp4
    echo "this is no video" >$d/002_003.mp4
    rm set/original_sequences/youtube/c23/videos/003.mp4
    clip $d/strange.mp4 $d/a_b_c.mp4 $d/_000.mp4 $d/000_.mp4
    ln -s nowhere.mp4 $d/010_011.mp4
    ln -s . $d/loop.mp4
    run -65 "$FETCH" --set dataset.root=set -o run/fetch.tsv
    [[ $output == *"10 of 16 videos failed"* ]] || { echo "$output"; false; }
    is run/fetch.tsv ffpp/Deepfakes/c23/000_001 status=fail "reason=the file is empty" bytes=0
    [[ $(cell run/fetch.tsv ffpp/Deepfakes/c23/001_000 reason) == *001_000.mp4* ]]
    [[ $(cell run/fetch.tsv ffpp/Deepfakes/c23/002_003 reason) == *"as a video"* ]]
    is run/fetch.tsv ffpp/Deepfakes/c23/003_002 status=fail \
        "reason=pristine video 'ffpp/original/c23/003' is missing" pair=ffpp/original/c23/003
    is run/fetch.tsv ffpp/Deepfakes/c23/a_b_c status=fail "reason=the name is not TARGET_SOURCE"
    is run/fetch.tsv ffpp/Deepfakes/c23/strange status=fail face_id=. pair=.
    is run/fetch.tsv ffpp/Deepfakes/c23/010_011 status=fail
    is run/fetch.tsv ffpp/original/c23/000 status=ok
    # and with more patience it is no failure of the run
    fetch --set run.max_failed=1 --set dataset.root=set -o run/fetch.tsv
}

@test "fetch: strange names and containers" {
    d=set/original_sequences/youtube/c23/videos
    clip "$d/a b.MP4" "$d/-dash.mp4" $d/$'tab\there.mp4' "$d/ünï.mp4" "$d/.hidden.mp4" "$d/100%.mp4"
    touch $d/notes.txt $d/mp4
    mkdir $d/folder.mp4
    ffmpeg -v error -i "$CLIP" -c copy $d/other.mkv
    ffmpeg -v error -i "$CLIP" -c copy $d/other2.avi
    clip $d/twice.mp4 $d/twice.mov
    fetch --set run.max_failed=1 --set dataset.root=set -o fetch.tsv
    [ "$(rows fetch.tsv)" -eq 9 ]
    for id in 'a b' -dash ünï tab%09here 100%25 other other2; do
        is fetch.tsv "ffpp/original/c23/$id" status=ok frames=7
    done
    # two files of one name: neither is taken silently for the other
    is fetch.tsv ffpp/original/c23/twice status=ok path=$d/twice.mov
    is fetch.tsv ffpp/original/c23/twice.mp4 status=fail "reason='${d#set/}/twice.mov' has the same name"
}

@test "fetch: FF++: methods, compressions, unknown methods, c0, DeepFakeDetection" {
    ffpp set
    mv set/manipulated_sequences/Face2Face set/manipulated_sequences/NewSwap
    for f in 000 001; do clip set/original_sequences/youtube/c0/videos/$f.mp4; done
    clip set/original_sequences/actors/c23/videos/01__talking_against_wall.mp4 \
        set/manipulated_sequences/DeepFakeDetection/c23/videos/01_02__talking_against_wall__YVGY8LOK.mp4 \
        set/manipulated_sequences/DeepFakeDetection/c23/videos/01_02_odd.mp4
    fetch --set run.max_failed=1 --set dataset.root=set --set dataset.compression=c23,raw -o fetch.tsv
    is fetch.tsv ffpp/NewSwap/c23/000_001 face_id=. context_id=ffpp:000 component=ffpp:000 status=ok
    is fetch.tsv ffpp/original/raw/001 status=ok path=set/original_sequences/youtube/c0/videos/001.mp4
    is fetch.tsv ffpp/actors/c23/01__talking_against_wall face_id=ffpp-actors:01 label=real split=- \
        component=ffpp-actors:01
    is fetch.tsv ffpp/DeepFakeDetection/c23/01_02__talking_against_wall__YVGY8LOK status=ok \
        face_id=ffpp-actors:02 context_id=ffpp-actors:01 component=ffpp-actors:01 \
        pair=ffpp/actors/c23/01__talking_against_wall
    is fetch.tsv ffpp/DeepFakeDetection/c23/01_02_odd status=fail
    fetch --set dataset.root=set --set dataset.methods=Deepfakes -o some.tsv
    [ "$(cut -f3 some.tsv | tail -n +3 | sort -u | tr '\n' ' ')" = "Deepfakes actors original " ]
    run -66 fetch --set dataset.root=set --set dataset.methods=Deepfake
    [[ $output == *Deepfake* ]]
}

@test "fetch: FF++: masks that are missing, and folders without videos" {
    ffpp set
    rm set/manipulated_sequences/Deepfakes/masks/videos/00[12]*
    : >set/manipulated_sequences/Deepfakes/masks/videos/003_002.mp4
    # what other tools take out is no video
    mkdir -p set/manipulated_sequences/FaceShifter/c23/frames/000_001
    run -0 "$FETCH" --set dataset.root=set -o fetch.tsv
    [[ $output == *"Deepfakes c23: without a mask: 3: 001_000, 002_003, 003_002"* ]]
    [[ $output != *"Face2Face c23: without"* ]] # none at all is a choice
    [[ $output == *"'manipulated_sequences/FaceShifter/c23' holds no video"* ]]
    is fetch.tsv ffpp/Deepfakes/c23/000_001 mask=set/manipulated_sequences/Deepfakes/masks/videos/000_001.mp4
    is fetch.tsv ffpp/Deepfakes/c23/003_002 mask=. status=ok
    grep -qx 'Deepfakes c23: without a mask	002_003' fetch.differences.tsv
}

@test "fetch: FF++: what the split lists get wrong" {
    ffpp set
    # 001 is listed in train, its partner in test: nobody's video may be in both
    echo '[["001", "002"]]' >set/train.json
    echo '[["000", "003"]]' >set/test.json
    run -0 "$FETCH" --set dataset.root=set -o fetch.tsv
    is fetch.tsv ffpp/original/c23/001 split=train
    is fetch.tsv ffpp/Deepfakes/c23/001_000 split=-
    [[ $output == *"listed, but not there: 4: 001_002, 002_001, 000_003, 003_000"* ]]
    [[ $output == *"in no split, or from two: 4:"* ]]
    [[ $output == *"1 component of people lies in more than one"* ]]
    echo '[["001", "003"]]' >set/test.json
    run -65 fetch --set dataset.root=set
    [[ $output == *"test.json"*"'001'"*"train"* ]]
    for bad in '{' '{"a": 1}' '[1]' '[["a"]]' '[["a", 2]]' '["ab"]' ''; do
        echo "$bad" >set/test.json
        run -65 fetch --set dataset.root=set
        [[ $output == *test.json* ]]
    done
    mkdir lists
    run -66 fetch --set dataset.root=set --set dataset.splits=lists
    echo '[["000", "001"]]' >lists/val.json
    fetch --set dataset.root=set --set dataset.splits=lists -o fetch.tsv
    is fetch.tsv ffpp/original/c23/001 split=val
    is fetch.tsv ffpp/original/c23/002 split=-
}

# The official split and the published facts about shared source videos: of the pairs only those that
# matter are real, the others fill up to 360, 70 and 70.
official() {
    mkdir -p set/original_sequences/youtube/c23/videos
    for i in $(seq 0 999); do printf x >"set/original_sequences/youtube/c23/videos/$(printf %03d "$i").mp4"; done
    python3 - <<'PY'
import json
pairs = {"train": [(503, 756), (954, 976), (591, 605), (639, 841), (810, 838), (876, 891), (113, 983)],
         "val": [(606, 566), (567, 617), (638, 640), (837, 890), (875, 979), (4, 982)],
         "test": [(755, 759), (955, 78)]}
shared = [(331, 332), (524, 525), (566, 567), (605, 606), (614, 615), (618, 619), (639, 640), (685, 686, 687),
          (755, 756), (766, 767), (769, 770), (787, 788), (837, 838), (875, 876), (883, 884), (937, 938),
          (942, 943), (954, 955), (967, 968), (973, 974), (982, 983), (993, 994)]
used = {x for p in pairs.values() for pair in p for x in pair}
# sequences of one source video first, so that they land in train together
rest = [x for s in shared for x in s if x not in used]
rest += [x for x in range(1000) if x not in used and x not in rest]
for name, n in ("train", 360), ("val", 70), ("test", 70):
    while len(pairs[name]) < n:
        pairs[name].append((rest.pop(0), rest.pop(0)))
    json.dump([["%03d" % a, "%03d" % b] for a, b in pairs[name]], open("set/%s.json" % name, "w"))
source = {x: s[0] for s in shared for x in s}
json.dump({"%03d" % i: "-yt %03d_%d %d" % (source.get(i, i), 0, i - source.get(i, i)) for i in range(1000)},
          open("set/conversion_dict.json", "w"))
PY
}

@test "fetch: sequences of one source video are one person if dataset.people says so" {
    ffpp set
    echo '{"000": "aaaaaaaaaaa 0", "001": "bbbbbbbbbbb 0", "002": "ccccccccccc 0", "003": "aaaaaaaaaaa 1"}' \
        >set/conversion_dict.json
    run -0 fetch --set dataset.root=set -o plain.tsv
    run -0 fetch --set dataset.root=set --set dataset.people=tied -o tied.tsv
    # id, face_id, context_id, component
    tail -n +3 plain.tsv | cut -f1,9-11 | grep -E '^ffpp/(original/c23/003|Deepfakes/c23/002_003)' >got
    diff - got <<'EOT'
ffpp/Deepfakes/c23/002_003	ffpp:003	ffpp:002	ffpp:000
ffpp/original/c23/003	ffpp:003	ffpp:003	ffpp:000
EOT
    tail -n +3 tied.tsv | cut -f1,9-11 | grep -E '^ffpp/(original/c23/003|Deepfakes/c23/002_003)' >got
    sed 's/\tffpp:003/\tffpp:000/g' >want <<'EOT'
ffpp/Deepfakes/c23/002_003	ffpp:003	ffpp:002	ffpp:000
ffpp/original/c23/003	ffpp:003	ffpp:003	ffpp:000
EOT
    diff want got
}

@test "fetch: --audit finds the seven components of FF++ that lie in two splits" {
    official
    run -0 --separate-stderr "$FETCH" --set dataset.root=set --audit -o audit.tsv
    [ "$(rows audit.tsv)" -eq 7 ]
    # id: train, val and test in it
    tail -n +3 audit.tsv | cut -f1,3-6,9-12 | tr '\t' '|' | sed 's/ffpp.original.c23.//g' >got
    diff - got <<'EOT'
ffpp:004/train-val|4|2|2|0|983|982|1|ffpp:982 - ffpp:983 (both from source video -yt 982_0)
ffpp:078/train-test|4|2|0|2|954|955|1|ffpp:955 - ffpp:954 (both from source video -yt 954_0)
ffpp:503/train-test|4|2|0|2|756|755|1|ffpp:755 - ffpp:756 (both from source video -yt 755_0)
ffpp:566/train-val|6|2|4|0|605|606|1|ffpp:606 - ffpp:605 (both from source video -yt 605_0)
ffpp:638/train-val|4|2|2|0|639|640|1|ffpp:640 - ffpp:639 (both from source video -yt 639_0)
ffpp:810/train-val|4|2|2|0|838|837|1|ffpp:837 - ffpp:838 (both from source video -yt 837_0)
ffpp:875/train-val|4|2|2|0|876|875|1|ffpp:875 - ffpp:876 (both from source video -yt 875_0)
EOT
    run -1 fetch --set dataset.root=set --audit --check
    # without the dictionary nobody can know
    mv set/conversion_dict.json elsewhere.json
    run -0 "$FETCH" --set dataset.root=set --audit --check -o none.tsv
    [ "$(rows none.tsv)" -eq 0 ]
    [[ $output == *conversion_dict.json* ]]
    run -1 fetch --set dataset.root=set --set dataset.conversion=elsewhere.json --audit --check
}

@test "fetch: trimmed and disjoint splits have no component in two parts" {
    official
    lp() { fetch --set dataset.root=set "$@"; }
    lp --set dataset.split=trimmed --resplit -o trimmed.tsv
    # the test side of the two, and the val side of the five, leave
    awk -F'\t' 'NR > 2 && $5 != $6 { print $5 ">" $6, $3 }' trimmed.tsv | sed s/ffpp:// | sort >got
    diff - got <<'EOT'
test>- 078
test>- 755
test>- 759
test>- 955
val>- 004
val>- 566
val>- 567
val>- 606
val>- 617
val>- 638
val>- 640
val>- 837
val>- 875
val>- 890
val>- 979
val>- 982
EOT
    run -0 lp --set dataset.split=trimmed --audit --check
    run -0 lp --set dataset.split=disjoint --audit --check
    lp --resplit -o one.tsv
    lp --resplit -o two.tsv
    cmp one.tsv two.tsv
    # nothing is lost, only those components move, and the ratios stay within their size
    [ "$(awk -F'\t' 'NR > 2 && $6 == "-"' one.tsv | wc -l)" -eq 0 ]
    [ "$(awk -F'\t' 'NR > 2 && $5 != $6' one.tsv | wc -l)" -le 16 ]
    for s in train:720 val:140 test:140; do
        n=$(awk -F'\t' -v s="${s%:*}" 'NR > 2 && $6 == s' one.tsv | wc -l)
        [ "$n" -ge $((${s#*:} - 8)) ] && [ "$n" -le $((${s#*:} + 8)) ]
    done
    # no list at all: everything is dealt out, by the seed
    rm set/train.json set/val.json set/test.json
    lp --resplit -o one.tsv
    lp --resplit --set dataset.split_seed=2 -o two.tsv
    [ "$(awk -F'\t' 'NR > 2 { n[$6]++ } END { print n["train"], n["val"], n["test"] }' one.tsv)" = "720 140 140" ]
    run ! cmp -s one.tsv two.tsv
    run -0 lp --set dataset.split=disjoint --audit --check
}

@test "fetch: counts near the published ones are compared" {
    official
    rm set/original_sequences/youtube/c23/videos/{100,200}.mp4
    run -0 "$FETCH" --set dataset.root=set --audit -o audit.tsv
    [[ $output == *"listed, but not there: 2: "* ]]
    [[ $output == *"original c23: 998 videos, but 1000 are published"* ]]
    [[ $output == *"differ in their bytes from the published"* ]]
    run -0 "$FETCH" --set dataset.root=set --set dataset.expect=none --audit -o audit.tsv
    [[ $output != *"are published"* ]]
}

celeb() {
    clip $1/Celeb-real/${2}{id0_0000,id0_0001,id1_0000,id2_0007}.mp4 $1/YouTube-real/${2}{00000,00170}.mp4 \
        $1/Celeb-synthesis/${2}{id0_id1_0000,id0_id1_0001,id1_id0_0000}.mp4
    printf '\n1 YouTube-real/00170.mp4\r\n\r\n1 Celeb-real/id1_0000.mp4\n0 Celeb-synthesis/id1_id0_0000.mp4' \
        >$1/List_of_testing_videos.txt
}

@test "fetch: Celeb-DF: the test list is inverted, crlf, has blanks and no last newline" {
    celeb set ""
    run -0 "$FETCH" --set dataset.root=set --set dataset.name=cdf -o fetch.tsv
    [ "$(rows fetch.tsv)" -eq 9 ]
    is fetch.tsv cdf/YouTube-real/-/00170 label=real split=test face_id=cdf-youtube:00170 \
        component=cdf-youtube:00170 pair=. status=ok
    is fetch.tsv cdf/YouTube-real/-/00000 label=real split=train
    is fetch.tsv cdf/Celeb-real/-/id1_0000 label=real split=test face_id=cdf:id1 component=cdf:id0
    is fetch.tsv cdf/Celeb-real/-/id2_0007 split=train component=cdf:id2
    is fetch.tsv cdf/Celeb-synthesis/-/id1_id0_0000 label=fake split=test face_id=cdf:id0 \
        context_id=cdf:id1 pair=cdf/Celeb-real/-/id1_0000 component=cdf:id0 status=ok
    is fetch.tsv cdf/Celeb-synthesis/-/id0_id1_0001 split=train pair=cdf/Celeb-real/-/id0_0001
    # people are in both parts, and the tool says so
    [[ $output == *"1 component of people lies in more than one"* ]]
    fetch --set dataset.root=set --set dataset.name=cdf --audit -o audit.tsv
    is audit.tsv cdf:id0/train-test people=2 train=4 test=2 steps=0
    # with a level videos/ the same but for the paths
    celeb deep videos/
    fetch --set dataset.root=deep --set dataset.name=cdf -o deep.tsv
    diff <(cut -f1-5,7-13,16-22 fetch.tsv | tail -n +2) <(cut -f1-5,7-13,16-22 deep.tsv | tail -n +2)
}

@test "fetch: Celeb-DF: contradictions, gaps and bad lists" {
    celeb set ""
    rm set/Celeb-real/id0_0001.mp4
    printf '0 Celeb-real/id0_0000.mp4\n1 Celeb-real/id9_0000.mp4\n' >set/List_of_testing_videos.txt
    run -0 "$FETCH" --set run.max_failed=1 --set dataset.root=set --set dataset.name=cdf -o fetch.tsv
    is fetch.tsv cdf/Celeb-real/-/id0_0000 status=fail "reason=the test list says fake, its folder real"
    is fetch.tsv cdf/Celeb-synthesis/-/id0_id1_0001 status=fail
    [[ $output == *"in the test list, but not there: 1: celeb-real/id9_0000"* ]]
    rm set/List_of_testing_videos.txt
    run -0 "$FETCH" --set run.max_failed=1 --set dataset.root=set --set dataset.name=cdf -o fetch.tsv
    is fetch.tsv cdf/Celeb-real/-/id1_0000 split=-
    [[ $output == *"no List_of_testing_videos.txt"* ]]
    for bad in '2 a/b.mp4' '1a/b.mp4' 'a/b.mp4' '1'; do
        echo "$bad" >list.txt
        run -65 fetch --set dataset.root=set --set dataset.splits=list.txt
        [[ $output == *"list.txt"*"line 1"* ]]
    done
    printf '1 Celeb-real/a.mp4\n0 Celeb-real/a.mp4\n' >list.txt
    run -65 fetch --set dataset.root=set --set dataset.splits=list.txt
    run -66 fetch --set dataset.root=set --set dataset.splits=nolist.txt
}

@test "fetch: Celeb-DF: an edited copy of the test list is told" {
    celeb set ""
    # as with the copy that lacks YouTube-real, whose test videos would be trained on; v1's is shorter
    for n in 448:yes 518:yes 100:no; do
        seq "${n%:*}" | sed 's/.*/1 Celeb-real\/id1_1&.mp4/' >list.txt
        run -0 "$FETCH" --set dataset.root=set --set dataset.splits=list.txt -n
        [[ ($output == *"list.txt' (${n%:*} videos) differs in its bytes"*"(518 videos)"* && $n == *yes) ||
            ($output != *"differs in its bytes"* && $n == *no) ]]
    done
    # Celeb-DF++ has another one
    clip pp/Celeb-synthesis/FaceSwap/SimSwap/id1_id0_0000.mp4 pp/Celeb-real/id1_0000.mp4
    for n in 5418 5417; do
        seq "$n" | sed 's/.*/1 Celeb-real\/id1_1&.mp4/' >list.txt
        run -0 "$FETCH" --set dataset.root=pp --set dataset.splits=list.txt -n
        [[ $output != *"differs in its bytes"* ]]
        [[ $n == 5418 || $output == *"names 5417 videos, Celeb-DF++'s own 5418"* ]]
    done
}

@test "fetch: DFDC: parts with metadata.json, test with labels.csv" {
    clip set/dfdc_train_part_0/{aaaaaaaaaa,bbbbbbbbbb,cccccccccc,dddddddddd}.mp4 set/test/{eeeeeeeeee,ffffffffff}.mp4
    cat >set/dfdc_train_part_0/metadata.json <<'EOT'
{"aaaaaaaaaa.mp4": {"label": "REAL", "split": "train"},
 "bbbbbbbbbb.mp4": {"label": "FAKE", "split": "train", "original": "aaaaaaaaaa.mp4"},
 "cccccccccc.mp4": {"label": "FAKE", "split": "train", "original": "zzzzzzzzzz.mp4"},
 "gggggggggg.mp4": {"label": "REAL", "split": "train", "original": null}}
EOT
    printf 'filename,label\r\neeeeeeeeee.mp4,0\r\nffffffffff.mp4,1\r\n' >set/test/labels.csv
    run -0 "$FETCH" --set run.max_failed=1 --set dataset.root=set --set dataset.name=dfdc -o fetch.tsv
    [ "$(rows fetch.tsv)" -eq 6 ]
    is fetch.tsv dfdc/original/-/aaaaaaaaaa label=real split=train face_id=. context_id=. \
        component=dfdc-clip:aaaaaaaaaa status=ok
    is fetch.tsv dfdc/undisclosed/-/bbbbbbbbbb label=fake component=dfdc-clip:aaaaaaaaaa \
        pair=dfdc/original/-/aaaaaaaaaa status=ok
    is fetch.tsv dfdc/undisclosed/-/cccccccccc label=fake pair=. component=dfdc-clip:zzzzzzzzzz status=ok
    is fetch.tsv dfdc/original/-/dddddddddd label=. status=fail
    is fetch.tsv dfdc/original/-/eeeeeeeeee label=real split=test status=ok
    is fetch.tsv dfdc/undisclosed/-/ffffffffff label=fake split=test pair=. status=ok
    [[ $output == *"listed, but not there: 1: gggggggggg.mp4"* ]]
    [[ $output == *"1 fakes whose original is not there"* ]]
    printf 'filename,label\neeeeeeeeee.mp4,yes\n' >set/test/labels.csv
    run -65 fetch --set dataset.root=set
    [[ $output == *labels.csv*"line 2"* ]]
}

@test "fetch: DFDC: parts and lists that are missing are told by name" {
    for n in $(seq 0 49); do
        [ "$n" = 7 ] || [ "$n" = 40 ] && continue
        p=set/dfdc_train_part_$n a=$(printf 'part%02dreal' "$n" | tr 0-9 a-j)
        mkdir -p "$p/videos"
        printf x >"$p/videos/$a.mp4"
        echo "{\"$a.mp4\": {\"label\": \"REAL\", \"split\": \"train\"}}" >"$p/metadata.json"
    done
    # Kaggle's test videos are not DFDC's test set: no list names them
    clip set/test_videos/{aassnaulhq,aayfryxljh}.mp4
    run -0 "$FETCH" --set fetch.probe=none --set dataset.root=set --set dataset.name=dfdc -o fetch.tsv
    [ "$(rows fetch.tsv)" -eq 48 ]
    [[ $output == *"train parts that are not there: 2: dfdc_train_part_7, dfdc_train_part_40"* ]]
    [[ $output == *"'test_videos': left out, in no metadata.json or labels.csv: 2: aassnaulhq.mp4, aayfryxljh.mp4"* ]]
    [[ $output != *"_0/videos"* ]]
    grep -qx 'train parts that are not there	dfdc_train_part_40' fetch.differences.tsv
    # a few parts are a choice
    rm -r set/dfdc_train_part_[1-4]?
    run -0 "$FETCH" --set fetch.probe=none --set dataset.root=set --set dataset.name=dfdc -o fetch.tsv
    [[ $output != *"train parts that are not there"* ]]
    # a part whose list was lost; each part unpacked into a folder of the archive's name
    rm set/dfdc_train_part_3/metadata.json
    mkdir set/dfdc_train_part_04.d && mv set/dfdc_train_part_4 set/dfdc_train_part_04.d/
    run -0 "$FETCH" --set fetch.probe=none --set dataset.root=set --set dataset.name=dfdc -o fetch.tsv
    [[ $output == *"'dfdc_train_part_3/videos': left out"*"partadreal.mp4"* ]]
    is fetch.tsv dfdc/original/-/partaereal split=train status=ok
}

@test "fetch: DFDC: counts of lists and of the whole" {
    mkdir -p set/test set/validation
    touch set/{test,validation}/v1.mp4
    # the published lists have 5000 and 4000 videos; 400 are a choice
    for n in test:4999:names test:5000: test:400: validation:3999:names validation:4000: validation:5000:names; do
        IFS=: read -r part count told <<<"$n"
        rm -f set/*/labels.csv
        { printf '\xef\xbb\xbffilename,label\r\n'; seq "$count" | sed 's/.*/v&.mp4,0\r/'; } >"set/$part/labels.csv"
        run -0 "$FETCH" -n --set dataset.root=set --set dataset.name=dfdc --set dataset.layout=dfdc
        [[ $output == *"/$part/labels.csv' $told $count videos, the published one "[45]000* || -z $told ]]
        [[ $output != *"the published one"* || -n $told ]]
    done
    rm -r set
    # 19154 reals in the parts; 21654 with the test set
    mkdir -p set/dfdc_train_part_0 set/test
    { echo '{'; seq 10000 29153 | sed 's/.*/"x&.mp4": {"label": "REAL"},/'; echo '"y.mp4": {"label": "REAL"}}'; } \
        >set/dfdc_train_part_0/metadata.json
    (cd set/dfdc_train_part_0 && seq -f 'x%.0f.mp4' 10000 29152 | xargs touch)
    run -0 "$FETCH" -n --set dataset.root=set --set dataset.name=dfdc
    [[ $output == *"original -: 19153 videos, but 19154 are published"* ]]
    touch set/dfdc_train_part_0/x29153.mp4
    run -0 "$FETCH" -n --set dataset.root=set --set dataset.name=dfdc
    [[ $output != *"are published"* ]]
    touch set/dfdc_train_part_0/y.mp4
    run -0 "$FETCH" -n --set dataset.root=set --set dataset.name=dfdc
    [[ $output == *"original -: 19155 videos, but 21154 are published"* ]]
}

@test "fetch: DFDC preview: people from dataset.json" {
    clip set/original_videos/643049/643049_A_001.mp4 set/method_A/videos/1260311/1260311_C/643049_1260311_C_001.mp4
    cat >set/dataset.json <<'EOT'
{"original_videos/643049/643049_A_001.mp4": {"label": "real", "set": "train", "augmentations": [], "target_id": 643049, "swapped_id": null},
 "method_A/1260311/1260311_C/643049_1260311_C_001.mp4": {"label": "fake", "set": "test", "augmentations": [], "target_id": 1260311, "swapped_id": 643049},
 "method_B/1/1_A/2_1_A_001.mp4": {"label": "fake", "set": "test", "target_id": "1", "swapped_id": "2"}}
EOT
    run -0 "$FETCH" --set dataset.root=set --set dataset.name=dfdcp -o fetch.tsv
    is fetch.tsv dfdcp/original/-/643049_A_001 label=real split=train face_id=dfdcp:643049
    is fetch.tsv dfdcp/method_A/-/643049_1260311_C_001 label=fake split=test face_id=dfdcp:643049 \
        context_id=dfdcp:1260311 component=dfdcp:1260311 pair=. status=ok
    [[ $output == *"not there: 1: method_B"* ]]
    [[ $output != *"not in dataset.json"* ]]
    clip set/method_B/videos/1/1_A/3_1_A_001.mp4
    run -0 "$FETCH" --set dataset.root=set --set dataset.methods=method_A -o fetch.tsv
    [ "$(rows fetch.tsv)" -eq 2 ]
    [[ $output == *"not in dataset.json: 1: method_B/videos/1/1_A/3_1_A_001.mp4"* ]]
    echo '{"../x.mp4": {"label": "real"}}' >set/dataset.json
    run -65 fetch --set dataset.root=set
}

@test "fetch: a table of the user's own" {
    clip set/r/one.mp4 set/r/two.mp4 set/f/one.mp4
    printf 'path\tlabel\tmethod\tsplit\tface_id\tcontext_id\tpair\tnote\nr/one.mp4\treal\t.\ttrain\tann\tann\t\thello\n' >t.tsv
    printf 'r/two.mp4\t0\t\t-\t.\t.\t.\t\r\nf/one.mp4\t1\tswap\ttrain\tbob\tann\tr/one.mp4\t\n' >>t.tsv
    fetch --set dataset.root=set --set dataset.table=t.tsv --set dataset.name=my -o fetch.tsv
    is fetch.tsv my/original/-/one label=real split=train face_id=my:ann component=my:ann status=ok
    is fetch.tsv my/original/-/two label=real split=- face_id=. context_id=. status=ok
    is fetch.tsv my/swap/-/one label=fake face_id=my:bob context_id=my:ann component=my:ann \
        pair=my/original/-/one status=ok
    for bad in 'path\nr/one.mp4' 'path\tlabel\nr/one.mp4\tmaybe' 'path\tlabel\n../x\treal' \
        'path\tlabel\n.\treal' 'path\tlabel\tsplit\nr/one.mp4\treal\tdev' '' \
        'path\tlabel\nr/one.mp4\treal\nr/one.mp4\tfake' 'path\tlabel\tmethod\nr/one.mp4\treal\ta/b'; do
        printf "$bad" >bad.tsv
        run -65 fetch --set dataset.root=set --set dataset.table=bad.tsv
        [[ $output == *bad.tsv* ]] || { echo "$bad: $output"; false; }
    done
    run -66 fetch --set dataset.root=set --set dataset.table=none.tsv
    printf 'path\tlabel\tpair\nr/none.mp4\treal\t.\nf/one.mp4\tfake\tr/gone.mp4\n' >gap.tsv
    fetch --set run.max_failed=1 --set dataset.root=set --set dataset.table=gap.tsv --set dataset.name=my -o gap.out.tsv
    is gap.out.tsv my/original/-/none status=fail
    is gap.out.tsv my/fake/-/one status=fail "reason=pristine video 'r/gone.mp4' is not in the table"
}

@test "fetch: copies under two names are told" {
    ffpp set
    cp set/original_sequences/youtube/c23/videos/00{0,2}.mp4
    cp set/original_sequences/youtube/c23/videos/000.mp4 set/original_sequences/youtube/c23/videos/002.mp4
    run -0 "$FETCH" --set dataset.root=set -o fetch.tsv
    [[ $output == *"the same bytes: 1: ffpp/original/c23/000 = ffpp/original/c23/002"* ]]
}

@test "fetch: hashing and probing can be turned off" {
    ffpp set
    fetch --set dataset.root=set --set fetch.sha256=false --set fetch.probe=none -o fetch.tsv
    is fetch.tsv ffpp/original/c23/000 sha256=. frames=. width=. codec=. status=ok
    fetch --set dataset.root=set --set fetch.probe=header -o fetch.tsv
    is fetch.tsv ffpp/original/c23/000 frames=. width=64 codec=h264 status=ok
}

@test "fetch: a run stopped by kill -9 goes on, and forgets what changed meanwhile" {
    for i in $(seq 100 400); do clip "set/original_sequences/youtube/c23/videos/$i.mp4"; done
    first=set/original_sequences/youtube/c23/videos/100.mp4
    before=$(sha256sum $first | cut -d' ' -f1)
    for _ in 1 2 3 4 5 6 7 8; do # on a busy machine it may be done before it is killed
        rm -f fetch.tsv
        "$FETCH" -q -j1 --set dataset.root=set -o fetch.tsv &
        pid=$!
        for _ in $(seq 500); do # until something is finished, but not all
            [ "$(stat -c %s .fetch.tsv.journal 2>/dev/null || echo 0)" -gt 1000 ] && break
            sleep 0.01
        done
        kill -9 $pid || true
        wait $pid || true
        [ -e fetch.tsv ] || break
    done
    [ ! -e fetch.tsv ]
    [ -s .fetch.tsv.journal ]
    cp .fetch.tsv.journal kept
    # other bytes behind an unchanged size and time: only the journal can still know the old hash
    touch -r $first time
    printf X | dd of=$first bs=1 seek=$(($(stat -c %s $first) - 1)) conv=notrunc status=none
    touch -r time $first
    fetch --set dataset.root=set -o fetch.tsv
    [ ! -e .fetch.tsv.journal ]
    [ "$(rows fetch.tsv)" -eq 301 ]
    is fetch.tsv ffpp/original/c23/100 sha256="$before"
    # a new time: read again
    cp kept .fetch.tsv.journal
    touch $first
    fetch --set dataset.root=set -o fetch.tsv
    is fetch.tsv ffpp/original/c23/100 sha256="$(sha256sum $first | cut -d' ' -f1)"
}

@test "fetch: every name that is missing, extra or empty is in a table" {
    ffpp set
    python3 - <<'PY'
import json
pairs = [["%03d" % i, "%03d" % (i + 1)] for i in range(100, 140, 2)]
json.dump([["000", "001"]] + pairs, open("set/train.json", "w"))
PY
    : >set/manipulated_sequences/Face2Face/c23/videos/000_001.mp4
    clip set/original_sequences/youtube/c23/videos/777.mp4
    run -0 "$FETCH" --set run.max_failed=1 --set dataset.root=set -o out/fetch.tsv
    [[ $output == *"listed, but not there: 40: "*" and 32 more"* ]]
    [[ $output == *"'out/fetch.differences.tsv' names them all"* ]]
    [ "$(grep -c '^original c23: listed, but not there' out/fetch.differences.tsv)" -eq 40 ]
    grep -qx 'original c23: listed, but not there	139' out/fetch.differences.tsv
    grep -qx 'original c23: in no split, or from two	777' out/fetch.differences.tsv
    grep -qx 'empty	manipulated_sequences/Face2Face/c23/videos/000_001.mp4' out/fetch.differences.tsv
    # mended: no table; a pipe has none
    rm -r set
    ffpp set
    fetch --set dataset.root=set -o out/fetch.tsv
    [ ! -e out/fetch.differences.tsv ]
    rm set/original_sequences/youtube/c23/videos/000.mp4
    "$FETCH" -q --set run.max_failed=1 --set dataset.root=set -o - >/dev/null
    [ ! -e -.differences.tsv ]
}

# ---- the other data sets -----------------------------------------------------------------------

@test "fetch: Celeb-DF++: three kinds of methods, swaps show the donor, the rest the target" {
    clip pp/Celeb-real/{id0_0000,id1_0000}.mp4 pp/YouTube-real/00001.mp4 \
        pp/Celeb-synthesis/FaceSwap/{BlendFace,SimSwap}/id0_id1_0000.mp4 \
        pp/Celeb-synthesis/FaceReenact/LIA/videos/id1_id0_0000.mp4 \
        pp/Celeb-synthesis/TalkingFace/SadTalker/{id0_0000,whoever}.mp4
    printf '%s\n' '1 Celeb-real/id1_0000.mp4' '0 Celeb-synthesis/FaceSwap/BlendFace/id0_id1_0000.mp4' \
        '0 Celeb-synthesis/FaceReenact/LIA/id1_id0_0000.mp4' >pp/List_of_testing_videos.txt
    run -0 "$FETCH" --set run.max_failed=1 --set dataset.root=pp --set dataset.name=cdf -o fetch.tsv
    [ "$(rows fetch.tsv)" -eq 8 ]
    is fetch.tsv cdf/Celeb-real/-/id1_0000 label=real split=test face_id=cdf:id1
    is fetch.tsv cdf/BlendFace/-/id0_id1_0000 label=fake split=test face_id=cdf:id1 context_id=cdf:id0 \
        pair=cdf/Celeb-real/-/id0_0000 component=cdf:id0 status=ok
    # one name in two methods: the list means one of them
    is fetch.tsv cdf/SimSwap/-/id0_id1_0000 split=train
    is fetch.tsv cdf/LIA/-/id1_id0_0000 split=test face_id=cdf:id1 context_id=cdf:id1 pair=. component=cdf:id0
    is fetch.tsv cdf/SadTalker/-/id0_0000 label=fake split=train face_id=cdf:id0 pair=. status=ok
    is fetch.tsv cdf/SadTalker/-/whoever status=fail "reason=the name is not idA_idB_NUMBER"
    run -0 "$FETCH" --set dataset.root=pp --set dataset.methods=BlendFace -o one.tsv
    [ "$(grep -c fake one.tsv)" -eq 1 ]
}

@test "fetch: DeeperForensics: FF++'s sequences with actors' faces, in its own lists" {
    clip df/manipulated_videos/{end_to_end,end_to_end_level_1}/{000_W010,001_M101}.mp4 \
        df/manipulated_videos/end_to_end/bad.mp4
    mkdir -p df/lists/splits
    printf '000_W010.mp4\r\n' >df/lists/splits/train.txt
    printf '\n001_M101.mp4' >df/lists/splits/test.txt
    run -0 "$FETCH" --set run.max_failed=1 --set dataset.root=df --set dataset.name=dfo -o alone.tsv
    [[ $output == *"no original_sequences/youtube/c23: the real videos are FF++'s"* ]]
    is alone.tsv dfo/end_to_end/-/000_W010 label=fake split=train context_id=dfo:000 face_id=dfo-actor:W010 \
        pair=. status=ok
    is alone.tsv dfo/end_to_end/-/bad status=fail "reason=the name is not TARGET_ACTOR"
    [[ $output == *"end_to_end: in no split: 1: bad"* ]]
    # FF++'s folder linked in
    clip ffpp/youtube/c23/videos/{000,001,002}.mp4
    ln -s ../ffpp df/original_sequences
    rm df/manipulated_videos/end_to_end/bad.mp4
    run -0 "$FETCH" --set dataset.root=df --set dataset.name=dfo -o fetch.tsv
    [ "$(rows fetch.tsv)" -eq 7 ]
    is fetch.tsv dfo/original/c23/000 label=real split=train component=dfo-actor:W010
    is fetch.tsv dfo/original/c23/002 label=real split=-
    is fetch.tsv dfo/end_to_end_level_1/-/001_M101 pair=dfo/original/c23/001 split=test status=ok
    rm df/manipulated_videos/end_to_end_level_1/000_W010.mp4
    run -0 "$FETCH" --set dataset.root=df --set dataset.name=dfo -o less.tsv
    [[ $output == *"end_to_end_level_1: listed, but not there: 1: 000_W010"* ]]
    [[ $output != *"end_to_end: listed"* ]]
    printf '\n000_W010.mp4\n' >>df/lists/splits/test.txt
    run -65 fetch --set dataset.root=df
    echo junk >df/lists/splits/test.txt
    run -65 fetch --set dataset.root=df
    [[ $output == *"test.txt' line 1: not TARGET_ACTOR.mp4"* ]]
}

@test "fetch: FakeAVCeleb: the picture's label, and all who are named are tied" {
    clip fav/RealVideo-RealAudio/African/men/id00001/00109.mp4 \
        fav/RealVideo-FakeAudio/African/men/id00001/00109_fake.mp4 \
        fav/FakeVideo-RealAudio/African/men/id00001/{00109_1_id00002,lost}.mp4 \
        fav/FakeVideo-FakeAudio/Asian/women/id00003/00001_wav2lip.mp4
    cat >fav/meta_data.csv <<'CSV'
source,target1,target2,method,category,type,race,gender,path,Unnamed: 9
id00001,-,-,real,A,RealVideo-RealAudio,African,men,00109.mp4,FakeAVCeleb/RealVideo-RealAudio/African/men/id00001
id00001,-,-,rtvc,B,RealVideo-FakeAudio,African,men,00109_fake.mp4,x
id00001,id00002,id00004,faceswap,C,FakeVideo-RealAudio,African,men,00109_1_id00002.mp4,"a, b"
id00003,-,-,wav2lip,D,FakeVideo-FakeAudio,Asian,women,00001_wav2lip.mp4,x
id00009,-,-,fsgan,C,FakeVideo-RealAudio,Asian,women,gone.mp4,x
CSV
    run -0 "$FETCH" --set dataset.root=fav --set dataset.name=fav -o fetch.tsv
    [ "$(rows fetch.tsv)" -eq 5 ]
    is fetch.tsv fav/real/-/id00001_00109 label=real face_id=fav:id00001 context_id=fav:id00001 split=-
    is fetch.tsv fav/rtvc/-/id00001_00109_fake label=real face_id=fav:id00001
    is fetch.tsv fav/faceswap/-/id00001_00109_1_id00002 label=fake face_id=. context_id=. component=fav:id00001
    is fetch.tsv fav/wav2lip/-/id00003_00001_wav2lip label=fake face_id=fav:id00003 component=fav:id00003
    is fetch.tsv fav/FakeVideo-RealAudio/-/id00001_lost label=fake face_id=.
    [[ $output == *"in meta_data.csv, but not there: 1: FakeVideo-RealAudio/id00009/gone.mp4"* ]]
    [[ $output == *"not in meta_data.csv: 1: FakeVideo-RealAudio/id00001/lost.mp4"* ]]
    echo 'source,type' >fav/meta_data.csv
    run -65 fetch --set dataset.root=fav
    [[ $output == *"no column 'target1'"* ]]
    printf 'source,target1,target2,method,type,path\n"open,b\n' >fav/meta_data.csv
    run -65 fetch --set dataset.root=fav
    [[ $output == *"line 2: a quote is not closed"* ]]
    rm fav/meta_data.csv
    run -0 "$FETCH" --set dataset.root=fav -o fetch.tsv
    [[ $output == *"no meta_data.csv: methods and the people in a swap are not known"* ]]
}

@test "fetch: what file servers leave in folders is no video" {
    clip pp/Celeb-synthesis/FaceSwap/SimSwap/id1_id0_0000.mp4 pp/Celeb-real/id{0,1}_0000.mp4
    mkdir -p pp/Celeb-real/{.thumbnails,@eaDir,'#recycle',__MACOSX} pp/Celeb-synthesis/FaceSwap/{@eaDir,.git}
    clip pp/Celeb-real/{.thumbnails,@eaDir,'#recycle',__MACOSX}/id9_0009.mp4 pp/Celeb-real/._id1_0000.mp4 \
        pp/Celeb-synthesis/FaceSwap/{@eaDir,.git}/id1_id0_0001.mp4
    : >pp/Celeb-real/.DS_Store
    # links back to where they lie would have no end
    ln -s . pp/Celeb-real/videos
    ln -s .. pp/Celeb-synthesis/FaceSwap/SimSwap/videos
    run -0 "$FETCH" --set dataset.root=pp --set dataset.name=pp --set run.max_failed=1 -o fetch.tsv
    ! cut -f1 fetch.tsv | grep -E 'id9|0001|[.#@]|MACOSX'
    is fetch.tsv pp/SimSwap/-/id1_id0_0000 status=ok
    [ "$(rows fetch.tsv)" -lt 20 ]
}

@test "fetch: the figures of the whole end a run, but not a quiet one" {
    celeb set ""
    run -0 --separate-stderr "$FETCH" --set dataset.root=set -o fetch.tsv
    [ -z "$output" ]
    [[ ${stderr_lines[-1]} == "lp-fetch: 6 real and 3 fake videos; train 6, val 0, test 3, none 0; 5 people in 4 components" ]]
    run -0 --separate-stderr "$FETCH" -q --set dataset.root=set -o fetch.tsv
    [ -z "$output$stderr" ]
    # of all shards together, told once
    run -0 --separate-stderr "$FETCH" --shard 0/2 --set dataset.root=set -o s.tsv
    [[ ${stderr_lines[-1]} == *"6 real and 3 fake videos"* ]]
    run -0 --separate-stderr "$FETCH" --shard 1/2 --set dataset.root=set -o s.tsv
    [[ $stderr != *"6 real"* ]]
    rm set/Celeb-real/id0_0000.mp4
    run -0 --separate-stderr "$FETCH" --set dataset.root=set --set run.max_failed=1 -o fetch.tsv
    [[ ${stderr_lines[-1]} == *"5 real and 2 fake videos; train 4, val 0, test 3, none 0;"*"; 1 video of no use" ]]
}

@test "fetch: UADFV: pairs by number, faces of fakes unknown" {
    clip u/real/{0000,0001}.mp4 u/fake/{0000_fake,0007_fake,odd}.mp4
    run -0 "$FETCH" --set run.max_failed=1 --set dataset.root=u --set dataset.name=uadfv -o fetch.tsv
    is fetch.tsv uadfv/real/-/0000 label=real face_id=uadfv-clip:0000
    is fetch.tsv uadfv/fake/-/0000_fake label=fake pair=uadfv/real/-/0000 face_id=. \
        context_id=uadfv-clip:0000 component=uadfv-clip:0000 status=ok
    is fetch.tsv uadfv/fake/-/0007_fake status=fail "reason=pristine video 'uadfv/real/-/0007' is missing"
    is fetch.tsv uadfv/fake/-/odd status=fail "reason=the name is not NUMBER_fake"
}

# frames DIR N: a folder of N pictures.
frames() {
    mkdir -p "$1"
    ffmpeg -v error -y -f lavfi -i "testsrc=size=64x48:rate=25:duration=$(echo "$2" | awk '{ print $1 / 25 }')" \
        -start_number 8 "$1/%d.png"
}

@test "fetch: WildDeepfake: folders of pictures are videos" {
    frames w/real_train/1/12 3
    frames w/real_train/1/13 2
    frames w/fake_test/7/fake/4 4
    run -0 "$FETCH" --set dataset.root=w --set dataset.name=wild -o fetch.tsv
    is fetch.tsv wild/real/-/real_train_1_12 label=real split=train frames=3 width=64 codec=png face_id=. \
        context_id=. component=wild-archive:real_train_1 status=ok
    is fetch.tsv wild/real/-/real_train_1_13 component=wild-archive:real_train_1 frames=2
    is fetch.tsv wild/fake/-/fake_test_7_fake_4 label=fake split=test frames=4 path=w/fake_test/7/fake/4
    [ "$(cell fetch.tsv wild/fake/-/fake_test_7_fake_4 sha256)" = \
        "$(cd w/fake_test/7/fake/4 && sha256sum 8.png 9.png 10.png 11.png | sha256sum | cut -c1-64)" ]
    [ "$(cell fetch.tsv wild/fake/-/fake_test_7_fake_4 bytes)" -eq "$(cat w/fake_test/7/fake/4/* | wc -c)" ]
    # in the folder that the archive makes; extraction reads the frames
    mkdir x && mv w x/deepfake_in_the_wild
    fetch --set dataset.root=x -o x.tsv
    [ "$(rows x.tsv)" -eq 3 ]
    "$BUILD_DIR/bin/lp-extract" -q -i x.tsv -o out/extract.tsv --set extract.frames=2
    [ "$(awk -F'\t' 'NR > 2' out/extract.tsv | grep -c 'no face')" -eq 6 ]
}

@test "fetch: DF40: methods, parts and people by their names" {
    frames d/DF40/simswap/ff/frames/000_003 2
    frames d/DF40/simswap/cdf/id0_id1_0000 2
    frames d/DF40/e4e/fake/abc 1
    frames d/DF40/e4e/real/xyz 1
    frames d/DF40_train/simswap/ff/frames/003_000 1
    frames d/DF40/odd/999 1
    run -0 "$FETCH" --set dataset.root=d --set dataset.name=df40 -o fetch.tsv
    [ "$(rows fetch.tsv)" -eq 5 ]
    is fetch.tsv df40/simswap/-/ff_000_003 label=fake split=test context_id=df40:000 face_id=. \
        component=df40:000 pair=. frames=2
    is fetch.tsv df40/simswap/-/train_ff_003_000 split=train component=df40:000
    is fetch.tsv df40/simswap/-/cdf_id0_id1_0000 context_id=df40:id0 component=df40:id0
    is fetch.tsv df40/e4e/-/real_xyz label=real component=df40-real:xyz
    [[ $output == *"1 folders of pictures are not in <method>"* ]]
    # the root may be the folder of methods itself
    fetch --set dataset.root=d/DF40 --set dataset.name=df40 -o own.tsv
    is own.tsv df40/simswap/-/ff_000_003 split=test
}
