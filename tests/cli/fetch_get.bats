#!/usr/bin/env bats
# lp-fetch's downloads and archives, against a server that misbehaves (fault_server.py, beside this file).

bats_require_minimum_version 1.5.0

setup_file() {
    export BUILD_DIR=${BUILD_DIR:-$PWD/build/release}
    export FETCH=$BUILD_DIR/bin/lp-fetch LC_ALL=C
    export HERE=$BATS_TEST_DIRNAME FILES=$BATS_FILE_TMPDIR/files LOG=$BATS_FILE_TMPDIR/log
    export no_proxy=127.0.0.1,localhost
    unset NETRC http_proxy https_proxy all_proxy
    mkdir -p "$FILES"
    python3 - "$FILES" <<'EOT'
import random, sys
r = random.Random(7)
for name, size in (("a.bin", 300000), ("b.bin", 1), ("empty.bin", 0), ("big.bin", 40000000)):
    open(sys.argv[1] + "/" + name, "wb").write(r.randbytes(size))
EOT
    python3 "$HERE/fault_server.py" "$FILES" "$BATS_FILE_TMPDIR/port" "$LOG" 3>&- &
    echo $! >"$BATS_FILE_TMPDIR/pid"
    for _ in $(seq 100); do
        [ -s "$BATS_FILE_TMPDIR/port" ] && break
        sleep 0.05
    done
    PORT=$(cat "$BATS_FILE_TMPDIR/port")
    export PORT
}

teardown_file() {
    kill "$(cat "$BATS_FILE_TMPDIR/pid")"
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    : >"$LOG"
}

