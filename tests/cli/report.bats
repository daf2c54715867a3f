#!/usr/bin/env bats
# lp-report from the outside: whole and partial runs, hostile names, faults, same bytes.

bats_require_minimum_version 1.5.0

setup_file() {
    export BUILD_DIR=${BUILD_DIR:-$PWD/build/release}
    export REPORT=$BUILD_DIR/bin/lp-report
    export MAKE_RUN=$BATS_TEST_DIRNAME/data/report/make_run.py
    export ONE=$BATS_FILE_TMPDIR/one TWO=$BATS_FILE_TMPDIR/two
    python3 "$MAKE_RUN" "$ONE"
    python3 "$MAKE_RUN" "$TWO" models=2 hostile leak
    "$REPORT" -q -i "$ONE" -o "$ONE/report"
    "$REPORT" -q -i "$TWO" -o "$TWO/report"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

# words PAGE: its text, tags and pictures left out, on one line.
words() {
    python3 - "$1" <<'PY'
import html.parser, sys
class P(html.parser.HTMLParser):
    skip = 0
    def handle_starttag(self, tag, attrs):
        self.skip += tag in ("style", "title", "desc")
    def handle_endtag(self, tag):
        self.skip -= tag in ("style", "title", "desc")
    def handle_data(self, data):
        if not self.skip:
            text = " ".join(data.split())
            if text:
                print(text, end=" ")
P().feed(open(sys.argv[1], encoding="utf-8").read())
PY
}

@test "report: help goes to stdout, exit 0" {
    run -0 --separate-stderr "$REPORT" --help
    [[ $output == Usage:* ]]
    [ -z "$stderr" ]
}

@test "report: every option of the help is in the man page, and the other way round" {
    page=$BATS_TEST_DIRNAME/../../reports/lp-report.1
    "$REPORT" --help | grep -o -- ' --[a-z-]*' | tr -d ' ' | sort -u >help.txt
    grep -o -- 'Fl \\\?-[a-z][a-z-]*' "$page" | sed -n 's/Fl \\\{0,1\}-\([a-z][a-z-]*\)/--\1/p' |
        awk 'length($0) > 3' | sort -u >man.txt
    diff help.txt man.txt
}

@test "report: an unknown option and a missing or empty run are told apart" {
    run -64 "$REPORT" --no-such-option
    run -64 "$REPORT" -o x </dev/null
    run -66 "$REPORT" -i nowhere -o x
    [[ $output == *"'nowhere' is not the folder of a run"* ]]
    mkdir empty
    run -66 "$REPORT" -i empty -o x
    [[ $output == *"holds neither evaluate/metrics.json nor align.tsv"* ]]
    [ ! -e x ]
}

@test "report: the page is well formed, has every section, and every picture has words" {
    python3 - "$ONE/report/index.html" <<'PY'
import html.parser, sys
void = {"meta", "link", "img", "br"}
class P(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.ids, self.refs = [], [], []
    def handle_startendtag(self, tag, attrs):
        self.look(tag, dict(attrs))
    def handle_starttag(self, tag, attrs):
        self.look(tag, dict(attrs))
        if tag not in void:
            self.open.append(tag)
    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open, self.getpos())
        self.open.pop()
    def look(self, tag, a):
        if "id" in a: self.ids.append(a["id"])
        if a.get("href", "").startswith("#"): self.refs.append(a["href"][1:])
        if a.get("xlink:href", "").startswith("#"): self.refs.append(a["xlink:href"][1:])
        self.refs += a.get("aria-labelledby", "").split()
        if tag == "img": assert a["alt"].strip() and a["src"].startswith("data:image/jpeg;base64,")
        if tag == "svg": assert a.get("role") == "img" or a.get("aria-hidden") == "true"
        if tag == "th": assert a.get("scope") in ("row", "col")
        for name, value in a.items():
            assert not name.startswith("on"), name
            if name in ("src", "href") and tag != "use":
                assert value.startswith(("data:", "#")), (tag, value[:80])
        assert tag not in ("script", "iframe", "object", "embed", "form", "base"), tag
p = P()
text = open(sys.argv[1], encoding="utf-8").read()
p.feed(text)
assert not p.open
assert len(p.ids) == len(set(p.ids)), "an id is there twice"
assert not set(p.refs) - set(p.ids), set(p.refs) - set(p.ids)
for name in "summary detection groups identity pairs data faces swaps provenance".split():
    assert name in p.ids, name
head = text[:600]
assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in head
assert "url(http" not in text and "@import" not in text
PY
}

@test "report: the numbers on the page are those of metrics.json" {
    words "$ONE/report/index.html" >text
    python3 - "$ONE/evaluate/metrics.json" text <<'PY'
import json, sys
m = json.load(open(sys.argv[1]))["models"][0]
text = open(sys.argv[2]).read()
for level in ("video", "frame"):
    a = m[level]["auc"]
    want = "%.3f [%.3f, %.3f]" % (a["value"], *a["ci95"])
    assert want in text, want
assert "1,800 frames" in text and "180 videos" in text
assert m["identity"]["verdict"] in text
PY
    grep -q "undefined: 60 real videos cannot resolve a rate of 0.01" text
    grep -q "undefined: no split column" text
    grep -q "Few components: 4" text
    grep -q "No component is in more than one of train, val and test" text
    # one failed fetch row, one face, one skipped sample
    grep -q "fetch.tsv fail cannot open '…': it is empty 1" text
    grep -q "align.tsv fail no face in frame N of '…' 1" text
    grep -q "swap.tsv skip the faces differ by N px 1" text
}

@test "report: no number that is undefined is drawn or printed as 0" {
    python3 "$MAKE_RUN" run undefined
    run -0 "$REPORT" -q -i run -o out
    words out/index.html >text
    grep -q "Video AUC undefined: one class only: no real" text
    grep -q "video AUC is undefined: one class only: no real" text
    [ ! -e out/figures/roc-video.svg ]
    [ -e out/figures/density-video-1.svg ]
    run ! grep -E "AUC 0([^.]|$)" text
}

@test "report: faces come in scenes, real above its fakes, all cells filled" {
    python3 - "$ONE/report/index.html" <<'PY'
import re, sys
text = open(sys.argv[1], encoding="utf-8").read()
sheets = re.findall(r'<table class="sheet">.*?</table>', text, re.S)
assert len(sheets) == 4
for s in sheets:
    rows = re.findall(r'<tr><th scope="row" title="([^"]*)">([^<]*)</th>(.*?)</tr>', s, re.S)
    assert [r[1] for r in rows] == ["real", "Deepfakes c23", "Face2Face c23"], rows[0][:2]
    scene = re.search(r"<caption>toy/original/c23/(\d+)</caption>", s).group(1)
    assert all(("/%s" % scene) in r[0] for r in rows)
    assert all(r[2].count("<img ") == 3 for r in rows)
PY
}

@test "report: boxes lie where the pictures are bright" {
    # Each sample is flat but for a white rectangle at its labelled box.
    python3 - "$ONE/report/index.html" "$BATS_TEST_TMPDIR" <<'PY'
import base64, re, subprocess, sys
text = open(sys.argv[1], encoding="utf-8").read()
samples = re.findall(r'<figure class="sample">.*?</figure>', text, re.S)
assert len(samples) == 16, len(samples)
boxes = 0
for s in samples:
    jpeg = base64.b64decode(re.search(r'base64,([^"]*)"', s).group(1))
    w, h = map(int, re.search(r'width="(\d+)" height="(\d+)"', s).groups())
    box = re.search(r'<rect class="box" x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"', s)
    assert ("real, genuine" in s) == (box is None)
    if not box:
        continue
    boxes += 1
    x, y, bw, bh = map(int, box.groups())
    vw, vh = map(int, re.search(r'viewBox="0 0 (\d+) (\d+)"', s).groups())
    assert (vw, vh) == (w, h) == (120, 128)
    raw = subprocess.run(["ffmpeg", "-v", "error", "-f", "mjpeg", "-i", "-", "-f", "rawvideo", "-pix_fmt", "gray", "-"],
                         input=jpeg, stdout=subprocess.PIPE, check=True).stdout
    bright = [(i % w, i // w) for i, v in enumerate(raw) if v > 190]
    found = (min(b[0] for b in bright), min(b[1] for b in bright),
             max(b[0] for b in bright) + 1, max(b[1] for b in bright) + 1)
    assert all(abs(a - b) <= 2 for a, b in zip(found, (x, y, x + bw, y + bh))), (found, box.groups())
assert boxes == 12
PY
}

@test "report: hostile names stay words" {
    page=$TWO/report/index.html
    run ! grep -i '<script' "$page"
    grep -q "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;%s\`touch pwned\`" "$page"
    [ -z "$(find "$TWO" "$BATS_TEST_TMPDIR" -name pwned)" ]
    [ ! -e pwned ]
    for svg in "$TWO"/report/figures/*.svg; do
        python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$svg"
        run ! grep -i '<script' "$svg"
    done
    words "$page" >text
    grep -q "Leaking split: 1 component with 6 videos" text
}

@test "report: thresholds of the val split, means over groups, and the band of the whole curve" {
    words "$ONE/report/index.html" >text
    grep -q "At thresholds chosen on the val split: xception" text
    grep -q "balanced accuracy video 0.438 0.760 \[0.710, 0.810\]" text
    grep -q "balanced accuracy video above all 0.760" text
    grep -q "group video 3 0.785 \[0.725, 0.845\]" text
    grep -q "Dotted: 95 % band of the curve at all rates together" text
    # Two models: no such band, which would be a thicket.
    words "$TWO/report/index.html" | grep -q "Dotted" && return 1
    true
}

@test "report: two detectors are compared" {
    words "$TWO/report/index.html" >text
    grep -q "Detectors compared" text
    grep -q -- "-0.050 \[-0.090, -0.010\] 0.016 0.033 0.021 0.057 180 4" text
    [ -e "$TWO/report/figures/pairs.svg" ]
    [ ! -e "$ONE/report/figures/pairs.svg" ]
}

@test "report: every figure has its script, its data, SVG and PDF, and can be drawn again" {
    for svg in "$TWO"/report/figures/*.svg; do
        stem=${svg%.svg}
        [ -s "$stem.gp" ] && [ -s "$stem.dat" ]
        [ "$(head -c5 "$stem.pdf")" = "%PDF-" ]
        grep -q -a 'CreationDate (D:19700101000000' "$stem.pdf"
    done
    mkdir again
    cp "$TWO"/report/figures/roc-video.gp "$TWO"/report/figures/roc-video.dat again
    (cd again && gnuplot -d roc-video.gp)
    [ -s again/roc-video.svg ]
}

@test "report: the same inputs give the same bytes, at any -j and in any folder" {
    cp -r "$ONE" other
    rm -r other/report
    "$REPORT" -q -j1 -i "$ONE" -o j1
    "$REPORT" -q -j4 -i other -o j4
    (cd "$ONE/report" && find . -type f ! -name '*.pdf' -exec sha256sum {} + | sort) >a
    (cd j1 && find . -type f ! -name '*.pdf' -exec sha256sum {} + | sort) >b
    (cd j4 && find . -type f ! -name '*.pdf' -exec sha256sum {} + | sort) >c
    diff a b
    diff a c
    [ "$(wc -l <a)" -gt 20 ]
    run ! grep -F "$BATS_TEST_TMPDIR" j4/index.html
}

@test "report: each part that is missing says so and how to make it" {
    for part in metrics.json curves.tsv probes.tsv fetch.tsv swap.tsv align.tsv; do
        rm -rf run out
        cp -r "$ONE" run
        rm -r run/report "$(find run -name "$part")"
        run -0 "$REPORT" -q -i run -o out
        words out/index.html >text
        case $part in
        fetch.tsv) grep -q "There is no fetch.tsv" text ;;
        curves.tsv | probes.tsv) grep -q "Not there: evaluate/$part" text ;;
        metrics.json) grep -q "Not there: evaluate/metrics.json . lp-evaluate makes it" text ;;
        *) grep -q "Not there: $part . lp-${part%.tsv} makes it" text ;;
        esac
    done
}

@test "report: a picture that cannot be read leaves a gap and a warning" {
    cp -r "$ONE" run
    rm -r run/report run/swap
    find run/aligned -name '0000.png' -delete
    echo no picture >run/aligned/004/0010.png
    run -0 "$REPORT" -i run -o out
    [[ $output == *"a picture is left out"* ]]
    [ "$(grep -c . <<<"$output")" -le 7 ]
    words out/index.html >text
    grep -q "cannot be read: aligned/" text
    grep -q "cannot be read: swap/shard-000000.tar" text
    run ! grep -F "$BATS_TEST_TMPDIR" out/index.html
    # a shard cut in the middle: what is before the cut is shown
    mkdir run/swap
    head -c 12000 "$ONE/swap/shard-000000.tar" >run/swap/shard-000000.tar
    run -0 "$REPORT" -i run -o out
    grep -q '<figure class="sample"><div class="picture"><img' out/index.html
    grep -q 'cannot be read: swap/shard-000000.tar' out/index.html
}

@test "report: bad tables are told with file and line, exit 65, and nothing is written" {
    cp -r "$ONE" run
    rm -r run/report
    sed -i 3d run/align.tsv
    sed -i '2s/\tvideo\t/\tfilm\t/' run/evaluate/curves.tsv
    sed -i '2s/^id\tmodel/id\tmold/' run/evaluate/curves.tsv
    run -65 "$REPORT" -i run -o out
    [[ $output == *"curves.tsv"*"model"* ]]
    [ ! -e out/index.html ]
    cp "$ONE/evaluate/curves.tsv" run/evaluate/curves.tsv
    printf 'broken\trow\n' >>run/swap.tsv
    run -65 "$REPORT" -i run -o out
    [[ $output == *"swap.tsv' line "* ]]
    cp "$ONE/swap.tsv" run/swap.tsv
    echo '{"version": 1, "models": [' >run/evaluate/metrics.json
    run -65 "$REPORT" -i run -o out
    [[ $output == *"metrics.json"* ]]
    [ ! -e out/index.html ]
}

@test "report: metrics of an odd shape do not break the page" {
    cp -r "$ONE" run
    for odd in '{"version": 1}' '{"version": 1, "models": {}}' '{"version": 1, "models": []}' \
        '{"version": 1, "models": [{"name": "x"}], "problems": 3}' \
        '{"version": 1, "models": [{"name": "x", "n": [], "video": [1], "groups": [1, null, {"video": 2}], "identity": 7}], "problems": [1, "a", {"text": 5}]}'; do
        echo "$odd" >run/evaluate/metrics.json
        run -0 "$REPORT" -i run -o out
    done
}

@test "report: a full disk or an output that cannot be made" {
    run -73 "$REPORT" -q -i "$ONE" -o /dev/full/x
    run -73 "$REPORT" -q -i "$ONE" -o /dev/full
    # files limited to 64 KiB: the figures fit, the page does not
    (
        trap '' XFSZ
        ulimit -f 64
        run -74 "$REPORT" -q -i "$ONE" -o full
    )
    [ ! -e full/index.html ]
}

@test "report: without gnuplot, exit 69 naming the package" {
    run -69 env PATH=/nonexistent "$REPORT" -q -i "$ONE" -o out
    [[ $output == *gnuplot-nox* ]]
    [ ! -e out/index.html ]
}

@test "report: dry run and printed settings" {
    run -0 "$REPORT" -n -i "$ONE" -o dry
    [[ $output == *"would write dry/index.html"* ]]
    [ ! -e dry ]
    run -0 "$REPORT" --print-config
    [[ $output == *"samples: 24"* ]]
    run -78 "$REPORT" -s report.samples=x -i "$ONE"
    run -0 "$REPORT" -q -s report.samples=0 -s report.scenes=0 -s "report.title=<T>&" -i "$ONE" -o none
    grep -q "<title>&lt;T&gt;&amp;</title>" none/index.html
    run ! grep -q '<img ' none/index.html
}

@test "report: under 3 MB and without a user's gnuplot settings" {
    [ "$(stat -c %s "$TWO/report/index.html")" -lt 3000000 ]
    mkdir home
    echo 'set title "intruder"' >home/.gnuplot
    HOME=$PWD/home GNUTERM=dumb "$REPORT" -q -i "$ONE" -o out
    run ! grep intruder out/figures/*.svg
    cmp out/index.html "$ONE/report/index.html"
}
