#include "lib/pool.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

#include "lib/mem.h"

size_t pool_slots(unsigned jobs)
{
    return 2 * (size_t)jobs + 2;
}

unsigned pool_default_jobs(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

    return n > 0 ? (unsigned)n : 1;
}

struct pool {
    const struct pool_tasks *t;
    size_t n, slots;
    pthread_mutex_t lock;
    pthread_cond_t item_free; /* a slot came free, or stop */
    pthread_cond_t item_done;
    size_t next;     /* the next item to start */
    size_t handed;   /* items given to done(): items < handed + slots may start */
    size_t stop_at;  /* items from here on are not started; n when all is well */
    bool *finished;  /* by slot */
    int *code;       /* by slot: what work() returned */
    struct err *err; /* by slot */
};

struct worker {
    struct pool *p;
    unsigned index;
    pthread_t thread;
};

static void *run_worker(void *arg)
{
    struct worker *w = arg;
    struct pool *p = w->p;

    pthread_mutex_lock(&p->lock);
    for (;;) {
        size_t i, slot;

        while (p->next < p->stop_at && p->next >= p->handed + p->slots)
            pthread_cond_wait(&p->item_free, &p->lock);
        if (p->next >= p->stop_at)
            break;
        i = p->next++;
        slot = i % p->slots;
        pthread_mutex_unlock(&p->lock);
        err_clear(&p->err[slot]);
        int code = p->t->work(p->t->ctx, i, slot, w->index, &p->err[slot]);
        pthread_mutex_lock(&p->lock);
        p->code[slot] = code;
        p->finished[slot] = true;
        if (code && i < p->stop_at) {
            p->stop_at = i; /* later items are not worth starting */
            pthread_cond_broadcast(&p->item_free);
        }
        pthread_cond_signal(&p->item_done);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* Hands results over in order until all are done or one failed. */
static int hand_over(struct pool *p, struct err *err)
{
    size_t i;
    int r = 0;

    for (i = 0; i < p->n && !r; i++) {
        size_t slot = i % p->slots;

        pthread_mutex_lock(&p->lock);
        while (!p->finished[slot])
            pthread_cond_wait(&p->item_done, &p->lock);
        pthread_mutex_unlock(&p->lock);
        r = p->code[slot];
        if (r)
            err_set(err, r, "%s", p->err[slot].code ? p->err[slot].text : "a task failed");
        else if (p->t->done)
            r = p->t->done(p->t->ctx, i, slot, err);
        pthread_mutex_lock(&p->lock);
        p->finished[slot] = false;
        p->handed = i + 1;
        if (r && p->stop_at > i)
            p->stop_at = i;
        pthread_cond_broadcast(&p->item_free);
        pthread_mutex_unlock(&p->lock);
    }
    return r;
}

static int run_serial(const struct pool_tasks *t, size_t n, struct err *err)
{
    size_t i, slots = pool_slots(1);
    int r = 0;

    for (i = 0; i < n && !r; i++) {
        r = t->work(t->ctx, i, i % slots, 0, err);
        if (!r && t->done)
            r = t->done(t->ctx, i, i % slots, err);
    }
    return r;
}

int pool_run(const struct pool_tasks *t, size_t n, unsigned jobs, struct err *err)
{
    struct pool p = {.t = t, .n = n, .stop_at = n};
    struct worker *workers = NULL;
    unsigned started = 0, k;
    int r = 0;

    if (jobs == 0)
        jobs = pool_default_jobs();
    if (jobs == 1)
        return run_serial(t, n, err);
    p.slots = pool_slots(jobs);
    p.finished = mem_array(p.slots, sizeof(*p.finished));
    p.code = mem_array(p.slots, sizeof(*p.code));
    p.err = mem_array(p.slots, sizeof(*p.err));
    workers = mem_array(jobs, sizeof(*workers));
    if (!p.finished || !p.code || !p.err || !workers) {
        r = err_nomem(err);
        goto out;
    }
    pthread_mutex_init(&p.lock, NULL);
    pthread_cond_init(&p.item_free, NULL);
    pthread_cond_init(&p.item_done, NULL);
    for (; started < jobs && !r; started++) {
        int e;

        workers[started] = (struct worker){.p = &p, .index = started};
        e = pthread_create(&workers[started].thread, NULL, run_worker, &workers[started]);
        if (e) {
            r = err_set_errno(err, ERR_SYSTEM, e, "cannot start a thread");
            break;
        }
    }
    if (r) {
        pthread_mutex_lock(&p.lock);
        p.stop_at = 0;
        pthread_cond_broadcast(&p.item_free);
        pthread_mutex_unlock(&p.lock);
    } else {
        r = hand_over(&p, err);
    }
    for (k = 0; k < started; k++)
        pthread_join(workers[k].thread, NULL);
    pthread_mutex_destroy(&p.lock);
    pthread_cond_destroy(&p.item_free);
    pthread_cond_destroy(&p.item_done);
out:
    free(p.finished);
    free(p.code);
    free(p.err);
    free(workers);
    return r;
}
