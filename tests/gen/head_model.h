/*
 * A parametric human head for test clips: surface, facial features and the 68 true landmarks.
 *
 * Units are eye distances: the eyes' centres of the average face are at x = -0.5 and 0.5, y = 0.
 * x grows to the right of the picture, y down, z towards the camera. The surface is a stack of
 * elliptical rings (a row for each height, an angle a around it, 0 = front) plus bumps in front:
 * nose, brow ridge, eye sockets, lips, chin, cheeks. A facial feature is a curve in the (x, y) of
 * that front, y after the jaw has dropped. Painting and landmarks use the same curves, so the truth
 * is exact by construction. The landmarks' order is iBUG's (lib/landmarks.h); those on the jaw
 * slide towards the visible outline when the head turns, as annotators place them.
 */
#ifndef LP_HEAD_MODEL_H
#define LP_HEAD_MODEL_H

#include <stdint.h>

#include "lib/geometry.h"

#define HEAD_LANDMARKS 68
#define HEAD_PROFILE   256 /* samples of the outline */

struct vec3 {
    double x, y, z;
};

/* A person. Lengths in eye distances, colours linear light 0..1. */
struct head_identity {
    unsigned number; /* keys the textures */
    uint64_t seed;
    double face_width, jaw_width, chin_width, length, forehead; /* factors, about 1 */
    double eye_x, eye_half_width, lid_upper, lid_lower, eye_tilt;
    double brow_y, brow_arch, brow_tilt, brow_thickness, brow_density;
    double nose_tip_y, nose_half_width, nose_height, nose_bridge;
    double mouth_y, mouth_half_width, lip_upper, lip_lower, cupid;
    double hairline, hair_thickness, hair_side, stubble, lines, cheek_red;
    int long_hair, parted; /* hair style */
    double skin[3], hair[3], brow[3], lip[3], iris[3], shirt[3];
};

/* One moment of one person before a camera. */
struct head_pose {
    double yaw, pitch, roll;  /* radians; positive: to the picture's right, down, clockwise */
    double x_px, y_px;        /* where the point between nose and eyes is seen */
    double eye_px;            /* pixels an eye distance */
    double open, wide, smile; /* mouth: opening (eye distances), width and corner raise (-1..1) */
    double blink;             /* 0 open .. 1 closed */
    double brow_raise;        /* eye distances */
    double gaze_x, gaze_y;    /* -1..1 */
    struct vec3 light;        /* unit vector towards the key light */
    double key, ambient;      /* strengths */
    double light_color[3];
};

/* What the surface and the features look like at this moment: made by head_face_at(). */
struct head_face {
    const struct head_identity *id;
    struct head_pose pose;
    double y[HEAD_PROFILE], w[HEAD_PROFILE], zc[HEAD_PROFILE], front[HEAD_PROFILE],
        back[HEAD_PROFILE]; /* the rings, top to chin */
    double jaw_drop;        /* of the chin */
    double mouth_y, mouth_half_width, lip_upper, lip_lower, open, smile; /* this moment's */
    double brow_y, lid_upper, lid_lower;
    double rotation[9]; /* head to camera */
};

/* Person `number` of a cast: a pure function of (seed, number). */
void head_identity_make(struct head_identity *id, uint64_t seed, unsigned number);

void head_face_at(struct head_face *f, const struct head_identity *id,
                  const struct head_pose *pose);

/* ---- surface ---------------------------------------------------------------------------------*/
/* The point of ring `s` (0 top .. HEAD_PROFILE - 1 chin, may be between two) at angle a; *u, *v are
 * its front coordinates (v with the jaw dropped). */
struct vec3 head_surface(const struct head_face *f, double s, double a, double *u, double *v);

/* The ring and angle of front coordinates (x, y with the jaw dropped). */
void head_locate(const struct head_face *f, double x, double y, double *s, double *a);

/* Turned into the camera's axes (still in eye distances, about the head's centre). */
struct vec3 head_turn(const struct head_face *f, struct vec3 p);

/* Where a turned point is seen, pixels. Perspective of a camera HEAD_CAMERA eye distances away. */
#define HEAD_CAMERA 11.0
struct point head_project(const struct head_face *f, struct vec3 p);

/* The front point (x, y) seen by the camera. */
struct point head_see(const struct head_face *f, double x, double y);

/* ---- feature curves: front coordinates --------------------------------------------------------
 * side -1 = left in the picture, 1 = right. */
double head_lid_upper(const struct head_face *f, int side, double t); /* t: -1 left .. 1 right */
double head_lid_lower(const struct head_face *f, int side, double t);
struct point head_brow(const struct head_face *f, int side, double t); /* t: 0 inner .. 1 outer */
double head_lip_top(const struct head_face *f, double t); /* t: -1 .. 1 along the mouth */
double head_lip_bottom(const struct head_face *f, double t);
double head_mouth_top(const struct head_face *f, double t); /* edge of the opening */
double head_mouth_bottom(const struct head_face *f, double t);
#define HEAD_MOUTH_INNER 0.84 /* the opening reaches to this t */

/* The 68 true landmarks, pixels. */
void head_landmarks(const struct head_face *f, struct point p[HEAD_LANDMARKS]);

/* The landmarks of the average face, from the front, mouth a little open, 100 pixels an eye
 * distance: no people and no chance in it. */
void head_average(struct point p[HEAD_LANDMARKS]);

#endif
