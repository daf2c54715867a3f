/*
 * What the Celeb-DF sets have in common: List_of_testing_videos.txt, whose lines are
 * "LABEL FOLDER/FILE.mp4" where 1 is REAL and 0 FAKE, and people called id0, id1, ... in file
 * names.
 */
#ifndef LP_CELEB_LIST_H
#define LP_CELEB_LIST_H

#include "fetch/layout.h"
#include "lib/str.h"

#define CELEB_LIST "List_of_testing_videos.txt"

/* Keys are "folder/name" without suffix and without a level videos/, folders in lower case. */
struct celeb_list {
    struct symbols names;
    bool *real, *seen; /* by name */
    size_t real_cap, seen_cap;
    bool there;
};

/* Reads s->splits, or the list in the root; notes it when there is none. Labels that contradict
 * each other are ERR_DATA. */
int celeb_list_read(struct celeb_list *l, const struct source *s, struct catalogue *c,
                    struct err *err) LP_MUST_CHECK;

/* Sets the split of a video whose file is `file` below the root, and spoils it where the list has
 * the other label. What is not listed is for training. */
int celeb_list_look_up(struct celeb_list *l, struct catalogue *c, struct entry *e, const char *file,
                       struct err *err) LP_MUST_CHECK;

/* Notes what is listed and was not looked up. */
int celeb_list_note_unseen(const struct celeb_list *l, struct catalogue *c,
                           struct err *err) LP_MUST_CHECK;

void celeb_list_release(struct celeb_list *l);

/* "id16" at p: its length, or 0. */
size_t celeb_id_at(const char *p);

/* The person whose id has n characters at p. */
int celeb_person_at(struct catalogue *c, const char *p, size_t n, int *person,
                    struct err *err) LP_MUST_CHECK;

#endif
