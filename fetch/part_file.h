/*
 * A file that is being got: its bytes so far in FOLDER/KEY.part, and which of them are good in
 * FOLDER/KEY.state, so that it can be stopped at any moment and gone on with.
 *
 * The file is cut into chunks that are filled from their start on, several at a time. `front` is
 * how many bytes from the file's start are there without a gap: what may be hashed.
 *
 * The state says what the bytes are a part of (total, ETag, Last-Modified). It is believed if it
 * was written since the machine started, or after the bytes were flushed to the disk: after a power
 * cut a file system may have kept the state and lost the bytes. Without a state the part is worth
 * nothing and is begun anew.
 *
 * Used by one thread; the descriptor may be read by others.
 */
#ifndef LP_PART_FILE_H
#define LP_PART_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

#define PART_CHUNK         (16LL << 20)
#define PART_VALIDATOR_MAX 256

struct part_file {
    char *path, *state;                     /* owned */
    int fd;                                 /* -1 = closed */
    long long total;                        /* -1 = not known */
    char etag[PART_VALIDATOR_MAX];          /* strong one, or empty */
    char last_modified[PART_VALIDATOR_MAX]; /* or empty */
    bool single;                            /* one chunk: no ranges can be had */
    long long *have;                        /* by chunk: bytes from its start that are there */
    bool *taken;                            /* by chunk: somebody is filling it */
    size_t n_chunks;
    size_t front_chunk; /* the first that is not full */
    long long front;
    long long saved_front; /* what the state said last */
    double saved_s;        /* when, monotonic */
};

/* Opens FOLDER/KEY.part, with what an earlier run left if that is to be believed. */
int part_open(struct part_file *p, const char *folder, const char *key,
              struct err *err) LP_MUST_CHECK;

/* Forgets all bytes: of an unknown file again. */
int part_reset(struct part_file *p, struct err *err) LP_MUST_CHECK;

/* What the first answer says: `total` may be -1; `single` if it came without ranges. */
int part_describe(struct part_file *p, long long total, bool single, const char *etag,
                  const char *last_modified, struct err *err) LP_MUST_CHECK;

bool part_is_known(const struct part_file *p); /* described */
bool part_is_whole(const struct part_file *p);

/* Bytes that are there, front or not. */
long long part_bytes(const struct part_file *p);

/* Takes the first chunk that is neither full nor taken; false if there is none. */
bool part_take(struct part_file *p, size_t *chunk);
void part_give_back(struct part_file *p, size_t chunk);

/* First byte still missing in a chunk, and the byte after its last (-1 = not known). */
long long part_chunk_at(const struct part_file *p, size_t chunk);
long long part_chunk_end(const struct part_file *p, size_t chunk);

/* Writes the next bytes of a chunk. ERR_DATA if there are more than fit; ERR_IO. */
int part_write(struct part_file *p, size_t chunk, const void *bytes, size_t n,
               struct err *err) LP_MUST_CHECK;

/* A file of unknown size has come to its end. */
void part_end(struct part_file *p);

/* Writes the state if it says something new and the last one is `age_s` old. A state that cannot be
 * written leaves the old one: that is no error. */
void part_save(struct part_file *p, double age_s);

/* Flushes bytes and state to the disk: at an orderly stop. */
void part_flush(struct part_file *p);

/* Renames the bytes to `path` (folders are made) and removes the state. */
int part_commit(struct part_file *p, const char *path, struct err *err) LP_MUST_CHECK;

/* Closes; `remove_files` also deletes both. Fine on a zeroed struct. */
void part_close(struct part_file *p, bool remove_files);

/* This start of the machine, as hexadecimal text. "" if the system does not tell. */
#define PART_BOOT_MAX 64
void part_boot_id(char out[PART_BOOT_MAX]);

#endif
