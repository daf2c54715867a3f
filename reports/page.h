/* The page while it is being written: what goes in, and the text so far. */
#ifndef LP_PAGE_H
#define LP_PAGE_H

#include "lib/err.h"
#include "lib/str.h"
#include "reports/card.h"
#include "reports/curves.h"
#include "reports/figure.h"
#include "reports/models.h"
#include "reports/run_folder.h"

struct page_settings {
    const char *title;
    const char *settings_hash;
    int sheet_groups, sheet_frames; /* faces: groups of one scene, frames across */
    int sheet_swaps;                /* samples shown */
    int face_px, sample_px;         /* longer side of a thumbnail */
    int jpeg_quality;
    unsigned jobs;
};

struct page {
    const struct page_settings *settings;
    struct run_folder run;
    struct models models;
    struct curves curves; /* empty when curves.tsv is not there */
    struct figures figures;
    struct card card;
    char gnuplot[64]; /* its version */
    size_t gaps;      /* pictures that could not be read */
    struct str html;
};

/* One section: `write` appends to p->html what stands between <section> and </section>, without
 * the heading. It says itself what is missing; an error ends the run. */
struct section {
    const char *id, *title;
    int (*write)(struct page *p, struct err *err);
};
extern const struct section page_sections[]; /* in page order; ends with id NULL */

int section_summary(struct page *p, struct err *err);
int section_detection(struct page *p, struct err *err);
int section_groups(struct page *p, struct err *err);
int section_identity(struct page *p, struct err *err);
int section_pairs(struct page *p, struct err *err);
int section_data(struct page *p, struct err *err);
int section_faces(struct page *p, struct err *err);
int section_swaps(struct page *p, struct err *err);
int section_provenance(struct page *p, struct err *err);

/* Adds all figures that the inputs allow to p->figures, undrawn. */
int figures_of_roc(struct page *p, struct err *err);
int figures_of_density(struct page *p, struct err *err);
int figures_of_forest(struct page *p, struct err *err);
int figures_of_identity(struct page *p, struct err *err);
int figures_of_pairs(struct page *p, struct err *err);

/* Puts the figure `name`, or the words why it is not drawn; nothing if there is none. */
void page_figure(struct page *p, const char *name);

/* "Not there: FILE. Make it with: TOOL ..." for a table of the run, or metrics.json (RUN_TABLES).
 */
void page_missing(struct page *p, enum run_table_id id);

/* Says in the place of a picture that `file` (as the table names it) cannot be read, and on stderr
 * why: the page itself holds no path of this machine. */
void page_gap(struct page *p, const char *file, const struct err *why);

#endif
