#!/usr/bin/env python3
"""A TCP proxy that harms what it carries. Standard library only.

    chaos_proxy.py BACKEND-PORT PORT-FILE LOG SEED cut|reset|flip COUNT LEAST MOST

carries connections to 127.0.0.1:BACKEND-PORT. Of the connections, each that carries enough is cut
(closed, or reset) after a random number of bytes from the backend between LEAST and MOST, or has one
bit of such a byte flipped, until COUNT were harmed. Writes a line to LOG for each. Ends with its parent.
"""
import os
import random
import select
import socket
import struct
import sys
import threading
import time

BACKEND, PORT_FILE, LOG, SEED, HOW, COUNT, LEAST, MOST = sys.argv[1:9]
RANDOM = random.Random(int(SEED))
LOCK = threading.Lock()
LEFT = int(COUNT)


def harm():
    global LEFT
    with LOCK:
        if LEFT <= 0:
            return False
        LEFT -= 1
        with open(LOG, "a") as f:
            f.write(HOW + "\n")
        return True


def carry(client):
    backend = socket.create_connection(("127.0.0.1", int(BACKEND)))
    with LOCK:
        at = RANDOM.randint(int(LEAST), int(MOST))
    seen = 0
    try:
        while True:
            ready, _, _ = select.select([client, backend], [], [])
            if client in ready:
                data = client.recv(65536)
                if not data:
                    break
                backend.sendall(data)
            if backend in ready:
                data = backend.recv(65536)
                if not data:
                    break
                if seen <= at < seen + len(data) and harm():
                    k = at - seen
                    if HOW != "flip":
                        client.sendall(data[:k])
                        if HOW == "reset":
                            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        break
                    data = data[:k] + bytes([data[k] ^ 4]) + data[k + 1 :]
                seen += len(data)
                client.sendall(data)
    except OSError:
        pass
    client.close()
    backend.close()


def end_with_parent():
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


listener = socket.create_server(("127.0.0.1", 0), backlog=128)
threading.Thread(target=end_with_parent, daemon=True).start()
with open(PORT_FILE + ".new", "w") as f:
    f.write("%d\n" % listener.getsockname()[1])
os.rename(PORT_FILE + ".new", PORT_FILE)
while True:
    threading.Thread(target=carry, args=(listener.accept()[0],), daemon=True).start()
