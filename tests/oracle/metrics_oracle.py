#!/usr/bin/python3
"""lp-evaluate against scikit-learn (and numbers for pROC) on random cases.

usage: metrics_oracle.py LP-EVALUATE FOLDER [CASES]     needs numpy and scikit-learn

Writes FOLDER/NNN.csv (the scores) and FOLDER/ours.tsv (our AUC, DeLong's variance, partial area and
paired p) for metrics_oracle.R. Fails on the first difference.
"""
import json, subprocess, sys, warnings
import numpy as np
from sklearn import metrics as sk

TOOL, FOLDER = sys.argv[1:3]
CASES = int(sys.argv[3]) if len(sys.argv) > 3 else 200
warnings.simplefilter("ignore")


def case(k):
    rng = np.random.default_rng(k)
    n = int(rng.choice([1, 2, 3, 5, 9, 30, 200, 1500]))
    y = rng.random(n) < rng.choice([0.1, 0.5, 0.8])
    if k % 11 == 0:
        y[:] = k % 2  # one class
    kind = k % 8
    s = rng.normal(size=n) + rng.choice([0, 0.5, 2]) * y
    if kind in (0, 1, 2):  # probabilities, as they are and rounded: ties
        s = 1 / (1 + np.exp(-s))
        s = s if kind == 0 else np.round(s, 1 if kind == 1 else 2)
    elif kind == 3:
        s = np.round(s)
    elif kind == 4:  # spans all of double
        s = np.sign(s) * 10.0 ** np.clip(150 * s, -300, 300)
    elif kind == 5:  # neighbours in double: nothing may be called equal that is not
        s = 0.5 + np.spacing(0.5) * rng.integers(0, 7, n)
    elif kind == 6:
        s = np.where(rng.random(n) < 0.3, 5e-324, -0.0) + (s > 1)
    t = np.round(s + rng.normal(size=n) * (np.std(s) if kind != 4 else 0), 3) if kind != 5 else s[::-1]
    return y, s, t


def eer(fpr, tpr):
    d = fpr - (1 - tpr)
    i = int(np.argmax(d >= 0))
    if i == 0:
        return fpr[0]
    u = -d[i - 1] / (d[i] - d[i - 1])
    return fpr[i - 1] + u * (fpr[i] - fpr[i - 1])


def hull_eer(fpr, tpr):
    h = []
    for p in zip(fpr, tpr):
        while len(h) > 1 and (h[-1][0] - h[-2][0]) * (p[1] - h[-2][1]) >= (h[-1][1] - h[-2][1]) * (p[0] - h[-2][0]):
            h.pop()
        h.append(p)
    return eer(*np.array(h).T)


def ece(y, s, groups):
    return sum(abs(s[g].sum() - y[g].sum()) for g in groups if len(g)) / len(y)


def width(s):
    b = np.minimum((s * 15).astype(int), 14)
    return [np.flatnonzero(b == k) for k in range(15)]


