#include "tools/lava.h"
#include "tools/s3.h"

#include <stdio.h>
#include <string.h>

/* ---------------------------------------------------------------- what is wrong */

/* A record of lava's is not what the user wrote here; a file is. */
static bool fail(struct run *run, const struct refusal *why)
{
    struct refusal named;

    if (run->opt->conn_id) {
        run_fail_at(run, LSMB_E_STATUS, NULL, why->text);
    } else {
        (void)refuse(&named, "--conn-file %.200s: %.280s", run->opt->conn_file, why->text);
        run_refuse(run, &named);
    }
    return false;
}

/* run->err is a service's.  That a table or a parameter is not there must not be taken for a file that is not, nor what
 * is wrong with AWS's files for a mistake in the arguments. */
static bool fail_service(struct run *run)
{
    if (run->err.code == LSMB_E_NOT_FOUND || run->err.code == LSMB_E_USAGE) {
        run->err.code = LSMB_E_STATUS;
    }
    run->err.step[0] = run->err.path[0] =
        '\0'; /* as the Python tool has it: the reason is enough */
    run_fail(run);
    return false;
}

/* ---------------------------------------------------------------- records */

/* Where a record is kept. */
struct place {
    const char *table, *key_name, *key;
    const char *missing; /* what to say when it is not there */
    const char *bad;     /* before what is wrong with it */
};

/* Fetch a record that must have some fields.  NULL: reported.  The caller's to give back with json_decref(). */
static json_t *fetch_record(struct run *run, const struct place *place,
                            const char *const required[])
{
    char *text = NULL;
    json_t *record = NULL;
    struct refusal why = {""}, detail = {""};

    if (!run_wait(run, lsmb_s3_item_start(run->s3, place->table, place->key_name, place->key, &text,
                                          run_done, run))) {
        (void)fail_service(run);
        return NULL;
    }
    if (!text) {
        (void)refuse(&why, "%s", place->missing);
        (void)fail(run, &why);
        return NULL;
    }
    record = record_parse(text, strlen(text), &detail);
    lsmb_s3_text_free(text);
    if (!record || !record_check(record, required, NULL, &detail)) {
        (void)refuse(&why, "%s: %.300s", place->bad, detail.text);
        (void)fail(run, &why);
        json_decref(record);
        return NULL;
    }
    return record;
}

/* Nothing in it is needed here; lava checks it, and what lava refuses is refused. */
static bool check_realm(struct run *run)
{
    static const char *const required[] = {"realm", "s3_payloads", "s3_temp", NULL};
    const struct place place = {.table = "lava.realms",
                                .key_name = "realm",
                                .key = run->opt->realm,
                                .missing = "No such realm",
                                .bad = "Bad realm record"};
    json_t *record = fetch_record(run, &place, required);
    bool ok = record != NULL;

    json_decref(record);
    return ok;
}

static json_t *fetch_connection(struct run *run)
{
    static const char *const required[] = {"conn_id", "type", NULL};
    const char *id = run->opt->conn_id;
    char table[256], missing[256], bad[256];
    const struct place place = {
        .table = table, .key_name = "conn_id", .key = id, .missing = missing, .bad = bad};

    if (snprintf(table, sizeof table, "lava.%s.connections", run->opt->realm) >=
        (int)sizeof table) {
        run_fail_at(run, LSMB_E_STATUS, NULL, "No such realm"); /* no table's name is so long */
        return NULL;
    }
    (void)snprintf(missing, sizeof missing, "%.200s: No such connection", id);
    (void)snprintf(bad, sizeof bad, "%.200s: Bad connection record", id);
    return fetch_record(run, &place, required);
}

/* ---------------------------------------------------------------- secrets */

/* Who may not read a parameter elsewhere than where lava has its own is told. */
static void advise(struct run *run, const char *name)
{
    char folder[128];
    const char *realm = run->opt->realm;

    if (!realm || run->err.code != LSMB_E_DENIED) {
        return;
    }
    (void)snprintf(folder, sizeof folder, "/lava/%.100s/", realm);
    if (strncmp(name, folder, strlen(folder)) != 0) {
        (void)snprintf(run->err.advice, sizeof run->err.advice,
                       "'%.80s' is not below %s, where lava's workers may read", name, folder);
    }
}

/* The password that stands in SSM, unless an option gave another one. */
static bool fetch_password(struct run *run, const char *name)
{
    char *text = NULL;
    struct refusal why = {""};

    if (run->password.given) {
        return true;
    }
    if (!run_wait(run, lsmb_s3_parameter_start(run->s3, name, &text, run_done, run))) {
        advise(run, name);
        return fail_service(run);
    }
    bool ok = password_take(&run->password, text, &why);
    lsmb_s3_text_free(text);
    return ok || fail(run, &why);
}

