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
    if "mask.png" in sample:
        assert struct.unpack(">II", sample["mask.png"][16:24]) == (224, 224)
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
