# reports
reports.src := $(addprefix reports/,report.c run_folder.c words.c html.c measure.c models.c curves.c \
  thin.c intern.c card.c figure.c figures_roc.c figures_density.c figures_forest.c \
  figures_identity.c gnuplot.c svg.c tar_member.c thumbnail.c section_summary.c \
  section_detection.c section_identity.c section_data.c section_faces.c section_swaps.c \
  section_provenance.c page_css.c)
reports.tests := test_words test_thin test_figure test_run_folder test_tar_member
$(eval $(call tool,lp-report,reports,reports/main.c))

# reports/page.css, built in.
$(O)/reports/page_css.c: reports/page.css
	$(Q)mkdir -p $(@D)
	$(Q){ echo 'extern const char report_css[];'; echo 'const char report_css[] ='; \
	  sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&\\n"/' $<; echo ';'; } >$@

$(O)/reports/page_css.o: $(O)/reports/page_css.c $(O)/flags
	$(call say,CC,$<)$(CC) $(cflags) -c -o $@ $<

$(eval $(call program,tests/bench/bench_report,tests/bench/bench_report.c,reports))
benches += tests/bench/bench_report
