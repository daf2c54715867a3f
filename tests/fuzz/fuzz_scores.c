/* A score file: TSV, CSV, JSON lines, NPY, compressed or not. */
#include "evaluate/score_lines.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct score_source source = {.path = fuzz_file(data, size), .npy_column = -1};
    struct score_reader *r;
    struct score_row row;
    struct err err = {0};
    static size_t seen[256]; /* so that what is given is read */
    int got, c, lines = 0;

    if (score_reader_open(&r, &source, &err))
        return 0;
    while (lines++ < 100000 &&
           ((got = score_reader_next(r, &row, &err)) == 1 || got == SCORE_LINE_BAD)) {
        err = (struct err){0};
        for (c = 0; got == 1 && !row.same && c < N_COLUMNS; c++)
            if (row.at[c] && row.len[c]) {
                seen[(uint8_t)row.at[c][0]]++;
                seen[(uint8_t)row.at[c][row.len[c] - 1]]++;
            }
    }
    score_reader_close(r);
    return 0;
}
