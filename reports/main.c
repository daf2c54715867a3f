/* lp-report: the folder of a run goes in; one self-contained HTML page with figures comes out. */
#include "reports/report.h"

static const struct tool tool = {
    .name = "lp-report",
    .summary = "Puts what a run found on one HTML page that needs nothing but a browser",
    .usage = "[-c CONFIG] -i RUN [-o RUN/report]",
    .about =
        "RUN is the folder of a run. The page shows what is there: metrics and curves from\n"
        "evaluate/, the data-set card from fetch.tsv and align.tsv, faces from align.tsv, "
        "training\n"
        "samples with their boxes from swap.tsv and its shards. What is missing is said, with the\n"
        "command that makes it. Figures lie beside the page as SVG and PDF, with their gnuplot\n"
        "scripts.\n"
        "\n"
        "  lp-evaluate -i runs/ffpp/align.tsv -o runs/ffpp/evaluate mine.tsv\n"
        "  lp-report -i runs/ffpp -o runs/ffpp/report\n"
        "  xdg-open runs/ffpp/report/index.html",
    .sections = "run,report",
    .flags = TOOL_INPUT | TOOL_OUTPUT,
};

int main(int argc, char **argv)
{
    struct tool_args args;
    struct err err = {0};
    int status, r;

    if (tool_start(&tool, argc, argv, &args, &status))
        return status;
    r = report_run(&args, &err);
    return tool_finish(&tool, &args, r, &err);
}
