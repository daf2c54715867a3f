# align
align.src := $(addprefix align/,align.c align_settings.c face.c masks.c forehead.c coverage.c dataset_card.c exports.c \
  export_imagefolder.c export_webdataset.c family.c bench_set.c bench_json.c \
  export_deepfakebench.c lmdb_file.c export_lmdb.c bench_face.c \
  export_caddm.c export_sbi.c jitter.c perturb.c variants.c)
align.pkg := lmdb
align.tests := test_coverage test_family test_forehead test_perturb test_jitter

$(eval $(call tool,lp-align,align,align/main.c))

$(eval $(call program,tests/bench/bench_align,tests/bench/bench_align.c,align))
benches += tests/bench/bench_align
align/perturb.cflags := -O3
