/* lp-align: extract.tsv in; aligned faces, align.tsv and exports out. */
#include "align/align.h"

static const struct tool tool = {
    .name = "lp-align",
    .summary =
        "aligns faces: extract.tsv in; faces of one size and pose, align.tsv and exports out",
    .usage = "-c CONFIG -i RUN/extract.tsv -o RUN/align.tsv",
    .about =
        "Five landmarks (eye centres, nose tip, mouth corners) are taken to a template by the\n"
        "similarity of least squared error, and the crop is warped with it. The homography from\n"
        "full-frame pixels to the aligned face is in the row. Beside the output: aligned/ID.png,\n"
        "exports/NAME/ for each of align.exports, which training frameworks take unchanged, and\n"
        "sets/NAME/ for each perturbation, level and jittered copy that is asked for.\n"
        "\n"
        "  lp-align -i runs/ffpp/extract.tsv -o runs/ffpp/align.tsv --set align.template=arcface\n",
    .sections = "run,align",
    .flags = TOOL_INPUT | TOOL_OUTPUT | TOOL_SHARD | TOOL_KERNELS,
    .after_merge = align_finish,
};

int main(int argc, char **argv)
{
    struct tool_args args;
    struct err err = {0};
    int r, status;

    if (tool_start(&tool, argc, argv, &args, &status))
        return status;
    r = align_run(&args, &err);
    return tool_finish(&tool, &args, r, &err);
}
