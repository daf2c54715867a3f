"""The published recipe of multi-scale facial swap, beside lp-swap's mfs-published.

    published.py STAGES CASES

STAGES is build/.../tests/oracle/published_stages, which makes CASES pairs of pictures with
landmarks and draws, and says what each stage and the whole sample came to. Here the same is
computed with OpenCV, NumPy and SciPy from the same inputs and draws: written from the description
of the recipe, with the library functions that it names. Prints the largest difference of each
stage, and fails where one is above its tolerance.
"""
import json
import subprocess
import sys
import tempfile

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

SIDE = 224
CHANCES = {}  # stage -> [largest difference, values that differ, values]


def note(stage, ours, theirs):
    d = np.abs(np.asarray(ours, float) - np.asarray(theirs, float))
    c = CHANCES.setdefault(stage, [0.0, 0, 0])
    c[0] = max(c[0], float(d.max()))
    c[1] += int((d > 0).sum())
    c[2] += d.size


def hull_mask(shape, points):
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(mask, [cv2.convexHull(points.astype(np.int32))], 255)
    return mask


def deform(mask, noise, alpha, sigma):
    dx, dy = (gaussian_filter(f, sigma) * alpha for f in noise)
    rows, cols = np.indices(mask.shape)
    return map_coordinates(mask, [rows + dy, cols + dx], order=1, mode="constant")


def dissimilarity(a, b):
    g = cv2.getGaussianKernel(11, 1.5)

    def smooth(x):
        return cv2.sepFilter2D(x, cv2.CV_64F, g, g, borderType=cv2.BORDER_REFLECT_101)

    a, b = a.astype(float), b.astype(float)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    ma, mb = smooth(a), smooth(b)
    va, vb, vab = smooth(a * a) - ma * ma, smooth(b * b) - mb * mb, smooth(a * b) - ma * mb
    ssim = (2 * ma * mb + c1) * (2 * vab + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2))
    return np.abs(1 - ssim) / 2


def best_window(d, h, w):
    """The first window of the largest sum on a grid of a fifth: rows, then columns."""
    rows, cols = d.shape[:2]
    best, place = 0.0, (0, 0, 0, 0)
    for r in range(0, rows - h + 1, rows // 5):
        for c in range(0, cols - w + 1, cols // 5):
            s = d[r:r + h, c:c + w].sum()
            if s > best:
                best, place = s, (r, c, r + h, c + w)
    return place


def template(scale):
    face = np.array([[-0.17607, -0.172844], [0.1736, -0.17356], [-0.00182, 0.0357164],
                     [-0.14617, 0.20185], [0.14496, 0.19943]]) * scale
    r = 80 / (SIDE * 0.34967)
    tall = (face[0, 1] * r + 0.5) * 2.42
    return np.stack([(face[:, 0] * r + 0.5) * SIDE, (face[:, 1] * r + 0.5) * SIDE / tall], 1)


def alignment(points, scale, dx, dy, degrees, sa, sb):
    five = np.stack([np.trunc(points[36:42].mean(0)), np.trunc(points[42:48].mean(0)),
                     points[30], points[48], points[54]])
    t = template(scale)
    u, d = t - t.mean(0), five - five.mean(0)
    n = (d ** 2).sum()
    a, b = (u * d).sum() / n, (u[:, 0] * d[:, 1] - u[:, 1] * d[:, 0]).sum() / n
    m1 = np.array([[a, b, 0], [-b, a, 0], [0, 0, 1.0]])
    m1[:2, 2] = t.mean(0) - m1[:2, :2] @ five.mean(0)
    m2 = np.vstack([cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), degrees, 1), [0, 0, 1]])
    corners = t[[0, 1, 3, 4]].astype(np.float32)
    moved = corners.copy()
    for i, j, s in ((0, 1, sa), (2, 3, 1 / sa), (0, 2, sb), (1, 3, 1 / sb)):
        mid, half = (moved[i] + moved[j]) / 2, (moved[j] - moved[i]) / 2 * np.float32(s)
        moved[i], moved[j] = mid - half, mid + half
    moved += np.float32([dx, dy])
    return cv2.getPerspectiveTransform(corners, moved) @ m2 @ m1


