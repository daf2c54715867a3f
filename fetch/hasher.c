#include "fetch/hasher.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/mem.h"

#define BLOCK ((size_t)256 << 10)
#define EAGER (1LL << 20)  /* bytes worth waking a thread for */
#define TURN  (16LL << 20) /* bytes before another task has its turn */

struct hasher {
    pthread_mutex_t lock;
    pthread_cond_t work, idle;
    struct hash_task *first, *last;           /* with work */
    struct hash_task *done_first, *done_last; /* finished */
    bool closed;
    void (*wake)(void *ctx);
    void *ctx;
};

int hasher_new(struct hasher **out, void (*wake)(void *ctx), void *ctx, struct err *err)
{
    struct hasher *h = mem_array(1, sizeof(*h));

    *out = h;
    if (!h)
        return err_nomem(err);
    h->wake = wake;
    h->ctx = ctx;
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->work, NULL);
    pthread_cond_init(&h->idle, NULL);
    return 0;
}

void hasher_free(struct hasher *h)
{
    if (!h)
        return;
    pthread_mutex_destroy(&h->lock);
    pthread_cond_destroy(&h->work);
    pthread_cond_destroy(&h->idle);
    free(h);
}

static void push(struct hash_task **first, struct hash_task **last, struct hash_task *t)
{
    t->next = NULL;
    if (*last)
        (*last)->next = t;
    else
        *first = t;
    *last = t;
}

static struct hash_task *pop(struct hash_task **first, struct hash_task **last)
{
    struct hash_task *t = *first;

    if (!t)
        return NULL;
    *first = t->next;
    if (!*first)
        *last = NULL;
    t->next = NULL;
    return t;
}

static void take_out(struct hash_task **first, struct hash_task **last, struct hash_task *t)
{
    struct hash_task **at = first, *before = NULL;

    while (*at && *at != t) {
        before = *at;
        at = &(*at)->next;
    }
    if (!*at)
        return;
    *at = t->next;
    if (*last == t)
        *last = before;
    t->next = NULL;
}

/* Hashes up to `front`; 0 or -errno. */
static int hash_some(struct hash_task *t, long long front, unsigned char *block)
{
    while (t->done < front) {
        size_t want = front - t->done < (long long)BLOCK ? (size_t)(front - t->done) : BLOCK;
        ssize_t got = pread(t->fd, block, want, t->done);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got ? -errno : -EIO;
        hash_add(&t->hash, block, (size_t)got);
        t->done += got;
    }
    return 0;
}

int hasher_work(struct hasher *h, struct err *err)
{
    unsigned char *block = mem_aligned(BLOCK, 1);
    struct hash_task *t;

    if (!block)
        return err_nomem(err);
    pthread_mutex_lock(&h->lock);
    for (;;) {
        long long front;
        bool finished;

        while (!h->first && !h->closed)
            pthread_cond_wait(&h->work, &h->lock);
        t = pop(&h->first, &h->last);
        if (!t)
            break;
        t->queued = false;
        t->busy = true;
        front = t->front - t->done > TURN ? t->done + TURN : t->front;
        pthread_mutex_unlock(&h->lock);
        t->code = hash_some(t, front, block);
        pthread_mutex_lock(&h->lock);
        t->busy = false;
        finished = t->code || (t->last && t->done == t->front);
        if (finished) {
            hash_finish(&t->hash, t->hex);
            t->begun = false;
            push(&h->done_first, &h->done_last, t);
        } else if (t->done < t->front) {
            t->queued = true;
            push(&h->first, &h->last, t);
        }
        pthread_cond_broadcast(&h->idle);
        if (finished) {
            pthread_mutex_unlock(&h->lock);
            h->wake(h->ctx);
            pthread_mutex_lock(&h->lock);
        }
    }
    pthread_mutex_unlock(&h->lock);
    free(block);
    return 0;
}

void hasher_close(struct hasher *h)
{
    pthread_mutex_lock(&h->lock);
    h->closed = true;
    pthread_cond_broadcast(&h->work);
    pthread_mutex_unlock(&h->lock);
}

int hasher_begin(struct hasher *h, struct hash_task *t, int fd, struct err *err)
{
    int r;

    hasher_cancel(t);
    *t = (struct hash_task){.owner = h, .fd = fd, .user = t->user};
    r = hash_init(&t->hash, err);
    t->begun = !r;
    return r;
}

void hasher_advance(struct hash_task *t, long long front, bool last)
{
    struct hasher *h = t->owner;
    bool wake;

    pthread_mutex_lock(&h->lock);
    t->front = front;
    t->last = last;
    wake = !t->queued && !t->busy && (last || front - t->done >= EAGER);
    if (wake) {
        t->queued = true;
        push(&h->first, &h->last, t);
        pthread_cond_signal(&h->work);
    }
    pthread_mutex_unlock(&h->lock);
}

void hasher_cancel(struct hash_task *t)
{
    struct hasher *h = t->owner;

    if (!h)
        return;
    pthread_mutex_lock(&h->lock);
    while (t->busy)
        pthread_cond_wait(&h->idle, &h->lock);
    take_out(&h->first, &h->last, t);
    take_out(&h->done_first, &h->done_last, t);
    t->queued = false;
    pthread_mutex_unlock(&h->lock);
    if (t->begun)
        hash_release(&t->hash);
    t->begun = false;
    t->owner = NULL;
}

struct hash_task *hasher_finished(struct hasher *h)
{
    struct hash_task *t;

    pthread_mutex_lock(&h->lock);
    t = pop(&h->done_first, &h->done_last);
    pthread_mutex_unlock(&h->lock);
    return t;
}
