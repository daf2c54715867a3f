# swap
swap.src := $(addprefix swap/,swap.c settings.c plan.c produce.c tarball.c methods.c mfs.c sbi.c bob.c bi.c \
  i2g.c fwa.c place.c region.c weights.c colour.c overlay.c donor.c targets.c draws.c pose.c \
  published.c published_corrections.c published_pose.c published_cv.c published_mask.c \
  published_patch.c published_clone.c published_swap.c published_augment.c \
  hull.c polygon.c elastic.c dssim.c poisson.c soften.c anchors.c augment.c \
  augment_pixels.c augment_colour.c augment_blur.c augment_noise.c augment_copy.c augment_jpeg.c \
  augment_resize.c resample.c kernels.c kernels_avx2.c)
swap.pkg := libarchive
swap.tests := test_dssim test_poisson test_pose test_anchors test_outline test_mfs test_sbi \
  test_self_made test_every_method test_swap_kernels test_published test_published_method test_published_augment test_augment test_augment_sets

# The inner loops are written for the vectoriser; -ffp-contract=off keeps the variants equal.
swap/kernels.cflags := -O3 -fno-trapping-math
swap/kernels_avx2.cflags := -O3 -fno-trapping-math $(if $(filter x86_64,$(shell uname -m)),-mavx2)
swap/poisson.cflags := -O3 -fno-trapping-math
swap/weights.cflags := -O3
swap/colour.cflags := -O3
swap/targets.cflags := -O3
swap/published_cv.cflags := -O3
swap/published_clone.cflags := -O3
swap/published_mask.cflags := -O3
swap/published_patch.cflags := -O3
swap/soften.cflags := -O3
swap/mfs.cflags := -O3
swap/augment_blur.cflags := -O3
swap/resample.cflags := -O3

$(eval $(call tool,lp-swap,swap,swap/main.c))

$(eval $(call program,tests/bench/bench_swap,tests/bench/bench_swap.c,swap))
benches += tests/bench/bench_swap

# Stages of mfs-published beside OpenCV, NumPy and SciPy, for check-oracle.
$(eval $(call program,tests/oracle/published_stages,tests/oracle/published_stages.c,swap))
oracles += tests/oracle/published_stages
