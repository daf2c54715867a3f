#include "swap/method.h"

#include <string.h>

#include "swap/published.h"
#include "swap/weights.h"

const struct swap_method *const swap_methods[] = {
    &swap_mfs, &swap_published, &swap_sbi, &swap_bob, &swap_bi, &swap_i2g, &swap_fwa, NULL,
};

const struct swap_method *swap_method_find(const char *name)
{
    int i;

    for (i = 0; swap_methods[i]; i++) {
        if (!strcmp(swap_methods[i]->name, name))
            return swap_methods[i];
    }
    return NULL;
}

void swap_scratch_init(struct swap_scratch *s, unsigned cpu_mask)
{
    s->ops = swap_ops_get(cpu_mask);
    warp_ops_init(&s->warp, cpu_mask);
    resizer_init(&s->resizer, cpu_mask);
}

void swap_scratch_release(struct swap_scratch *s)
{
    dssim_release(&s->dssim);
    poisson_release(&s->poisson);
    soften_release(&s->soften);
    resizer_release(&s->resizer);
    weights_free(s->weights);
    image_release(&s->self_half);
    image_release(&s->pristine_half);
    image_release(&s->still_a);
    image_release(&s->still_b);
    image_release(&s->still_mask);
    image_release(&s->fg);
    image_release(&s->bg);
    image_release(&s->hard);
    image_release(&s->soft);
    published_scratch_free(s->published);
    *s = (struct swap_scratch){0};
}

void swap_sample_release(struct swap_sample *s)
{
    image_release(&s->image);
    image_release(&s->mask);
    *s = (struct swap_sample){0};
}

const char *swap_mode_name(enum swap_mode mode)
{
    static const char *const names[] = {"genuine", "untouched", "global", "partial"};

    return names[mode];
}

const char *swap_blend_name(enum swap_blend blend)
{
    static const char *const names[] = {NULL, "alpha", "poisson"};

    return names[blend];
}
