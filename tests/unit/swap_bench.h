/* What a test of a swap method works on: a fake frame, its pristine one, somebody else's, all 300 x
 * 300 pixels, and what a method needs beside. */
#ifndef LP_SWAP_BENCH_H
#define LP_SWAP_BENCH_H

#include "lib/cpu.h"
#include "tests/unit/swap_fixture.h"

#define SIDE 300

struct bench {
    struct swap_settings set;
    struct swap_scratch scratch;
    struct swap_sample sample, other;
    struct image self, pristine, donor, a, b;
    struct swap_input in;
    struct err err;
};

static inline int bench_setup(void **state)
{
    struct bench *t = calloc(1, sizeof *t);

    if (!t)
        return -1;
    t->set = fixture_settings();
    swap_scratch_init(&t->scratch, cpu_flags());
    fixture_texture(&t->self, SIDE, SIDE, "fake");
    fixture_texture(&t->pristine, SIDE, SIDE, "real");
    fixture_texture(&t->donor, SIDE, SIDE, "donor");
    t->in = (struct swap_input){.id = "a", .is_fake = true};
    t->in.self = (struct swap_crop){&t->self, 100, 50};
    t->in.pristine = (struct swap_crop){&t->pristine, 100, 50};
    t->in.landmarks = fixture_face(250, 190, 150);
    t->in.donor = (struct swap_crop){&t->donor, 0, 0};
    t->in.donor_landmarks = fixture_face(150, 140, 140);
    *state = t;
    return 0;
}

/* A frame alone, as the methods that make their fakes of it get it; the donor is there. */
static inline int bench_setup_alone(void **state)
{
    int r = bench_setup(state);

    if (!r)
        ((struct bench *)*state)->in.pristine = (struct swap_crop){0};
    return r;
}

static inline int bench_teardown(void **state)
{
    struct bench *t = *state;

    swap_scratch_release(&t->scratch);
    swap_sample_release(&t->sample);
    swap_sample_release(&t->other);
    image_release(&t->self);
    image_release(&t->pristine);
    image_release(&t->donor);
    image_release(&t->a);
    image_release(&t->b);
    free(t);
    return 0;
}

#endif
