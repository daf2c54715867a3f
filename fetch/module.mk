# fetch
fetch.src := $(addprefix fetch/,audit.c catalogue.c fetch.c ffpp_lists.c celeb_list.c walk.c csv_table.c layout_celeb_df.c layout_celeb_df_pp.c layout_deeper_forensics.c layout_fakeavceleb.c layout_uadfv.c layout_wilddeepfake.c layout_df40.c \
  layout_dfdc.c layout_dfdc_preview.c layout_ffpp.c layout_table.c layouts.c policy.c probe.c scan.c summary.c symbols.c)
fetch.src += $(addprefix fetch/,archive_guard.c credentials.c done_log.c download.c download_job.c \
  file_kind.c hasher.c import.c meter.c obtain.c obtain_archives.c obtain_files.c obtain_settings.c part_file.c get_plan.c publish.c recipe_ffpp.c retry.c \
  transfer.c unpack.c url.c)
fetch.pkg := libcurl
fetch.tests := test_catalogue test_split_graphs test_transfer_rules test_part_file

$(eval $(call tool,lp-fetch,fetch,fetch/main.c))

$(eval $(call program,tests/bench/bench_fetch,tests/bench/bench_fetch.c,fetch))
benches += tests/bench/bench_fetch
