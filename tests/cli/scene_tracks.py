"""scene_tracks.py EXTRACT.TSV TRUTH.TSV VIDEO: beside the truth of a gen-scenes clip.

Prints `wanted N`, `found N`, `strays N` (faces where nobody is wholly in the picture), `tracks N`
(of people), `split N` (people in a shot with more than one track), `merged N` (tracks with more than
one person or shot), and fails where rows do not fit together.
"""
import collections
import os
import struct
import sys

table, truth_path, video = sys.argv[1:]
folder = os.path.dirname(table)
lines = open(table).read().split("\n")[1:-1]
names = lines[0].split("\t")
rows = [dict(zip(names, line.split("\t"))) for line in lines[1:]]
rows = [r for r in rows if r["video"] == video]
truth = collections.defaultdict(list)
for line in open(truth_path).read().split("\n")[1:-1]:
    frame, shot, person, *box = map(int, line.split("\t"))
    truth[frame].append(((shot, person), box))


def iou(a, b):
    w = min(a[2], b[2]) - max(a[0], b[0])
    h = min(a[3], b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0
    both = w * h
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


found = strays = 0
who = collections.defaultdict(set)  # track -> people
tracks = collections.defaultdict(set)  # person -> tracks
seen = set()
assert sorted(int(r["landmark_row"]) for r in rows) == list(range(len(rows)))
for r in rows:
    frame = int(r["frame"])
    if r["face_x_px"] == ".":
        assert r["id"] == "%s/%06d" % (video, frame) and r["track"] == "." and r["status"] != "ok", r
        continue
    assert r["id"] in ("%s/%06d-%02d" % (video, frame, int(r["track"])), "%s/%06d" % (video, frame)), r
    assert (frame, r["track"]) not in seen, r  # one face a track in a frame
    seen.add((frame, r["track"]))
    image = os.path.join(folder, "crops", r["id"] + ".png")
    assert os.path.exists(image) == (r["status"] == "ok"), r
    if r["status"] == "ok":  # a crop of its own, of the size the row says
        size = struct.unpack(">II", open(image, "rb").read(24)[16:])
        assert size == (int(r["crop_w_px"]), int(r["crop_h_px"])), r
    x, y, w, h = (int(r["face_%s_px" % c]) for c in "xywh")
    person, overlap = max(((p, iou(box, (x, y, x + w, y + h))) for p, box in truth[frame]),
                          key=lambda v: v[1], default=(None, 0))
    if overlap < 0.4:
        strays += 1
        continue
    found += 1
    who[r["track"]].add(person)
    tracks[person].add(r["track"])
data = open(os.path.join(folder, "landmarks", video + ".npy"), "rb").read()
assert ("(%d, 68, 2)" % len(rows)).encode() in data[:128], data[:128]
print("wanted", sum(len(truth[f]) for f in {int(r["frame"]) for r in rows}))
print("found", found)
print("strays", strays)
print("tracks", len(who))
print("split", sum(len(t) > 1 for t in tracks.values()))
print("merged", sum(len(p) > 1 for p in who.values()))
