#include "extract/extract_settings.h"

#define DEFAULT_MODEL "/usr/share/dlib/shape_predictor_68_face_landmarks.dat"

int extract_settings_from(struct extract_settings *s, const struct conf *c, struct err *err)
{
    double fps = conf_real(c, "extract.fps");
    long long every = conf_int(c, "extract.every");
    bool png = conf_enum(c, "extract.image") == 0;
    size_t n_keep;

    if (every > 0 && fps > 0)
        return err_set(err, ERR_CONFIG, "extract.every and extract.fps exclude each other");
    *s = (struct extract_settings){
        .sampling = {.rule = every > 0 ? SAMPLE_EVERY
                             : fps > 0 ? SAMPLE_FPS
                                       : SAMPLE_SPREAD,
                     .frames = conf_int(c, "extract.frames"),
                     .every = every,
                     .fps = fps},
        .detector = (enum detector_name)conf_enum(c, "extract.detector"),
        .schedule = conf_enum(c, "extract.schedule") == 0 ? SCHEDULE_FAST : SCHEDULE_REFERENCE,
        .faces = (enum face_choice)conf_enum(c, "extract.faces"),
        .min_track = (int)conf_int(c, "extract.min_track"),
        .min_face_px = (int)conf_int(c, "extract.min_face_px"),
        .grow = conf_real(c, "extract.grow"),
        .format =
            png ? MEDIA_PNG : (enum media_format)(MEDIA_JPEG + conf_enum(c, "extract.jpg_chroma")),
        .quality = (int)conf_int(c, png ? "extract.png_level" : "extract.jpg_quality"),
        .keep_unpaired = conf_enum(c, "extract.unpaired") == 1,
        .model = conf_string(c, "extract.landmarks_model"),
        .cnn_model = conf_string(c, "extract.cnn_model")};
    face_filter_from(&s->filter, c);
    (void)conf_list(c, "extract.keep", &n_keep); /* the only word there is: frames */
    s->keep_frames = n_keep > 0;
    if (!*s->model)
        s->model = DEFAULT_MODEL;
    return 0;
}
