"""What SelfBlendedImages' training loader does, re-implemented from its documented rules:
sbi_reader.py ROOT WHOLE. Prints train, val, test frames."""
import glob, json, os, struct, sys

ROOT, WHOLE = sys.argv[1:3]
os.chdir(ROOT)


def npy(path, descr):
    data = open(path, "rb").read()
    n = struct.unpack("<H", data[8:10])[0]
    head = eval(data[10:10 + n].decode(), {"__builtins__": {}})
    assert head["descr"] == descr and head["fortran_order"] is False
    count = head["shape"][0] * head["shape"][1] * head["shape"][2]
    return head["shape"], struct.unpack("<%d%s" % (count, {"<i8": "q", "<f8": "d"}[descr]), data[10 + n:])


numbers, whole = [], {}
names = {}
if os.path.exists("data/FaceForensics++/videos.tsv"):
    names = dict(l.rstrip("\n").split("\t") for l in open("data/FaceForensics++/videos.tsv"))
for phase in ("train", "val", "test"):
    listed = []
    for i in json.load(open("data/FaceForensics++/%s.json" % phase)):
        listed += i
    folders = sorted(glob.glob("data/FaceForensics++/original_sequences/youtube/raw/frames/*"))
    folders = [f for f in folders if os.path.basename(f)[:3] in listed]
    used = 0
    for folder in folders:
        for path in sorted(glob.glob(folder + "/*.png")):
            lm = path.replace("/frames/", "/landmarks/").replace(".png", ".npy")
            retina = path.replace("/frames/", "/retina/").replace(".png", ".npy")
            if not (os.path.isfile(lm) and os.path.isfile(retina)):
                continue
            used += 1
            shape, p = npy(lm, "<i8")
            assert shape == (1, 81, 2)
            shape, box = npy(retina, "<f8")
            assert shape == (1, 7, 2)
            xs, ys = p[0::2], p[1::2]
            assert box[:4] == (min(xs), min(ys), max(xs), max(ys))
            assert box[0] < box[4] < box[6] < box[2] and box[1] < box[5] < box[9] < box[11] < box[3]
            name = os.path.basename(folder)
            video = names.get(name, "h/original/c23/" + name)
            frame = int(os.path.basename(path)[:-4])
            assert open(path, "rb").read() == open("%s/frames/%s/%06d.png" % (WHOLE, video, frame), "rb").read()
            assert whole.setdefault(path, phase) == phase, "a video is in two lists"
    numbers.append(str(used))
print(*numbers)
