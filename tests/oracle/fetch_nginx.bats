#!/usr/bin/env bats
# lp-fetch against a real web server, nginx, over TLS with a certificate authority of the test's own,
# and through a proxy that harms connections. Each test adds to the count of faults, told at the end.

bats_require_minimum_version 1.5.0

setup_file() {
    export BUILD_DIR=${BUILD_DIR:-$PWD/build/release} TOP=$PWD LC_ALL=C no_proxy=127.0.0.1,localhost
    export FETCH=$BUILD_DIR/bin/lp-fetch D=$BATS_FILE_TMPDIR PATH=$PATH:/usr/sbin
    unset http_proxy https_proxy all_proxy
    export MISSING=
    command -v nginx >/dev/null || MISSING="nginx is not installed (make deps-all)"
    command -v openssl >/dev/null || MISSING="openssl is not installed (make deps-all)"
    [ -z "$MISSING" ] || return 0
    mkdir -p "$D/www/small" "$D/tmp" "$D/ca"
    python3 - "$D/www" <<'EOT'
import random, sys
r = random.Random(11)
d = sys.argv[1]
for i in range(1000):
    open("%s/small/%03d.bin" % (d, i), "wb").write(r.randbytes(1000 + i * 37))
open(d + "/mid.bin", "wb").write(r.randbytes(60 << 20))
with open(d + "/large.bin", "wb") as f:  # 2 GiB and a little, mostly a hole
    for at in range(0, 2 << 30, 97 << 20):
        f.seek(at)
        f.write(r.randbytes(100000))
    f.seek((2 << 30) + 12345)
    f.write(b"end")
EOT
    (cd "$D/www/small" && sha256sum ./*.bin) | sed 's| \./| small/|' >"$D/sums"
    authority
    for _ in 1 2 3; do # the ports may be taken
        ports=$(python3 -c 'import socket
s = [socket.socket() for _ in range(3)]
for x in s: x.bind(("127.0.0.1", 0))
print(*[x.getsockname()[1] for x in s])')
        read -r HTTP TLS EXPIRED <<<"$ports"
        export HTTP TLS EXPIRED
        configure
        nginx -p "$D" -c "$D/nginx.conf" -g 'daemon off;' >"$D/nginx.out" 2>&1 3>&- &
        echo $! >"$D/nginx.pid"
        for _ in $(seq 50); do
            python3 -c "import socket; socket.create_connection(('127.0.0.1', $TLS))" 2>/dev/null && return 0
            sleep 0.1
        done
    done
    cat "$D/nginx.out" "$D/error.log"
    return 1
}

# An authority, and two certificates for 127.0.0.1: a good one, and one that expired in 2020.
authority() {
    cd "$D/ca"
    : >index
    echo 01 >serial
    cat >conf <<EOT
[ca]
default_ca = own
[own]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
[any]
commonName = supplied
[v3]
subjectAltName = IP:127.0.0.1,DNS:localhost
EOT
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=test authority' -keyout ca.key -out ca.pem 2>/dev/null
    openssl req -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -keyout key.pem -out request.pem 2>/dev/null
    openssl ca -batch -config conf -extensions v3 -cert ca.pem -keyfile ca.key -in request.pem -out good.pem -days 2 -notext 2>/dev/null
    : >index
    openssl ca -batch -config conf -extensions v3 -cert ca.pem -keyfile ca.key -in request.pem -out expired.pem \
        -startdate 20200101000000Z -enddate 20200201000000Z -notext 2>/dev/null
    cd "$D"
}

configure() {
    local user=
    [ "$(id -u)" = 0 ] && user='user root;'
    cat >"$D/nginx.conf" <<EOT
$user
worker_processes 1;
error_log $D/error.log;
pid $D/nginx.own.pid;
events { worker_connections 512; }
http {
    access_log $D/access.log combined;
    log_format combined2 '\$status \$server_protocol \$request_uri \$http_range';
    client_body_temp_path $D/tmp; proxy_temp_path $D/tmp; fastcgi_temp_path $D/tmp;
    uwsgi_temp_path $D/tmp; scgi_temp_path $D/tmp;
    default_type application/octet-stream;
    sendfile on;
    limit_req_zone \$server_name zone=few:1m rate=20r/s;
    server {
        listen 127.0.0.1:$HTTP;
        listen 127.0.0.1:$TLS ssl http2;
        server_name main;
        access_log $D/access.log combined2;
        ssl_certificate $D/ca/good.pem;
        ssl_certificate_key $D/ca/key.pem;
        root $D/www;
        location /slow/ { alias $D/www/; limit_rate 4m; }
        location /noranges/ { alias $D/www/; max_ranges 0; etag off; }
        location /busy/ {
            alias $D/www/;
            limit_req zone=few burst=4 nodelay; limit_req_status 429;
            add_header Retry-After 1 always;
        }
        location /loop/ { return 302 \$scheme://\$host:\$server_port/loop2/; }
        location /loop2/ { return 302 \$scheme://\$host:\$server_port/loop/; }
        location /down/ { return 302 http://127.0.0.1:$HTTP/mid.bin; }
        location /up/ { return 301 https://127.0.0.1:$TLS/mid.bin; }
    }
    server {
        listen 127.0.0.1:$EXPIRED ssl;
        ssl_certificate $D/ca/expired.pem;
        ssl_certificate_key $D/ca/key.pem;
        root $D/www;
    }
}
EOT
}

teardown_file() {
    [ -z "$MISSING" ] || return 0
    kill "$(cat "$D/nginx.pid")"
    echo "# faults injected: $(cat "$D"/faults/* 2>/dev/null | awk '{ n += $1 } END { print n + 0 }'), all survived" >&3
}

setup() {
    [ -z "$MISSING" ] || skip "$MISSING"
    cd "$BATS_TEST_TMPDIR"
    : >"$D/access.log"
}

teardown() {
    [ -n "$MISSING" ] || ! mountpoint -q "$BATS_TEST_TMPDIR/root" || umount "$BATS_TEST_TMPDIR/root"
}

# faults N: injected by this test
faults() {
    mkdir -p "$D/faults"
    echo "$1" >"$D/faults/$BATS_TEST_NUMBER"
}

get() { # SERVER ITEM... [-- OPTION...]; with EXEC=exec and &, $! is lp-fetch itself
    local server=$1 items=
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        items+="${items:+,}$1"
        shift
    done
    [ $# -gt 0 ] && shift
    ${EXEC-} "$FETCH" --get --set dataset.root=root --set "fetch.server=$server" --set "fetch.from=$items" \
        --set fetch.retry_wait_s=0.02 --set "fetch.ca_file=$D/ca/ca.pem" "$@"
}

clean() {
    [ "$(find root/.lp-fetch -mindepth 1 | sort | tr '\n' ' ')" = 'root/.lp-fetch/done root/.lp-fetch/lock ' ]
}

# chaos SEED HOW COUNT LEAST MOST: sets CHAOS to its port
chaos() {
    rm -f port
    python3 "$TOP/tests/oracle/chaos_proxy.py" "$HTTP" port harm "$@" 3>&- &
    for _ in $(seq 100); do
        [ -s port ] && break
        sleep 0.05
    done
    CHAOS=$(cat port)
}

sum() {
    sha256sum "$D/www/$1" | cut -d' ' -f1
}

@test "nginx: 1000 small files, over TLS and HTTP/2, with their hashes" {
    run -0 get "https://127.0.0.1:$TLS" 'small/[000-999].bin' -- --set "fetch.sums=$D/sums"
    (cd root && sha256sum --quiet -c "$D/sums")
    clean
    [ "$(grep -c '^20[06] HTTP/2.0' "$D/access.log")" -eq 1000 ]
}

@test "nginx: 2 GiB in ranges, with little memory" {
    EXEC=exec get "http://127.0.0.1:$HTTP" "large.bin sha256=$(sum large.bin)" -- -q &
    pid=$!
    most=0
    while kill -0 $pid 2>/dev/null; do
        now=$(awk '/VmHWM/ { print $2 }' /proc/$pid/status 2>/dev/null || echo 0)
        [ "${now:-0}" -gt $most ] && most=$now
        sleep 0.1
    done
    wait $pid
    cmp "$D/www/large.bin" root/large.bin
    clean
    [ "$(grep -c '^206' "$D/access.log")" -eq 129 ]
    [ "$most" -gt 8000 ] && [ "$most" -lt 65536 ]
    rm root/large.bin
}

@test "nginx: throttled, and no ranges" {
    run -0 get "http://127.0.0.1:$HTTP" "slow/mid.bin sha256=$(sum mid.bin)" "noranges/mid.bin sha256=$(sum mid.bin)"
    clean
}

@test "nginx: connections cut and reset at random bytes" {
    local n=0
    for how in cut reset; do
        rm -rf root harm
        chaos 5 $how 60 500 3000000
        run -0 get "http://127.0.0.1:$CHAOS" "mid.bin sha256=$(sum mid.bin)" 'small/[000-199].bin' -- \
            --set "fetch.sums=$D/sums" --set fetch.retries=20
        head -200 "$D/sums" | (cd root && sha256sum --quiet -c -)
        cmp "$D/www/mid.bin" root/mid.bin
        clean
        n=$((n + $(wc -l <harm)))
    done
    [ $n -ge 20 ]
    # without ranges every cut costs all
    rm -rf root harm
    chaos 6 cut 4 500 3000000
    run -0 get "http://127.0.0.1:$CHAOS" "noranges/mid.bin sha256=$(sum mid.bin)"
    clean
    faults $((n + $(wc -l <harm)))
}

@test "nginx: wrong bytes once, then right" {
    chaos 7 flip 1 400000 8000000
    run -0 get "http://127.0.0.1:$CHAOS" "mid.bin sha256=$(sum mid.bin)" -- -vv
    [[ $output == *"wrong bytes"* ]]
    cmp "$D/www/mid.bin" root/mid.bin
    clean
    faults "$(wc -l <harm)"
}

@test "nginx: 429 with Retry-After, from a real limit" {
    run -0 get "http://127.0.0.1:$HTTP" 'busy/small/[000-039].bin' -- --set fetch.connections=16 --set fetch.per_host=16
    n=$(grep -c '^429' "$D/access.log")
    [ "$n" -ge 1 ]
    [ "$(find root -name '*.bin' | wc -l)" -eq 40 ]
    clean
    faults "$n"
}

@test "nginx: redirects: loops, from https to http, from http to https" {
    run -65 get "https://127.0.0.1:$TLS" loop/x
    [[ $output == *"too many redirects"* ]]
    run -65 get "https://127.0.0.1:$TLS" "down/x to=down.bin"
    [[ $output == *"a redirect from https to http"* ]]
    run -0 get "http://127.0.0.1:$HTTP" "up/x to=up.bin sha256=$(sum mid.bin)"
    faults 2
}

@test "nginx: an expired certificate, an unknown authority, a wrong name are refused, once" {
    run -65 get "https://127.0.0.1:$EXPIRED" mid.bin
    [[ $output == *certificate*expired* ]]
    run -65 get "https://127.0.0.1:$TLS" mid.bin -- --set fetch.ca_file=
    [[ $output == *certificate* ]]
    run -65 get "https://127.0.0.2:$TLS" mid.bin -- --set fetch.retries=0 || [ "$status" -eq 75 ]
    [ ! -e root/mid.bin ]
    clean
    faults 2
}

@test "nginx: kill -9 twenty times at random moments" {
    items=("slow/mid.bin to=slow.bin sha256=$(sum mid.bin)" "mid.bin to=mid.bin" "noranges/mid.bin to=n.bin" 'small/[000-299].bin')
    killed=0
    for i in $(seq 20); do
        EXEC=exec get "http://127.0.0.1:$HTTP" "${items[@]}" -- -q --set fetch.bandwidth=5 &
        pid=$!
        sleep 0.$(printf %02d $((RANDOM % 40 + 3)))
        if kill -9 $pid 2>/dev/null; then killed=$((killed + 1)); fi
        wait $pid || true
    done
    run -0 get "http://127.0.0.1:$HTTP" "${items[@]}"
    head -300 "$D/sums" | (cd root && sha256sum --quiet -c -)
    for f in slow mid n; do cmp "$D/www/mid.bin" root/$f.bin; done
    clean
    [ $killed -eq 20 ]
    faults $killed
}

@test "nginx: a full disk ends in order, and the next run goes on when there is room" {
    mkdir -p root
    [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=40m tmpfs root 2>/dev/null || skip "a small file system cannot be mounted here"
    # more than there is room for is told before it comes
    run -74 get "http://127.0.0.1:$HTTP" "mid.bin sha256=$(sum mid.bin)"
    [[ $output == *"no space left below 'root': mid.bin needs 62.9 MB more"* ]]
    # it fills while they come
    run -74 get "http://127.0.0.1:$HTTP" 'small/[000-999].bin' "noranges/mid.bin to=n.bin"
    [[ $output == *"space"* ]]
    mount -o remount,size=200m root
    run -0 get "http://127.0.0.1:$HTTP" 'small/[000-999].bin' "noranges/mid.bin to=n.bin" "mid.bin sha256=$(sum mid.bin)" -- --set "fetch.sums=$D/sums"
    (cd root && sha256sum --quiet -c "$D/sums")
    cmp "$D/www/mid.bin" root/mid.bin
    clean
    # an archive that does not fit, and then does
    python3 - <<'EOT'
import random, zipfile
with zipfile.ZipFile("much.zip", "w") as z:
    for i in range(20):
        z.writestr("much/%d" % i, random.Random(i).randbytes(4 << 20))
EOT
    mount -o remount,size=160m root
    run get "$PWD" "much.zip unpack=."
    [ "$status" -ne 0 ] && [ ! -e root/much ]
    mount -o remount,size=300m root
    run -0 get "$PWD" "much.zip unpack=."
    [ "$(find root/much -type f | wc -l)" -eq 20 ]
    clean
    faults 3
}
