/* object_store.c: as much of S3 as clients need that are measured, and so quick that it is not what they wait for.
 *
 *     object_store serve FOLDER [keep]     says its port; objects are files of FOLDER by the last name of their key
 *
 * What is uploaded is thrown away, and only its length remembered, unless it is to be kept.  Nothing is verified:
 * test/aws does that.  Path style, HTTP/1.1, loopback; a thread for each connection. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    HEAD_MAX = 16 << 10,
    PIECE = 1 << 20,
    PARTS_MAX = 10000,
    OBJECTS_MAX = 64,
    NAME_MAX_BYTES = 128
};

/* What was uploaded. */
struct object {
    char name[NAME_MAX_BYTES];
    uint64_t bytes;
    uint64_t parts[PARTS_MAX + 1]; /* bytes of each while it comes in parts; 0 = a whole one */
    bool there;
};

static struct object objects[OBJECTS_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int folder_fd;
static bool keep;

/* A connection, and the request that it brings. */
struct visitor {
    int fd;
    char head[HEAD_MAX];
    size_t got; /* bytes in `head`: the request's head and what came with it */
    size_t head_len;
    char method[8], name[NAME_MAX_BYTES], query[512];
    uint64_t length; /* of the body */
};

static void die(const char *what)
{
    (void)fprintf(stderr, "object_store: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

/* ---------------------------------------------------------------- objects */

/* The object of this name, made if it is not there. */
static struct object *find(const char *name, bool make)
{
    struct object *vacant = NULL;

    for (size_t i = 0; i < OBJECTS_MAX; i++) {
        if (strcmp(objects[i].name, name) == 0) {
            return &objects[i];
        }
        vacant = !vacant && !objects[i].name[0] ? &objects[i] : vacant;
    }
    if (vacant && make) {
        (void)snprintf(vacant->name, sizeof vacant->name, "%s", name);
    }
    return make ? vacant : NULL;
}

/* How long it is, uploaded or a file; false: neither. */
static bool size_of(const char *name, uint64_t *bytes)
{
    struct stat st;

    (void)pthread_mutex_lock(&lock);
    const struct object *object = find(name, false);
    bool there = object && object->there;
    *bytes = there ? object->bytes : 0;
    (void)pthread_mutex_unlock(&lock);
    if (!there && fstatat(folder_fd, name, &st, 0) == 0) {
        *bytes = (uint64_t)st.st_size;
        there = true;
    }
    return there;
}

/* A part, or the whole (0), has come. */
static void note(const char *name, unsigned part, uint64_t bytes)
{
    (void)pthread_mutex_lock(&lock);
    struct object *object = find(name, true);
    if (object) {
        object->parts[part] = bytes;
        if (part == 0) {
            object->bytes = bytes;
            object->there = true;
        }
    }
    (void)pthread_mutex_unlock(&lock);
}

static void part_name(char out[NAME_MAX_BYTES + 16], const char *name, unsigned part)
{
    (void)snprintf(out, NAME_MAX_BYTES + 16, "%s.part-%u", name, part);
}

/* Append a kept part to the object, and take it away. */
static void append(int to, const char *name, unsigned part)
{
    char path[NAME_MAX_BYTES + 16];
    part_name(path, name, part);
    int from = openat(folder_fd, path, O_RDONLY | O_CLOEXEC);

    while (from >= 0 && sendfile(to, from, NULL, PIECE) > 0) {
    }
    (void)close(from);
    (void)unlinkat(folder_fd, path, 0);
}

static void complete(const char *name)
{
    int to = keep ? openat(folder_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1;

    (void)pthread_mutex_lock(&lock);
    struct object *object = find(name, true);
    if (object) {
        object->bytes = 0;
        for (unsigned part = 1; part <= PARTS_MAX && object->parts[part] > 0; part++) {
            object->bytes += object->parts[part];
            object->parts[part] = 0;
            if (to >= 0) {
                append(to, name, part);
            }
        }
        object->there = true;
    }
    (void)pthread_mutex_unlock(&lock);
    if (to >= 0) {
        (void)close(to);
    }
}

/* ---------------------------------------------------------------- the wire */

static bool send_all(int to, const void *data, size_t len)
{
    const char *at = data;

    while (len > 0) {
        ssize_t sent = send(to, at, len, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        at += sent;
        len -= (size_t)sent;
    }
    return true;
}

/* An answer with a small body. */
static bool answer(struct visitor *v, const char *status, const char *headers, const char *body)
{
    char text[2048];
    int len = snprintf(text, sizeof text, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n%s", status,
                       strlen(body), headers, body);

    return len > 0 && (size_t)len < sizeof text && send_all(v->fd, text, (size_t)len);
}

/* The value of a header; NULL: there is none. */
static const char *header(const struct visitor *v, const char *name)
{
    size_t len = strlen(name);

    for (const char *line = strstr(v->head, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, len) == 0 && line[2 + len] == ':') {
            return line + 3 + len + strspn(line + 3 + len, " ");
        }
    }
    return NULL;
}

/* Read the head of the next request and take its first line apart. */
static bool next_request(struct visitor *v)
{
    char *end;
    char target[1024];

    v->head[v->got] = '\0';
    while (!(end = strstr(v->head, "\r\n\r\n"))) {
        ssize_t n = recv(v->fd, v->head + v->got, sizeof v->head - 1 - v->got, 0);
        if (n <= 0) {
            return false;
        }
        v->got += (size_t)n;
        v->head[v->got] = '\0';
    }
    end[2] = '\0'; /* the empty line */
    v->head_len = (size_t)(end - v->head) + 4;
    if (sscanf(v->head, "%7s %1023s", v->method, target) != 2) {
        return false;
    }
    char *query = strchr(target, '?');
    (void)snprintf(v->query, sizeof v->query, "%s", query ? query + 1 : "");
    if (query) {
        *query = '\0';
    }
    const char *bucket_end = strchr(target + 1, '/');
    const char *last = bucket_end ? strrchr(target, '/') + 1 : "";
    (void)snprintf(v->name, sizeof v->name, "%s", last);
    const char *length = header(v, "content-length");
    v->length = length ? strtoull(length, NULL, 10) : 0;
    return true;
}

/* What came behind the head, up to the request's end, and what is left of it. */
static size_t rest_of(struct visitor *v, uint64_t want)
{
    size_t behind = v->got - v->head_len;

    return want < behind ? (size_t)want : behind;
}

/* Begin anew behind a request whose body had `used` bytes in the buffer. */
static void forget(struct visitor *v, size_t used)
{
    size_t begin = v->head_len + used;

    memmove(v->head, v->head + begin, v->got - begin);
    v->got -= begin;
}

/* Take the body, to `to` or (-1) nowhere: then the kernel does not even copy it. */
static bool take_body(struct visitor *v, int to)
{
    size_t used = rest_of(v, v->length);
    uint64_t left = v->length - used;
    char *data = to >= 0 ? malloc(PIECE) : NULL;
    const char *expect = header(v, "expect");
    bool ok = to < 0 || (data && write(to, v->head + v->head_len, used) == (ssize_t)used);

    if (expect && used < v->length) {
        ok = ok && send_all(v->fd, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    }
    while (ok && left > 0) {
        ssize_t n = recv(v->fd, data, left < PIECE ? (size_t)left : PIECE, data ? 0 : MSG_TRUNC);
        ok = n > 0 && (!data || write(to, data, (size_t)n) == n);
        left -= ok ? (uint64_t)n : 0;
    }
    free(data);
    forget(v, used);
    return ok;
}

/* ---------------------------------------------------------------- requests */

static unsigned part_number(const struct visitor *v)
{
    const char *at = strstr(v->query, "partNumber=");
    unsigned long part = at ? strtoul(at + 11, NULL, 10) : 0;

    return part <= PARTS_MAX ? (unsigned)part : 0;
}

static bool put(struct visitor *v)
{
    char path[NAME_MAX_BYTES + 16], headers[128];
    unsigned part = part_number(v);
    uint64_t length = v->length;
    int to = -1;

    part_name(path, v->name, part);
    if (keep && v->name[0]) {
        to = openat(folder_fd, part > 0 ? path : v->name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                    0644);
    }
    bool ok = take_body(v, to);
    if (to >= 0) {
        (void)close(to);
    }
    if (ok && v->name[0]) {
        note(v->name, part, length);
    }
    (void)snprintf(headers, sizeof headers, "ETag: \"%08x-1\"\r\n", part);
    return ok && answer(v, "200 OK", headers, "");
}

static bool post(struct visitor *v)
{
    char body[512];
    bool begins = strncmp(v->query, "uploads", 7) == 0;

    if (!take_body(v, -1)) {
        return false;
    }
    if (!begins) {
        complete(v->name);
    }
    (void)snprintf(body, sizeof body,
                   begins ? "<InitiateMultipartUploadResult><Bucket>bench</Bucket><Key>%s</Key>"
                            "<UploadId>1</UploadId></InitiateMultipartUploadResult>"
                          : "<CompleteMultipartUploadResult><Bucket>bench</Bucket><Key>%s</Key>"
                            "<ETag>\"1-1\"</ETag></CompleteMultipartUploadResult>",
                   v->name);
    return answer(v, "200 OK", "Content-Type: application/xml\r\n", body);
}

/* "bytes=A-B" of an object of `size`; false: no such range is asked for. */
static bool range_of(const struct visitor *v, uint64_t size, uint64_t *from, uint64_t *bytes)
{
    const char *text = header(v, "range");
    unsigned long long first = 0, last = 0;

    *from = 0;
    *bytes = size;
    if (!text || size == 0 || sscanf(text, "bytes=%llu-%llu", &first, &last) < 1 || first >= size) {
        return false;
    }
    *from = first;
    *bytes = (last >= first && last < size ? last + 1 : size) - first;
    return true;
}

static bool get(struct visitor *v)
{
    char head[512];
    uint64_t size, from, bytes;

    forget(v, rest_of(v, v->length));
    if (!v->name[0] || !size_of(v->name, &size)) {
        bool lists = !v->name[0] && v->method[0] == 'G';
        return answer(
            v, lists ? "200 OK" : "404 Not Found", "",
            lists ? "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>" : "");
    }
    bool part = range_of(v, size, &from, &bytes);
    int len =
        snprintf(head, sizeof head,
                 "HTTP/1.1 %s\r\nContent-Length: %llu\r\nContent-Range: bytes %llu-%llu/%llu\r\n"
                 "ETag: \"1-1\"\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nAccept-Ranges: "
                 "bytes\r\n\r\n",
                 part ? "206 Partial Content" : "200 OK", (unsigned long long)bytes,
                 (unsigned long long)from, (unsigned long long)(from + bytes - (bytes > 0)),
                 (unsigned long long)size);
    if (len <= 0 || !send_all(v->fd, head, (size_t)len) || v->method[0] == 'H') {
        return len > 0;
    }
    int file = openat(folder_fd, v->name, O_RDONLY | O_CLOEXEC);
    off_t at = (off_t)from;
    bool ok = file >= 0;
    while (ok && bytes > 0) {
        ssize_t sent = sendfile(v->fd, file, &at, bytes < PIECE ? (size_t)bytes : PIECE);
        ok = sent > 0;
        bytes -= ok ? (uint64_t)sent : 0;
    }
    (void)close(file);
    return ok;
}

static bool serve_one(struct visitor *v)
{
    switch (v->method[0]) {
    case 'P': return v->method[1] == 'U' ? put(v) : post(v);
    case 'G':
    case 'H': return get(v);
    default: forget(v, rest_of(v, v->length)); return answer(v, "204 No Content", "", "");
    }
}

static void *serve(void *arg)
{
    struct visitor *v = arg;

    while (next_request(v) && serve_one(v)) {
    }
    (void)close(v->fd);
    free(v);
    return NULL;
}

int main(int argc, char **argv)
{
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof where;
    int one = 1;

    if (argc < 3 || strcmp(argv[1], "serve") != 0) {
        (void)fprintf(stderr, "usage: object_store serve FOLDER [keep]\n");
        return 2;
    }
    keep = argc > 3;
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    folder_fd = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (folder_fd < 0 || door < 0 || bind(door, (struct sockaddr *)&where, sizeof where) != 0 ||
        listen(door, 128) != 0 || getsockname(door, (struct sockaddr *)&where, &len) != 0) {
        die(argv[2]);
    }
    (void)printf("%u\n", ntohs(where.sin_port));
    (void)fflush(stdout);
    for (;;) {
        pthread_t thread;
        struct visitor *v = calloc(1, sizeof *v);
        if (!v || (v->fd = accept(door, NULL, NULL)) < 0) {
            die("accept");
        }
        (void)setsockopt(v->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (pthread_create(&thread, NULL, serve, v) != 0) {
            die("a thread");
        }
        (void)pthread_detach(thread);
    }
}