def mass(s):
    """Ends at n b / bins, moved on to the end of a run of equal scores."""
    o, n = np.argsort(s, kind="stable"), len(s)
    bins, i, out = int(np.cbrt(n) + 0.5), 0, []
    for b in range(1, bins + 1):
        j = max(i, n * b // bins)
        while i < j < n and s[o[j]] == s[o[j - 1]]:
            j += 1
        out.append(o[i:j])
        i = j
    return out


def expected(y, s):
    fpr, tpr, _ = sk.roc_curve(y, s, drop_intermediate=False)
    e = dict(auc=sk.roc_auc_score(y, s), ap=sk.average_precision_score(y, s), eer=eer(fpr, tpr),
             eer_hull=hull_eer(fpr, tpr))
    for q in (0.1, 0.01, 0.001):
        e["tpr_at_fpr_%g" % q] = tpr[fpr <= q].max()
        e["tpr_interpolated_at_fpr_%g" % q] = on_polyline(fpr, tpr, q)
        if q > 0.001:
            e["pauc_%g" % q] = sk.roc_auc_score(y, s, max_fpr=q)
            x, v = np.append(fpr[fpr <= q], q), np.append(tpr[fpr <= q], e["tpr_interpolated_at_fpr_%g" % q])
            e["pauc_raw_%g" % q] = np.trapz(v, x)
    return e


def on_polyline(fpr, tpr, q):
    i = np.searchsorted(fpr, q, side="right") - 1
    if i + 1 == len(fpr):
        return 1.0
    return tpr[i] + (tpr[i + 1] - tpr[i]) * (q - fpr[i]) / (fpr[i + 1] - fpr[i])


def thresholded(y, s):
    g = s >= 0.5
    e = dict(accuracy=sk.accuracy_score(y, g))
    if 0 < y.sum() < len(y):
        e.update(balanced_accuracy=sk.balanced_accuracy_score(y, g), f1=sk.f1_score(y, g, zero_division=0))
    if s.min() >= 0 and s.max() <= 1:
        p = np.clip(s, np.finfo(float).eps, 1 - np.finfo(float).eps)
        e.update(brier=sk.brier_score_loss(y, s), log_loss=sk.log_loss(y, p, labels=[0, 1], eps=1e-300),
                 ece_width=ece(y, s, width(s)), ece_mass=ece(y, s, mass(s)))
    return e


def write(path, y, s):
    with open(path, "w") as f:
        f.write("label,score,video\n")
        f.writelines("%d,%r,v%d\n" % (a, float(b), i) for i, (a, b) in enumerate(zip(y, s)))


checked = undefined = 0
with open(FOLDER + "/ours.tsv", "w") as ours:
    ours.write("case\tauc\tvar\tpauc\tp\n")
    for k in range(CASES):
        y, s, t = case(k)
        one, two = "%s/%03d.csv" % (FOLDER, k), "%s/%03d_b.csv" % (FOLDER, k)
        write(one, y, s)
        write(two, y, t)
        r = subprocess.run([TOOL, "-q", "-s", "evaluate.bootstrap=0", "-s", "evaluate.probes=false", "-s",
                            "evaluate.permutations=0", "-o", FOLDER + "/out", one, two],
                           stdout=subprocess.DEVNULL)
        assert r.returncode == 0, (k, r.returncode)
        m = json.load(open(FOLDER + "/out/metrics.json"))
        got = m["models"][0]["frame"]
        e = thresholded(y, s)
        if 0 < y.sum() < len(y):
            e.update(expected(y, s))
            a = got["auc"]
            lo, hi = a.get("ci95_independent_frames") or (None, None)
            var = pauc = "NA"
            if lo is not None and 0 < lo and hi < 1:
                half = (np.log(hi / (1 - hi)) - np.log(lo / (1 - lo))) / 2
                var = repr((half / 1.959963984540054 * a["value"] * (1 - a["value"])) ** 2)
            p = m["pairs"][1]["p_independent_frames"]
            ours.write("%03d\t%r\t%s\t%r\t%s\n" % (k, a["value"], var, got["pauc_raw_0.1"]["value"], "NA" if p is None else repr(p)))
        else:
            undefined += 1
            for key in ("auc", "ap", "eer", "tpr_at_fpr_0.1", "pauc_0.1", "balanced_accuracy", "f1"):
                assert got[key]["value"] is None and "one class" in got[key]["undefined"], (k, key)
        for key, want in e.items():
            have = got[key]["value"]
            assert have is not None, (k, key, got[key])
            # 1e-9: log and sums in another order; all the rest is counting.
            assert abs(have - want) <= 1e-9 * max(1, abs(want)), (k, key, have, want)
            checked += 1
        assert m["models"][0]["video"]["auc"]["value"] == got["auc"]["value"]
print("%d cases, %d of one class, %d numbers equal to scikit-learn's" % (CASES, undefined, checked))
