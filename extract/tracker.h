/*
 * Who is who from sample to sample: gives each face the number of the track it goes on with, or a
 * new one. A track is one person in one shot. It ends with the shot: after a cut all tracks are
 * new, as nothing here knows people by their looks.
 *
 * A face can go on with a track if its middle has moved by less than TRACK_REACH of its side (a
 * little more for every sample in which the track was not seen) and its side has changed by less
 * than TRACK_ZOOM, and if face and surroundings still look alike (mean difference of a coarse
 * colour picture of twice the box less than TRACK_LOOKS, after the mean brightness is evened out).
 * Among those that can, the nearest pairs are joined first, so that two people who stay apart keep
 * their numbers. A track that is not seen in TRACK_PATIENCE samples in a row has ended.
 */
#ifndef LP_TRACKER_H
#define LP_TRACKER_H

#include <stdbool.h>
#include <stdint.h>

#include "extract/detect.h"

#define TRACK_REACH    0.8
#define TRACK_ZOOM     1.6
#define TRACK_LOOKS    45 /* grey levels */
#define TRACK_PATIENCE 3
#define TRACK_CELLS    8 /* a side of the coarse picture */

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

/* The next sample: writes the track of boxes[i] in img to numbers[i], n <= DETECT_MAX_FACES. New
 * tracks are numbered in the order of the boxes. */
void tracker_step(struct tracker *t, const struct image *img, const struct rect *boxes, int n,
                  int *numbers);

#endif
