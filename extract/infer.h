/*
 * Runs a network (extract/net.h) through XNNPACK, its one door. Where the build found no
 * XNNPACK, or was told not to use it (-DLP_WITHOUT_XNNPACK), infer_open() says so, and nothing else
 * is different.
 *
 * One thread, no pool: the same numbers in every run on one machine and at any -j. XNNPACK picks
 * its kernels by the processor (SSE, AVX, FMA, AVX-512), which add in different orders, so on
 * another kind of processor the last bits of the outputs can differ.
 */
#ifndef LP_INFER_H
#define LP_INFER_H

#include "extract/net.h"

struct infer;

/* 0 if the build has the library, else ERR_MISSING. */
int infer_check(struct err *err) LP_MUST_CHECK;

/* Keeps nothing of `n`. Belongs to one thread at a time. ERR_MISSING as infer_check(), or
 * where XNNPACK does not know this processor, ERR_FAULT if it refuses the network, -ENOMEM. */
int infer_open(struct infer **i, const struct net *n, struct err *err) LP_MUST_CHECK;
void infer_close(struct infer *i); /* NULL is fine */

/* Where the input goes: net_floats() of the network's input, to be written before each run. */
float *infer_input(struct infer *i);

/* Output k in the order of net.outputs, until the next run. */
const float *infer_output(const struct infer *i, int k);

int infer_run(struct infer *i, struct err *err) LP_MUST_CHECK;

#endif
