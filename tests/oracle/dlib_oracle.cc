/*
 * dlib_oracle MODEL.dat [-u] < LIST
 *
 * The published pre-processing through dlib's own C++ interface: oracle of the tests and peer of
 * the benches. Nothing of it is linked into the tools.
 *
 * LIST has a picture a line: `PATH.ppm` (P6, 8 bits) alone runs the detector (-u: after one
 * upsample) and takes the largest face; `PATH.ppm X0 Y0 X1 Y1` gives the face box (half-open). The
 * answer is a line of numbers: X0 Y0 X1 Y1 SCORE DETECT_MS LANDMARKS_MS N, then N pairs as dlib
 * returns them (whole pixels), then N pairs before dlib rounds them; `none DETECT_MS` without a
 * face.
 */
#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <dlib/array2d.h>
#include <dlib/image_processing.h>
#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/image_transforms.h>

namespace
{

using picture = dlib::array2d<dlib::rgb_pixel>;
using shape_vector = dlib::matrix<float, 0, 1>;

/* The parts of dlib's model that its class keeps to itself, read with dlib's own functions, so that
 * the shape can be had before rounding. */
struct open_model {
    shape_vector mean;
    std::vector<std::vector<dlib::impl::regression_tree>> forests;
    std::vector<std::vector<unsigned long>> anchors;
    std::vector<std::vector<dlib::vector<float, 2>>> deltas;

    explicit open_model(const std::string &path)
    {
        std::ifstream in(path, std::ios::binary);
        int version = 0;

        dlib::deserialize(version, in);
        dlib::deserialize(mean, in);
        dlib::deserialize(forests, in);
        dlib::deserialize(anchors, in);
        dlib::deserialize(deltas, in);
    }

    std::vector<dlib::vector<double, 2>> fit(const picture &img, const dlib::rectangle &box) const
    {
        shape_vector shape = mean;
        std::vector<float> pool;
        std::vector<dlib::vector<double, 2>> points;
        unsigned long leaf;

        for (size_t level = 0; level < forests.size(); level++) {
            dlib::impl::extract_feature_pixel_values(img, box, shape, mean, anchors[level],
                                                     deltas[level], pool);
            for (const auto &tree : forests[level])
                shape += tree(pool, leaf);
        }
        const dlib::point_transform_affine to_image = dlib::impl::unnormalizing_tform(box);
        for (long i = 0; i < shape.size() / 2; i++)
            points.push_back(to_image(dlib::impl::location(shape, (unsigned long)i)));
        return points;
    }
};

picture read_ppm(const std::string &path)
{
    std::ifstream in(path, std::ios::binary);
    std::string magic;
    long width = 0, height = 0, top = 0;
    picture img;

    in >> magic >> width >> height >> top;
    in.get();
    if (!in || magic != "P6" || top != 255)
        throw std::runtime_error("cannot read '" + path + "'");
    img.set_size(height, width);
    for (long y = 0; y < height; y++)
        in.read(reinterpret_cast<char *>(&img[y][0]), width * 3);
    if (!in)
        throw std::runtime_error("'" + path + "' is cut off");
    return img;
}

double now_ms()
{
    using namespace std::chrono;
    return duration<double, std::milli>(steady_clock::now().time_since_epoch()).count();
}

bool largest_face(dlib::frontal_face_detector &hog, const picture &img, bool upsample,
                  dlib::rectangle &box, double &score)
{
    const dlib::pyramid_down<2> halve;
    std::vector<dlib::rect_detection> found;
    picture doubled;
    bool any = false;

    if (upsample) {
        dlib::pyramid_up(img, doubled, halve);
        hog(doubled, found);
    } else {
        hog(img, found);
    }
    for (const auto &f : found) {
        const dlib::rectangle r = upsample ? dlib::rectangle(halve.rect_down(f.rect, 1)) : f.rect;

        if (!any || r.area() > box.area()) {
            box = r;
            score = f.detection_confidence;
        }
        any = true;
    }
    return any;
}

void answer(dlib::frontal_face_detector &hog, const dlib::shape_predictor &predictor,
            const open_model &model, bool upsample, const std::string &line)
{
    std::istringstream in(line);
    std::string path;
    long x0, y0, x1, y1;
    dlib::rectangle box;
    double score = 0, start, detect_ms, landmarks_ms;
    bool found = true;

    in >> path;
    const picture img = read_ppm(path);
    start = now_ms();
    if (in >> x0 >> y0 >> x1 >> y1)
        box = dlib::rectangle(x0, y0, x1 - 1, y1 - 1);
    else
        found = largest_face(hog, img, upsample, box, score);
    detect_ms = now_ms() - start;
    if (!found) {
        std::printf("none %.3f\n", detect_ms);
        return;
    }
    start = now_ms();
    const dlib::full_object_detection parts = predictor(img, box);
    landmarks_ms = now_ms() - start;
    std::printf("%ld %ld %ld %ld %.9g %.3f %.3f %lu", box.left(), box.top(), box.right() + 1,
                box.bottom() + 1, score, detect_ms, landmarks_ms, parts.num_parts());
    for (unsigned long i = 0; i < parts.num_parts(); i++)
        std::printf(" %ld %ld", parts.part(i).x(), parts.part(i).y());
    for (const auto &p : model.fit(img, box))
        std::printf(" %.17g %.17g", p.x(), p.y());
    std::printf("\n");
}

} // namespace

int main(int argc, char **argv)
{
    try {
        const bool upsample = argc == 3 && std::string(argv[2]) == "-u";
        dlib::shape_predictor predictor;
        std::string line;

        if (argc != 2 && !upsample) {
            std::fprintf(stderr, "usage: dlib_oracle MODEL.dat [-u] < LIST\n");
            return 64;
        }
        dlib::frontal_face_detector hog = dlib::get_frontal_face_detector();
        dlib::deserialize(argv[1]) >> predictor;
        const open_model model(argv[1]);
        while (std::getline(std::cin, line)) {
            answer(hog, predictor, model, upsample, line);
            std::fflush(stdout);
        }
        return 0;
    } catch (const std::exception &e) {
        std::fprintf(stderr, "dlib_oracle: %s\n", e.what());
        return 65;
    }
}
