#include "evaluate/result.h"

#include <stdlib.h>

void result_release(struct result *r)
{
    size_t i, g;

    for (i = 0; r->model && i < r->data.n_models; i++) {
        struct model_result *m = &r->model[i];

        level_release(&m->frame);
        level_release(&m->video);
        for (g = 0; g < m->n_groups; g++) {
            level_release(&m->group[g].frame);
            level_release(&m->group[g].video);
        }
        for (g = 0; g < m->n_breakdowns; g++) {
            level_release(&m->breakdown[g].frame);
            level_release(&m->breakdown[g].video);
        }
        free(m->group);
        free(m->breakdown);
        free(m->identity);
        free(m->mean);
        free(m->swap);
        free(m->compat);
        probes_release(&m->probes);
    }
    free(r->model);
    free(r->pair);
    free(r->use);
    clusters_release(&r->clusters);
    clusters_release(&r->crossed);
    problems_release(&r->problems);
    dataset_release(&r->data);
    *r = (struct result){0};
}
