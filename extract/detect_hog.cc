/* The one C++ file: dlib's detector, with its exceptions turned into codes. */
#include "extract/detect_kind.h"

#include "extract/detect_pack.h"

#include <cerrno>
#include <cmath>
#include <cstring>
#include <exception>
#include <new>
#include <sstream>

/* dlib's own linear algebra for the ten small SVDs at start: LAPACK would drag a BLAS with threads
 * into every worker's process. */
#include <dlib/assert.h>
#include <dlib/test_for_odr_violations.h>
#undef DLIB_USE_BLAS
#undef DLIB_USE_LAPACK
#include <dlib/array2d.h>
#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/image_transforms.h>

extern "C" {
#include "lib/cpu.h"
#include "lib/resize.h"
}

namespace
{

struct hog_state {
    dlib::frontal_face_detector hog;
    std::vector<dlib::frontal_face_detector> narrow; /* one a view */
    dlib::array2d<dlib::rgb_pixel> picture,
        doubled; /* kept, so that equal sizes allocate nothing */
    dlib::array2d<unsigned char> luma;
    std::vector<dlib::rect_detection> found;
    struct image scaled = {}, grey = {};
    struct resizer resizer;

    hog_state(const dlib::frontal_face_detector &all,
              const std::vector<dlib::frontal_face_detector> &views)
        : hog(all), narrow(views)
    {
        resizer_init(&resizer, cpu_mask());
    }
    ~hog_state()
    {
        image_release(&scaled);
        image_release(&grey);
        resizer_release(&resizer);
    }
    hog_state(const hog_state &) = delete;
    hog_state &operator=(const hog_state &) = delete;
};

/* Runs `f` and turns what it throws into a code with words. */
template <typename F> int guarded(struct err *err, F f)
{
    try {
        return f();
    } catch (const std::bad_alloc &) {
        return err_nomem(err);
    } catch (const std::exception &e) {
        return err_set(err, ERR_FAULT, "face detector: %s", e.what());
    } catch (...) {
        return err_set(err, ERR_FAULT, "face detector: unknown failure");
    }
}

template <typename Pixel> void copy_rows(dlib::array2d<Pixel> &to, const struct image *img)
{
    static_assert(sizeof(dlib::rgb_pixel) == 3, "rows are copied as bytes");
    to.set_size(img->height, img->width);
    for (int y = 0; y < img->height; y++)
        std::memcpy(static_cast<void *>(&to[y][0]), img->data + (ptrdiff_t)y * img->stride,
                    (size_t)img->width * sizeof(Pixel));
}

/* dlib keeps the detector as text, compressed so well that unpacking takes 0.2 s; the packed form
 * that the build makes of it is read at once. */
dlib::frontal_face_detector load_detector()
{
    dlib::frontal_face_detector hog;

    if (detect_pack_size == 0)
        return dlib::get_frontal_face_detector();
    std::istringstream in(
        std::string(reinterpret_cast<const char *>(detect_pack), detect_pack_size));
    dlib::deserialize(hog, in);
    return hog;
}

/* One of the filters on fewer levels. */
dlib::frontal_face_detector only_view(const dlib::frontal_face_detector &hog, unsigned long view,
                                      unsigned long levels)
{
    dlib::frontal_face_detector::image_scanner_type scanner;

    scanner.copy_configuration(hog.get_scanner());
    scanner.set_max_pyramid_levels(levels);
    return dlib::frontal_face_detector(scanner, hog.get_overlap_tester(), hog.get_w(view));
}

std::vector<dlib::frontal_face_detector> views_of(const dlib::frontal_face_detector &hog)
{
    std::vector<dlib::frontal_face_detector> views;

    for (unsigned long i = 0; i < hog.num_detectors(); i++)
        views.push_back(only_view(hog, i, HOG_NARROW_LEVELS));
    return views;
}

int scaled_side(int side, double scale)
{
    const double s = std::floor(side * scale + 0.5);

    return s < 1 ? 1 : (int)s;
}

int back(double at, double ratio, int offset)
{
    return (int)std::floor(at * ratio + 0.5) + offset;
}

/* dlib's boxes of `img`. */
int find_here(hog_state *d, const struct image *img, enum detect_mode mode, int view,
              struct face faces[DETECT_MAX_FACES])
{
    const dlib::pyramid_down<2> halve;
    int n = 0;

