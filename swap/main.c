/* lp-swap: face crops and landmarks in (extract.tsv), facial-swap training samples out. */
#include "swap/swap.h"

#include "lib/tool.h"

static struct swap_options options = {.epochs = 1};

static const struct tool_option table[] = {
    {0, "stream", OPTION_FLAG, &options.stream, 0, 0, NULL,
     "write a WebDataset tar to standard output, and no table"},
    {0, "epoch", OPTION_INT, &options.epoch, 0, 4294967295LL, "E",
     "of a stream: the epoch to make, or to begin with"},
    {0, "epochs", OPTION_INT, &options.epochs, 0, 4294967295LL, "N",
     "of a stream: how many epochs; 0 = until nobody reads any more"},
    {0, "part", OPTION_STRING, &options.part, 0, 0, "I/N",
     "of a stream: only the I-th of N parts, for the workers of a data loader"},
    {0},
};

static const struct tool tool = {
    .name = "lp-swap",
    .summary = "makes facial-swap training samples from face crops",
    .usage = "-c CONFIG -i RUN/extract.tsv -o RUN/swap.tsv\n"
             "       lp-swap -c CONFIG -i RUN/extract.tsv --stream --epoch E >samples.tar",
    .about =
        "Each fake frame is mixed with the same frame of its pristine video: the whole face or "
        "one\n"
        "window of it is pasted one way or the other, by alpha or by Poisson blending, aligned to\n"
        "224 x 224 pixels with a random jitter; pristine frames are taken as they are. The table\n"
        "says for each sample what was done and where (the box), the pixels go to WebDataset tars\n"
        "swap/shard-NNNNNN.tar beside it, as KEY.jpg and KEY.json.\n"
        "\n"
        "A sample depends on the seed, the epoch and its id only. So a training loop can do "
        "without\n"
        "files and draw fresh swaps every epoch:\n"
        "\n"
        "  webdataset.WebDataset(\"pipe:lp-swap -c my.yaml -i run/extract.tsv --stream --epoch "
        "3\")",
    .sections = "run,swap",
    .flags = TOOL_INPUT | TOOL_OUTPUT | TOOL_SHARD | TOOL_KERNELS,
    .options = table,
};

int main(int argc, char **argv)
{
    struct tool_args args;
    struct err err = {0};
    int r, status;

    if (tool_start(&tool, argc, argv, &args, &status))
        return status;
    if (options.stream && (args.shard.count || args.output[0] != '-' || args.output[1]))
        r = err_set(&err, ERR_USAGE, "--stream writes to standard output: no --output, no --shard");
    else
        r = swap_run(&args, &options, &err);
    return tool_finish(&tool, &args, r, &err);
}
