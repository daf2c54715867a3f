/*
 * Aligned faces go in (align.tsv); the scores and features of a simple detector, trained on the
 * run's own train split, come out for the test split.
 */
#include "evaluate/score.h"

static const struct tool tool = {
    .name = "lp-score",
    .summary = "Score a run's test split with a reference detector trained on its train split",
    .usage = "-c CONFIG -i RUN/align.tsv -o RUN/scores/reference.tsv",
    .about =
        "The detector is small on purpose: the azimuthally averaged power spectrum of the face "
        "and\n"
        "logistic regression (Durall et al. 2019). It shows that the chain works and what score\n"
        "and feature files look like; beat it with yours. Beside the scores it writes the spectra\n"
        "(reference.npy) and their ids (reference.ids.tsv) for lp-evaluate's identity probes.\n"
        "\n"
        "  lp-score -i runs/a/align.tsv -o runs/a/scores/reference.tsv\n"
        "  lp-evaluate -i runs/a/align.tsv -o runs/a/evaluate runs/a/scores/reference.tsv \\\n"
        "      --features runs/a/scores/reference.npy --feature-ids "
        "runs/a/scores/reference.ids.tsv",
    .sections = "run,score",
    .flags = TOOL_INPUT | TOOL_OUTPUT,
};

int main(int argc, char **argv)
{
    struct tool_args args;
    struct err err = {0};
    int r, status;

    if (tool_start(&tool, argc, argv, &args, &status))
        return status;
    r = score_run(&args, &err);
    return tool_finish(&tool, &args, r, &err);
}
