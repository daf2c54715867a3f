/* lp-fetch: a folder with a data set in; fetch.tsv, a row a video, out. */
#include "fetch/fetch.h"

static struct fetch_options options;

static const struct tool_option table[] = {
    {0, "audit", OPTION_FLAG, &options.audit, 0, 0, NULL,
     "write the components of people that lie in more than one split, and what ties them"},
    {0, "check", OPTION_FLAG, &options.check, 0, 0, NULL,
     "with --audit: exit 1 when there is such a component"},
    {0, "resplit", OPTION_FLAG, &options.resplit, 0, 0, NULL,
     "write each video's split as listed and as dataset.split makes it (listed counts as "
     "disjoint)"},
    {0, "get", OPTION_FLAG, &options.get, 0, 0, NULL,
     "only download and unpack what the settings name, write no table"},
    {0, "offline", OPTION_FLAG, &options.offline, 0, 0, NULL,
     "download and unpack nothing, catalogue what is there"},
    {0},
};

static const struct tool tool = {
    .name = "lp-fetch",
    .summary = "downloads and catalogues a data set: a folder of videos in, fetch.tsv out",
    .usage = "-c CONFIG -o RUN/fetch.tsv",
    .about = "Downloads, imports and unpacks what the section fetch: of the settings names, if it "
             "names\n"
             "anything; a stopped run goes on where it was. Then looks at the folder dataset.root, "
             "finds\n"
             "out how it is laid out, and writes a row a video: its label and split, whose face it "
             "shows\n"
             "(face_id), whose video it is (context_id), which people are tied to each other by "
             "fakes or\n"
             "by a common source video (component), the pristine video of each fake (pair), and "
             "what the\n"
             "file itself says. What is missing, or contradicts itself, is said on the way.\n"
             "\n"
             "  lp-fetch -c configs/ffpp.yaml -o runs/ffpp/fetch.tsv\n"
             "  lp-fetch -c configs/ffpp.yaml --audit      (who is in train and in test?)\n"
             "  lp-fetch -c configs/ffpp.yaml --set dataset.split=trimmed -o runs/ffpp/fetch.tsv\n",
    .sections = "run,dataset,fetch",
    .flags = TOOL_OUTPUT | TOOL_SHARD,
    .options = table,
};

int main(int argc, char **argv)
{
    struct tool_args args;
    struct err err = {0};
    int r, status;

    if (tool_start(&tool, argc, argv, &args, &status))
        return status;
    if (options.audit && options.resplit)
        r = err_set(&err, ERR_USAGE, "--audit and --resplit write two different tables");
    else if ((options.audit || options.resplit) && args.shard.count)
        r = err_set(&err, ERR_USAGE,
                    "--audit and --resplit look at the whole data set: no --shard");
    else if (options.get && (options.offline || options.audit || options.resplit))
        r = err_set(&err, ERR_USAGE, "--get writes no table, and is not --offline");
    else if (options.check && !options.audit)
        r = err_set(&err, ERR_USAGE, "--check goes with --audit");
    else
        r = fetch_run(&args, &options, &err);
    return tool_finish(&tool, &args, r, &err);
}
