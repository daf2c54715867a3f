#!/usr/bin/env python3
"""Writes the folder of a small made-up run, in the formats of docs/lp-manifest.5 and metrics.json.

make_run.py FOLDER [models=N] [videos=N] [hostile] [undefined] [leak] [without=NAME,...]

Every picture is a flat colour with a bright square, so that a test can look for it. Standard
library only; the same arguments give the same bytes.
"""
import hashlib, io, json, math, os, random, struct, sys, tarfile, zlib

args = dict(a.split("=", 1) if "=" in a else (a, "1") for a in sys.argv[2:])
out = sys.argv[1]
n_models = int(args.get("models", 1))
n_scenes = int(args.get("videos", 8))
hostile = "hostile" in args
without = set(args.get("without", "").split(","))
rng = random.Random(7)
EVIL = "<script>alert('x')</script>\"&%s`touch pwned`$(x){/Bold b}_^@"


def cell(v):
    if v is None or (isinstance(v, float) and math.isnan(v)):
        return "."
    if isinstance(v, float):
        return "%.9g" % v
    v = str(v)
    for a, b in (("%", "%25"), ("\t", "%09"), ("\n", "%0A"), ("\r", "%0D")):
        v = v.replace(a, b)
    return "%2E" if v == "." else v


def table(path, stage, columns, rows, given=None):
    if os.path.basename(path) in without or stage in without:
        return None
    text = "#lp-manifest\tversion=1\tstage=%s\ttool=0.1.0\tsettings=sha256:%s\tinput=sha256:%s\n" % (
        stage, hashlib.sha256(stage.encode()).hexdigest(), given or "0" * 64)
    text += "\t".join(columns) + "\n"
    for row in sorted(rows, key=lambda r: cell(r[0]).encode()):
        text += "\t".join(cell(v) for v in row) + "\n"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", newline="") as f:
        f.write(text)
    return hashlib.sha256(text.encode()).hexdigest()


def png(width, height, colour, square=None):
    """A picture of one colour with a white square (x0, y0, x1, y1)."""
    rows = []
    for y in range(height):
        row = bytearray([0])
        for x in range(width):
            inside = square and square[0] <= x < square[2] and square[1] <= y < square[3]
            row += b"\xff\xff\xff" if inside else bytes(colour)
        rows.append(bytes(row))
    chunk = lambda k, d: struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(b"".join(rows), 9)) + chunk(b"IEND", b""))


