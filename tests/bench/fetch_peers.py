#!/usr/bin/env python3
"""Downloads from nginx on this machine: lp-fetch, which hashes, beside curl -Z and aria2c, which do not.

    fetch_peers.py [ROUNDS [FOLDER]]

TSV lines `name value unit`: seconds of the clock and of the processor (user and system), the best of
ROUNDS in turns, and the largest resident set, for 1000 files of 1 MiB and for one of 1 GiB. FOLDER is
in memory where there is room: what is compared is the transfer, and lp-fetch alone flushes its files
to the disk before it ends.
"""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 3
BUILD = os.environ.get("BUILD_DIR", "build/release")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def make_files(www):
    block = os.urandom(1 << 20)
    os.mkdir(www + "/many")
    for i in range(1000):
        with open("%s/many/%03d" % (www, i), "wb") as f:
            f.write(i.to_bytes(4, "big") + block[4:])
    with open(www + "/one", "wb") as f:
        for i in range(1024):
            f.write(i.to_bytes(4, "big") + block[4:])


def start_nginx(folder, port):
    user = "user root;" if os.getuid() == 0 else ""
    with open(folder + "/conf", "w") as f:
        f.write("""%s worker_processes 1; error_log %s/error.log; pid %s/pid; events { worker_connections 512; }
http { access_log off; client_body_temp_path %s; proxy_temp_path %s; fastcgi_temp_path %s; uwsgi_temp_path %s;
scgi_temp_path %s; sendfile on; keepalive_requests 100000;
server { listen 127.0.0.1:%d; root %s/www; } }
""" % (user, *[folder] * 7, port, folder))
    path = os.environ["PATH"] + ":/usr/sbin"
    nginx = shutil.which("nginx", path=path)
    if not nginx:
        print("SKIP fetch.peers: nginx is not installed")
        sys.exit(0)
    p = subprocess.Popen([nginx, "-p", folder, "-c", folder + "/conf", "-g", "daemon off;"], stderr=subprocess.DEVNULL)
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return p
        except OSError:
            time.sleep(0.05)
    sys.exit("nginx does not start")


def run(command, out):
    """Seconds, processor seconds, largest resident kB."""
    shutil.rmtree(out, ignore_errors=True)
    os.mkdir(out)
    start = time.monotonic()
    p = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    text = p.stderr.read().decode()
    _, status, used = os.wait4(p.pid, 0)
    spent = time.monotonic() - start
    if status:
        sys.exit("%s failed: %s" % (command[0], text))
    got = sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(out) for f in fs if ".lp-fetch" not in d)
    if got != 1000 << 20 and got != 1 << 30:
        sys.exit("%s got %d bytes" % (command[0], got))
    return spent, used.ru_utime + used.ru_stime, used.ru_maxrss


def commands(kind, base, folder, out):
    names = ["many/%03d" % i for i in range(1000)] if kind == "many" else ["one"]
    item = "many/[000-999]" if kind == "many" else "one"
    with open(folder + "/curl", "w") as f:
        for n in names:
            f.write('url = "%s%s"\noutput = "%s/%s"\n' % (base, n, out, n.replace("/", "-")))
    with open(folder + "/aria", "w") as f:
        for n in names:
            f.write("%s%s\n  out=%s\n" % (base, n, n.replace("/", "-")))
    yield "lp-fetch", [BUILD + "/bin/lp-fetch", "--get", "-q", "--set", "dataset.root=" + out,
                       "--set", "fetch.server=" + base, "--set", "fetch.from=" + item]
    if shutil.which("curl"):
        yield "curl", ["curl", "-s", "-Z", "-K", folder + "/curl"]
    if shutil.which("aria2c"):
        yield "aria2c", ["aria2c", "-q", "-j16", "-x6", "--file-allocation=none", "-d", out, "-i", folder + "/aria"]


def main():
    where = sys.argv[2] if len(sys.argv) > 2 else None
    if not where and os.path.isdir("/dev/shm") and shutil.disk_usage("/dev/shm").free > 5 << 30:
        where = "/dev/shm"
    folder = tempfile.mkdtemp(prefix="lp-bench-", dir=where)
    nginx = None
    try:
        os.mkdir(folder + "/www")
        port = free_port()
        nginx = start_nginx(folder, port)
        make_files(folder + "/www")
        for kind in ("many", "one"):
            best = {}
            for _ in range(ROUNDS):
                for name, command in commands(kind, "http://127.0.0.1:%d/" % port, folder, folder + "/out"):
                    r = run(command, folder + "/out")
                    b = best.get(name, r)
                    best[name] = (min(b[0], r[0]), min(b[1], r[1]), max(b[2], r[2]))
            for name, (wall, cpu, kb) in best.items():
                print("fetch.%s.%s.wall\t%.3f\ts" % (kind, name, wall))
                print("fetch.%s.%s.cpu\t%.3f\ts" % (kind, name, cpu))
                print("fetch.%s.%s.memory\t%.1f\tMiB" % (kind, name, kb / 1024))
            for peer in best:
                if peer != "lp-fetch":
                    print("fetch.%s.ratio.%s\t%.3f\twall / its wall" % (kind, peer, best["lp-fetch"][0] / best[peer][0]))
    finally:
        if nginx:
            nginx.terminate()
            nginx.wait()
        shutil.rmtree(folder)


main()
