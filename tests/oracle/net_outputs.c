/* net_outputs MODEL.onnx < input > outputs: runs a network on float32 numbers, [height][width][3],
 * and writes all its outputs one after another, channels last. For net_beside_opencv.py. */
#include <stdio.h>

#include "extract/infer.h"

static int run(struct infer *i, const struct net *n, struct err *err)
{
    size_t wanted = net_floats(&n->values[n->input]);
    int k, r;

    if (fread(infer_input(i), sizeof(float), wanted, stdin) != wanted)
        return err_set(err, ERR_DATA, "the input is too short");
    r = infer_run(i, err);
    for (k = 0; k < n->n_outputs && !r; k++) {
        size_t size = net_floats(&n->values[n->outputs[k]]);

        if (fwrite(infer_output(i, k), sizeof(float), size, stdout) != size)
            r = err_set(err, ERR_IO, "cannot write");
    }
    return r;
}

int main(int argc, char **argv)
{
    struct net n = {0};
    struct infer *i = NULL;
    struct err err = {0};
    int r;

    if (argc != 2) {
        fprintf(stderr, "usage: net_outputs MODEL.onnx < INPUT > OUTPUTS\n");
        return 64;
    }
    r = net_read_onnx(&n, argv[1], &err);
    if (!r)
        r = infer_open(&i, &n, &err);
    if (!r)
        r = run(i, &n, &err);
    if (r)
        fprintf(stderr, "net_outputs: %s\n", err.text);
    infer_close(i);
    net_release(&n);
    return err_exit_status(r);
}
