"""Reads a tar of samples as the WebDataset library does and checks it; prints a digest.

usage: swap_consumer.py FILE|- IMAGE-SUFFIX [MEMBER ...]
Standard library only. Prints: samples real fake SHA-256-of-all.
"""
import hashlib
import json
import re
import struct
import sys
import tarfile
import zlib


def groups(stream):
    """Members with the same name up to the first dot of the base name, in file order."""
    key, sample, seen = None, {}, set()
    for member in stream:
        assert member.isfile() and member.mtime == 0 and member.uid == 0, member.name
        match = re.match(r"^((?:.*/|)[^.]+)[.]([^/]*)$", member.name)
        assert match, "WebDataset cannot split " + member.name
        if match.group(1) != key:
            if sample:
                yield key, sample
            key, sample = match.group(1), {}
            assert key not in seen, "the members of %s are apart" % key
            seen.add(key)
        assert match.group(2) not in sample
        sample[match.group(2)] = stream.extractfile(member).read()
    if sample:
        yield key, sample


def jpeg_size(data):
    at = 2
    while data[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + struct.unpack(">H", data[at + 2:at + 4])[0]
    return struct.unpack(">HH", data[at + 5:at + 9])[::-1]


def grey_png(data):
    """Pixels of an 8-bit grey PNG, a row after the other."""
    w, h, depth, colour = struct.unpack(">IIBB", data[16:26])
    assert (w, h, depth, colour) == (224, 224, 8, 0), (w, h, depth, colour)
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IDAT":
            packed += data[at + 8:at + 8 + size]
        at += size + 12
    raw, rows, above = zlib.decompress(packed), [], bytes(w)
    for y in range(h):
        kind, row = raw[y * (w + 1)], bytearray(raw[y * (w + 1) + 1:(y + 1) * (w + 1)])
        for x in range(w):
            a, b, c = row[x - 1] if x else 0, above[x], above[x - 1] if x else 0
            p = a + b - c
            paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            row[x] = (row[x] + (0, a, b, (a + b) // 2, paeth)[kind]) & 255
        rows.append(bytes(row))
        above = row
    return b"".join(rows)


def check_targets(sample, label):
    mask = grey_png(sample["mask.png"]) if "mask.png" in sample else None
    if mask:
        assert any(mask) == (label == "fake")
    if "xray.png" in sample:
        xray = grey_png(sample["xray.png"])
        assert any(xray) == (label == "fake")
        if mask and label == "fake":  # the seam lies at most two pixels out of the mask
            for i, v in enumerate(xray):
                y, x = divmod(i, 224)
                assert v < 8 or any(mask[r * 224 + c] for r in range(max(y - 2, 0), min(y + 3, 224))
                                    for c in range(max(x - 2, 0), min(x + 3, 224))), (x, y)
    if "consistency.npy" in sample:
        a = sample["consistency.npy"]
        assert a[:6] == b"\x93NUMPY" and b"(196, 196)" in a[:128] and b"<f4" in a[:128]
        v = struct.unpack("<38416f", a[-4 * 38416:])
        assert all(v[197 * i] == 1 for i in range(196)) and v[1] == v[196]
        assert 0 <= min(v) and max(v) == 1 and (min(v) < 1) == (label == "fake")
        if mask:  # cells of 16 x 16 pixels
            cell = lambda i: sum(mask[(i // 14 * 16 + y) * 224 + i % 14 * 16 + x]
                                 for y in range(16) for x in range(16)) / 65280
            for i, j in ((0, 100), (97, 5), (90, 104)):
                assert abs(v[196 * i + j] - (1 - abs(cell(i) - cell(j)))) < 1e-5


def check(key, sample, suffix, members):
    assert sorted(sample) == sorted([suffix, "json"] + members), (key, sorted(sample))
    picture = sample[suffix]
    size = jpeg_size(picture) if suffix == "jpg" else struct.unpack(">II", picture[16:24])
    assert size == (224, 224), size
    j = json.loads(sample["json"])
    assert j["label"] in ("real", "fake") and j["target"] == (j["label"] == "fake")
    assert (j["mode"] == "genuine") == (j["label"] == "real")
    assert (j["blend"] is not None) == (j["mode"] in ("global", "partial"))
    assert (j["foreground"] is not None) == (j["blend"] is not None)
    assert len(j["boxes"]) == (j["label"] == "fake")
    for x0, y0, x1, y1 in j["boxes"]:
        assert 0 <= x0 < x1 <= 224 and 0 <= y0 < y1 <= 224, j["boxes"]
    for name in ("id", "method", "face_id", "context_id", "video", "frame", "seed", "background"):
        assert j[name] is not None, name
    if "anchors.npy" in sample:
        a = sample["anchors.npy"]
        assert a[:6] == b"\x93NUMPY" and b"(168, 5)" in a[:128] and b"<f4" in a[:128]
        values = struct.unpack("<840f", a[-3360:])
        assert (max(values[0::5]) == 1) == (j["label"] == "fake")
        if j["label"] == "fake":
            assert values[166 * 5] == 1 and values[167 * 5] == 1
    check_targets(sample, j["label"])
    return j["label"]


def main():
    digest, labels = hashlib.sha256(), []
    source = {"fileobj": sys.stdin.buffer} if sys.argv[1] == "-" else {"name": sys.argv[1]}
    with tarfile.open(mode="r|", **source) as stream:
        for key, sample in groups(stream):
            labels.append(check(key, sample, sys.argv[2], sys.argv[3:]))
            digest.update(key.encode())
            for name in sorted(sample):
                digest.update(sample[name])
    print(len(labels), labels.count("real"), labels.count("fake"), digest.hexdigest())


main()