# get ITEM... [-- OPTION...]: these items into ./root. With EXEC=exec and &, $! is lp-fetch itself.
get() {
    local items=
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        items+="${items:+,}$1"
        shift
    done
    [ $# -gt 0 ] && shift
    ${EXEC-} "$FETCH" --get --set dataset.root=root --set "fetch.server=http://127.0.0.1:$PORT" \
        --set fetch.retry_wait_s=0.01 --set "fetch.from=$items" "$@"
}

sum() {
    sha256sum "$FILES/$1" | cut -d' ' -f1
}

# nothing is left of what was under way
clean() {
    [ "$(find root/.lp-fetch -mindepth 1 | sort | tr '\n' ' ')" = 'root/.lp-fetch/done root/.lp-fetch/lock ' ]
}

# requests KIND: how many the server saw
requests() {
    grep -c "	/$1/" "$LOG" || true
}

@test "get: each fault that passes is survived, with the right bytes" {
    kinds='plain norange nolength noval weak cut cutnorange reset e500 e503 e408 longpage wrongonce badrange moved'
    items=()
    for k in $kinds; do items+=("$k/a.bin to=$k.bin sha256=$(sum a.bin)"); done
    run -0 get "${items[@]}"
    [[ $output == *"downloads: 15 ok, 0 failed"* ]]
    for k in $kinds; do cmp "$FILES/a.bin" "root/$k.bin"; done
    clean
    [ "$(requests reset)" -eq 3 ]
    [ "$(requests e503)" -eq 3 ]
    [ "$(requests wrongonce)" -eq 2 ]
    # again: nothing is asked for
    : >"$LOG"
    run -0 get "${items[@]}"
    [ ! -s "$LOG" ]
    # what is not ours is not believed: another size or time is looked at
    printf X >root/plain.bin
    run -65 get "${items[@]}" -- --set run.max_failed=0
    [[ $output == *"plain.bin' has wrong bytes"* ]]
    [ "$(cat root/plain.bin)" = X ]
}

@test "get: files of none, of one, and of many ranges; a changing file is begun anew" {
    run -0 get "plain/empty.bin to=empty.bin" "plain/b.bin to=b.bin bytes=1" "plain/big.bin to=big.bin" \
        "cut/big.bin to=big2.bin" "norange/empty.bin to=empty2.bin"
    cmp "$FILES/big.bin" root/big.bin
    cmp "$FILES/big.bin" root/big2.bin
    [ -e root/empty.bin ] && [ ! -s root/empty.bin ] && [ -e root/empty2.bin ]
    cmp "$FILES/b.bin" root/b.bin
    [ "$(grep -c '^206	/plain/big.bin' "$LOG")" -eq 3 ]
    clean
    run -0 get "changes/a.bin to=c.bin"
    # all of the second one
    cmp <(head -c 100 "$FILES/a.bin") <(head -c 100 root/c.bin)
    [ "$(cmp -l "$FILES/a.bin" root/c.bin | wc -l)" -eq 100 ]
    clean
}

@test "get: what never works is told and not repeated; the others come" {
    run -66 "$FETCH" --offline --set dataset.root=root
    run -65 get e401/a.bin e403/a.bin e404/a.bin e410/a.bin html/a.bin loop/a.bin tofile/a.bin \
        "plain/a.bin to=x.bin bytes=5" "plain/a.bin to=good.bin"
    [[ $output == *"warning: e401/a.bin: HTTP status 401: it asks for a login"* ]]
    [[ $output == *"e403/a.bin: HTTP status 403"* ]]
    [[ $output == *"e404/a.bin: HTTP status 404: it is not there (http://127.0.0.1:$PORT/e404/a.bin)"* ]]
    [[ $output == *"html/a.bin: a web page came instead of the file"* ]]
    [[ $output == *"loop/a.bin: too many redirects"* ]]
    [[ $output == *"tofile/a.bin: a redirect to something that is not http or https"* ]]
    [[ $output == *"x.bin: it has 300000 bytes, 5 were expected"* ]]
    [[ $output == *"8 of 9 files could not be had"* ]]
    for k in e401 e403 e404 e410 html; do [ "$(requests $k)" -eq 1 ]; done
    [ "$(requests loop)" -eq 11 ]
    cmp "$FILES/a.bin" root/good.bin
    clean
    # a share of failures is allowed, and optional files are none
    run -0 get e404/a.bin "plain/a.bin to=good.bin" -- --set run.max_failed=0.5
    run -0 get "e404/a.bin optional" -- --set run.max_failed=0
}

@test "get: wrong bytes are never put into place" {
    run -65 get "wrong/a.bin to=a.bin sha256=$(sum a.bin)"
    [[ $output == *"a.bin: wrong bytes: their SHA-256 is "*", $(sum a.bin) was expected"* ]]
    [ ! -e root/a.bin ]
    [ "$(requests wrong)" -eq 3 ]
    clean
}

@test "get: mirrors are tried in order" {
    run -0 get "e404/a.bin always503/a.bin wrong/a.bin html/a.bin plain/a.bin norange/a.bin to=a.bin sha256=$(sum a.bin)" \
        -- --set fetch.retries=1
    cmp "$FILES/a.bin" root/a.bin
    [ "$(requests norange)" -eq 0 ]
    [ "$(requests always503)" -eq 2 ]
}

@test "get: a busy server or a dead one is exit 75, and the next run goes on" {
    run -75 get always503/a.bin "plain/a.bin to=a.bin" -- --set fetch.retries=3
    [[ $output == *"always503/a.bin: HTTP status 503"* ]]
    [[ $output == *"the same command goes on"* ]]
    [ "$(requests always503)" -eq 4 ]
    cmp "$FILES/a.bin" root/a.bin
    run -75 get tomorrow/a.bin
    [[ $output == *"asks to come back in 86400 s"* ]]
    [ "$(requests tomorrow)" -eq 1 ]
    run -75 "$FETCH" --get --set dataset.root=root --set fetch.server=http://127.0.0.1:1 --set fetch.from=a \
        --set fetch.retries=1 --set fetch.retry_wait_s=0.01
    # half came; what came is kept, and only the rest is asked for with If-Range
    run -75 get "once/a.bin to=o.bin" -- --set fetch.retries=1
    : >"$LOG"
    [ -s root/.lp-fetch/parts/*.part ]
    run -0 get "once/a.bin plain/a.bin to=o.bin sha256=$(sum a.bin)" -- --set fetch.retries=0
    grep -q '^206	/plain/a.bin	bytes=150000-299999	-$' "$LOG"
    cmp "$FILES/a.bin" root/o.bin
    clean
}

@test "get: without a validator a part is only gone on with if the hash is known" {
    get "http://127.0.0.1:$PORT/once/a.bin?7 to=o.bin" -- -q --set fetch.retries=0 || [ $? -eq 75 ]
    sed -i 's/^etag .*/etag /; s/^modified .*/modified /' root/.lp-fetch/parts/*.state
    : >"$LOG"
    run -0 get "plain/a.bin to=o.bin"
    grep -q '^206	/plain/a.bin	bytes=0-' "$LOG"
    cmp "$FILES/a.bin" root/o.bin
    # a state from before a power cut, or a damaged one, is not believed
    for damage in 's/^boot .*/boot 0/' 's/^total .*/total 7/' '$d' 's/^chunk .*/chunk 0 9000000/'; do
        rm -rf root
        get "cut/a.bin to=o.bin" -- -q --set fetch.retries=0 || [ $? -eq 75 ]
        [ -e root/.lp-fetch/parts ] || continue # by chance it was not cut
        sed -i "$damage" root/.lp-fetch/parts/*.state
        : >"$LOG"
        run -0 get "plain/a.bin to=o.bin"
        grep -q '^206	/plain/a.bin	bytes=0-' "$LOG"
        cmp "$FILES/a.bin" root/o.bin
    done
}

@test "get: Retry-After in seconds and as a date, and a server that stalls" {
    start=$SECONDS
    run -0 get "e429/a.bin to=1.bin" "e429date/a.bin to=2.bin" "stall/a.bin to=3.bin" -- --set fetch.stall_s=1
    [ $((SECONDS - start)) -ge 1 ]
    for i in 1 2 3; do cmp "$FILES/a.bin" root/$i.bin; done
    [ "$(requests e429)" -eq 2 ]
    [ "$(requests stall)" -eq 2 ]
}

@test "get: bandwidth is limited" {
    start=$(date +%s%N)
    run -0 get "plain/a.bin to=1.bin" "norange/a.bin to=2.bin" -- --set fetch.bandwidth=0.4
    [ $((($(date +%s%N) - start) / 1000000)) -ge 500 ]
}

@test "get: secrets are named, private, for one host, and never shown" {
    printf 'ann:open sesame\n' >basic
    chmod 600 basic
    export HOME=$PWD TOKEN=tok3n WHO=ann PASS='open sesame' \
        AWS_ACCESS_KEY_ID=k3y AWS_SECRET_ACCESS_KEY=s3cretkey AWS_SESSION_TOKEN=sess10n
    host=127.0.0.1:$PORT
    run -0 get basicaway/a.bin -- -vv --set "fetch.credentials=$host basic WHO PASS"
    cmp "$FILES/a.bin" root/basicaway/a.bin
    grep -q '^302	/basicaway/a.bin.*	Authorization$' "$LOG"
    grep -q '^206	/plain/a.bin	.*	-$' "$LOG"
    run -0 get basic/a.bin -- -vv --set "fetch.credentials=$host basic file:$PWD/basic"
    run -0 get bearer/a.bin -- -vv --set "fetch.credentials=$host bearer TOKEN"
    run -0 get s3/a.bin -- -vv --set "fetch.credentials=$host s3 eu-west-1 requester-pays"
    printf 'machine 127.0.0.1 login ann password "open sesame"\n' >.netrc
    chmod 600 .netrc
    rm -r root/basic
    run -0 get basic/a.bin -- -vv --set "fetch.credentials=$host netrc"
    printf '127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\tc00kie\n' >cookies.txt
    chmod 600 cookies.txt
    run -0 get cookie/a.bin -- -vv --set "fetch.credentials=$host cookies ~/cookies.txt"
    cmp "$FILES/a.bin" root/cookie/a.bin
    grep -q '^302	/cookie/a.bin.*	Cookie$' "$LOG"
    [ "$(grep -c '/plain/.*Cookie' "$LOG")" -eq 0 ]
    run -78 "$FETCH" --get --set dataset.root=root --set fetch.from=http://elsewhere.invalid/a \
        --set "fetch.credentials=elsewhere.invalid bearer TOKEN" --set fetch.retries=0
    [[ $output == *"is not sent over plain http"* ]]
    # nothing of them anywhere, nor in a core file
    EXEC=exec get slow/a.bin -- -q --set "fetch.credentials=$host bearer TOKEN" &
    pid=$!
    sleep 0.3
    [ "$(stat -c %U /proc/$pid/mem)" = root ] # what the kernel makes of a process that is not dumped
    kill -9 $pid
    wait $pid || true
    rm -r root/.lp-fetch
    "$FETCH" --print-config --set "fetch.credentials=$host bearer TOKEN" >print
    run ! grep -rqE 'tok3n|sesame|s3cretkey|sess10n|c00kie' root print
    # others may read it; it is no name; it is not set; the address itself is a secret
    chmod 644 cookies.txt basic
    run -78 get cookie/x.bin -- --set "fetch.credentials=$host cookies ~/cookies.txt"
    [[ $output == *"may be read by others: chmod 600"* ]]
    run -78 get cookie/x.bin -- --set "fetch.credentials=$host basic file:$PWD/basic"
    run -78 get cookie/x.bin -- --set "fetch.credentials=$host bearer tok3n-itself"
    [[ $output != *tok3n* ]]
    run -78 get cookie/x.bin -- --set "fetch.credentials=$host bearer NOT_SET_AT_ALL"
    run -78 get "http://ann:sesame@127.0.0.1/x.bin"
    [[ $output != *sesame* ]]
    run -78 get "http://127.0.0.1/x.bin?X-Amz-Signature=abc"
    [[ $output != *abc* ]]
}

@test "get: a list of signed addresses is private, and is merged into what is named" {
    printf '# parts\n\nhttp://127.0.0.1:%s/query/a.bin?X-Amz-Signature=abc\n' "$PORT" >list
    chmod 644 list
    run -78 get -- --set fetch.list=list
    chmod 600 list
    run -0 "$FETCH" --get -vv --set dataset.root=root --set fetch.list=list --set fetch.from="a.bin sha256=$(sum a.bin)"
    cmp "$FILES/a.bin" root/a.bin
    [[ $output != *abc* ]]
    run ! grep -rq abc root
}

@test "get: terms of use come first, and are recorded" {
    run -78 get plain/a.bin -- --set fetch.terms=http://example.org/terms.pdf
    [[ $output == *"read the terms of use, http://example.org/terms.pdf"* ]]
    [ ! -s "$LOG" ]
    get plain/a.bin -- -q --set fetch.terms=http://example.org/terms.pdf --set fetch.accept_terms=true
    grep -q ' accepted http://example.org/terms.pdf$' root/.lp-fetch/terms
}

@test "get: proxies" {
    run -0 "$FETCH" --get --set dataset.root=root --set fetch.from="http://elsewhere.invalid/plain/a.bin" \
        --set "fetch.proxy=http://127.0.0.1:$PORT" --set fetch.retries=0
    cmp "$FILES/a.bin" root/a.bin
    grep -q 'http://elsewhere.invalid/plain/a.bin' "$LOG"
    http_proxy=http://127.0.0.1:$PORT run -0 "$FETCH" --get --set dataset.root=root2 \
        --set fetch.from="http://elsewhere.invalid/plain/a.bin" --set fetch.retries=0
    cmp "$FILES/a.bin" root2/a.bin
    run -78 get plain/a.bin -- --set fetch.proxy=http://u:p@127.0.0.1:1
}

@test "get: kill -9 at any moment, many times" {
    for i in $(seq 12); do
        EXEC=exec get "slow/a.bin to=1.bin" "cut/big.bin to=2.bin" "plain/big.bin to=3.bin" "e503/a.bin to=4.bin" \
            -- -q --set fetch.retry_wait_s=0.02 &
        pid=$!
        sleep 0.0$((RANDOM % 90 + 10))
        kill -9 $pid 2>/dev/null || true
        wait $pid || true
    done
    run -0 get "slow/a.bin to=1.bin sha256=$(sum a.bin)" "cut/big.bin to=2.bin" "plain/big.bin to=3.bin" "e503/a.bin to=4.bin"
    cmp "$FILES/a.bin" root/1.bin
    cmp "$FILES/big.bin" root/2.bin
    cmp "$FILES/big.bin" root/3.bin
    cmp "$FILES/a.bin" root/4.bin
    clean
}

@test "get: after a power cut what was not flushed is hashed, and got again if it lost bytes" {
    items=("plain/a.bin to=1.bin" "plain/b.bin to=2.bin")
    get "${items[@]}" -- -q
    cut_power() { sed -i 's/^boot .*/boot before/; /^flushed/d' root/.lp-fetch/done; }
    cp root/.lp-fetch/done before
    get "${items[@]}" -- -q
    cmp before root/.lp-fetch/done # a run that does nothing writes nothing
    cut_power
    : >"$LOG"
    run -0 get "${items[@]}"
    [ ! -s "$LOG" ]
    [ "$(grep -c ^got root/.lp-fetch/done)" -eq 4 ]
    cut_power
    touch -r root/1.bin time
    printf XYZ | dd of=root/1.bin bs=1 seek=1000 conv=notrunc status=none
    touch -r time root/1.bin
    run -0 get "${items[@]}"
    [[ $output == *"1.bin: lost bytes since it was got"* ]]
    cmp "$FILES/a.bin" root/1.bin
    [ "$(grep -c . "$LOG")" -eq 1 ]
    clean
}

@test "get: what is to be got is checked" {
    for bad in 'a sha256=12' 'a bytes=x' 'a to=../b' 'a to=/b' 'a to=.lp-fetch/x' 'to=a' 'http://' 'ftp://h/a' \
        'http://h/' 'a[0-3] b[0-4]' 'a[0-3] bytes=3' 'a unpack=../x' 'http://h o/a' 'a to=.'; do
        run -78 get "$bad"
        [ ! -e root/a ]
    done
    run -0 get 'plain/a[00-02].bin unless=x' -- --dry-run
    [[ $output == *"3 to download"* ]]
    [ ! -e root ]
    run -64 "$FETCH" --get --offline
}

# ---- archives ----------------------------------------------------------------------------------

# hostile NAME...: archives that no one should unpack
hostile() {
    python3 - "$@" <<'EOT'
import io, stat, sys, tarfile, zipfile
def tar(name, *members, mode="w"):
    with tarfile.open(name, mode) as t:
        for m, data in members:
            if isinstance(m, str):
                m = tarfile.TarInfo(m)
            m.size = len(data)
            t.addfile(m, io.BytesIO(data))
def info(name, kind, link=""):
    i = tarfile.TarInfo(name)
    i.type, i.linkname = kind, link
    return i
ok = ("good.txt", b"good")
tar("traversal.tar", ok, ("a/../../escaped", b"x"))
tar("absolute.tar", ok, ("/tmp/lp-escaped", b"x"))
tar("symlink.tar", ok, (info("d", tarfile.SYMTYPE, "/tmp"), b""), ("d/lp-escaped", b"x"))
tar("hardlink.tar", ok, (info("h", tarfile.LNKTYPE, "/etc/passwd"), b""))
tar("device.tar", ok, (info("dev", tarfile.CHRTYPE), b""))
tar("pipe.tar", ok, (info("p", tarfile.FIFOTYPE), b""))
tar("duplicate.tar", ok, ("./good.txt", b"other"))
tar("filefolder.tar", ok, ("good.txt/x", b"x"))
tar("control.tar", ok, ("a\nb", b"x"))
tar("reserved.tar", ok, (".lp-fetch/done", b"x"))
tar("empty.tar")
tar("bomb.tar.gz", ok, ("zeros", bytes(80 << 20)), mode="w:gz")
with zipfile.ZipFile("traversal.zip", "w") as z:
    z.writestr("good.txt", "good")
    z.writestr("../escaped", "x")
with zipfile.ZipFile("symlink.zip", "w") as z:
    i = zipfile.ZipInfo("d")
    i.create_system, i.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    z.writestr(i, "/tmp")
    z.writestr("d/lp-escaped", "x")
with zipfile.ZipFile("bomb.zip", "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("zeros", bytes(80 << 20))
with zipfile.ZipFile("good.zip", "w", zipfile.ZIP_DEFLATED) as z:
    with z.open("one/big.txt", "w", force_zip64=True) as f:
        f.write(b"0123456789" * 100000)
    z.writestr("two.txt", "two")
data = open("good.zip", "rb").read()
open("truncated.zip", "wb").write(data[:-30])
open("garbage.zip", "wb").write(b"PK\3\4" + bytes(range(256)) * 40)
# in the packed bytes of the first entry, wherever its header ends
start = 30 + int.from_bytes(data[26:28], "little") + int.from_bytes(data[28:30], "little")
flipped = bytearray(data); flipped[start + 40] ^= 255
open("flipped.zip", "wb").write(flipped)
import gzip
tar("good.tar.gz", ("t/one.txt", b"one"), ("t/two.txt", b"two" * 1000), mode="w:gz")
data = open("good.tar.gz", "rb").read()
open("truncated.tar.gz", "wb").write(data[:-40])
tar("good.tar.xz", ("x/one.txt", b"one"), mode="w:xz")
tar("dots.tar", ("./dots/one.txt", b"one"))
EOT
}

unpack() { # ARCHIVE... : from the working folder
    local items=
    for a; do items+="${items:+,}$a unpack=."; done
    ${EXEC-} "$FETCH" --get --set dataset.root=root --set fetch.server="$PWD" --set "fetch.from=$items"
}

@test "unpack: hostile and damaged archives are refused by name, and leave nothing" {
    hostile
    check() { # ARCHIVE WORDS
        run -65 unpack "$1"
        [[ $output == *"$1"*"$2"* ]] || { echo "$1: $output"; false; }
        [ "$(find root -type f -o -type l | grep -vE 'lp-fetch/(done|lock)$')" = "" ] || { find root; false; }
        [ "$(find root/.lp-fetch/unpack 2>/dev/null)" = "" ]
    }
    check traversal.tar "'a/../../escaped' leads out of the folder"
    check absolute.tar "'/tmp/lp-escaped' has an absolute path"
    check symlink.tar "'d' is a link"
    check hardlink.tar "'h' is a link"
    check device.tar "'dev' is a device"
    check pipe.tar "'p' is a device or a pipe"
    check duplicate.tar "'./good.txt' is there twice"
    check filefolder.tar "'good.txt/x' lies below another entry that is a file"
    check control.tar "control characters"
    check reserved.tar "keeps for itself"
    check empty.tar "holds no file"
    check bomb.tar.gz "'zeros' is larger than is plausible"
    check bomb.zip "'zeros' is larger than is plausible"
    check traversal.zip "'../escaped' leads out of the folder"
    check symlink.zip "'d' is a link"
    check truncated.zip "damaged"
    check garbage.zip "damaged"
    check flipped.zip "damaged"
    check truncated.tar.gz "damaged"
    [ ! -e /tmp/lp-escaped ] && [ ! -e escaped ]
}

@test "unpack: zip64 and tars, from a folder, downloaded, in place, once" {
    hostile
    run -0 unpack good.zip good.tar.gz good.tar.xz dots.tar
    [ "$(wc -c <root/one/big.txt)" -eq 1000000 ]
    [ "$(cat root/two.txt root/t/one.txt root/x/one.txt root/dots/one.txt)" = twooneoneone ]
    [ ! -e root/good.zip ] # taken from where it is
    clean
    rm root/two.txt
    run -0 unpack good.zip good.tar.gz # not again
    [ ! -e root/two.txt ]
    # downloaded; the archive goes only if asked
    cp good.zip good.tar.gz "$FILES"
    rm -rf root
    run -0 get "plain/good.zip to=good.zip unpack=sub/z" "cut/good.tar.gz to=g.tar.gz unpack=." "plain/a.bin to=a"
    [ "$(cat root/sub/z/two.txt)" = two ] && [ -e root/good.zip ]
    rm -rf root
    run -0 get "plain/good.zip to=good.zip unpack=." -- --set fetch.keep_archives=false
    [ -e root/two.txt ] && [ ! -e root/good.zip ]
    : >"$LOG"
    run -0 get "plain/good.zip to=good.zip unpack=." -- --set fetch.keep_archives=false
    [ ! -s "$LOG" ]
    # one that the user put into the root, with no server
    rm -rf root && mkdir root && cp good.zip root
    run -0 "$FETCH" --get --set dataset.root=root --set fetch.from="good.zip unpack=. unless=two.txt, other.zip unpack=."
    [ -e root/two.txt ]
    # one that was unpacked by hand
    rm -rf root && mkdir root && echo mine >root/two.txt
    : >"$LOG"
    run -0 get "plain/good.zip to=good.zip unpack=. unless=two.txt"
    [ ! -s "$LOG" ] && [ "$(cat root/two.txt)" = mine ]
    # one whose bytes are not those that were told is not unpacked
    rm -rf root && mkdir root && cp good.zip root
    run -65 "$FETCH" --get --set dataset.root=root --set fetch.from="good.zip unpack=. sha256=$(sum a.bin)"
    [ ! -e root/two.txt ]
    run -65 "$FETCH" --get --set dataset.root=root2 --set fetch.server="$PWD" --set fetch.from="good.zip unpack=. sha256=$(sum a.bin)"
    [ ! -e root2/two.txt ]
    # a few at a time; a bad one is told once
    rm -rf root && for i in $(seq 9); do cp good.zip "$FILES/g$i.zip"; done
    cp flipped.zip "$FILES/g5.zip"
    : >"$LOG"
    run -65 get "plain/g[1-9].zip unpack=u[1-9]" -- --set fetch.keep_archives=false
    [ "$(ls root | tr '\n' ' ')" = "plain u1 u2 u3 u4 u6 u7 u8 u9 " ] && [ "$(ls root/plain)" = g5.zip ]
    [ "$(grep -c 'g5.zip' <<<"$output")" -eq 1 ]
    # a file of the user's is not replaced, and what is the same is no obstacle
    rm -rf root && mkdir root && echo mine >root/two.txt
    run -65 get "plain/good.zip to=good.zip unpack=."
    [[ $output == *"would replace 'root/two.txt'"* ]]
    [ ! -e root/one ] && [ "$(cat root/two.txt)" = mine ]
    printf two >root/two.txt
    run -0 get "plain/good.zip to=good.zip unpack=."
    [ -e root/one/big.txt ]
    clean
}

@test "unpack: kill -9 at any moment" {
    python3 - <<'EOT'
import random, zipfile
r = random.Random(3)
with zipfile.ZipFile("many.zip", "w", zipfile.ZIP_DEFLATED) as z:
    for i in range(300):
        z.writestr("d%d/%03d" % (i % 3, i), r.randbytes(40000))
EOT
    mkdir want && (cd want && python3 -m zipfile -e ../many.zip .)
    for i in $(seq 8); do
        EXEC=exec unpack many.zip 2>/dev/null &
        pid=$!
        sleep 0.0$((RANDOM % 60 + 10))
        kill -9 $pid 2>/dev/null || true
        wait $pid || true
    done
    run -0 unpack many.zip
    diff -r want root -x .lp-fetch
    clean
    # goes on with the entry it was at
    rm -rf root
    for _ in $(seq 20); do
        EXEC=exec unpack many.zip 2>/dev/null &
        pid=$!
        for _ in $(seq 200); do
            [ "$(cat root/.lp-fetch/unpack/*.log 2>/dev/null | wc -l)" -gt 20 ] && break
            sleep 0.002
        done
        kill -9 $pid 2>/dev/null || true
        wait $pid || true
        compgen -G 'root/.lp-fetch/unpack/*.log' >/dev/null && ! compgen -G 'root/.lp-fetch/unpack/*.ready' >/dev/null && break
        rm -rf root # on a busy machine it was done
    done
    run -0 "$FETCH" --get -v --set dataset.root=root --set fetch.server="$PWD" --set fetch.from="many.zip unpack=."
    [[ $output == *"unpacked 300 files"* ]]
    [ "$(sed -n 's/.*; \([0-9]*\) of them by an earlier run/\1/p' <<<"$output")" -ge 19 ]
    diff -r want root -x .lp-fetch
    clean
}

@test "import: a folder of files is linked, a file of wrong bytes is refused" {
    run -0 "$FETCH" --get --set dataset.root=root --set fetch.server="file://$FILES" \
        --set fetch.from="a.bin sha256=$(sum a.bin), big.bin to=sub/b.bin"
    [ root/a.bin -ef "$FILES/a.bin" ]
    cmp "$FILES/big.bin" root/sub/b.bin
    run -65 "$FETCH" --get --set dataset.root=root2 --set fetch.server="$FILES" --set fetch.from="a.bin sha256=$(sum b.bin)"
    [[ $output == *"wrong bytes"* ]]
    [ ! -e root2/a.bin ]
    # a sums file
    (cd "$FILES" && sha256sum a.bin ./big.bin) >sums
    run -0 "$FETCH" --get -v --set dataset.root=root3 --set fetch.server="$FILES" --set fetch.from=a.bin,big.bin --set fetch.sums=sums
    [[ $output == *"SHA-256 of 2 of 2 files"* ]]
    sed -i 's/^./f/; s/^ff/fe/' sums
    run -65 "$FETCH" --get --set dataset.root=root4 --set fetch.server="$FILES" --set fetch.from=a.bin,big.bin --set fetch.sums=sums
    echo nonsense >sums
    run -65 "$FETCH" --get --set dataset.root=root4 --set fetch.server="$FILES" --set fetch.from=a.bin --set fetch.sums=sums
}
