/* The section `extract` of the configuration, read once. */
#ifndef LP_EXTRACT_SETTINGS_H
#define LP_EXTRACT_SETTINGS_H

#include <stdbool.h>

#include "extract/face_filter.h"
#include "extract/finder.h"
#include "extract/sample.h"
#include "lib/conf.h"
#include "lib/media.h"

struct extract_settings {
    struct sampling sampling;
    enum detector_name detector;
    enum schedule schedule;
    enum face_choice faces;
    int min_track; /* FACES_TRACK: samples */
    int min_face_px;
    struct face_filter filter;
    double grow;
    enum media_format format;
    int quality; /* for media_write_picture() */
    bool keep_frames;
    bool keep_unpaired;
    const char *model;     /* path: landmarks */
    const char *cnn_model; /* path; "" = where `make models` puts it */
};

/* ERR_CONFIG when keys contradict each other. Strings live as long as `c`. */
int extract_settings_from(struct extract_settings *s, const struct conf *c,
                          struct err *err) LP_MUST_CHECK;

#endif
