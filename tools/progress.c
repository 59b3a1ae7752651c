#include "tools/progress.h"
#include "tools/show.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define BAR_INTERVAL_MS  100
#define LINE_INTERVAL_MS 5000
#define JSON_INTERVAL_MS 1000
#define BAR_ROOM         1024

static int64_t now_ms(void)
{
    struct timespec t;

    return clock_gettime(CLOCK_MONOTONIC, &t) == 0 ? t.tv_sec * 1000 + t.tv_nsec / 1000000 : 0;
}

static int64_t interval_ms(const struct progress *p)
{
    switch (p->mode) {
    case PROGRESS_BAR: return BAR_INTERVAL_MS;
    case PROGRESS_LINES: return LINE_INTERVAL_MS;
    case PROGRESS_JSON: return JSON_INTERVAL_MS;
    case PROGRESS_AUTO:
    case PROGRESS_NONE: break;
    }
    return -1;
}

void progress_init(struct progress *p, enum progress_mode mode)
{
    *p = (struct progress){.mode = mode};
    if (mode == PROGRESS_AUTO) {
        p->mode = isatty(STDERR_FILENO) ? PROGRESS_BAR : PROGRESS_NONE;
    }
}

/* 0 where it is not known. */
static double average_rate(const struct progress *p, int64_t now)
{
    return now > p->started_ms ? (double)p->bytes * 1000 / (double)(now - p->started_ms) : 0;
}

/* Half of the weight is younger than about two seconds, so that the rate neither jumps nor lies. */
static void smooth_rate(struct progress *p, int64_t now)
{
    double seconds = (double)(now - p->shown_ms) / 1000;
    uint64_t moved = p->bytes > p->shown_bytes ? p->bytes - p->shown_bytes : 0;

    if (now - p->started_ms < 2000 || seconds <= 0) {
        p->rate = average_rate(p, now);
        return;
    }
    double weight = seconds / (seconds + 3);
    p->rate += ((double)moved / seconds - p->rate) * weight;
}

