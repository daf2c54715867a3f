#include "swap/settings.h"

#include <stdio.h>
#include <string.h>

#include "swap/published.h"
#include "swap/region.h"

#define PNG_LEVEL 1

static int read_windows(struct swap_settings *s, const struct conf *conf, struct err *err)
{
    size_t n, i;
    const char *const *text = conf_list(conf, "swap.windows", &n);

    if (n < 1 || n > SWAP_WINDOWS_MAX)
        return err_set(err, ERR_CONFIG, "swap.windows: give 1 to %d windows", SWAP_WINDOWS_MAX);
    for (i = 0; i < n; i++) {
        struct swap_window *w = &s->window[i];
        char end;

        if (sscanf(text[i], "%4dx%4d%c", &w->h, &w->w, &end) != 2 || w->h < 8 || w->w < 8 ||
            w->h > SAMPLE_PX || w->w > SAMPLE_PX)
            return err_set(err, ERR_CONFIG,
                           "swap.windows: '%s' is not HEIGHTxWIDTH with sides of 8 to %d", text[i],
                           SAMPLE_PX);
    }
    s->windows = (int)n;
    return 0;
}

static void read_regions(struct swap_settings *s, const struct conf *conf)
{
    size_t n, i, k;
    const char *const *name = conf_list(conf, "swap.regions", &n);

    for (i = 0; i < n; i++) {
        for (k = 0; k < REGION_KINDS; k++) {
            if (!strcmp(name[i], region_names[k]))
                s->regions |= 1u << k;
        }
    }
}

static int read_methods(struct swap_settings *s, const struct conf *conf, struct err *err)
{
    s->seed = (uint64_t)conf_int(conf, "swap.seed");
    s->real_on_fake = conf_real(conf, "swap.real_on_fake");
    s->fake_on_real = conf_real(conf, "swap.fake_on_real");
    s->untouched = conf_real(conf, "swap.untouched");
    s->partial = conf_real(conf, "swap.partial");
    if (!(s->real_on_fake + s->fake_on_real + s->untouched + s->partial > 0))
        return err_set(err, ERR_CONFIG,
                       "swap.real_on_fake, fake_on_real, untouched and partial: "
                       "at least one must be above 0");
    s->poisson = conf_real(conf, "swap.poisson");
    s->elastic = conf_real(conf, "swap.elastic");
    s->elastic_sigma = conf_real(conf, "swap.elastic_sigma");
    s->elastic_min = conf_real(conf, "swap.elastic_min");
    s->elastic_max = conf_real(conf, "swap.elastic_max");
    if (s->elastic_min > s->elastic_max)
        return err_set(err, ERR_CONFIG, "swap.elastic_min is above swap.elastic_max");
    s->hull = (enum hull_kind)conf_enum(conf, "swap.hull");
    s->hull_lift = conf_real(conf, "swap.hull_lift");
    s->soften_px = (int)conf_int(conf, "swap.soften_px");
    if (s->soften_px % 2 == 0)
        return err_set(err, ERR_CONFIG, "swap.soften_px: %d is not odd", s->soften_px);
    s->scale = conf_real(conf, "swap.scale");
    s->scale_sd = conf_real(conf, "swap.scale_sd");
    s->translate_px = conf_real(conf, "swap.translate_px");
    s->rotate_deg = conf_real(conf, "swap.rotate_deg");
    s->stretch = conf_real(conf, "swap.stretch");
    s->stretch_p = conf_real(conf, "swap.stretch_p");
    s->mirror = conf_real(conf, "swap.mirror");
    s->halve = conf_real(conf, "swap.halve");
    if (s->scale - 3 * s->scale_sd < 0.2)
        return err_set(err, ERR_CONFIG,
                       "swap.scale - 3 swap.scale_sd is below 0.2: "
                       "faces would be drawn too small");
    s->border = (enum swap_border)conf_enum(conf, "swap.border");
    read_regions(s, conf);
    s->min_difference = conf_real(conf, "swap.min_difference");
    s->global_box_image = conf_enum(conf, "swap.global_box") == 1;
    s->partial_box_window = conf_enum(conf, "swap.partial_box") == 1;
    return read_windows(s, conf, err);
}

int swap_settings_read(struct swap_run_settings *s, const struct conf *conf, struct err *err)
{
    size_t n, i;
    const char *const *extra = conf_list(conf, "swap.extras", &n), *const * names;
    int r;

    *s = (struct swap_run_settings){0};
    for (i = 0; i < n; i++) {
        s->mask = s->mask || !strcmp(extra[i], "mask");
        s->xray = s->xray || !strcmp(extra[i], "xray");
        s->consistency = s->consistency || !strcmp(extra[i], "consistency");
        s->anchors = s->anchors || !strcmp(extra[i], "anchors");
    }
    s->consistency_grid = (int)conf_int(conf, "swap.consistency_grid");
    s->donors = (unsigned)conf_int(conf, "swap.donors");
    s->splits = conf_list(conf, "swap.splits", &n);
    if (!n)
        return err_set(err, ERR_CONFIG, "swap.splits: name at least one split");
    s->epochs = (uint32_t)conf_int(conf, "swap.epochs");
    s->folders = conf_enum(conf, "swap.sink") == 1;
    s->image = conf_enum(conf, "swap.image") == 0
                   ? (enum media_format)(MEDIA_JPEG + conf_enum(conf, "swap.jpg_chroma"))
                   : MEDIA_PNG;
    s->quality = s->image == MEDIA_PNG ? PNG_LEVEL : (int)conf_int(conf, "swap.jpg_quality");
    s->apart = conf_enum(conf, "swap.pairs") == 1;
    s->genuine = (unsigned)conf_int(conf, "swap.genuine");
    s->shard_samples = (unsigned)conf_int(conf, "swap.shard_samples");
    s->shuffle = (unsigned)conf_int(conf, "swap.shuffle");
    s->method = swap_method_find(conf_string(conf, "swap.method"));
    if (!s->method)
        return err_set(err, ERR_CONFIG, "swap.method: '%s' is unknown",
                       conf_string(conf, "swap.method"));
    names = conf_list(conf, "swap.augment", &n);
    if ((r = augment_chain_read(&s->augment, names, n, err)))
        return r;
    names = conf_list(conf, "swap.corrections", &n);
    if ((r = published_corrections_read(&s->swap.corrections, names, n, err)))
        return r;
    if (s->method == &swap_published)
        published_augment_chain(&s->augment, s->swap.corrections);
    return read_methods(&s->swap, conf, err);
}
