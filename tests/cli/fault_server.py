#!/usr/bin/env python3
"""A web server that misbehaves, for the tests of lp-fetch. Standard library only.

    fault_server.py FOLDER PORT-FILE LOG

serves the files of FOLDER below /KIND/..., where KIND says how; writes its port to PORT-FILE when it
is ready, and a line a request to LOG: status, path, range, what credentials came. Listens on 127.0.0.1
and ends with its parent.
"""
import base64
import hashlib
import hmac
import http.server
import os
import random
import socket
import struct
import sys
import threading
import time
import urllib.parse

FOLDER, PORT_FILE, LOG = sys.argv[1:4]
LOCK = threading.Lock()
COUNTS = {}
RANDOM = random.Random(1)
PORT = 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def note(self, status):
        seen = [k for k in ("Authorization", "Cookie", "X-Amz-Security-Token") if self.headers[k]]
        with LOCK, open(LOG, "a") as f:
            f.write("%s\t%s\t%s\t%s\n" % (status, self.path, self.headers["Range"] or "-", ",".join(seen) or "-"))

    def reset(self):
        self.note("reset")
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def send(self, status, body=b"", headers=(), stop=None, length=True, pause=0.0):
        """The answer; `stop`: the connection is cut after that many bytes of the body."""
        self.note(status)
        try:
            self.send_response(status)
            if length:
                self.send_header("Content-Length", str(len(body)))
            else:
                self.send_header("Connection", "close")
                self.close_connection = True
            for k, v in headers:
                self.send_header(k, v)
            self.end_headers()
            if stop is None:
                self.wfile.write(body)
            else:
                self.wfile.write(body[:stop])
                self.wfile.flush()
                if pause:
                    time.sleep(pause)
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
        except (BrokenPipeError, ConnectionResetError, OSError):
            self.close_connection = True

    def ranged(self, data, etag='"one"', modified="Sun, 06 Nov 1994 08:49:37 GMT", wrong_range=False, **more):
        """The whole, or the range that was asked for if If-Range allows it."""
        head = [("Accept-Ranges", "bytes")]
        if etag:
            head.append(("ETag", etag))
        if modified:
            head.append(("Last-Modified", modified))
        asked = self.headers["Range"]
        if asked and self.headers["If-Range"] not in (None, etag, modified):
            asked = None
        if not asked:
            return self.send(200, data, head, **more)
        lo, hi = asked.split("=")[1].split("-")
        lo, hi = int(lo), min(int(hi) if hi else len(data) - 1, len(data) - 1)
        if lo >= len(data):
            return self.send(416, b"", [("Content-Range", "bytes */%d" % len(data))])
        shown = lo + 1 if wrong_range else lo
        head.append(("Content-Range", "bytes %d-%d/%d" % (shown, hi, len(data))))
        return self.send(206, data[lo : hi + 1], head, **more)

    def expected_s3(self, path):
        """The SigV4 signature that this request should have, from AWS's description of it."""
        auth = self.headers["Authorization"] or ""
        if not auth.startswith("AWS4-HMAC-SHA256 "):
            return None, auth
        parts = dict(p.strip().split("=", 1) for p in auth.split(" ", 1)[1].split(","))
        names = parts["SignedHeaders"].split(";")
        day, region, service = parts["Credential"].split("/")[1:4]
        canonical = "\n".join(
            ["GET", urllib.parse.quote(path), ""]
            + ["%s:%s" % (n, " ".join(self.headers[n].split())) for n in names]
            + ["", parts["SignedHeaders"], self.headers["x-amz-content-sha256"]]
        )
        scope = "%s/%s/%s/aws4_request" % (day, region, service)
        text = "AWS4-HMAC-SHA256\n%s\n%s\n%s" % (
            self.headers["x-amz-date"], scope, hashlib.sha256(canonical.encode()).hexdigest())
        key = b"AWS4" + b"s3cretkey"
        for word in (day, region, service, "aws4_request"):
            key = hmac.new(key, word.encode(), hashlib.sha256).digest()
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest(), parts["Signature"]

    def do_GET(self):
        path = urllib.parse.urlsplit(self.path).path
        kind, _, name = urllib.parse.unquote(path).lstrip("/").partition("/")
        with LOCK:
            COUNTS[self.path] = COUNTS.get(self.path, 0) + 1
            count = COUNTS[self.path]
            cut = RANDOM.random()
        try:
            with open(os.path.join(FOLDER, name), "rb") as f:
                data = f.read()
        except OSError:
            return self.send(404, b"not here")
        wrong = bytes(data[:100]) + bytes(b ^ 1 for b in data[100:200]) + data[200:]
        host = self.headers["Host"]
        if kind == "plain":
            self.ranged(data)
        elif kind == "query":
            self.ranged(data) if "?X-Amz-Signature=abc" in self.path else self.send(403)
        elif kind == "norange":
            self.send(200, data)
        elif kind == "nolength":
            self.send(200, data, length=False)
        elif kind == "noval":
            self.ranged(data, etag=None, modified=None)
        elif kind == "weak":
            self.ranged(data, etag='W/"one"', modified=None)
        elif kind == "cut":  # each connection, at a random byte
            self.ranged(data, stop=int(cut * len(data)) + 1 if count < 40 else None)
        elif kind == "cutnorange":
            self.send(200, data, stop=int(cut * len(data))) if count <= 3 else self.send(200, data)
        elif kind == "once":  # half, and then never again
            self.ranged(data, stop=len(data) // 2) if count == 1 else self.send(503)
        elif kind == "oncenoval":
            self.ranged(data, etag=None, modified=None, stop=len(data) // 2) if count == 1 else self.ranged(
                data, etag=None, modified=None)
        elif kind == "reset":
            self.reset() if count <= 2 else self.ranged(data)
        elif kind == "stall":
            self.ranged(data, stop=len(data) // 2, pause=30) if count == 1 else self.ranged(data)
        elif kind == "slow":
            self.note(200)
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            try:
                for i in range(0, len(data), 4096):
                    self.wfile.write(data[i : i + 4096])
                    time.sleep(0.02)
            except OSError:
                self.close_connection = True
        elif kind == "e500" or kind == "e503" or kind == "e408":
            self.send(int(kind[1:]), b"busy") if count <= 2 else self.ranged(data)
        elif kind == "always503":
            self.send(503, b"busy")
        elif kind == "longpage":
            self.send(500, b"x" * 300000) if count == 1 else self.ranged(data)
        elif kind == "e429":
            self.send(429, b"", [("Retry-After", "1")]) if count == 1 else self.ranged(data)
        elif kind == "e429date":
            when = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 2))
            self.send(503, b"", [("Retry-After", when)]) if count == 1 else self.ranged(data)
        elif kind == "tomorrow":
            self.send(429, b"", [("Retry-After", "86400")])
        elif kind in ("e401", "e403", "e404", "e410"):
            self.send(int(kind[1:]), b"no")
        elif kind == "wrongonce":
            self.ranged(wrong if count == 1 else data)
        elif kind == "wrong":
            self.ranged(wrong)
        elif kind == "changes":  # another file after the first answer
            self.ranged(data, stop=len(data) // 2) if count == 1 else self.ranged(
                wrong, etag='"two"', modified="Mon, 07 Nov 1994 08:49:37 GMT")
        elif kind == "badrange":
            self.ranged(data, wrong_range=bool(self.headers["Range"]))
        elif kind == "html":
            self.send(200, b"\n <!DOCTYPE html><html><body>Please log in</body></html>", [("Content-Type", "text/html")])
        elif kind == "loop":
            self.send(302, b"", [("Location", self.path)])
        elif kind == "moved":
            self.send(301, b"gone there", [("Location", "/plain/" + urllib.parse.quote(name))])
        elif kind == "tofile":
            self.send(302, b"", [("Location", "file:///etc/hostname")])
        elif kind == "away":  # the same server under another name
            self.send(302, b"", [("Location", "http://localhost:%d/plain/%s" % (PORT, urllib.parse.quote(name)))])
        elif kind == "basic":
            good = "Basic " + base64.b64encode(b"ann:open sesame").decode()
            self.ranged(data) if self.headers["Authorization"] == good else self.send(401)
        elif kind == "basicaway":
            good = "Basic " + base64.b64encode(b"ann:open sesame").decode()
            if self.headers["Authorization"] != good:
                return self.send(401)
            self.send(302, b"", [("Location", "http://localhost:%d/plain/%s" % (PORT, urllib.parse.quote(name)))])
        elif kind == "bearer":
            self.ranged(data) if self.headers["Authorization"] == "Bearer tok3n" else self.send(401)
        elif kind == "cookie":
            if "session=c00kie" not in (self.headers["Cookie"] or ""):
                return self.send(200, b"<html>log in</html>", [("Content-Type", "text/html")])
            self.send(302, b"", [("Location", "http://localhost:%d/plain/%s" % (PORT, urllib.parse.quote(name)))])
        elif kind == "s3":
            want, got = self.expected_s3(path)
            self.ranged(data) if want == got and self.headers["X-Amz-Security-Token"] == "sess10n" else self.send(403)
        elif kind == "proxied":
            self.ranged(data)
        else:
            self.send(404, b"no such kind")
        del host


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        pass


def end_with_parent():
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


def main():
    global PORT
    server = Server(("127.0.0.1", 0), Handler)
    PORT = server.server_address[1]
    threading.Thread(target=end_with_parent, daemon=True).start()
    with open(PORT_FILE + ".new", "w") as f:
        f.write("%d\n" % PORT)
    os.rename(PORT_FILE + ".new", PORT_FILE)
    server.serve_forever()


main()
