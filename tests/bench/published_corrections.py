"""What each correction of mfs-published changes, on a run's own frames.

    published_corrections.py LP-SWAP EXTRACT.TSV [SECTION.KEY=VALUE ...]

Makes one epoch of fakes as published, and one with each correction alone, and compares them by id:
the share of fakes whose picture is another, by how many grey levels these differ in the mean, the
share whose box is another, the mean intersection over union of the boxes of both, and how many
samples are there on one side only. Draws are the same in all runs.

patch-centre has no effect without mask-type, so it is shown beside mask-type. The corrections of
the noise chain are shown with the chain on, the others with it off, where it would hide them. The
last line has all corrections, chain off. Without OpenCV for Python the levels are missing.
"""
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

try:
    import cv2
    import numpy as np
except ImportError:
    cv2 = None

CHAIN = ("resize", "motion", "rounding")
BESIDE = {"patch-centre": ["mask-type"]}


def names():
    """The corrections, as the default configuration lists them; sample-pixels needs all others."""
    text = (Path(__file__).parents[2] / "configs/default.yaml").read_text()
    line = next(x for x in text.splitlines() if x.startswith("  corrections:"))
    found = line.split("enum all ")[1].split(":")[0].split()
    return [x for x in found if x != "sample-pixels"] + ["all"]


def run(swap, extract, corrections, chain, more):
    """id -> (bytes of the picture, box) of one epoch"""
    out = {}
    with tempfile.TemporaryDirectory() as folder:
        settings = ["swap.method=mfs-published", "swap.image=png", "swap.genuine=0",
                    "swap.splits=train,val,test,none", "swap.corrections=" + ",".join(corrections),
                    "swap.augment=" + chain, *more]
        subprocess.run([swap, "-q", "-i", extract, "-o", f"{folder}/swap.tsv",
                        *(x for s in settings for x in ("-s", s))], check=True)
        for path in sorted(Path(folder, "swap").glob("*.tar")):
            with tarfile.open(path) as tar:
                files = {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}
            for name, data in files.items():
                if name.endswith(".json"):
                    row = json.loads(data)
                    if row["boxes"]:
                        out[row["id"]] = files[name[:-5] + ".png"], row["boxes"][0]
    return out


def iou(a, b):
    w = max(0, min(a[2], b[2]) - max(a[0], b[0]))
    h = max(0, min(a[3], b[3]) - max(a[1], b[1]))
    both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return w * h / (both - w * h) if both > w * h else 0.0


def levels(pairs):
    """Mean absolute difference of the pictures of each pair."""
    if not pairs or not cv2:
        return float("nan")
    total = 0.0
    for a, b in pairs:
        x, y = (cv2.imdecode(np.frombuffer(p, np.uint8), cv2.IMREAD_COLOR) for p in (a, b))
        total += float(np.mean(cv2.absdiff(x, y)))
    return total / len(pairs)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    swap, extract, *more = sys.argv[1:]
    before = {}
    print(f"{'correction':16}{'pictures %':>12}{'levels':>8}{'boxes %':>9}{'mean IoU':>10}"
          f"{'one side':>10}")
    for name in names():
        chain = "paper" if name in CHAIN else ""
        beside = BESIDE.get(name, [])
        key = (chain, *beside)
        if key not in before:
            before[key] = run(swap, extract, beside, chain, more)
        was, now = before[key], run(swap, extract, [*beside, name], chain, more)
        ids = sorted(was.keys() & now.keys())
        if not ids:
            sys.exit(f"{extract}: no fakes to compare")
        other = [(was[i][0], now[i][0]) for i in ids if was[i][0] != now[i][0]]
        boxes = sum(was[i][1] != now[i][1] for i in ids)
        mean = sum(iou(was[i][1], now[i][1]) for i in ids) / len(ids)
        print(f"{name:16}{100 * len(other) / len(ids):12.1f}{levels(other):8.2f}"
              f"{100 * boxes / len(ids):9.1f}{mean:10.3f}{len(was.keys() ^ now.keys()):10}",
              flush=True)
    print(f"{len(before[('',)])} fakes as published")


if __name__ == "__main__":
    main()
