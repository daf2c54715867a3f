/* The data-set card: who and what is in the run, and what fell out on the way. */
#ifndef LP_CARD_H
#define LP_CARD_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"
#include "reports/intern.h"
#include "reports/run_folder.h"

enum card_split { CARD_TRAIN, CARD_VAL, CARD_TEST, CARD_OTHER, CARD_SPLITS };

/* Videos of one data set, method and compression. */
struct card_group {
    const char *dataset, *method, *compression; /* live as long as the card */
    bool fake;
    long long videos[CARD_SPLITS];
    long long identities, contexts, components; /* distinct */
    long long unknown;                          /* videos whose identity is not known */
    long long faces, failed;                    /* rows of align.tsv */
};

/* One kind of reason why rows are not "ok". */
struct card_loss {
    const char *stage, *status, *reason; /* reason: names and numbers replaced by "…" and N */
    const char *example;                 /* the first id */
    long long count;
};

struct card {
    struct card_group *group; /* real before fake, then by name */
    size_t n_groups, cap_groups;
    struct card_loss *loss; /* by stage, most frequent first */
    size_t n_losses, cap_losses;
    long long videos, identities, components, faces;
    long long crossing;        /* components with videos in two or more of train, val, test */
    long long crossing_videos; /* videos in them */
    struct intern texts, counted;
};

/* Counts videos from fetch.tsv where it is there, else from align.tsv; faces from align.tsv. */
int card_make(struct card *c, const struct run_folder *run, struct err *err) LP_MUST_CHECK;
void card_release(struct card *c);

/* The kind of a reason: text in single quotes becomes '…', a run of digits N. */
void card_reason_kind(const char *reason, struct str *out);

#endif