def warp(img, m):
    return cv2.warpPerspective(img, m, (SIDE, SIDE))


def swap_patch(fg, bg, hull, points, window):
    x0, y0 = points.min(0).astype(int)
    x1, y1 = points.max(0).astype(int)
    e = 1.2 - 1
    left, top = int(x0 - (x1 - x0) * e // 2), int(y0 - (y1 - y0) * e // 2)
    w, h = int(1.2 * (x1 - x0)), int(1.2 * (y1 - y0))
    cut = np.s_[max(top, 0):min(top + h, fg.shape[0]), max(left, 0):min(left + w, fg.shape[1])]
    d = dissimilarity(fg[cut], bg[cut])
    d[hull[cut] < 1e-4] = 0
    rows, cols = d.shape[:2]
    r0, c0, r1, c1 = best_window(d, int(window[0] * rows / SIDE), int(window[1] * cols / SIDE))
    mask = np.zeros(hull.shape)
    mask[y0 + r0:y0 + r1, x0 + c0:x0 + c1] = 255  # counted from the corner that was not grown
    return mask, ((c0 + c1) // 2, (r0 + r1) // 2)


def sample(fake, real, points, noise, case):
    """A whole sample: the picture and its box, or (None, why)."""
    if case["halve"]:
        size = (fake.shape[1] // 2, fake.shape[0] // 2)
        fake, real = cv2.resize(fake, size), cv2.resize(real, size)
        points = np.trunc(points / 2)
    m = alignment(points, *case["jitter"])
    whole = (0, 0, SIDE, SIDE)
    if case["mode"] == "untouched":
        return warp(fake, m), whole
    below, above = (fake, real) if case["fake_below"] else (real, fake)
    hull = hull_mask(fake.shape, points)
    window = (case["window_h"], case["window_w"])
    if case["mode"] == "partial":
        mask, centre = swap_patch(above, below, hull, points, window)
    else:
        lo, hi = points.min(0).astype(int), points.max(0).astype(int)
        mask, centre = hull, ((lo[1] + hi[1]) // 2, (lo[0] + hi[0]) // 2)
        if case["elastic"]:
            n = noise.reshape(-1)[:2 * hull.size].reshape(2, *hull.shape)
            mask = deform(hull, n, case["alpha"], 0.08 * hull.shape[0]).astype(float)
    out = None
    if case["poisson"]:
        try:
            out = cv2.seamlessClone(above, below, mask, tuple(int(v) for v in centre),
                                    cv2.NORMAL_CLONE)
        except cv2.error:
            pass
    case["did"] = "alpha" if out is None else "poisson"
    if out is None:
        soft = cv2.GaussianBlur(mask, (5, 5), 3).astype(np.float32)[..., None] / np.float32(255)
        out = (soft * above.astype(np.float32)
               + (np.float32(1) - soft) * below.astype(np.float32)).astype(np.uint8)
    out = warp(out, m)
    if case["mode"] == "global":
        return out, whole
    d = dissimilarity(out, warp(below, m))
    if (d > 1e-3).sum() <= 4800:
        return None, "partial"
    return out, best_window(d, *window)


def line_kernel(angle, length):
    c, s = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    side = int(2 * length * max(abs(c), abs(s)))
    if side < 1:
        return None
    k = np.zeros((side, side), np.float32)
    mid = side // 2
    cv2.line(k, (mid, mid), (int(length * c + mid), int(length * s + mid)), 1.0)
    return k / k.sum() if k.sum() else None


def cut(x):
    return np.clip(x, 0, 255).astype(np.uint8)


def chain(case, get):
    x = get("fake")
    low, high = int(x.min()), int(x.max())
    note("normalise", get("normalise"), cut((x.astype(float) - low) / (high - low + 1) * 255))
    hsv = cv2.cvtColor(x, cv2.COLOR_RGB2HSV)
    for i in (1, 2):
        hsv[..., i] = cut(hsv[..., i] * case["hsv"][i - 1])
    note("hsv", get("hsv"), cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB))
    g = case["gamma"][0]
    levels = np.arange(256.0)
    exact = 255 ** (1 - 1 / g) * (levels + 1e-15) ** (1 / g)
    lut = cut(exact)
    # Where the exact value is whole, the last bit of pow decides.
    whole = np.abs(exact - np.rint(exact)) < 1e-9
    ours = get("gamma")
    note("gamma", np.where(whole[x], 0, ours), np.where(whole[x], 0, lut[x]))
    k = line_kernel(*case["motion"])
    note("motion", get("motion"), x if k is None else cv2.filter2D(x, -1, k))
    note("blur (3 x 3)", get("blur"), cv2.GaussianBlur(x, (3, 3), case["blur"][0]))
    p = case["tone"][3]
    note("tone", get("tone"), cut((1 - p) * x + p * np.array(case["tone"][:3])))
    note("resize", get("resize"), x)


def stages(case, get):
    fake, real, noise = get("fake"), get("real"), get("noise")
    points = np.array(case["landmarks"]).reshape(-1, 2)
    hull = hull_mask(fake.shape, points)
    note("hull and fillPoly", get("hull"), hull)
    note("mask blur, bytes", get("blur_mask"), cv2.GaussianBlur(hull, (5, 5), 3))
    note("mask blur, doubles", get("blur64").reshape(hull.shape), cv2.GaussianBlur(hull.astype(float), (5, 5), 3))
    note("elastic", get("elastic"), deform(hull, noise, case["alpha"], 0.08 * hull.shape[0]))
    d = dissimilarity(fake, real)
    note("DSSIM", get("dssim"), d)
    r0, c0, r1, c1 = best_window(d, 40, 60)
    note("window search", case["search"], (c0, r0, c1, r1))
    if case["cloned"]:
        note("seamlessClone", get("clone"), cv2.seamlessClone(
            real, fake, hull, (case["clone_x"], case["clone_y"]), cv2.NORMAL_CLONE))
    note("resize to half", get("half"), cv2.resize(fake, (fake.shape[1] // 2, fake.shape[0] // 2)))
    m = alignment(points, *case["jitter"])
    note("alignment", np.array(case["pose"]), m.ravel())
    note("warpPerspective", get("warp"), warp(fake, np.array(case["pose"]).reshape(3, 3)))
    return points, noise


# Largest difference, and the share of values that may differ at all.
TOLERANCE = {
    "hull and fillPoly": (0, 0), "mask blur, bytes": (0, 0), "mask blur, doubles": (1e-11, 1),
    "elastic": (1, 1e-4), "DSSIM": (1e-10, 1), "window search": (0, 0), "seamlessClone": (1, 0.02),
    "resize to half": (0, 0), "alignment": (1e-9, 1), "warpPerspective": (0, 0),
    "normalise": (1, 1e-3), "hsv": (1, 0.04), "gamma": (0, 0), "motion": (1, 0.02),
    "blur (3 x 3)": (0, 0), "tone": (0, 0), "resize": (0, 0),
    "sample, untouched": (0, 0), "sample, alpha": (1, 1e-3), "sample, poisson": (1, 0.02),
    "box": (0, 0),
}


def main():
    program, cases = sys.argv[1], int(sys.argv[2])
    skips = agreed = 0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, folder, str(cases)], check=True)
        for n in range(cases):
            with open(f"{folder}/case-{n}.json") as f:
                case = json.load(f)

            def get(what):
                return np.load(f"{folder}/case-{n}.{what}.npy")

            points, noise = stages(case, get)
            chain(case, get)
            out, box = sample(get("fake"), get("real"), points, noise, case)
            if out is None or "skip" in case:
                skips += 1
                agreed += (out is None) == ("skip" in case)
                continue
            kind = case.get("did", "untouched")
            if (case["blend"] or "untouched") != kind:
                print(f"case {n}: blended by {case['blend']}, not {kind}")
                return 1
            note(f"sample, {kind}", get("sample"), out)
            note("box", case["box"], box)
    bad = agreed != skips
    print(f"{cases} cases, {skips} without a sample, {agreed} of these on both sides")
    for stage, (largest, differ, total) in CHANCES.items():
        most, share = TOLERANCE[stage]
        wrong = largest > most or differ > share * total
        bad = bad or wrong
        print(f"{stage:20} largest {largest:.3g}, {100 * differ / total:.4f} % of {total} differ"
              + (f"   ABOVE {most}, {100 * share} %" if wrong else ""))
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