    if (img->width < 3 || img->height < 3)
        return 0;
    if (mode == DETECT_DOUBLED) {
        copy_rows(d->picture, img);
        dlib::pyramid_up(d->picture, d->doubled, halve);
        d->hog(d->doubled, d->found);
    } else {
        const bool narrow = mode == DETECT_NARROW && view >= 0 && (size_t)view < d->narrow.size();

        copy_rows(d->luma, img);
        (narrow ? d->narrow[view] : d->hog)(d->luma, d->found);
        if (narrow)
            for (dlib::rect_detection &f : d->found)
                f.weight_index = view;
    }
    for (const dlib::rect_detection &f : d->found) {
        const dlib::rectangle r =
            mode == DETECT_DOUBLED ? dlib::rectangle(halve.rect_down(f.rect, 1)) : f.rect;

        if (n == DETECT_MAX_FACES)
            break;
        faces[n].box.x0 = (int)r.left();
        faces[n].box.y0 = (int)r.top();
        faces[n].box.x1 = (int)r.right() + 1;
        faces[n].box.y1 = (int)r.bottom() + 1;
        faces[n].score = f.detection_confidence;
        faces[n].view = (int)f.weight_index;
        n++;
    }
    return n;
}

int hog_open(void **state, const char *, struct err *err)
{
    return guarded(err, [&] {
        const dlib::frontal_face_detector hog = load_detector();

        *state = new hog_state(hog, views_of(hog));
        return 0;
    });
}

int hog_copy(void **state, const void *from, struct err *err)
{
    return guarded(err, [&] {
        const hog_state *f = static_cast<const hog_state *>(from);

        *state = new hog_state(f->hog, f->narrow);
        return 0;
    });
}

void hog_close(void *state)
{
    delete static_cast<hog_state *>(state);
}

/* Scales the area so that the smallest face wanted has the size of the window. Luma is enough, and
 * a fifth less work than colours, but for the published way, where dlib's own answer is wanted. */
int hog_find(void *state, const struct image *img, const struct detect_query *q,
             struct face faces[DETECT_MAX_FACES], struct err *err)
{
    hog_state *d = static_cast<hog_state *>(state);
    const struct image part =
        image_view(img, q->area.x0, q->area.y0, rect_width(q->area), rect_height(q->area));
    const struct image *searched = &part;
    int r = 0;
    const double scale = q->mode == DETECT_DOUBLED ? 1 : HOG_WINDOW_PX / q->smallest_px;

    if (q->mode != DETECT_DOUBLED) {
        r = image_to_grey(&d->grey, searched, err);
        searched = &d->grey;
    }
    if (!r && std::fabs(scale - 1) > 1e-3) {
        r = image_shape(&d->scaled, scaled_side(part.width, scale), scaled_side(part.height, scale),
                        1, err);
        if (!r)
            r = resize_image(&d->resizer, &d->scaled, searched, err);
        searched = &d->scaled;
    }
    if (r)
        return r;
    const double rx = (double)part.width / searched->width;
    const double ry = (double)part.height / searched->height;
    const int n = guarded(err, [&] { return find_here(d, searched, q->mode, q->view, faces); });

    for (int i = 0; i < n; i++) {
        struct rect *b = &faces[i].box;

        *b = {back(b->x0, rx, q->area.x0), back(b->y0, ry, q->area.y0), back(b->x1, rx, q->area.x0),
              back(b->y1, ry, q->area.y0)};
    }
    return n;
}

} // namespace

extern const struct detector_kind detect_hog = {"hog",    true,      hog_open,
                                                hog_copy, hog_close, hog_find};

int detect_pack_write(FILE *fp, struct err *err)
{
    return guarded(err, [&] {
        std::ostringstream out;

        dlib::serialize(dlib::get_frontal_face_detector(), out);
        const std::string bytes = out.str();
        fprintf(fp,
                "#include \"extract/detect_pack.h\"\n\n"
                "const size_t detect_pack_size = %zu;\nconst unsigned char detect_pack[] = {",
                bytes.size());
        for (size_t i = 0; i < bytes.size(); i++)
            fprintf(fp, "%s%u,", i % 20 ? "" : "\n", (unsigned)(unsigned char)bytes[i]);
        fprintf(fp, "\n};\n");
        return ferror(fp) ? err_set(err, ERR_IO, "cannot write the packed detector") : 0;
    });
}
