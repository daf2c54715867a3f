lib.src := $(addprefix lib/,err.c mem.c str.c cpu.c msg.c fs.c atomic_file.c hash.c rng.c npy.c \
  manifest.c shard.c video_key.c journal.c pool.c conf.c conf_schema.c default_yaml.c tool.c \
  json.c json_read.c image.c grey.c x86/grey_avx2.c geometry.c landmarks.c sink.c warp.c x86/warp_avx2.c resize.c x86/resize_avx2.c warp_area.c \
  media_common.c media_write.c media_picture.c media_deflate.c media_png.c media_jpeg.c \
  media_read.c media_folder.c media_packets.c media_h264.c media_recode.c media_recode.c yuv.c x86/yuv_avx2.c)
lib.src += lib/face_template.c lib/face_jitter.c
lib.src += lib/byte_stream.c
lib.pkg := libavformat libavcodec libavutil libswscale yaml-0.1 libcrypto libarchive jansson libjpeg \
  libdeflate libisal
lib.tests := test_cpu test_str test_err test_fs test_atomic_file test_hash test_rng test_npy test_manifest \
  test_shard test_journal test_pool test_conf test_tool test_json \
  test_image test_grey test_geometry test_landmarks test_warp test_resize test_warp_area test_yuv test_media test_media_recode test_media_tail test_media_damage test_media_folder test_deflate test_picture test_sink test_face_template
lib.tests += test_byte_stream

# configs/default.yaml, built in: it is the schema and the defaults (lib/conf.h).
$(O)/lib/default_yaml.c: configs/default.yaml
	$(Q)mkdir -p $(@D)
	$(Q){ echo 'extern const char conf_default_yaml[];'; echo 'const char conf_default_yaml[] ='; \
	  sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&\\n"/' $<; echo ';'; } >$@

$(O)/lib/default_yaml.o: $(O)/lib/default_yaml.c $(O)/flags
	$(call say,CC,$<)$(CC) $(cflags) -c -o $@ $<

lib/warp.cflags := -O3
lib/resize.cflags := -O3
lib/warp_area.cflags := -O3
lib/yuv.cflags := -O3
lib/media_png.cflags := -O3
lib/x86/yuv_avx2.cflags := -O3 -mavx2
lib/x86/warp_avx2.cflags := -mavx2 -mfma
lib/x86/resize_avx2.cflags := -mavx2
lib/x86/grey_avx2.cflags := -mavx2

$(eval $(call program,tests/bench/bench_media,tests/bench/bench_media.c,,))
benches += tests/bench/bench_media
