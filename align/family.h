/*
 * What DeepfakeBench (Yan et al., NeurIPS 2023) calls data sets, methods and their folders: its
 * dataset_json files, label names and tree, by data-set family and by our method names (the second
 * part of a video key). Names and paths are those of its preprocessing and of its label_dict.
 */
#ifndef LP_FAMILY_H
#define LP_FAMILY_H

#include <stdbool.h>

#include "align/export.h"

#define FAMILY_FILES 2

struct family_method {
    const char *method;
    const char *folder; /* below the data set's; {compression} and {split} stand for the video's */
    const char *label;
    bool fake;
    int group; /* the fakes of a group are listed beside the real videos of the same group */
    const char *files[FAMILY_FILES + 1]; /* dataset_json files, without .json; ends with NULL */
};

struct family {
    const char *name;    /* as in the enum align.family, after `auto` */
    const char *dataset; /* DeepfakeBench's name, the folder below datasets/rgb */
    const char *aliases; /* names of data sets, in lower case without other signs, with blanks */
    bool compression;    /* its JSON has a level for it */
    const struct family_method *methods; /* ends with a NULL method */
};

/* The family of the data set `dataset`: by the setting align.family, else by its name, else by its
 * methods (`methods`, n of them, must all be known to it). NULL if it is none. */
const struct family *family_find(const struct conf *conf, const char *dataset,
                                 const char *const *methods, size_t n);

const struct family_method *family_method(const struct family *f, const char *method);

/* Does DeepfakeBench's own label_dict have this label? */
bool family_label_known(const char *label);

/* Does its loader expect a level of compressions in this dataset_json file? */
bool family_file_has_compression(const char *file);

#endif
