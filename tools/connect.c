#include "tools/connect.h"
#include "tools/lava.h"
#include "tools/show.h"

#include <stdio.h>
#include <string.h>

/* Who logs on; borrowed.  Both NULL: nobody. */
struct account {
    const char *user, *domain;
};

static bool has_connection(const struct run *run)
{
    return run->opt->conn_id || run->opt->conn_file;
}

/* Of a location that is on no share. */
static bool refuse_place(const struct run *run, const struct location *where, const char *text,
                         struct refusal *why)
{
    bool copies = ((unsigned)run->opt->command->id & CMD_COPIES) != 0;

    if (where->kind != LOCATION_S3) {
        return refuse(why, "'%.200s' is not on a share: write %s", text,
                      "smb://USER@HOST/SHARE/PATH (SHARE:PATH needs a connection)");
    }
    return copies ? refuse(why,
                           "'%.200s' is in S3, not on a share: get copies from a share, put to "
                           "one, cp from anywhere to anywhere",
                           text)
                  : refuse(why, "'%.200s' is in S3: that is for get, put and cp only", text);
}

bool connect_parse(struct run *run, size_t i, bool need_share, struct location *out)
{
    bool left_out = i >= run->opt->n_args; /* which only a connection's server may be */
    const char *text = left_out ? "IPC$:" : run->opt->args[i];
    struct refusal why = {""};
    bool named = has_connection(run) && !location_names_server(text) && !location_names_s3(text);
    bool ok = named ? location_parse_named(out, text, &why) : location_parse(out, text, &why);

    out->netbios = out->netbios || run->opt->nbt;
    if (ok && out->kind != LOCATION_SMB) {
        ok = refuse_place(run, out, text, &why);
    } else if (ok && need_share && !out->share) {
        ok = refuse(&why, "name a share too: smb://HOST/SHARE");
    }
    if (ok && run->connected && !location_complete(out, &run->connection)) {
        ok = refuse(&why, "out of memory");
    }
    if (!ok) {
        run_refuse(run, &why);
    }
    return ok;
}

bool connect_parse_local(struct run *run, size_t i, struct location *out)
{
    struct refusal why = {""};
    bool ok = location_parse(out, run->opt->args[i], &why);

    if (ok && out->kind == LOCATION_SMB) {
        ok = refuse(&why,
                    "%s copies between a share and this machine or S3; from share to share: cp",
                    run->opt->command->name);
    }
    if (!ok) {
        run_refuse(run, &why);
    }
    return ok;
}

bool connect_parse_any(struct run *run, size_t i, struct location *out)
{
    const char *text = run->opt->args[i];
    size_t name = strcspn(text, ":/");
    bool named = has_connection(run) && name > 0 && text[name] == ':';

    if (!location_names_s3(text) && (named || location_names_server(text))) {
        return connect_parse(run, i, true, out);
    }
    return connect_parse_local(run, i, out);
}

/* The user from the URL, else of --credentials, else nobody with --anonymous. */
static bool find_account(const struct run *run, const struct location *where, struct account *out,
                         struct refusal *why)
{
    const struct credfile *file = &run->password.file;

    *out = (struct account){where->user, where->domain};
    if ((!out->user || where->by_connection) && file->user) {
        *out = (struct account){file->user, file->domain}; /* whose password it is */
    }
    if (!out->domain) {
        out->domain = file->domain;
    }
    if (out->user || run->opt->anonymous) {
        return true;
    }
    return refuse(
        why, "no user was named: write smb://USER@HOST/..., or use --credentials or --anonymous");
}

static bool find_password(struct run *run, const struct account *account, const char *host)
{
    char name[512];
    struct refusal why = {""};

    (void)snprintf(name, sizeof name, "%s%s%s@%s", account->domain ? account->domain : "",
                   account->domain ? ";" : "", account->user, host);
    char safe[sizeof name];
    show_safe(safe, sizeof safe, name);
    if (password_find(&run->password, safe, run->signal_fd, &why)) {
        return true;
    }
    if (why.text[0] == '\0') {
        run_note_signal(run);
        run_fail(run);
    } else {
        run_refuse(run, &why);
    }
    return false;
}

