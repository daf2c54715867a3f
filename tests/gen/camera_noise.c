#include "tests/gen/camera_noise.h"

#include "lib/rng.h"

void camera_noise_init(struct camera_noise *c)
{
    struct rng r;
    int i;

    rng_init(&r, 1, 0, "camera", "noise");
    for (i = 0; i < CAMERA_NOISE_N; i++)
        c->tile[i] = (float)rng_normal(&r);
}

void camera_noise_add(const struct camera_noise *camera, struct image *img, uint64_t seed,
                      const char *name, int frame, double sigma)
{
    struct rng r;
    uint32_t at, hue;
    int x, y, c;

    rng_init(&r, seed, (uint32_t)frame, name, "noise");
    at = rng_u32(&r);
    hue = rng_u32(&r);
    for (y = 0; y < img->height; y++) {
        uint8_t *p = image_row(img, y);
        /* each row starts elsewhere in the tile, so that the tile does not show */
        uint32_t row = at + (uint32_t)y * 40503u, tint = hue + (uint32_t)y * 30011u;

        for (x = 0; x < img->width; x++, p += 3) {
            double n = sigma * (double)camera->tile[(row + (uint32_t)x) % CAMERA_NOISE_N];
            double t = 0.5 * sigma * (double)camera->tile[(tint + (uint32_t)x) % CAMERA_NOISE_N];

            for (c = 0; c < 3; c++) {
                double v = p[c] + n + (c == 0 ? t : c == 2 ? -t : 0) + 0.5;

                p[c] = v <= 0 ? 0 : v >= 255 ? 255 : (uint8_t)v;
            }
        }
    }
}
