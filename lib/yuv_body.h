/* The inner loops of yuv.c, compiled once for any processor and once with AVX2: all in integers
 * that never overflow, so every way gives the same bytes. YUV_NAME(x) names the functions. */

static void YUV_NAME(blend)(int16_t *restrict out, const uint8_t *restrict near,
                            const uint8_t *restrict far, int n)
{
    int i;

    for (i = 0; i < n; i++)
        out[i] = (int16_t)(3 * near[i] + far[i]);
}

static void YUV_NAME(widen)(int16_t *restrict out, const int16_t *restrict v, int n)
{
    int k;

    for (k = 0; k < n; k++) {
        out[2 * k] = (int16_t)(v[k - 1] + 3 * v[k] - 2048);
        out[2 * k + 1] = (int16_t)(3 * v[k] + v[k + 1] - 2048);
    }
}

static inline uint8_t YUV_NAME(clip)(int v)
{
    v >>= 17;
    v = v < 0 ? 0 : v;
    return (uint8_t)(v > 255 ? 255 : v);
}

static void YUV_NAME(colour)(uint8_t *restrict rgb, const uint8_t *restrict y,
                             const int16_t *restrict u, const int16_t *restrict v, int n,
                             const struct yuv_matrix *m)
{
    const int my = m->y, rv = m->r_v, gu = m->g_u, gv = m->g_v, bu = m->b_u, black = m->black;
    int x;

    for (x = 0; x < n; x++) {
        int light = 8 * (y[x] - black) * my + (1 << 16);

        rgb[3 * x] = YUV_NAME(clip)(light + rv * v[x]);
        rgb[3 * x + 1] = YUV_NAME(clip)(light + gu * u[x] + gv * v[x]);
        rgb[3 * x + 2] = YUV_NAME(clip)(light + bu * u[x]);
    }
}
