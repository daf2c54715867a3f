/*
 * From a moment of the plan to finished samples: reads the crops and landmarks, runs the method,
 * encodes the members of each sample. Runs on worker threads; touches nothing shared.
 */
#ifndef LP_SWAP_PRODUCE_H
#define LP_SWAP_PRODUCE_H

#include "lib/media.h"
#include "lib/str.h"
#include "swap/anchors.h"
#include "swap/donor.h"
#include "swap/plan.h"
#include "swap/settings.h"

#define PRODUCE_MEMBERS 6 /* image, json, mask, xray, consistency, anchors */

enum product_status { PRODUCT_OK, PRODUCT_SKIP, PRODUCT_FAIL };

/* A sample on its way into a tar. Memory is kept for the next one. */
struct product {
    enum product_status status;
    struct str key;     /* name of its members up to the first dot */
    struct str members; /* their bytes, one after the other */
    struct {
        const char *suffix; /* ".jpg" */
        size_t size;
    } member[PRODUCE_MEMBERS];
    int n_members;
    struct str id;
    struct str row;    /* the manifest row from `label` on */
    struct str reason; /* for people: id and reason, when not ok */
};

/* The products of a moment. */
struct product_list {
    struct product *product;
    size_t n, capacity;
};

/* What all workers share, constant. */
struct produce_context {
    const struct swap_run_settings *set;
    const struct plan *plan;
    const struct manifest *manifest;
    const int *cols;
    const char *folder;               /* paths in the manifest are relative to it */
    const struct donor_index *donors; /* NULL if the method needs none */
};

/* One a worker. */
struct producer {
    struct swap_scratch scratch;
    struct swap_sample sample;
    struct augment_scratch augment;
    unsigned augmented; /* steps of the chain that the sample went through */
    struct media_codec *codec;
    struct manifest_row row, partner_row, donor_row;
    struct image self, pristine, donor, target;
    float *consistency;
    struct str path, json, pair;
    struct anchor anchors[ANCHORS];
};

int producer_init(struct producer *p, struct err *err) LP_MUST_CHECK;
void producer_release(struct producer *p);

/* Makes all samples of a moment in one epoch. Bad pictures and unfit pairs become products with
 * status fail or skip; an error is only what must stop the run. */
int produce_moment(struct producer *p, const struct produce_context *c,
                   const struct plan_moment *moment, uint32_t epoch, struct product_list *out,
                   struct err *err) LP_MUST_CHECK;

void product_list_release(struct product_list *l);
void product_release(struct product *p);

/* out = the tar key of a sample's id: '/' becomes '+', letters, digits, '-' and '_' stay, any other
 * byte becomes =XX in hexadecimal. So no dot or slash, and different ids have different keys. */
void product_key(const char *id, struct str *out);

#endif
