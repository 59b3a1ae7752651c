#include "tools/copy.h"

enum lsmb_publish copy_publish(const struct options *opt)
{
    if (opt->in_place) {
        return LSMB_PUBLISH_IN_PLACE;
    }
    return opt->atomic ? LSMB_PUBLISH_ATOMIC : LSMB_PUBLISH_AUTO;
}

bool copy_run(struct run *run, struct lsmb_source *source, struct lsmb_sink *sink,
              const struct location *remote)
{
    uint64_t window = run->opt->window_bytes;
    struct lsmb_copy_options options = {
        .size = sizeof options,
        .progress = progress_update,
        .progress_arg = &run->progress,
        .window_bytes = window > SIZE_MAX ? SIZE_MAX : (size_t)window,
    };
    struct lsmb_job *job = lsmb_copy_start(run->smb, source, sink, &options, NULL, run_done, run);

    progress_begin(&run->progress, location_base(remote->path));
    bool ok = run_wait(run, job);
    progress_end(&run->progress, ok);
    if (!ok && run->err.path[0] == '\0') {
        (void)location_show(remote, run->err.path, sizeof run->err.path);
    }
    return ok;
}
