/*
 * Errors are values.
 *
 * A function that can fail returns 0 or a negative code and takes a `struct err *` as its last
 * argument. The deepest frame of ours that knows the subject (which file, which row, which key)
 * fills the err, once; the frames above only pass the code on. Nothing below main() prints an
 * error. The text may become the `reason` of a manifest row, so it is one line, starts without a
 * capital, ends without a full stop and puts its subject in single quotes.
 *
 * Codes: either -errno, or one of enum err_code, which say the category that the exit status needs.
 */
#ifndef LP_ERR_H
#define LP_ERR_H

#define LP_MUST_CHECK        __attribute__((warn_unused_result))
#define LP_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

enum err_code {
    ERR_CHECK = -20001,   /* exit 1: a check that was asked for says no */
    ERR_USAGE = -20064,   /* exit 64: wrong command line */
    ERR_DATA = -20065,    /* exit 65: bad data, or too many failed items */
    ERR_NOINPUT = -20066, /* exit 66: cannot open an input */
    ERR_MISSING = -20069, /* exit 69: something missing: codec, model file, gnuplot */
    ERR_FAULT = -20070,   /* exit 70: our fault */
    ERR_SYSTEM = -20071,  /* exit 71: no memory, no threads */
    ERR_CREATE = -20073,  /* exit 73: cannot create an output */
    ERR_IO = -20074,      /* exit 74: read or write failed (disk full) */
    ERR_RETRY = -20075,   /* exit 75: try again later (network) */
    ERR_CONFIG = -20078,  /* exit 78: bad configuration */
};

struct err {
    int code;       /* 0 = no error */
    char text[512]; /* one line, no newline; empty when code is 0 */
};

/* Fills *e unless it already holds an error (the first one wins), and returns `code`.
 * `e` may be NULL when nobody wants the words. */
int err_set(struct err *e, int code, const char *fmt, ...) LP_PRINTF(3, 4);

/* As err_set, and appends ": " and the system's words for `errnum` (a positive errno). */
int err_set_errno(struct err *e, int code, int errnum, const char *fmt, ...) LP_PRINTF(4, 5);

/* Out of memory, in the project's one wording. Returns -ENOMEM. */
int err_nomem(struct err *e);

void err_clear(struct err *e);

/* The exit status for a code returned by a run function: 0 for 0, else as listed above; plain
 * errno codes map to 66 (ENOENT, EACCES, EISDIR, ENOTDIR), 71 (ENOMEM, EAGAIN), 74 (EIO, ENOSPC,
 * EDQUOT, EFBIG, EPIPE) and 70 for the rest. */
int err_exit_status(int code);

#endif
