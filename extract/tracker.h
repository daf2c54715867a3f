/*
 * Who is who from sample to sample: gives each face the number of the track it goes on with, or a
 * new one. A track is one person in one shot. It ends with the shot: after a cut all tracks are
 * new, as nothing here knows people by their faces.
 *
 * A face can go on with a track if its middle has moved by less than TRACK_REACH of its side (a
 * quarter more for every sample in which the track was not seen) and its side has changed by less
 * than TRACK_ZOOM, and if head and surroundings still look alike: the mean difference of two coarse
 * colour pictures about the landmarks, whatever the brightness, is below TRACK_LOOKS. Among those
 * that can, the nearest pairs are joined first, so that two people who stay apart keep their
 * numbers. A track that is not seen in TRACK_PATIENCE samples in a row has ended.
 *
 * TRACK_LOOKS: between samples up to half a second apart, 99 of 100 pairs of one person lie below
 * 12 on real clips as on synthetic heads, and 99 of 100 pairs of two people above 13 on synthetic
 * heads before one and the same wall (on real clips of different rooms, above 36).
 */
#ifndef LP_TRACKER_H
#define LP_TRACKER_H

#include <stdbool.h>
#include <stdint.h>

#include "extract/detect.h"

#define TRACK_REACH    0.8
#define TRACK_ZOOM     1.6
#define TRACK_LOOKS    14 /* grey levels */
#define TRACK_PATIENCE 3
#define TRACK_CELLS    8   /* a side of the coarse picture */
#define TRACK_SPAN     3.2 /* half its side, in root mean squares of the landmarks' radius */

struct track_looks {
    uint8_t cell[TRACK_CELLS][TRACK_CELLS][3];
};

struct track {
    int number;
    struct rect box;
    struct track_looks looks;
    int missed; /* samples since it was seen */
};

/* Of one thread; a plain struct. */
struct tracker {
    struct track track[DETECT_MAX_FACES];
    int n;    /* tracks that have not ended */
    int next; /* number of the next new one */
};

/* A new video: numbers begin at 0. */
void tracker_start(struct tracker *t);

/* A cut: all tracks have ended. */
void tracker_cut(struct tracker *t);

/* A face of a sample: its box and what is about it. */
struct track_sight {
    struct rect box;
    struct track_looks looks;
};

/* Looks at the face of img in `box`, with its 68 or more landmarks. */
void track_see(struct track_sight *s, const struct image *img, struct rect box,
               const struct point *points);

/* The next sample: writes the track of seen[i] to numbers[i], n <= DETECT_MAX_FACES. New tracks are
 * numbered in the order of `seen`. */
void tracker_step(struct tracker *t, const struct track_sight *seen, int n, int *numbers);

#endif