static struct lsmb_share *open_share(struct run *run, const struct location *where,
                                     const struct account *account, bool to_read)
{
    /* These begin with a file to be read, which the share can come with in one round trip.  Where something
     * is written, what is wrong with the share must not be taken for what is wrong with the file. */
    const unsigned readers = CMD_GET | CMD_CP | CMD_CAT | CMD_STAT | CMD_LS | CMD_DU;
    const struct connection *connection = &run->connection;
    struct lsmb_policy policy = run->opt->policy;

    policy.anonymous = account->user == NULL;
    if (where->by_connection && connection->encrypt) {
        policy.seal = LSMB_REQUIRED;
    }
    policy.allow_ntlmv1 = policy.allow_ntlmv1 || (where->by_connection && connection->ntlmv1);
    struct lsmb_target target = {
        .size = sizeof target,
        .host = where->host,
        .port = where->port,
        .share = where->share ? where->share : "IPC$",
        .user = account->user,
        .domain = account->domain,
        .password = account->user ? run->password.text : NULL,
        .policy = &policy,
        .netbios = where->netbios,
        .netbios_name = where->by_connection ? connection->remote_name : NULL,
        .my_name = where->by_connection ? connection->my_name : NULL,
        .lazy = to_read && ((unsigned)run->opt->command->id & readers) != 0,
    };
    struct lsmb_share *share = NULL;
    struct lsmb_job *job = lsmb_share_open_start(run->smb, &target, &share, run_done, run);

    return run_wait(run, job) ? share : NULL;
}

/* The account for a location, and its password.  False if they cannot be had: reported. */
static bool prepare_logon(struct run *run, const struct location *where, struct account *account)
{
    struct refusal why = {""};

    if (!find_account(run, where, account, &why)) {
        run_refuse(run, &why);
        return false;
    }
    if (run->linked.host && run->password.asked && !location_same_server(&run->linked, where)) {
        run->password.text = NULL; /* it was asked for as another user's, or for another server */
    }
    if (account->user && run->password.connections && !where->by_connection) {
        (void)refuse(&why,
                     "the connection's password is for its own server: name that of %.200s "
                     "with --password-file or --credentials",
                     where->host);
        run_refuse(run, &why);
        return false;
    }
    return !account->user || find_password(run, account, where->host);
}

/* Open the share of a location, and say in `linked` which one it is. */
static struct lsmb_share *link_share(struct run *run, const struct location *where,
                                     struct location *linked)
{
    struct account account;
    struct lsmb_share *share = NULL;

    if (!prepare_logon(run, where, &account)) {
        return NULL;
    }
    share = open_share(run, where, &account, linked == &run->linked);
    if (!share) {
        run_fail(run);
    }
    location_free(linked);
    if (!location_copy_share(linked, where)) {
        run_no_memory(run);
        lsmb_share_close(share);
        share = NULL;
    }
    return share;
}

/* Where a location by connection is becomes known when it is needed. */
static bool complete(struct run *run, struct location *where)
{
    if (!where->by_connection) {
        return true;
    }
    if (!lava_connect(run)) {
        return false;
    }
    if (!location_complete(where, &run->connection)) {
        run_no_memory(run);
        return false;
    }
    return true;
}

struct lsmb_share *connect_share(struct run *run, struct location *where)
{
    if (!complete(run, where)) {
        return NULL;
    }
    if (run->share && location_same_share(&run->linked, where)) {
        return run->share;
    }
    lsmb_share_close(run->share);
    run->share = NULL;
    run->share = link_share(run, where, &run->linked);
    return run->share;
}

struct lsmb_share *connect_target(struct run *run, struct location *where)
{
    if (!complete(run, where)) {
        return NULL;
    }
    if (run->share && location_same_share(&run->linked, where)) {
        return run->share;
    }
    lsmb_share_close(run->target_share);
    run->target_share = NULL;
    run->target_share = link_share(run, where, &run->linked_target);
    return run->target_share;
}
