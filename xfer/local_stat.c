/* local_stat.c: what a local file is, and whether it still is. */
#include "xfer/local_stat.h"

#include "base/clock.h"

static int64_t ns_of(struct timespec time)
{
    return time.tv_sec * (int64_t)NS_PER_S + time.tv_nsec;
}

struct timespec local_time(int64_t ns)
{
    int64_t rest = ns % (int64_t)NS_PER_S;

    rest += rest < 0 ? (int64_t)NS_PER_S : 0; /* before 1970 */
    return (struct timespec){.tv_sec = (ns - rest) / (int64_t)NS_PER_S, .tv_nsec = rest};
}

struct lsmb_stat local_stat(const struct stat *st)
{
    return (struct lsmb_stat){
        .bytes = (uint64_t)st->st_size,
        .allocated_bytes = (uint64_t)st->st_blocks * 512, /* stat(2): the unit of st_blocks */
        .accessed = ns_of(st->st_atim),
        .written = ns_of(st->st_mtim),
        .changed = ns_of(st->st_ctim),
        .file_id = st->st_ino,
    };
}

bool local_changed(const struct stat *before, const struct stat *now)
{
    return before->st_size != now->st_size || before->st_ino != now->st_ino ||
           before->st_dev != now->st_dev || ns_of(before->st_mtim) != ns_of(now->st_mtim) ||
           ns_of(before->st_ctim) != ns_of(now->st_ctim);
}
