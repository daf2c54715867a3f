"""What DeepfakeBench's loader does with a dataset_json file, re-implemented from its documented
rules: deepfakebench_reader.py ROOT RUN [lmdb]

ROOT is laid over its folder. Prints the number of frames, and fails where the loader would fail, or
where what it reads is not what RUN/align.tsv says.
"""
import json, os, struct, sys

ROOT, RUN = sys.argv[1:3]
LMDB = len(sys.argv) > 3
FFPP_POOL = ["FaceForensics++", "FaceShifter", "DeepFakeDetection", "FF-DF", "FF-F2F", "FF-FS", "FF-NT"]
LABELS = {"FF-real": 0, "DFD_real": 0, "CelebDFv2_real": 0, "FF-DF": 1, "FF-F2F": 1, "FF-FS": 1,
          "FF-NT": 1, "FF-FH": 1, "DFD_fake": 1, "CelebDFv2_fake": 1}


def npy(data):
    """shape, values of a .npy file of format 1.0 with int64, as numpy.save writes on Linux."""
    assert data[:8] == b"\x93NUMPY\x01\x00"
    n = struct.unpack("<H", data[8:10])[0]
    assert (10 + n) % 64 == 0 and data[9 + n:10 + n] == b"\n"
    head = eval(data[10:10 + n].decode(), {"__builtins__": {}})
    assert head["descr"] == "<i8" and head["fortran_order"] is False
    count = 1
    for k in head["shape"]:
        count *= k
    assert len(data) == 10 + n + 8 * count
    return head["shape"], struct.unpack("<%dq" % count, data[10 + n:])


class Files:
    separator = "/"

    def get(self, path):
        # A path that does not begin with a dot gets "./rgb_dir\" before it, which no Linux has.
        assert path[0] == "."
        return open(os.path.join(ROOT, path), "rb").read()

    def there(self, path):
        return os.path.exists(os.path.join(ROOT, path))


class Lmdb:
    separator = "\\"

    def __init__(self):
        import lmdb
        self.env = {}
        for d in os.listdir(ROOT + "/datasets/lmdb"):
            self.env[d] = lmdb.open("%s/datasets/lmdb/%s" % (ROOT, d), create=False, subdir=True,
                                    readonly=True, lock=False)

    def choose(self, dataset):
        self.now = self.env[("FaceForensics++" if dataset in FFPP_POOL else dataset) + "_lmdb"]

    def get(self, path):
        if path[0] == ".":
            path = path.replace("./datasets\\", "")
        with self.now.begin(write=False) as txn:
            return txn.get(path.encode())

    def there(self, path):
        return self.get(path) is not None

    def keys(self):
        with self.now.begin() as txn:
            return [k.decode() for k in txn.cursor().iternext(keys=True, values=False)]


rows = [l.rstrip("\n").split("\t") for l in open(RUN + "/align.tsv")][1:]
col = {n: i for i, n in enumerate(rows[0])}
METHODS = {"FF-real": "original", "FF-DF": "Deepfakes", "FF-FS": "FaceSwap", "DFD_real": "actors"}
want = {}
for r in rows[1:]:
    if r[col["status"]] == "ok":
        _, method, compression, name = r[col["video"]].split("/")
        want[method, compression, name, int(r[col["frame"]])] = r

store = Lmdb() if LMDB else Files()
seen, masks, used = set(), set(), set()
for file in sorted(os.listdir(ROOT + "/preprocessing/dataset_json")):
    dataset = file[:-5]
    doc = json.load(open("%s/preprocessing/dataset_json/%s" % (ROOT, file)))
    plain = dataset[:-4] if dataset.endswith("_c40") else dataset
    assert list(doc) == [plain]
    if LMDB:
        store.choose(plain)
    for label, splits in doc[plain].items():
        assert list(splits) == ["train", "val", "test"], (file, label)
        for split, videos in splits.items():
            if plain in FFPP_POOL:
                assert "c23" in videos, (file, label, split)
                videos = [(c, n, v) for c in videos for n, v in videos[c].items()]
            else:
                videos = [(None, n, v) for n, v in videos.items()]
            for compression, name, video in videos:
                assert video["label"] == label
                truth = LABELS.get(label, label != "real")
                paths = video["frames"]
                assert 1 <= len(paths) <= 32
                assert ("\\" in paths[0]) == LMDB
                order = sorted(paths, key=lambda p: int(p.split(store.separator)[-1].split(".")[0]))
                assert order == paths
                for p in paths:
                    assert p.count("frames") == 1 and p.endswith(".png")
                    picture = store.get(p)
                    parts = p.split(store.separator)
                    assert parts[-2] == name
                    r = want[METHODS.get(label, label), compression or "c23", name, int(parts[-1][:-4])]
                    assert r[col["split"]] == split or (r[col["split"]] in ".-" and split == "test")
                    assert (r[col["label"]] == "fake") == bool(truth), (label, r[0])
                    assert picture == open("%s/%s" % (RUN, r[col["image"]]), "rb").read()
                    seen.add(r[0])
                    lm = p.replace("frames", "landmarks").replace(".png", ".npy")
                    data = store.get(lm)
                    if LMDB:
                        assert len(data) == 648
                        values = struct.unpack("<162I", data)
                    else:
                        shape, values = npy(data)
                        assert shape == (81, 2)
                    used.update((p, lm))
                    # The matrix takes the measured points there, to half a pixel of rounding.
                    points = open("%s/%s" % (RUN, r[col["landmarks"]]), "rb").read()
                    at = 10 + struct.unpack("<H", points[8:10])[0] + 68 * 8 * int(r[col["landmark_row"]])
                    points = struct.unpack("<136f", points[at:at + 68 * 8])
                    m = [float(r[col["m%d%d" % (i, j)]]) for i in range(3) for j in range(3)]
                    for k in range(68):
                        x, y = points[2 * k:2 * k + 2]
                        w = m[6] * x + m[7] * y + m[8]
                        for got, true in ((values[2 * k], (m[0] * x + m[1] * y + m[2]) / w),
                                          (values[2 * k + 1], (m[3] * x + m[4] * y + m[5]) / w)):
                            true = max(true * 256 / float(r[col["size_px"]]), 0) if LMDB else true
                            assert abs(got - true) <= 0.5001, (r[0], k, got, true)
                    # 13 more, above the brows
                    assert min(values[2 * k + 1] for k in range(68, 81)) < min(values[2 * k + 1] for k in range(17, 27))
                    mask = p.replace("frames", "masks")
                    assert store.there(mask) == (r[col["mask"]] != ".")
                    assert (mask in video.get("masks", [])) == (r[col["mask"]] != ".")
                    if store.there(mask):
                        masks.add(mask)
                        used.add(mask)
                        assert store.get(mask) == open("%s/%s" % (RUN, r[col["mask"]]), "rb").read()
assert seen == {r[0] for r in want.values()}, "some faces are in no file"
if LMDB:
    assert set(store.keys()) == used and store.keys() == sorted(used)
else:
    there = {os.path.join("./" + os.path.relpath(d, ROOT), f)
             for d, _, fs in os.walk(ROOT + "/datasets") for f in fs}
    assert there == used, there ^ used
print(len(seen), len(masks))
