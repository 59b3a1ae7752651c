#include "tools/password.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

/* More than any file of ours needs: a password has at most 256 UTF-16 units. */
#define PAGE_LEN     ((size_t)16 * 1024)
#define PASSWORD_MAX 1024
#define SPARE_LEN    ((size_t)PASSWORD_MAX + 2)
#define FILE_LEN     (PAGE_LEN - SPARE_LEN)

/* Read up to the end of the file, or of its first line, into the page. */
static bool read_file(struct password *out, int fd, bool one_line, struct refusal *why)
{
    size_t used = 0;

    while (used < FILE_LEN - 1) {
        ssize_t n = read(fd, out->page + used, FILE_LEN - 1 - used);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return refuse(why, "%s", strerror(errno));
        }
        used += (size_t)n;
        out->page[used] = '\0';
        if (n == 0 || (one_line && memchr(out->page, '\n', used))) {
            break;
        }
    }
    if (used == FILE_LEN - 1) {
        return refuse(why, "this is too long for such a file");
    }
    if (strlen(out->page) != used) {
        return refuse(why, "there is a zero byte in it");
    }
    return true;
}

static bool read_named(struct password *out, const char *name, bool one_line, struct refusal *why)
{
    if (strcmp(name, "-") == 0) {
        return read_file(out, STDIN_FILENO, one_line, why);
    }
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return refuse(why, "%s", strerror(errno));
    }
    bool ok = read_file(out, fd, one_line, why);
    return close(fd) == 0 && ok;
}

static bool check_length(const struct password *password, struct refusal *why)
{
    if (password->text && strlen(password->text) > PASSWORD_MAX) {
        return refuse(why, "the password is longer than %d bytes", PASSWORD_MAX);
    }
    return true;
}

/* The first line; its end, in either form, is no part of it. */
static void take_first_line(struct password *out)
{
    size_t len = strcspn(out->page, "\n");

    len -= out->page[len] == '\n' && len > 0 && out->page[len - 1] == '\r';
    out->page[len] = '\0';
    out->text = out->page;
}

/* The end of the page, which no file reaches. */
static char *spare(struct password *password)
{
    return password->page + FILE_LEN;
}

/* Take a variable's value; the environment's own copy is wiped, so that it does not stay in /proc.  False
 * if there is none, or, with a refusal, if it does not fit. */
static bool take_variable(struct password *password, const char *name, struct refusal *why)
{
    char *value = getenv(name);

    if (!value) {
        return false;
    }
    size_t len = strlen(value);
    if (len > PASSWORD_MAX) {
        return refuse(why, "%.60s is longer than %d bytes", name, PASSWORD_MAX);
    }
    memcpy(spare(password), value, len + 1);
    explicit_bzero(value, len);
    (void)unsetenv(name);
    password->text = spare(password);
    return true;
}

/* The file or variable that the connection names. */
static bool read_connection(struct password *out, const struct connection *connection,
                            struct refusal *why)
{
    struct refusal detail = {""};

    if (connection->password_file) {
        if (!read_named(out, connection->password_file, true, &detail)) {
            return refuse(why, "the connection's password_file %.200s: %.200s",
                          connection->password_file, detail.text);
        }
        take_first_line(out);
        return true;
    }
    if (connection->password_env && !take_variable(out, connection->password_env, why)) {
        return why->text[0] != '\0' ? false
                                    : refuse(why, "the connection's password_env %.60s is not set",
                                             connection->password_env);
    }
    return true;
}

bool password_open(struct password *out, const struct options *opt, struct refusal *why)
{
    struct refusal detail = {""};

    *out = (struct password){.page = NULL};
    void *page = mmap(NULL, PAGE_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
        return refuse(why, "out of memory");
    }
    out->page = page;
    (void)madvise(page, PAGE_LEN, MADV_DONTDUMP); /* a kernel without it keeps no secret less */
    if (opt->password_file) {
        if (!read_named(out, opt->password_file, true, &detail)) {
            return refuse(why, "--password-file %.200s: %.200s", opt->password_file, detail.text);
        }
        take_first_line(out);
    } else if (opt->credentials_file) {
        if (!read_named(out, opt->credentials_file, false, &detail) ||
            !credfile_parse(&out->file, out->page, &detail)) {
            return refuse(why, "--credentials %.200s: %.200s", opt->credentials_file, detail.text);
        }
        out->text = out->file.password;
    }
    out->given = out->text != NULL;
    return check_length(out, why);
}

