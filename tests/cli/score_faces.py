"""Makes a small run for lp-score and lp-evaluate: aligned faces as PNG files and their align.tsv.

usage: score_faces.py FOLDER [PEOPLE [FRAMES]]

People come in pairs who swap faces, half of the pairs train, half test; a real video each and a
fake for each direction. A face is smooth noise of its person's own colour; a fake has fine-grained
noise added, which is what a spectrum sees. Standard library only; the same bytes every time.
"""
import os, random, struct, sys, zlib

SIDE = 64


def png(path, rows):
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    raw = b"".join(b"\0" + bytes(r) for r in rows)
    with open(path, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0))
                + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))


def face(rng, person, fake):
    base = random.Random(person).choices(range(60, 200), k=3)
    grain = rng.uniform(10, 30) if fake else rng.uniform(4, 14)
    cells = [[rng.uniform(-40, 40) for _ in range(9)] for _ in range(9)]
    rows = []
    for y in range(SIDE):
        row = []
        for x in range(SIDE):
            gx, gy = x / 8, y / 8
            i, j, fx, fy = int(gx), int(gy), gx % 1, gy % 1
            v = ((1 - fx) * (1 - fy) * cells[j][i] + fx * (1 - fy) * cells[j][i + 1]
                 + (1 - fx) * fy * cells[j + 1][i] + fx * fy * cells[j + 1][i + 1])
            v += rng.gauss(0, grain)
            row += [min(255, max(0, int(b + v))) for b in base]
        rows.append(row)
    return rows


def main():
    out = sys.argv[1]
    people = int(sys.argv[2]) if len(sys.argv) > 2 else 16
    frames = int(sys.argv[3]) if len(sys.argv) > 3 else 4
    os.makedirs(out + "/faces", exist_ok=True)
    table = []
    for p in range(people):
        other = p ^ 1
        split = "train" if p < people // 2 else "test"
        videos = [("real", "real", "%03d" % p, p, p),
                  ("fake", "Deepfakes", "%03d_%03d" % (p, other), other, p)]
        for label, method, name, seen, context in videos:
            key = "toy/%s/c23/%s" % (method, name)
            pair = "." if label == "real" else "toy/real/c23/%03d" % p
            for f in range(frames):
                rng = random.Random("%s %d" % (key, f))
                ident = "%s/%06d" % (key, f)
                image = "faces/%s-%d.png" % (key.replace("/", "-"), f)
                png(out + "/" + image, face(rng, seen, label == "fake"))
                table.append([ident, key, pair, label, split, "%03d" % seen, "%03d" % context,
                              "c%03d" % (p // 2), str(f), image, "ok", "."])
    with open(out + "/align.tsv", "w") as f:
        f.write("#lp-manifest\tversion=1\tstage=align\ttool=0.1.0\tsettings=sha256:%s\tinput=sha256:%s\n"
                % ("0" * 64, "0" * 64))
        f.write("\t".join("id video pair label split face_id context_id component frame image status reason".split())
                + "\n")
        for row in sorted(table):
            f.write("\t".join(row) + "\n")


main()