static size_t terminal_columns(void)
{
    struct winsize size = {.ws_col = 0};

    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static bool total_known(const struct progress *p)
{
    return p->total != LSMB_SIZE_UNKNOWN;
}

/* How much of `all` is done, in percent. */
static double percent_of(uint64_t done, uint64_t all)
{
    return done >= all ? 100 : (double)done * 100 / (double)all;
}

/* Of the files and of the bytes of a tree, whatever is behind: many small files are few bytes. */
static double percent_done(const struct progress *p)
{
    double bytes = percent_of(p->bytes, p->total);
    double files = p->tree ? percent_of(p->files, p->files_found) : 100;

    return bytes < files ? bytes : files;
}

static unsigned percent(const struct progress *p)
{
    return (unsigned)percent_done(p);
}

/* How long it will take yet; false where that cannot be told. */
static bool seconds_left(const struct progress *p, uint64_t *seconds)
{
    double done = percent_done(p), elapsed_s = (double)(p->shown_ms - p->started_ms) / 1000;
    bool known = p->tree ? done > 0 && elapsed_s > 0 : p->rate >= 1 && p->total >= p->bytes;

    if (known) {
        *seconds = p->tree ? (uint64_t)(elapsed_s * (100 - done) / done)
                           : (uint64_t)((double)(p->total - p->bytes) / p->rate);
    }
    return known;
}

/* "12/345 files ", with a '+' while there may be more; nothing for a single file. */
static void file_numbers(const struct progress *p, char *out, size_t room)
{
    out[0] = '\0';
    if (p->tree) {
        (void)snprintf(out, room, "%llu/%llu%s files ", (unsigned long long)p->files,
                       (unsigned long long)p->files_found, p->listed ? "" : "+");
    }
}

/* What stands to the right of the bar. */
static void bar_numbers(const struct progress *p, char *out, size_t room)
{
    char bytes[SHOW_BYTES], rate[SHOW_BYTES], clock[SHOW_CLOCK] = "-:--";
    uint64_t left = 0;

    file_numbers(p, out, room);
    room -= strlen(out);
    out += strlen(out);
    show_bytes(bytes, p->bytes);
    show_bytes(rate, (uint64_t)p->rate);
    if (!total_known(p)) {
        (void)snprintf(out, room, "%10s %10s/s", bytes, rate);
        return;
    }
    if (p->running && seconds_left(p, &left)) {
        show_clock(clock, left);
    } else if (!p->running) {
        show_clock(clock, (uint64_t)(p->shown_ms - p->started_ms) / 1000);
    }
    (void)snprintf(out, room, "%3u%% %10s %10s/s %s %s", percent(p), bytes, rate,
                   p->running ? "ETA" : "in", clock);
}

/* Cut UTF-8 text off at a whole character, and fill it up to `columns`. */
static void fit_name(char *out, size_t room, const char *name, size_t columns)
{
    size_t used = 0, width = 0;

    for (; name[used] && used + 5 < room; used++) {
        bool begins = ((unsigned char)name[used] & 0xc0) != 0x80;
        if (begins && width == columns) {
            break;
        }
        width += begins;
        out[used] = name[used];
    }
    for (; width < columns && used + 1 < room; width++) {
        out[used++] = ' ';
    }
    out[used] = '\0';
}

void progress_bar(const struct progress *p, size_t columns, char *out, size_t room)
{
    char numbers[128], name[512], bar[512];
    size_t name_columns = show_width(p->name);

    bar_numbers(p, numbers, sizeof numbers);
    size_t left = columns > strlen(numbers) + 1 ? columns - strlen(numbers) - 1 : 0;
    if (name_columns > left / 2) {
        name_columns = left / 2;
    }
    fit_name(name, sizeof name, p->name, name_columns);
    left -= name_columns;
    size_t cells = left >= 13 && total_known(p) ? left - 3 : 0; /* " [" and "]" */
    cells = cells < sizeof bar - 1 ? cells : sizeof bar - 1;
    size_t filled = cells * percent(p) / 100;
    memset(bar, ' ', cells);
    memset(bar, '=', filled);
    if (filled > 0 && filled < cells) {
        bar[filled - 1] = '>';
    }
    bar[cells] = '\0';
    int len = cells > 0 ? snprintf(out, room, "%s [%s] %s", name, bar, numbers)
                        : snprintf(out, room, "%s %s", name, numbers);
    if (len < 0) {
        out[0] = '\0';
    } else if ((size_t)len > columns && columns < room && cells == 0 && name_columns == 0) {
        out[columns] = '\0'; /* ASCII only */
    }
}

static void show_bar(struct progress *p)
{
    char line[BAR_ROOM];

    progress_bar(p, terminal_columns() - 1, line, sizeof line);
    (void)fprintf(stderr, "\r%s\033[K", line);
    p->on_line = true;
}

static void show_line(const struct progress *p)
{
    char bytes[SHOW_BYTES], total[SHOW_BYTES], rate[SHOW_BYTES], files[64];

    file_numbers(p, files, sizeof files);
    show_bytes(bytes, p->bytes);
    show_bytes(rate, (uint64_t)p->rate);
    if (total_known(p)) {
        show_bytes(total, p->total);
        (void)fprintf(stderr, "lava-smb: %s: %s%u%%, %s of %s, %s/s\n", p->name, files, percent(p),
                      bytes, total, rate);
    } else {
        (void)fprintf(stderr, "lava-smb: %s: %s%s, %s/s\n", p->name, files, bytes, rate);
    }
}

/* Integers only: printf() of a double would follow the locale. */
static void show_object(const struct progress *p, const char *event, int64_t now)
{
    (void)fprintf(stderr, "{\"event\": \"%s\", \"name\": ", event);
    show_json(stderr, p->name);
    (void)fprintf(stderr, ", \"bytes\": %llu", (unsigned long long)p->bytes);
    if (total_known(p)) {
        (void)fprintf(stderr, ", \"total\": %llu", (unsigned long long)p->total);
    }
    if (p->tree) {
        (void)fprintf(stderr, ", \"files\": %llu, \"files_found\": %llu, \"listed\": %s",
                      (unsigned long long)p->files, (unsigned long long)p->files_found,
                      p->listed ? "true" : "false");
    }
    (void)fprintf(stderr, ", \"elapsed_ms\": %lld, \"bytes_per_second\": %llu}\n",
                  (long long)(now - p->started_ms), (unsigned long long)p->rate);
}

static void show(struct progress *p, const char *event, int64_t now)
{
    p->shown_ms = now;
    p->shown_bytes = p->bytes;
    switch (p->mode) {
    case PROGRESS_BAR: show_bar(p); break;
    case PROGRESS_LINES: show_line(p); break;
    case PROGRESS_JSON: show_object(p, event, now); break;
    case PROGRESS_AUTO:
    case PROGRESS_NONE: break;
    }
    (void)fflush(stderr);
}

void progress_begin(struct progress *p, const char *name)
{
    enum progress_mode mode = p->mode;
    int64_t now = now_ms();

    *p = (struct progress){.mode = mode,
                           .total = LSMB_SIZE_UNKNOWN,
                           .started_ms = now,
                           .shown_ms = now,
                           .running = true};
    show_safe(p->name, sizeof p->name, name);
}

void progress_update(void *arg, uint64_t bytes, uint64_t total)
{
    struct progress *p = arg;

    p->bytes = bytes;
    p->total = total;
    progress_tick(p);
}

void progress_tree(struct progress *p, const struct lsmb_tree_result *so_far)
{
    p->tree = true;
    p->listed = so_far->listed;
    p->files = so_far->files;
    p->files_found = so_far->found;
    progress_update(p, so_far->bytes, so_far->listed ? so_far->found_bytes : LSMB_SIZE_UNKNOWN);
}

uint64_t progress_elapsed_ms(const struct progress *p)
{
    int64_t end = p->running ? now_ms() : p->ended_ms;

    return end > p->started_ms ? (uint64_t)(end - p->started_ms) : 0;
}

void progress_tick(struct progress *p)
{
    int64_t now = now_ms();

    if (p->running && interval_ms(p) > 0 && now - p->shown_ms >= interval_ms(p)) {
        smooth_rate(p, now);
        show(p, "progress", now);
    }
}

int progress_wait_ms(const struct progress *p)
{
    if (!p->running || interval_ms(p) < 0) {
        return -1;
    }
    int64_t left = p->shown_ms + interval_ms(p) - now_ms();
    return left > 0 ? (int)left : 0;
}

void progress_hide(struct progress *p)
{
    if (p->on_line) {
        (void)fprintf(stderr, "\r\033[K");
        (void)fflush(stderr);
        p->on_line = false;
    }
}

void progress_end(struct progress *p, bool done)
{
    int64_t now = now_ms();

    if (!p->running) {
        return;
    }
    p->running = false;
    p->ended_ms = now;
    if (!done) {
        progress_hide(p);
        if (p->mode == PROGRESS_JSON) {
            show_object(p, "failed", now);
        }
        return;
    }
    p->started_ms -= now == p->started_ms; /* a rate needs some time */
    if (!total_known(p)) {
        p->total = p->bytes;
    }
    p->rate = average_rate(p, now);
    show(p, "done", now);
    if (p->mode == PROGRESS_BAR) {
        (void)fputc('\n', stderr);
    }
    p->on_line = false;
}
