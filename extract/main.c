/* lp-extract: fetch.tsv in; face crops, landmarks and extract.tsv out. */
#include "extract/extract.h"

static const struct tool tool = {
    .name = "lp-extract",
    .summary = "finds the faces in videos: fetch.tsv in; crops, landmarks and extract.tsv out",
    .usage = "-c CONFIG -i RUN/fetch.tsv -o RUN/extract.tsv",
    .about =
        "Samples the same frame numbers of a pristine video and of every fake made from it, finds\n"
        "the face with dlib's frontal detector, fits 68 (or 81) landmarks, and writes the face "
        "with\n"
        "its surroundings: real and fake crops are the same pixels of the same frames.\n"
        "Beside the output: crops/VIDEO/FRAME.png, landmarks/VIDEO.npy (float32, frames x points x "
        "2,\n"
        "pixels of the full frame). A frame without a face is a row with status=skip, a video "
        "that\n"
        "cannot be read a row with status=fail. A run that was stopped goes on where it was.\n"
        "\n"
        "  lp-extract -i runs/ffpp/fetch.tsv -o runs/ffpp/extract.tsv --set extract.frames=16\n",
    .sections = "run,extract",
    .flags = TOOL_INPUT | TOOL_OUTPUT | TOOL_SHARD | TOOL_KERNELS,
};

int main(int argc, char **argv)
{
    struct tool_args args;
    struct err err = {0};
    int r, status;

    if (tool_start(&tool, argc, argv, &args, &status))
        return status;
    r = extract_run(&args, &err);
    return tool_finish(&tool, &args, r, &err);
}
