/*
 * A small convolutional network as plain data: what a model file is turned into, and what an
 * inference library is fed with.
 *
 * Values are float pictures [height][width][channels], one at a time (batch 1). Layers are in an
 * order in which each one's inputs come before it.
 */
#ifndef LP_NET_H
#define LP_NET_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

#define NET_MAX_VALUES  1024
#define NET_MAX_SIDE    4096 /* pixels */
#define NET_MAX_DEPTH   4096 /* channels */
#define NET_MAX_OUTPUTS 16

struct net_value {
    int height, width, channels;
};

enum net_op {
    NET_CONV,      /* each output channel sees all input channels */
    NET_DEPTHWISE, /* each output channel sees the input channel of its number */
    NET_MAX_POOL,
    NET_ADD,   /* in[0] + in[1] */
    NET_WIDEN, /* more channels, which are 0 */
};

struct net_layer {
    enum net_op op;
    int in[2], out; /* values; in[1] for NET_ADD only */
    bool relu;      /* negative results become 0 */
    /* NET_CONV, NET_DEPTHWISE, NET_MAX_POOL: */
    int kernel_height, kernel_width, stride;
    int pad_top, pad_left, pad_bottom, pad_right; /* rows and columns of 0 around the input */
    float *weights; /* [out channels][kernel_height][kernel_width][in channels] of NET_CONV,
                       [kernel_height][kernel_width][channels] of NET_DEPTHWISE; owned */
    float *bias;    /* [out channels]; owned; NULL = 0 */
};

struct net {
    struct net_value *values;
    struct net_layer *layers;
    int n_values, n_layers;
    int input;                    /* a value */
    int outputs[NET_MAX_OUTPUTS]; /* values */
    int n_outputs;
};

static inline size_t net_floats(const struct net_value *v)
{
    return (size_t)v->height * (size_t)v->width * (size_t)v->channels;
}

/* Numbers in a layer's `weights`; 0 if it has none. */
static inline size_t net_weights(const struct net *n, const struct net_layer *l)
{
    size_t window = (size_t)l->kernel_height * (size_t)l->kernel_width;
    size_t out = (size_t)n->values[l->out].channels;

    if (l->op == NET_DEPTHWISE)
        return window * out;
    return l->op == NET_CONV ? window * out * (size_t)n->values[l->in[0]].channels : 0;
}

/*
 * Reads a network from an ONNX file (ONNX 1.x, opset 7 to 21: https://onnx.ai, onnx.proto3): one
 * input [1, h, w, 3], and of the operators Transpose (between the two orders of axes), Conv, Relu
 * (after Conv or Add), Add, MaxPool, Concat with zeros from ConstantOfShape (more channels), and
 * Reshape (of an output). ERR_MISSING if the file is not there, ERR_NOINPUT if it cannot be read,
 * ERR_DATA if it is damaged or holds something else: shapes that do not fit, a number that is not
 * finite, sizes beyond the limits.
 */
int net_read_onnx(struct net *n, const char *path, struct err *err) LP_MUST_CHECK;

/* The same from memory; `name` is for messages. */
int net_parse_onnx(struct net *n, const void *data, size_t size, const char *name,
                   struct err *err) LP_MUST_CHECK;

int net_copy(struct net *to, const struct net *from, struct err *err) LP_MUST_CHECK;
void net_release(struct net *n);

#endif
