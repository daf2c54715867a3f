/* Progress of downloads: on a terminal a line with bytes, rate, time left and files. */
#ifndef LP_METER_H
#define LP_METER_H

#include <stddef.h>

struct meter {
    size_t files, files_done, files_failed;
    long long bytes;       /* that came in this run */
    long long bytes_known; /* still to come, of the files that began */
    size_t begun;          /* files, */
    long long
        begun_bytes; /* and their sizes: those that have not begun are taken to be like them */
    double start_s, drawn_s, rate_bps, sampled_s;
    long long sampled;
};

void meter_begin(struct meter *m, size_t files);

/* Draws, at most six times a second. */
void meter_draw(struct meter *m);

/* "12.3 GB", in powers of ten as sizes of downloads are told. */
#define METER_TEXT 32
const char *meter_bytes(double bytes, char out[METER_TEXT]);

#endif
