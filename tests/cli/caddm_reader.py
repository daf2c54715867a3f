"""What CADDM's loader does with train_images/ and ldm.json, re-implemented from its documented
rules: caddm_reader.py ROOT RUN IMG_PATH WHOLE

IMG_PATH is what its configuration says, "./train_images"; WHOLE: the folder of extract.tsv, whose
frames these are. Prints the number of samples, fails where it would.
"""
import json, os, struct, sys

ROOT, RUN, IMG_PATH, WHOLE = sys.argv[1:5]
rows = [l.rstrip("\n").split("\t") for l in open(RUN + "/align.tsv")][1:]
col = {n: i for i, n in enumerate(rows[0])}
want = {}
for r in rows[1:]:
    if r[col["status"]] == "ok":
        _, method, compression, name = r[col["video"]].split("/")
        folder = ("original_sequences/youtube" if method == "original" else "manipulated_sequences/" + method)
        want["%s/%s/%s/frames/%s/frame_%s" % (IMG_PATH, folder, compression, name, r[col["frame"]])] = r

os.chdir(ROOT)
ldm = json.load(open(os.path.join(IMG_PATH, "ldm.json")))
files = []
for d in sorted(os.listdir(IMG_PATH)):
    d = os.path.join(IMG_PATH, d)
    if os.path.isdir(d):
        for base, _, names in os.walk(d):
            files += [os.path.join(base, n) for n in names]
labels = set()
for path in files:
    key = path[:-4]
    info = ldm[key] # KeyError for a stray file
    r = want[key]
    assert info["label"] == (r[col["label"]] == "fake")
    labels.add(info["label"])
    # every entry has its own landmarks: those of its frame, as whole numbers, and a forehead
    lm = info["landmark"]
    assert len(lm) == 81 and all(isinstance(v, int) for p in lm for v in p)
    data = open("%s/%s" % (RUN, r[col["landmarks"]]), "rb").read()
    at = 10 + struct.unpack("<H", data[8:10])[0] + 68 * 8 * int(r[col["landmark_row"]])
    true = struct.unpack("<136f", data[at:at + 68 * 8])
    assert all(abs(lm[k // 2][k % 2] - true[k]) <= 0.5001 for k in range(136)), key
    # the source frame is there, is real, and has the same number
    source = info["source_path"] + path[-4:]
    assert os.path.exists(source), source
    assert ldm[info["source_path"]]["label"] == 0 or source == path
    assert source.rsplit("/", 1)[1] == path.rsplit("/", 1)[1]
    if info["label"] and source != path:
        assert key.split("/")[-2].split("_")[0] == info["source_path"].split("/")[-2]
    if not info["label"]:
        assert source == path
    whole = "%s/frames/%s/%06d.png" % (WHOLE, r[col["video"]], int(r[col["frame"]]))
    assert open(path, "rb").read() == open(whole, "rb").read()
assert len(files) == len(ldm) and labels == {0, 1}
print(len(files))
