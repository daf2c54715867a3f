#!/bin/sh
# report-browser.sh INDEX.html ...
#
# Opens each report in headless Chromium, narrow and wide, and fails on a console message of any
# level, on a request for anything but the page itself and data:, and when the page must be scrolled
# sideways. TAP, for prove. Skips, with the reason, where there is no Chromium.
set -u

[ $# -gt 0 ] || {
    echo "1..0 # SKIP no report is given"
    exit 0
}
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
    echo "1..0 # SKIP chromium is not installed"
    exit 0
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
echo "1..$(($# * 2))"
number=0
failed=0

# verdict TEXT PROBLEMS-FILE
verdict() {
    number=$((number + 1))
    if [ -s "$2" ]; then
        echo "not ok $number - $1"
        sed 's/^/# /' "$2"
        failed=1
    else
        echo "ok $number - $1"
    fi
}

# browse WIDTH URL: the log on stdout.
browse() {
    rm -rf "$work/profile"
    # The switches keep most of the browser's own traffic out of the log of requests.
    timeout 60 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync \
        --disable-default-apps --disable-extensions --hide-scrollbars \
        --user-data-dir="$work/profile" --window-size="$1,2000" --enable-logging=stderr --v=0 \
        --log-net-log="$work/net.json" --net-log-capture-mode=Everything \
        --screenshot="$work/shot.png" "file://$2" 2>&1
}

for page in "$@"; do
    path=$(realpath "$page") || exit 1
    # The page itself forbids scripts; a copy that does not tells how wide it is, in a frame, because
    # no window of the browser is narrower than 500 px.
    grep -v 'Content-Security-Policy' "$path" >"$work/copy.html"
    echo '<script>console.log("SIZE " + document.documentElement.scrollWidth + " " +
        document.documentElement.clientWidth)</script>' >>"$work/copy.html"
    for width in 400 1400; do
        problems=$work/problems
        echo "<iframe src='copy.html' style='width:${width}px;height:900px;border:0'></iframe>" \
            >"$work/frame.html"
        browse "$width" "$path" >"$work/log"
        code=$?
        {
            [ "$code" -eq 0 ] || echo "the browser ended with $code"
            [ -s "$work/shot.png" ] || echo "nothing was drawn"
            grep -F 'CONSOLE' "$work/log"
            # Requests that are neither the page nor data:, nor the browser's own to its maker.
            grep -o '"url":"[^"]*"' "$work/net.json" 2>/dev/null | sort -u |
                grep -v -e '"url":"data:' -e '"url":"chrome' -e '"url":"devtools' \
                    -e 'googleapis\.com/' -e '\.google\.com/' -e '\.gvt1\.com/' |
                grep -v -F "\"url\":\"file://$path\""
            browse 1500 "$work/frame.html" |
                sed -n 's/.*"SIZE \([0-9]*\) \([0-9]*\)".*/\1 \2/p' >"$work/size"
            if read -r wide window <"$work/size"; then
                [ "$wide" -le "$window" ] || echo "the page is $wide px wide in a window of $window px"
            else
                echo "the width of the page is not known"
            fi
        } >"$problems"
        verdict "$page at $width px: quiet, alone, no wider than the window" "$problems"
    done
done
exit "$failed"
