/* The one C++ file: dlib's detector, with its exceptions turned into codes. */
#include "extract/detect.h"

#include "extract/detect_pack.h"

#include <cerrno>
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

struct detector {
    dlib::frontal_face_detector hog, narrow;
    dlib::array2d<dlib::rgb_pixel> picture,
        doubled; /* kept, so that equal sizes allocate nothing */
    std::vector<dlib::rect_detection> found;
};

namespace
{

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

void copy_rows(dlib::array2d<dlib::rgb_pixel> &to, const struct image *img)
{
    static_assert(sizeof(dlib::rgb_pixel) == 3, "rows are copied as bytes");
    to.set_size(img->height, img->width);
    for (int y = 0; y < img->height; y++)
        std::memcpy(static_cast<void *>(&to[y][0]), img->data + (ptrdiff_t)y * img->stride,
                    (size_t)img->width * 3);
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

/* The same filters on fewer levels. */
dlib::frontal_face_detector with_levels(const dlib::frontal_face_detector &hog,
                                        unsigned long levels)
{
    dlib::frontal_face_detector::image_scanner_type scanner;
    std::vector<dlib::frontal_face_detector::feature_vector_type> weights;

    scanner.copy_configuration(hog.get_scanner());
    scanner.set_max_pyramid_levels(levels);
    for (unsigned long i = 0; i < hog.num_detectors(); i++)
        weights.push_back(hog.get_w(i));
    return dlib::frontal_face_detector(scanner, hog.get_overlap_tester(), weights);
}

} // namespace

int detector_open(struct detector **d, struct err *err)
{
    *d = nullptr;
    return guarded(err, [&] {
        const dlib::frontal_face_detector hog = load_detector();

        *d = new detector{hog, with_levels(hog, DETECT_NARROW_LEVELS), {}, {}, {}};
        return 0;
    });
}

int detector_copy(struct detector **d, const struct detector *from, struct err *err)
{
    *d = nullptr;
    return guarded(err, [&] {
        *d = new detector{from->hog, from->narrow, {}, {}, {}};
        return 0;
    });
}

void detector_close(struct detector *d)
{
    delete d;
}

int detector_find(struct detector *d, const struct image *img, enum detect_mode mode,
                  struct face faces[DETECT_MAX_FACES], struct err *err)
{
    return guarded(err, [&] {
        const dlib::pyramid_down<2> halve;
        int n = 0;

        if (img->width < 3 || img->height < 3)
            return 0;
        copy_rows(d->picture, img);
        if (mode == DETECT_DOUBLED) {
            dlib::pyramid_up(d->picture, d->doubled, halve);
            d->hog(d->doubled, d->found);
        } else {
            (mode == DETECT_NARROW ? d->narrow : d->hog)(d->picture, d->found);
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
            n++;
        }
        return n;
    });
}

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
