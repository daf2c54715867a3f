/* The filters of dlib's detector in dlib's own serialisation, as an array that the build writes, so
 * that a tool starts in no time. A size of 0 (in the program that writes it) means: there is none.
 */
#ifndef LP_DETECT_PACK_H
#define LP_DETECT_PACK_H

#ifdef __cplusplus
extern "C" {
#endif

#include <stddef.h>
#include <stdio.h>

#include "lib/err.h"

extern const size_t detect_pack_size;
extern const unsigned char detect_pack[];

/* Writes the C source that defines the two. ERR_IO. */
int detect_pack_write(FILE *fp, struct err *err) LP_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
