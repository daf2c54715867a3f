#!/usr/bin/python3
"""Simulated detector scores for the golden values in tests/unit/test_golden_scores.c.

usage: golden_scores.py FOLDER      needs numpy and scipy; deterministic (PCG64, seed 12345)

Writes FOLDER/one.csv (label,score,video,identity) and FOLDER/two.csv (the same with a second model):
1e5 frames, 32 a video, 1000 identities with offsets of their own, 4 fakes a real.
"""
import sys
import numpy as np
from scipy.special import ndtr

N, FRAMES, PEOPLE = 100_000, 32, 1000
rng = np.random.default_rng(12345)
videos = (N + FRAMES - 1) // FRAMES
label = (rng.random(videos) < 0.8).astype(np.int8)
person = rng.integers(0, PEOPLE, videos)
rng.integers(0, PEOPLE, videos)  # donors: drawn, not written
np.where(label == 1, rng.integers(0, 4, videos), 4)  # methods
rng.integers(0, 3, videos)  # compressions
offset = rng.normal(0, 0.5, PEOPLE)
latent = 1.0 * label + offset[person] + rng.normal(0, 0.6, videos)
v = np.arange(N) // FRAMES
one = ndtr(latent[v] + rng.normal(0, 0.8, N) - 0.5)
two = ndtr(latent[v] + 0.15 * label[v] + rng.normal(0, 0.8, N) - 0.5)
for name, score in (("one", one), ("two", two)):
    with open("%s/%s.csv" % (sys.argv[1], name), "w") as f:
        f.write("label,score,video,identity\n")
        f.writelines("%d,%.6f,v%06d,id%04d\n" % (label[k], s, k, person[k]) for k, s in zip(v, score))
