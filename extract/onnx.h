/*
 * The parts of an ONNX file (onnx.proto3 of https://onnx.ai): tensors, nodes, inputs, outputs, as
 * views into the file's bytes, which must stay. What the nodes mean is net_onnx.c's matter.
 */
#ifndef LP_ONNX_H
#define LP_ONNX_H

#include "extract/protobuf.h"
#include "lib/err.h"

#define ONNX_MAX_DIMS    8
#define ONNX_MAX_INPUTS  8 /* of a node */
#define ONNX_MAX_NODES   1024
#define ONNX_MAX_TENSORS 1024
#define ONNX_MAX_OUTPUTS 16

enum onnx_type { ONNX_FLOAT = 1, ONNX_INT64 = 7 };

/* A tensor's numbers lie in raw bytes, or in repeated fields of the message. */
struct onnx_tensor {
    struct pb name;
    struct pb message;
    enum onnx_type type;
    int n_dims;
    int64_t dims[ONNX_MAX_DIMS]; /* > 0; a scalar has none */
    size_t count;                /* product of dims; there are as many numbers */
    struct pb raw;               /* empty: in fields */
};

struct onnx_node {
    struct pb op, in[ONNX_MAX_INPUTS], out, message;
    int n_in;
};

struct onnx_value {
    struct pb name;
    int n_dims;
    int64_t dims[ONNX_MAX_DIMS]; /* 0 = not a number */
};

struct onnx_graph {
    struct onnx_tensor *tensors; /* the initialisers */
    struct onnx_node *nodes;     /* in the file's order */
    struct onnx_value inputs[ONNX_MAX_INPUTS], outputs[ONNX_MAX_OUTPUTS];
    int n_tensors, n_nodes, n_inputs, n_outputs; /* inputs: without those that are initialisers */
};

/* ERR_DATA with words that name `name`. On failure g is empty. */
int onnx_parse(struct onnx_graph *g, const void *data, size_t size, const char *name,
               struct err *err) LP_MUST_CHECK;
void onnx_release(struct onnx_graph *g);

/* NULL if there is none. */
const struct onnx_tensor *onnx_find(const struct onnx_graph *g, struct pb name);

/* Copies the t->count numbers. The tensor must be of this type. */
void onnx_floats(const struct onnx_tensor *t, float *to);
void onnx_ints(const struct onnx_tensor *t, int64_t *to);

/* The whole numbers of a node's attribute, at most max: their count; 0 if there is no such
 * attribute, -1 if it is something else or has more. */
int onnx_attribute(const struct onnx_node *n, const char *name, int64_t *to, int max);

bool onnx_same(struct pb a, struct pb b); /* the same bytes */

#endif