bool password_of_connection(struct password *out, const struct connection *connection,
                            struct refusal *why)
{
    if (out->given || out->connections) {
        return true;
    }
    why->text[0] = '\0';
    if (!read_connection(out, connection, why)) {
        return false;
    }
    out->connections = connection->password_file || connection->password_env;
    return check_length(out, why);
}

bool password_take(struct password *out, const char *text, struct refusal *why)
{
    size_t len = strlen(text);

    if (len > PASSWORD_MAX) {
        return refuse(why, "the connection's password is longer than %d bytes", PASSWORD_MAX);
    }
    memcpy(spare(out), text, len + 1);
    out->text = spare(out);
    out->connections = true;
    return true;
}

void password_close(struct password *password)
{
    if (password->page) {
        explicit_bzero(password->page, PAGE_LEN);
        (void)munmap(password->page, PAGE_LEN);
    }
    *password = (struct password){.page = NULL};
}

/* Read a line from the terminal without stdio.  False on a signal, at the end of input, or if it does
 * not fit. */
static bool read_line(int tty, int signal_fd, char *line, struct refusal *why)
{
    struct pollfd fds[] = {{.fd = tty, .events = POLLIN}, {.fd = signal_fd, .events = POLLIN}};
    size_t used = 0;

    while (used <= PASSWORD_MAX) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR) {
            return refuse(why, "cannot wait for the terminal: %s", strerror(errno));
        }
        if (fds[1].revents != 0) {
            return refuse(why, "%s", "");
        }
        ssize_t n = fds[0].revents != 0 ? read(tty, line + used, 1) : 0;
        if (fds[0].revents != 0 && n <= 0) {
            return refuse(why, "no password was entered");
        }
        if (n > 0 && line[used] == '\n') {
            line[used] = '\0';
            return true;
        }
        used += (size_t)n;
    }
    return refuse(why, "the password is longer than %d bytes", PASSWORD_MAX);
}

/* Echo is off while it waits, and signals that would leave it so are held back. */
static bool ask(struct password *password, const char *account, int tty, int signal_fd,
                struct refusal *why)
{
    struct termios before, quiet;
    sigset_t held, old;

    if (tcgetattr(tty, &before) != 0) {
        return refuse(why, "cannot ask on this terminal: %s", strerror(errno));
    }
    (void)sigemptyset(&held);
    (void)sigaddset(&held, SIGQUIT);
    (void)sigaddset(&held, SIGTSTP);
    (void)sigprocmask(SIG_BLOCK, &held, &old);
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    quiet.c_lflag |= ICANON;
    bool ok = tcsetattr(tty, TCSAFLUSH, &quiet) == 0;
    if (ok) { /* what is typed in answer is neither shown nor lost */
        (void)dprintf(tty, "Password for %s: ", account);
        ok = read_line(tty, signal_fd, spare(password), why);
    } else {
        (void)refuse(why, "cannot ask on this terminal: %s", strerror(errno));
    }
    (void)tcsetattr(tty, TCSAFLUSH, &before);
    (void)sigprocmask(SIG_SETMASK, &old, NULL);
    return ok;
}

static bool ask_terminal(struct password *password, const char *account, int signal_fd,
                         struct refusal *why)
{
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

    if (tty < 0) {
        return refuse(why,
                      "there is no password for %.200s, and no terminal to ask for it: use "
                      "--password-file, --credentials or LAVA_SMB_PASSWORD",
                      account);
    }
    bool ok = ask(password, account, tty, signal_fd, why);
    (void)dprintf(tty, "\n");
    (void)close(tty);
    password->asked = ok;
    password->text = ok ? spare(password) : NULL;
    return ok;
}

bool password_find(struct password *password, const char *account, int signal_fd,
                   struct refusal *why)
{
    why->text[0] = '\0';
    if (password->text || take_variable(password, "LAVA_SMB_PASSWORD", why)) {
        return true;
    }
    if (why->text[0] != '\0') {
        return false;
    }
    return ask_terminal(password, account, signal_fd, why);
}
