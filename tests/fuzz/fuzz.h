/*
 * Fuzz targets: each fuzz_NAME.c defines LLVMFuzzerTestOneInput(), which must come back from any
 * bytes without a crash, a leak or a touch of foreign memory. `make fuzz` links them with libFuzzer
 * (clang); every build links them with replay.c, which gives them the files of
 * tests/fuzz/corpus/NAME, and much more cheaply keeps what was found from coming back.
 */
#ifndef LP_FUZZ_H
#define LP_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The path of a file that holds the bytes; it lives in memory and is good until the next call. */
const char *fuzz_file(const uint8_t *data, size_t size);

/* The path of an empty folder, in memory where the system has such (/dev/shm), removed at exit. */
const char *fuzz_folder(void);

/* Writes FOLDER/NAME, making the folders on its way. */
void fuzz_put(const char *name, const void *data, size_t size);

/* Removes all that fuzz_put() wrote. */
void fuzz_clear(void);

#endif
