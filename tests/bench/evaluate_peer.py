"""What bench_evaluate times, with scikit-learn and NumPy, one thread of BLAS.

usage: evaluate_peer.py bootstrap|linear|neighbours|erasure FOLDER

Prints `seconds` of the work alone (not of start and reading). FOLDER has scores.npy (score, label,
cluster as float64, columns) and features.npy, rows.npy (group, video, part) as the bench wrote them.
"""
import sys, time, warnings
import numpy as np

what, folder = sys.argv[1:3]
warnings.simplefilter("ignore")
load = lambda name: np.load(folder + "/" + name)


def bootstrap():
    """20 clustered replicates by gathering and sorting again, as one would; told for 2000."""
    from sklearn.metrics import roc_auc_score
    score, label, cluster = load("scores.npy").T
    rng, order = np.random.default_rng(1), np.argsort(cluster, kind="stable")
    ends = np.searchsorted(cluster[order], np.arange(cluster.max() + 2))
    start = time.time()
    for _ in range(20):
        drawn = rng.integers(0, len(ends) - 1, len(ends) - 1)
        rows = np.concatenate([order[ends[c]:ends[c + 1]] for c in drawn])
        roc_auc_score(label[rows], score[rows])
    return (time.time() - start) * 100


def linear():
    from sklearn.linear_model import LogisticRegression
    x, (group, _, part) = load("features.npy"), load("rows.npy").T
    start = time.time()
    mean, sd = x[part == 0].mean(0), x[part == 0].std(0)
    z = (x - mean) / sd
    LogisticRegression(max_iter=100, C=1 / (1e-3 * (part == 0).sum())).fit(z[part == 0], group[part == 0]).predict(z[part == 1])
    return time.time() - start


def neighbours():
    from sklearn.neighbors import NearestNeighbors
    x = load("features.npy")
    start = time.time()
    NearestNeighbors(n_neighbors=21, algorithm="brute", metric="cosine").fit(x).kneighbors(x)
    return time.time() - start


def erasure():
    """LEACE by eigenvectors, as its paper's code does."""
    x, (group, _, part) = load("features.npy"), load("rows.npy").T
    start = time.time()
    t, g = x[part == 0].astype(float), group[part == 0].astype(int)
    mean = t.mean(0)
    t -= mean
    one = np.eye(g.max() + 1)[g]
    cross = t.T @ (one - one.mean(0)) / len(t)
    v, e = np.linalg.eigh(t.T @ t / len(t))
    w, back = e * v ** -.5 @ e.T, e * v ** .5 @ e.T
    u = np.linalg.svd(w @ cross, full_matrices=False)[0][:, :g.max()]
    x = x - (x - mean) @ (back @ u @ u.T @ w).T
    return time.time() - start


print("%.3f" % {"bootstrap": bootstrap, "linear": linear, "neighbours": neighbours, "erasure": erasure}[what]())
