/*
 * The report: what a run left behind, on one HTML page that needs nothing but a browser.
 *
 * OUT/index.html holds its style, its figures (inline SVG from gnuplot) and its pictures (data
 * URIs); a content security policy forbids it to fetch anything. OUT/figures/ holds each figure as
 * SVG and PDF with the gnuplot script and the data that drew it. The same inputs give the same
 * bytes.
 */
#ifndef LP_REPORT_H
#define LP_REPORT_H

#include "lib/err.h"
#include "lib/tool.h"

/* args->input is the folder of a run, args->output the folder of the report ("-" = report/ below
 * the run's). A part of the run that is missing is said on the page; ERR_NOINPUT when both
 * evaluate/metrics.json and align.tsv are. ERR_MISSING without gnuplot. */
int report_run(const struct tool_args *args, struct err *err) LP_MUST_CHECK;

#endif
