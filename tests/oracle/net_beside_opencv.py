#!/usr/bin/env python3
"""net_beside_opencv.py NET_OUTPUTS MODEL.onnx SIDE [PICTURE ...]

Runs the network in OpenCV's own implementation and in ours, on noise and on pictures, and prints the
largest difference. Exit 1 if it is above 1e-4 of the largest output."""
import subprocess
import sys

import cv2
import numpy as np


def inputs(side, pictures):
    yield np.random.default_rng(1).uniform(-1, 1, (side, side, 3)).astype(np.float32)
    yield np.full((side, side, 3), -1, np.float32)
    for path in pictures:
        picture = cv2.resize(cv2.imread(path), (side, side), interpolation=cv2.INTER_AREA)
        yield (picture[:, :, ::-1] / np.float32(127.5) - 1).astype(np.float32)


def main():
    program, model, side = sys.argv[1], sys.argv[2], int(sys.argv[3])
    net = cv2.dnn.readNetFromONNX(model)
    names = sorted(net.getUnconnectedOutLayersNames())
    worst = largest = 0
    for x in inputs(side, sys.argv[4:]):
        out = subprocess.run([program, model], input=x.tobytes(), stdout=subprocess.PIPE, check=True).stdout
        net.setInput(x[np.newaxis])
        theirs = np.concatenate([o.ravel() for o in net.forward(names)])
        ours = np.frombuffer(out, np.float32)
        assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
        worst = max(worst, float(np.abs(ours - theirs).max()))
        largest = max(largest, float(np.abs(theirs).max()))
    print(f"largest difference {worst:.3g} of outputs up to {largest:.4g}")
    return 1 if not worst <= 1e-4 * largest else 0


if __name__ == "__main__":
    sys.exit(main())