/* Names in a secret, and what lava calls them. */
static const char *const secret_names[][2] = {
    {"username", "user"},
    {"password", "password"},
    {"host", "host"},
    {"port", "port"},
    {"dbname", "database"}, /* like the last two no field of an smb connection, and lava says so */
    {"dbClusterIdentifier", "description"},
    {"serviceName", "service_name"},
    {"sid", "sid"},
};

/* In a file one may be named in other ways. */
static bool has_password(const json_t *record)
{
    return json_object_get(record, "password_file") || json_object_get(record, "password_env");
}

bool lava_merge(json_t *record, json_t *secret, const char **password, struct refusal *why)
{
    *password = NULL;
    for (size_t i = 0; i < sizeof secret_names / sizeof secret_names[0]; i++) {
        const char *name = secret_names[i][1];
        json_t *value = json_object_get(secret, secret_names[i][0]);
        bool secret_word = strcmp(name, "password") == 0;
        if (!value || json_object_get(record, name) || (secret_word && has_password(record))) {
            continue;
        }
        if (secret_word) {
            *password = record_text(value);
            if (!*password) {
                return refuse(why, "the password in the secret must be a string");
            }
            value = json_string("");
        } else {
            (void)json_incref(value);
        }
        if (json_object_set_new(record, name, value) != 0) {
            return refuse(why, "out of memory");
        }
    }
    return true;
}

/* What the record lacks stands in a secret. */
static bool fetch_secret(struct run *run, json_t *record)
{
    const char *id = record_text(json_object_get(record, "secret_id")), *password = NULL;
    struct refusal why = {""}, detail = {""};
    char *text = NULL;

    if (!id) {
        (void)refuse(&why, "'secret_id' must be a string");
        return fail(run, &why);
    }
    if (!run_wait(run, lsmb_s3_secret_start(run->s3, id, &text, run_done, run))) {
        return fail_service(run);
    }
    json_t *secret = record_parse(text, strlen(text), &detail);
    lsmb_s3_text_free(text);
    bool ok = secret || refuse(&why, "the secret '%.100s': %.300s", id, detail.text);
    ok = ok && lava_merge(record, secret, &password, &why);
    if (ok && password && !run->password.given) {
        ok = password_take(&run->password, password, &why);
    }
    json_decref(secret);
    return ok || fail(run, &why);
}

/* ---------------------------------------------------------------- all of it */

static bool check_policy(struct run *run)
{
    struct refusal why = {""};

    if (run->connection.encrypt && run->opt->policy.seal == LSMB_OFF) {
        (void)refuse(&why, "--encrypt off contradicts the connection, which asks for encryption");
        run_refuse(run, &why);
        return false;
    }
    return true;
}

static void tell(struct run *run)
{
    const struct connection *c = &run->connection;
    char line[512];

    (void)snprintf(line, sizeof line, "connection %.100s: host %.100s, port %u, user %.100s%s%s",
                   run->opt->conn_id ? run->opt->conn_id : run->opt->conn_file, c->host,
                   (unsigned)c->port, c->user ? c->user : "(none)",
                   c->netbios ? ", NetBIOS session" : "", c->encrypt ? ", encrypted" : "");
    logger_line(&run->log, LEVEL_DEBUG, line);
}

/* As lava does it: first the parameter, then the secret, then the checks. */
static bool complete(struct run *run, json_t *record)
{
    const json_t *named = json_object_get(record, "password");
    const char *parameter = named ? record_text(named) : NULL;
    struct refusal why = {""};

    if (named && (!parameter || !parameter[0])) {
        (void)refuse(&why, "the password must be the name of a parameter in SSM");
        return fail(run, &why);
    }
    if ((parameter && !fetch_password(run, parameter)) ||
        (json_object_get(record, "secret_id") && !fetch_secret(run, record))) {
        return false;
    }
    connection_free(&run->connection);
    if (!connection_take(&run->connection, record, run->opt->conn_id, run->opt->realm, &why) ||
        !password_of_connection(&run->password, &run->connection, &why)) {
        return fail(run, &why);
    }
    return true;
}

static bool connect_by_id(struct run *run)
{
    if (!s3_client(run) || !check_realm(run)) {
        return false;
    }
    json_t *record = fetch_connection(run);
    bool ok = record && complete(run, record);
    json_decref(record);
    return ok;
}

static bool connect_by_file(struct run *run)
{
    const char *parameter = run->connection.password_in_aws;
    json_t *record = run->connection.record;

    if (record) {
        run->connection.record = NULL; /* what is taken takes its place */
        bool ok = s3_client(run) && complete(run, record);
        json_decref(record);
        return ok;
    }
    return !parameter || run->password.given || (s3_client(run) && fetch_password(run, parameter));
}

bool lava_connect(struct run *run)
{
    if (run->connected || run->unconnected) {
        return run->connected;
    }
    bool ok = run->opt->conn_id ? connect_by_id(run) : connect_by_file(run);
    run->connected = ok && check_policy(run);
    run->unconnected = !run->connected;
    if (run->connected) {
        tell(run);
    }
    return run->connected;
}
