/*
 * Score files and align.tsv go in; metrics with intervals over people, curves, identity probes and
 * paired comparisons come out.
 */
#include "evaluate/evaluate.h"

static struct evaluate_request request;

static const struct tool_option options[] = {
    {'i', "input", OPTION_STRING, &request.manifest, 0, 0, "FILE",
     "align.tsv, to look up labels, videos and identities; - is standard input"},
    {0, "score-ids", OPTION_STRING, &request.score_ids, 0, 0, "FILE",
     "the ids of the rows of NPY score files (default: STEM.ids.tsv beside each)"},
    {0, "features", OPTION_STRING, &request.features, 0, 0, "FILE",
     "probe the first detector's features for identity: NPY, a row a frame"},
    {0, "feature-ids", OPTION_STRING, &request.feature_ids, 0, 0, "FILE",
     "the ids of the features' rows, in their order"},
    {0, "other-features", OPTION_STRING, &request.other_features, 0, 0, "FILE",
     "another network's features, to compare with (CKA)"},
    {0, "other-ids", OPTION_STRING, &request.other_ids, 0, 0, "FILE", "the ids of their rows"},
    {0, "last-layer", OPTION_STRING, &request.last_layer, 0, 0, "FILE",
     "weights of the layer behind the features (NPY): split the score by identity"},
    {0, "check", OPTION_STRING, &request.check, 0, 0, "CONDITION",
     "end with status 1 unless it holds, as in 'auc.video >= 0.9'"},
    {0, "compat", OPTION_STRING, &request.compat, 0, 0, "TOOL",
     "tell another tool's numbers beside ours: deepfakebench or caddm"},
    {0, NULL, OPTION_FLAG, NULL, 0, 0, NULL, NULL},
};

static const struct tool tool = {
    .name = "lp-evaluate",
    .summary = "Judge detectors: score files in, metrics and identity probes out",
    .usage = "[-c CONFIG] [-i RUN/align.tsv] [-o RUN/evaluate] SCORES...",
    .about =
        "A score file is TSV, CSV or JSON lines with a header, or NPY with its ids beside it;\n"
        "gzip, zstd and their like are read as they are. `score` (higher = more fake) and\n"
        "`id` or `path` are enough with -i; without, give `score`, `label` and `video`, and what\n"
        "you know of dataset, method, compression, split, face_id, context_id, component, frame.\n"
        "\n"
        "Frames of one video, and videos of one person, are not independent: intervals are over\n"
        "components of people. Two or more score files are compared on the frames they share.\n"
        "\n"
        "  lp-evaluate -i runs/a/align.tsv -o runs/a/evaluate runs/a/scores/mine.tsv",
    .sections = "run,evaluate",
    .flags = TOOL_OUTPUT | TOOL_OPERANDS,
    .options = options,
};

int main(int argc, char **argv)
{
    struct tool_args args;
    struct err err = {0};
    int r, status;

    if (tool_start(&tool, argc, argv, &args, &status))
        return status;
    request.output = args.output;
    r = evaluate_run(&args, &request, &err);
    return tool_finish(&tool, &args, r, &err);
}
