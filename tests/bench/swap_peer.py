"""The published recipe (CADDM prepare_train_input without its noise chain) on OpenCV and NumPy.

Written from the facts of the recipe, on whole frames as it works. Prints `name value unit`.
"""
import math
import time

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

cv2.setNumThreads(1)
RNG = np.random.default_rng(1)
TEMPLATE = np.array([[75.7457, 92.5620], [147.7457, 92.3834], [111.6252, 144.5842],
                     [81.9024, 186.0237], [141.8485, 185.4200]])


def dssim(a, b):
    a, b = a.astype(float), b.astype(float)

    def blur(x):
        return cv2.GaussianBlur(x, (11, 11), 1.5, borderType=cv2.BORDER_REFLECT_101)

    ma, mb = blur(a), blur(b)
    va, vb, ab = blur(a * a) - ma * ma, blur(b * b) - mb * mb, blur(a * b) - ma * mb
    return abs(1 - (2 * ma * mb + 6.5025) * (2 * ab + 58.5225)
               / ((ma * ma + mb * mb + 6.5025) * (va + vb + 58.5225))) / 2


def best(d, h, w):
    rows, cols = d.shape[:2]
    top, at = 0, (0, 0)
    for i in range(0, rows - h + 1, rows // 5):
        for j in range(0, cols - w + 1, cols // 5):
            s = d[i:i + h, j:j + w].sum()
            if s > top:
                top, at = s, (i, j)
    return at


def swap(fg, bg, lm, partial):
    mask = np.zeros(fg.shape, np.uint8)
    cv2.fillPoly(mask, [cv2.convexHull(lm)], (255, 255, 255))
    if partial:
        x, y, w, h = cv2.boundingRect(lm)
        d = dssim(fg[y:y + h, x:x + w], bg[y:y + h, x:x + w])
        d[mask[y:y + h, x:x + w] == 0] = 0
        wh, ww = 80 * h // 224, 120 * w // 224
        i, j = best(d, wh, ww)
        mask[:] = 0
        mask[y + i:y + i + wh, x + j:x + j + ww] = 255
    elif RNG.random() > 0.5:
        shape, sigma, alpha = mask.shape[:2], 0.08 * mask.shape[0], RNG.integers(300, 501)
        dx, dy = (gaussian_filter(RNG.uniform(-1, 1, shape), sigma) * alpha for _ in range(2))
        yy, xx = np.meshgrid(np.arange(shape[0]), np.arange(shape[1]), indexing="ij")
        mask = np.stack([map_coordinates(mask[..., 0], [yy + dy, xx + dx], order=1)] * 3, -1)
    if RNG.random() >= 0.5:
        x, y, w, h = cv2.boundingRect(mask[..., 0])
        return cv2.seamlessClone(fg, bg, mask, (x + w // 2, y + h // 2), cv2.NORMAL_CLONE)
    soft = cv2.GaussianBlur(mask, (5, 5), 3).astype(np.float32) / 255
    return (soft * fg + (1 - soft) * bg).astype(np.uint8)


def align(image, lm):
    five = np.array([lm[36:42].mean(0), lm[42:48].mean(0), lm[30], lm[48], lm[54]])
    m, _ = cv2.estimateAffinePartial2D(five, TEMPLATE)
    return cv2.warpPerspective(image, np.vstack([m, [0, 0, 1]]), (224, 224))


def face(cx, cy, s):
    p = [(cx - .5 * s * math.cos(math.pi * i / 16), cy + .6 * s * math.sin(math.pi * i / 16))
         for i in range(17)]
    p += [(cx + s * (-.38 + .76 * i / 9), cy - .16 * s) for i in range(10)]
    p += [(cx, cy + s * (-.02 + .08 * i)) for i in range(4)]
    p += [(cx + s * (-.1 + .05 * i), cy + .27 * s) for i in range(5)]
    p += [(cx + e * s + .06 * s * math.cos(k), cy + .03 * s * math.sin(k))
          for e in (-.2, .2) for k in np.arange(6) * math.pi / 3]
    p += [(cx - .19 * s * math.cos(k), cy + .4 * s + .06 * s * math.sin(k))
          for k in np.arange(20) * math.pi / 6]
    return np.array(p, np.int32)


def main():
    for rows, cols in ((400, 400), (480, 640), (720, 1280)):
        fake, real = (cv2.GaussianBlur(RNG.integers(0, 256, (rows, cols, 3), np.uint8), (9, 9), 3)
                      for _ in range(2))
        lm = face(cols / 2, rows * .45, rows * .5)
        n, start = 0, time.process_time()
        while time.process_time() - start < 3:
            u = RNG.random()
            if u < 0.4 or u >= 0.8:
                out = swap(real, fake, lm, False) if u < 0.4 else swap(fake, real, lm, True)
            else:
                out = swap(fake, real, lm, False) if u < 0.6 else fake
            align(out, lm)
            if u >= 0.8:
                best(dssim(align(out, lm), align(real, lm)), 80, 120)
            n += 1
        print("peer.opencv.%dx%d.fakes\t%.3g\tsamples/s" % (cols, rows,
                                                         n / (time.process_time() - start)))


main()
