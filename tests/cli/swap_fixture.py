"""Makes what lp-swap reads: crops of noise and waves, landmarks of a drawn face, extract.tsv.

usage: swap_fixture.py FOLDER GROUPS FRAMES [SIDE]
Standard library only. A group is a pristine video and two fakes.
"""
import math
import os
import random
import struct
import sys
import zlib

COLUMNS = """id video pair label split face_id context_id component frame time_ms crop_x_px crop_y_px
crop_w_px crop_h_px image landmarks landmark_row face_x_px face_y_px face_w_px face_h_px face_score
detector status reason""".split()


def png(path, side, seed):
    rng = random.Random(seed)
    f = [rng.uniform(0.03, 0.3) for _ in range(6)]
    noise = rng.randbytes(3 * side)
    rows = []
    for y in range(side):
        row = bytearray()
        for x in range(side):
            for c in range(3):
                wave = math.sin(f[c] * x + c) * math.cos(f[3 + c] * y)
                row.append(int(120 + 80 * wave) + noise[(3 * x + c + 7 * y) % len(noise)] % 32)
        rows.append(b"\0" + bytes(row))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    with open(path, "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n"
                  + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
                  + chunk(b"IDAT", zlib.compress(b"".join(rows), 1)) + chunk(b"IEND", b""))


def face(cx, cy, s):
    """68 landmarks of a face s pixels wide."""
    points = [(cx - .5 * s * math.cos(math.pi * i / 16), cy + .6 * s * math.sin(math.pi * i / 16))
              for i in range(17)]
    points += [(cx + s * (-.38 + .76 * i / 9), cy - .16 * s) for i in range(10)]
    points += [(cx, cy + s * (-.02 + .08 * i)) for i in range(4)]
    points += [(cx + s * (-.1 + .05 * i), cy + .27 * s) for i in range(5)]
    for side in (-1, 1):
        points += [(cx + side * .2 * s + .06 * s * math.cos(a), cy + .03 * s * math.sin(a))
                   for a in (math.pi * k / 3 for k in range(6))]
    points += [(cx - .19 * s * math.cos(2 * math.pi * i / 12), cy + .4 * s + .06 * s * math.sin(
        2 * math.pi * i / 12)) for i in range(12)]
    points += [(cx - .13 * s * math.cos(2 * math.pi * i / 8), cy + .4 * s + .04 * s * math.sin(
        2 * math.pi * i / 8)) for i in range(8)]
    return points


def npy(path, frames):
    head = "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, 68, 2), }" % len(frames)
    head += " " * ((64 - (len(head) + 11) % 64) % 64) + "\n"
    with open(path, "wb") as out:
        out.write(b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) + head.encode())
        for points in frames:
            out.write(struct.pack("<136f", *(v for p in points for v in p)))


def main():
    folder, groups, frames = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    side = int(sys.argv[4]) if len(sys.argv) > 4 else 160
    os.makedirs(folder + "/crops")
    os.makedirs(folder + "/landmarks")
    rows = []
    for g in range(groups):
        name = "%03d" % g
        other = "%03d" % (g ^ 1)
        pristine = "t/original/c23/" + name
        videos = [(pristine, ".", "real", name)]
        videos += [("t/%s/c23/%s_%s" % (m, name, other), pristine, "fake", other)
                   for m in ("Deepfakes", "FaceSwap")]
        for video, pair, label, owner in videos:
            flat = video.replace("/", "_")
            npy("%s/landmarks/%s.npy" % (folder, flat),
                [face(40 + side / 2 + i, 20 + .42 * side, .5 * side) for i in range(frames)])
            for i in range(frames):
                image = "crops/%s_%d.png" % (flat, i)
                png("%s/%s" % (folder, image), side, video + str(i))
                rows.append([
                    "%s/%06d" % (video, 10 * i), video, pair, label, "train", owner, name, "c%d" % (g // 2),
                    10 * i, 400 * i, 40, 20, side, side, image, "landmarks/%s.npy" % flat, i,
                    60, 40, 80, 80, 1, "hog", "ok", "."])
    rows.sort(key=lambda r: r[0])
    with open(folder + "/extract.tsv", "w", encoding="ascii") as out:
        out.write("#lp-manifest\tversion=1\tstage=extract\ttool=0.1.0\tsettings=sha256:0"
                  "\tinput=sha256:0\n" + "\t".join(COLUMNS) + "\n")
        for row in rows:
            out.write("\t".join(map(str, row)) + "\n")


main()
