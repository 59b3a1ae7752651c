/* progress.h: how far a copy is, shown on stderr. */
#ifndef LSMB_TOOLS_PROGRESS_H
#define LSMB_TOOLS_PROGRESS_H

#include "tools/options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    enum progress_mode mode; /* never PROGRESS_AUTO */
    char name[256];          /* of what is copied, safe to print */
    uint64_t bytes, total;   /* total: or LSMB_SIZE_UNKNOWN */
    bool tree;               /* of more than one file: */
    bool listed;             /* files_found is final */
    uint64_t files, files_found;
    int64_t started_ms, shown_ms, ended_ms;
    uint64_t shown_bytes;
    double rate;           /* bytes per second, smoothed */
    bool running, on_line; /* on_line: a bar stands on the cursor's line */
};

/* PROGRESS_AUTO becomes a bar if stderr is a terminal, else nothing. */
void progress_init(struct progress *p, enum progress_mode mode);

/* From here to progress_end() something is being copied. */
void progress_begin(struct progress *p, const char *name);
void progress_end(struct progress *p, bool done);

/* A lsmb_progress_fn; `arg` is the struct progress. */
void progress_update(void *arg, uint64_t bytes, uint64_t total);

/* Likewise of a tree; how much there is becomes known when all of it has been listed. */
void progress_tree(struct progress *p, const struct lsmb_tree_result *so_far);

/* How long it has taken, or took. */
uint64_t progress_elapsed_ms(const struct progress *p);

/* Show what there is to show if it is time to.  A bar moves at most ten times a second. */
void progress_tick(struct progress *p);

/* How long until progress_tick() has something to do; -1: never. */
int progress_wait_ms(const struct progress *p);

/* Take the bar away, so that something else can be printed; it comes back with the next tick. */
void progress_hide(struct progress *p);

/* One bar, `columns` wide at most, without control characters. */
void progress_bar(const struct progress *p, size_t columns, char *out, size_t room);

#endif
