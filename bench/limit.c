/* limit.c: what no client can beat: a file through a socket, without any protocol.
 *
 *     limit serve SOURCE TARGET        says its port, then for each connection sends or takes the file
 *     limit get PORT TARGET PIECE      recv and pwrite by PIECE bytes
 *     limit put PORT SOURCE PIECE      read and send by PIECE bytes; sendfile with a PIECE of 0
 *
 * The server does the least a server can do: sendfile one way, recv and pwrite the other.  On loopback,
 * and from and to whatever the files lie on. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SERVER_PIECE = 512 << 10, SENDFILE_PIECE = 1 << 20, WHOLE = 0 };

static void die(const char *what)
{
    (void)fprintf(stderr, "limit: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static int open_file(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0644);

    if (fd < 0) {
        die(path);
    }
    return fd;
}

static size_t number(const char *text)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (end == text || *end) {
        errno = EINVAL;
        die(text);
    }
    return value;
}

static void send_all(int to, const unsigned char *data, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(to, data, len, MSG_NOSIGNAL);
        if (sent < 0) {
            die("send");
        }
        data += sent;
        len -= (size_t)sent;
    }
}

/* All of a file to a socket. */
static void send_file(const char *path, int to, size_t piece)
{
    int from = open_file(path, O_RDONLY);
    unsigned char *data = malloc(piece ? piece : 1);
    ssize_t got;

    if (!data) {
        die("memory");
    }
    do {
        if (piece == WHOLE) {
            got = sendfile(to, from, NULL, SENDFILE_PIECE);
        } else {
            got = read(from, data, piece);
            send_all(to, data, got > 0 ? (size_t)got : 0);
        }
    } while (got > 0);
    if (got < 0) {
        die(path);
    }
    free(data);
    (void)close(from);
}

/* All that comes from a socket to a file. */
static void take_file(int from, const char *path, size_t piece)
{
    int to = open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
    unsigned char *data = malloc(piece);
    ssize_t got;
    off_t at = 0;

    if (!data) {
        die("memory");
    }
    while ((got = recv(from, data, piece, 0)) > 0) {
        for (ssize_t done = 0; done < got;) {
            ssize_t put = pwrite(to, data + done, (size_t)(got - done), at);
            if (put < 0) {
                die(path);
            }
            done += put;
            at += put;
        }
    }
    if (got < 0) {
        die("recv");
    }
    free(data);
    (void)close(to);
}

static struct sockaddr_in loopback(size_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
}

/* A client says in one byte what it wants; after a put one byte tells it that all has arrived. */
static void serve_one(int client, const char *source, const char *target)
{
    char wish;

    if (recv(client, &wish, 1, 0) != 1) {
        return;
    }
    if (wish == 'g') {
        send_file(source, client, WHOLE);
    } else {
        take_file(client, target, SERVER_PIECE);
        send_all(client, (const unsigned char *)"k", 1);
    }
}

static void serve(const char *source, const char *target)
{
    struct sockaddr_in at = loopback(0);
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)prctl(PR_SET_PDEATHSIG, SIGTERM); /* ends with whoever measures */
    if (listener < 0 || bind(listener, (struct sockaddr *)&at, len) < 0 ||
        listen(listener, 1) < 0 || getsockname(listener, (struct sockaddr *)&at, &len) < 0) {
        die("listen");
    }
    printf("%u\n", (unsigned)ntohs(at.sin_port));
    (void)fflush(stdout);
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client < 0) {
            die("accept");
        }
        serve_one(client, source, target);
        (void)close(client);
    }
}

static int call(size_t port, char wish)
{
    struct sockaddr_in at = loopback(port);
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (server < 0 || connect(server, (struct sockaddr *)&at, sizeof at) < 0) {
        die("connect");
    }
    send_all(server, (const unsigned char *)&wish, 1);
    return server;
}

static void get(size_t port, const char *target, size_t piece)
{
    take_file(call(port, 'g'), target, piece);
}

static void put(size_t port, const char *source, size_t piece)
{
    int server = call(port, 'p');
    char done;

    send_file(source, server, piece);
    (void)shutdown(server, SHUT_WR);
    if (recv(server, &done, 1, 0) != 1) {
        die("recv");
    }
}

int main(int argc, char **argv)
{
    bool is_client = argc == 5;

    if (argc == 4 && strcmp(argv[1], "serve") == 0) {
        serve(argv[2], argv[3]);
    } else if (is_client && strcmp(argv[1], "get") == 0) {
        get(number(argv[2]), argv[3], number(argv[4]));
    } else if (is_client && strcmp(argv[1], "put") == 0) {
        put(number(argv[2]), argv[3], number(argv[4]));
    } else {
        (void)fputs("usage: limit serve SOURCE TARGET | get PORT TARGET PIECE | "
                    "put PORT SOURCE PIECE\n",
                    stderr);
        return 2;
    }
    return EXIT_SUCCESS;
}
