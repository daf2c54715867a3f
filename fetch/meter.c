#include "fetch/meter.h"

#include <stdio.h>

#include "lib/msg.h"

#define REDRAW_S 0.17
#define SAMPLE_S 0.5
#define SMOOTH   0.2 /* weight of the newest sample of the rate */

const char *meter_bytes(double bytes, char out[METER_TEXT])
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
    size_t i = 0;

    while (bytes >= 1000 && i + 1 < sizeof(units) / sizeof(*units)) {
        bytes /= 1000;
        i++;
    }
    snprintf(out, METER_TEXT, i ? "%.3g %s" : "%.0f %s", bytes, units[i]);
    return out;
}

void meter_begin(struct meter *m, size_t files)
{
    *m = (struct meter){.files = files};
    m->start_s = m->sampled_s = msg_now_s();
}

void meter_draw(struct meter *m)
{
    char have[METER_TEXT], rate[METER_TEXT], speed[METER_TEXT + 8] = "", left[48] = "",
                                                                failed[48] = "";
    double now = msg_now_s(), spent = now - m->sampled_s, bytes_left = (double)m->bytes_known;

    if (spent >= SAMPLE_S) {
        double last = (double)(m->bytes - m->sampled) / spent;

        m->rate_bps = m->rate_bps > 0 ? m->rate_bps + SMOOTH * (last - m->rate_bps) : last;
        m->sampled = m->bytes;
        m->sampled_s = now;
    }
    if (now - m->drawn_s < REDRAW_S)
        return;
    m->drawn_s = now;
    if (m->begun && m->files > m->begun)
        bytes_left += (double)(m->files - m->begun) * (double)m->begun_bytes / (double)m->begun;
    if (m->rate_bps > 0)
        snprintf(speed, sizeof(speed), ", %s/s", meter_bytes(m->rate_bps, rate));
    if (m->rate_bps > 1 && bytes_left > 0) {
        double s = bytes_left / m->rate_bps;

        if (s < 360000)
            snprintf(left, sizeof(left), ", %d:%02d:%02d left", (int)(s / 3600), (int)(s / 60) % 60,
                     (int)s % 60);
    }
    if (m->files_failed)
        snprintf(failed, sizeof(failed), ", %zu failed", m->files_failed);
    msg_line("%zu/%zu files%s, %s%s%s", m->files_done, m->files, failed,
             meter_bytes((double)m->bytes, have), speed, left);
}
