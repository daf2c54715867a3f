/*
 * Which way a head is turned, from its 68 landmarks.
 *
 * A rigid head of average shape is placed before a camera so that its points come to lie on the
 * landmarks, by least squares (Gauss-Newton with Levenberg's damping). The head: points of
 * MediaPipe's canonical face model, in centimetres, for those landmarks that move little when a
 * face talks: middles of the eyes, ridge of the nose, nostrils, corners of the mouth.
 * The camera: it looks straight at the face from HEAD_ANGLES_CAMERA_CM away, so that the angles are
 * those a viewer of the crop sees, wherever in the frame the face is; its focal length then is a
 * matter of scale and need not be known. Somebody who is nearer or farther than assumed changes an
 * angle by a few percent of itself.
 *
 * Signs, as seen in the picture: yaw is positive when the face looks to the right of the picture,
 * pitch when it looks down, roll when it is tilted clockwise. All are 0 for a level head that looks
 * into the camera. The head is turned by pitch first, then yaw, then roll:
 * R = Rz(roll) Ry(yaw) Rx(pitch).
 */
#ifndef LP_HEAD_ANGLES_H
#define LP_HEAD_ANGLES_H

#include <stdbool.h>

#include "lib/geometry.h"

#define HEAD_ANGLES_CAMERA_CM 80.0

struct head_angles {
    double yaw_deg, pitch_deg, roll_deg; /* yaw and pitch within +-90, roll within +-180 */
};

/* points: 68 landmarks or more, of which the first 68 are read (lib/landmarks.h has the order).
 * False, and all zero, if no pose can be had: points that are not finite or coincide. */
bool head_angles_of(const struct point *points, struct head_angles *a);

#endif