def put(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


methods = ["Deepfakes", EVIL.replace("/", "|") if hostile else "Face2Face"]
videos = []  # key, method, label, pair, face, context, component, split
for s in range(n_scenes):
    split = "train" if s % 4 < 2 else "test"
    component = "c%02d" % (s // 2)
    if "leak" in args and s == 1:
        split = "test"
    real = "toy/original/c23/%03d" % s
    videos.append((real, "original", "real", None, "p%02d" % s, "p%02d" % s, component, split))
    for m in methods:
        videos.append(("toy/%s/c23/%03d_%03d" % (m, s, s ^ 1), m, "fake", real, "p%02d" % (s ^ 1),
                       "p%02d" % s, component, split))

fetch = [(v, "toy", m, "c23", v.rsplit("/", 1)[1], "source/" + v + ".mp4", label, split, face, context,
          component, pair, None, 1000, "0" * 64, 30, 320, 240, 25.0, "h264", "ok", None)
         for v, m, label, pair, face, context, component, split in videos]
fetch.append(("toy/original/c23/999", "toy", "original", "c23", "999", "source/999.mp4", "real", "test", "p99",
              "p99", "c99", None, None, 0, None, None, None, None, None, None, "fail",
              "cannot open 'source/999.mp4': it is empty"))
fetch_hash = table(out + "/fetch.tsv", "fetch", "id dataset method compression name path label split face_id "
                   "context_id component pair mask bytes sha256 frames width height fps codec status reason".split(),
                   fetch)

align = []
if "align" not in without:
    for v, (key, m, label, pair, face, context, component, split) in enumerate(videos):
        for frame in (0, 10, 20):
            image = "aligned/%03d/%04d.png" % (v, frame)
            ok = not (v == 2 and frame == 10)
            if ok:
                put(os.path.join(out, image), png(32, 32, (40 + 5 * v % 200, 90 if label == "real" else 20, frame * 4),
                                                  (8, 8, 24, 24)))
            align.append(("%s/%04d" % (key, frame), key, pair, label, split, face, context, component, frame,
                          image if ok else None, "caddm", 32) + tuple([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]) +
                         (("ok", None) if ok else ("fail", "no face in frame 10 of '%s'" % key)))
table(out + "/align.tsv", "align", "id video pair label split face_id context_id component frame image template "
      "size_px m00 m01 m02 m10 m11 m12 m20 m21 m22 status reason".split(), align, fetch_hash)

if "swap" not in without:
    rows, offset = [], 0
    buffer = io.BytesIO()
    tar = tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT)
    kinds = [("real", "genuine", "none"), ("fake", "global", "poisson"), ("fake", "partial", "alpha"),
             ("fake", "partial", "poisson")]
    for i in range(16):
        label, mode, blend = kinds[i % 4]
        name = "toy/Deepfakes/c23/%03d/%04d/e0" % (i % 4, i)
        key = name.replace("/", "+")
        box = (20 + i, 30, 60 + i, 90) if mode == "partial" else (10, 10, 110, 118) if label == "fake" else (None,) * 4
        offset = tar.offset
        for suffix, data in ((".json", b"{}"), (".mask.png", png(2, 2, (0, 0, 0))),
                             (".png", png(120, 128, (60, 60 + 8 * i, 120), box if box[0] else None))):
            info = tarfile.TarInfo(key + suffix)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        rows.append((name, "swap/shard-000000.tar", offset, label, "mfs", 40 if mode == "partial" else None,
                     60 if mode == "partial" else None, blend, mode, "a", "b", 1) + box + ("p1", "p2", "ok", None))
    rows.append(("toy/Deepfakes/c23/009/0000/e0", None, None, "fake", "mfs", None, None, None, None, None, None, 1,
                 None, None, None, None, None, None, "skip", "the faces differ by 80 px"))
    tar.close()
    put(out + "/swap/shard-000000.tar", buffer.getvalue())
    table(out + "/swap.tsv", "swap", "id shard offset label method window_h_px window_w_px blend mode background "
          "foreground seed box_x0_px box_y0_px box_x1_px box_y1_px face_id context_id status reason".split(), rows)


def measure(v, width, n, pos, undefined=None):
    m = {"value": v, "ci95": None if v is None else [max(0, v - width), min(1, v + width)],
         "method": "logit scale, variance by component (Obuchowski 1997), Student's t", "design_effect": 4.2, "n": n,
         "n_positive": pos, "clusters": n_scenes // 2}
    if undefined:
        m["undefined"] = undefined
    return m


names = ["xception", EVIL if hostile else "resnet_34", "third"][:n_models]
models, curves, probes, pairs = [], [], [], []
for i, name in enumerate(names):
    scores = [(rng.gauss(0.35, 0.15), 0) for _ in range(60)] + [(rng.gauss(0.55 + 0.06 * i, 0.17), 1) for _ in range(120)]
    scores = [(min(1, max(0, s)), y) for s, y in scores]
    p, n = 120, 60
    u = sum((a > b) + 0.5 * (a == b) for a, y in scores if y for b, z in scores if not z)
    auc = u / (p * n)
    undefined = "undefined" in args and i == 0
    levels = {}
    for level, width in (("video", 0.06), ("frame", 0.04)):
        levels[level] = {
            "auc": measure(None if undefined else auc, width, 180, 120, "one class only: no real" if undefined else None),
            "ap": measure(0.91, width, 180, 120), "eer": measure(None if undefined else 0.24, width, 180, 120,
                                                                 "one class only: no real" if undefined else None),
            "tpr_at_fpr_0.01": measure(None, 0, 180, 120, "60 real videos cannot resolve a rate of 0.01"),
            "brier": measure(0.19, 0.02, 180, 120), "made_up_metric": measure(0.0004, 0.0001, 180, 120)}
    groups = [{"dataset": "toy", "method": m, "compression": "c23",
               "video": {"auc": measure(a, 0.08, 90, 45, None if a else "no fake video"), "eer": measure(0.2, 0.05, 90, 45)},
               "frame": {"auc": measure(0.8, 0.05, 900, 450)}} for m, a in zip(methods + ["Third"], (0.86, 0.71, None))]
    models.append({"name": name, "n": {"frames": 1800, "videos": 180, "components": n_scenes // 2, "identities": n_scenes,
                                       "real_frames": 600, "fake_frames": 1200, "real_videos": 60, "fake_videos": 120,
                                       "frames_a_video": [8, 10, 10]},
                   "threshold": {"value": 0.5, "from": "0.5, by convention"}, **levels, "groups": groups,
                   "operating_points": [{"level": "video", "criterion": "balanced_accuracy", "chosen_on": "val",
                                         "threshold": t, "accuracy": measure(0.77, 0.05, 180, 120),
                                         "balanced_accuracy": measure(0.76, 0.05, 180, 120),
                                         "f1": measure(0.81, 0.05, 180, 120), "precision": measure(0.8, 0.05, 180, 120),
                                         "tpr": measure(0.82, 0.05, 120, 120), "fpr": measure(0.3, 0.05, 60, 0)}
                                        for t in (0.4375, None)],
                   "averages": [{"over": "group", "level": "video", "groups": 3, "left_out": 1,
                                 "auc": measure(0.785, 0.06, 180, 120), "ap": measure(0.8, 0.06, 180, 120),
                                 "eer": measure(0.25, 0.06, 180, 120)}],
                   "identity": {"protocol": "video means, within class; identity = face_id", "probes": [],
                                "verdict": "scores of real videos differ between identities (ICC 0.31); "
                                           "unseen identities cost 0.05 of AUC."}})
    for level in ("video", "frame"):
        head = "%03d-%s-" % (i, level)

        def row(kind, label, k, x, y, lo=None, hi=None, num=None, who=None):
            curves.append((head + kind + "-" + (label or "") + "%06d" % k, name, level, "all", kind, label, x, y, lo, hi,
                           num, who, None))
        tp = fp = 0
        points = [(0.0, 0.0)]
        for s, y in sorted(scores, reverse=True):
            tp, fp = tp + y, fp + 1 - y
            points.append((fp / n, tp / p))
        if not undefined:
            for k, (x, y) in enumerate(points):
                row("roc", None, k, x, y)
            for k in range(0, len(points), 6):
                x, y = points[k]
                row("roc_band", None, k, x, y, max(0.0, y - 0.1), min(1.0, y + 0.07))
                row("roc_simultaneous", None, k, x, y, max(0.0, y - 0.2), min(1.0, y + 0.15))
        for label, cls in (("real", 0), ("fake", 1)):
            mine = [s for s, y in scores if y == cls]
            for b in range(50):
                c = sum(b <= s * 50 < b + 1 for s in mine)
                row("density", label, b, (b + 0.5) / 50, c * 50.0 / len(mine), num=c)
    for label, k0, base in (("real", 0, 0.35), ("fake", 100, 0.6)):
        for k in range(n_scenes):
            y = base + rng.gauss(0, 0.08)
            row("identity", label, k0 + k, float(k), y, y - 0.05 if k % 3 else None, y + 0.05 if k % 3 else None, 3,
                EVIL if hostile and k == 1 else "p%02d" % k)
    probes += [("%03d-000" % i, name, "icc", "face", "real", 0.31, 0.12, 0.52, 0.0, 0.004, 60, "videos", n_scenes, None,
                "ICC(1) of video means, one-way random effects"),
               ("%03d-001" % i, name, "unseen_gap", "face", None, None, None, None, 0.0, None, 0, "videos", 0,
                "no split column", "AUC on seen minus AUC on unseen identities")]
for i in range(n_models):
    for k in range(i):
        pairs.append(("%06d" % len(pairs), names[k], names[i], "video", 180, n_scenes // 2, 0.83, 0.88, -0.05, -0.09, -0.01,
                      -2.4, 0.0164, 0.018, 0.001, 0.0328, 0.02, 0.0215, 0.057, None))
if "metrics.json" not in without and "evaluate" not in without:
    os.makedirs(out + "/evaluate", exist_ok=True)
    with open(out + "/evaluate/metrics.json", "w") as f:
        json.dump({"version": 1, "tool": "lp-evaluate 0.1.0", "split": "test", "cluster": "component", "models": models,
                   "pairs": [], "problems": [{"kind": "missing-videos", "text": EVIL if hostile else
                                              "3 videos of the manifest have no score"}]}, f, indent=1)
table(out + "/evaluate/curves.tsv", "evaluate", "id model level group kind label x y y_lo y_hi n name threshold".split(),
      curves)
table(out + "/evaluate/probes.tsv", "evaluate", "id model probe identity label value lo hi chance p n unit identities "
      "undefined about".split(), probes)
if n_models > 1:
    table(out + "/evaluate/pairs.tsv", "evaluate", "id a b level n clusters auc_a auc_b difference lo hi z p p_bootstrap "
          "p_independent_frames p_holm p_bh p_exchange detectable_80 undefined".split(), pairs)
