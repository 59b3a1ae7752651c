#include "xfer/bound.h"

#include "xfer/share_sink.h"
#include "xfer/source_share.h"

/* What was asked and not yet sent waits for the link or for credits, all else for the answer. */
static enum lsmb_bound bound_of_share(const struct lsmb_share *share)
{
    if (!share_up(share)) {
        return LSMB_BOUND_SERVER;
    }
    if (share_stuck(share)) {
        return LSMB_BOUND_LINK;
    }
    return share_wants_data(share) ? LSMB_BOUND_SERVER : LSMB_BOUND_CREDITS;
}

enum lsmb_bound bound_of_source(struct lsmb_source *source)
{
    const struct lsmb_share *share = source_share_where(source);

    return share ? bound_of_share(share) : LSMB_BOUND_SOURCE;
}

enum lsmb_bound bound_of_sink(struct lsmb_sink *sink)
{
    const struct lsmb_share *share = sink_share_where(sink);

    return share ? bound_of_share(share) : LSMB_BOUND_SINK;
}
