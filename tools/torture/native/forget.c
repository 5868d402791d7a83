/* A disk that loses power: remembers what every written range held before, until the file is synced.
 *
 * Loaded first into the server and its database (LD_PRELOAD). Before bytes of a file below FORGET_UNDER are
 * overwritten, the old bytes and the old size go to FORGET_SIDE/DEVICE-INODE.undo; fsync and fdatasync empty that
 * file. After all processes were killed, whoever plays the records backwards gets the disk as it is after a power cut
 * that lost everything that was never synced. Names (creating, renaming, deleting) count as durable at once.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);
static const char *under;
static const char *side;

__attribute__((constructor)) static void begin(void) {
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite");
    real_pwritev = dlsym(RTLD_NEXT, "pwritev");
    real_writev = dlsym(RTLD_NEXT, "writev");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate");
    /* Copies: the database overwrites its environment with its title. */
    const char *place = getenv("FORGET_UNDER");
    under = place ? strdup(place) : 0;
    place = getenv("FORGET_SIDE");
    side = place ? strdup(place) : 0;
}

/* Whether a file is one of those that forget; logs are kept, they tell what happened. */
static int forgets(int fd, struct stat *about) {
    char link[64], path[PATH_MAX];
    if (!under || !side || !real_write || fstat(fd, about) != 0 || !S_ISREG(about->st_mode)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    size_t start = strlen(under);
    if (strncmp(path, under, start) != 0 || path[start] != '/') return 0;
    return length < 4 || strcmp(path + length - 4, ".log") != 0;
}

/* The file of undo records of an inode, locked. */
static int records(const struct stat *about) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%lu-%lu.undo", side, (unsigned long)about->st_dev, (unsigned long)about->st_ino);
    int undo = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (undo >= 0) {
        fchmod(undo, 0666);
        while (flock(undo, LOCK_EX) != 0 && errno == EINTR) {}
    }
    return undo;
}

/* Keeps what a range holds now; called with the lock held. */
static void keep(int undo, int fd, const struct stat *about, off_t offset, size_t count) {
    size_t held = 0;
    if (offset < about->st_size) {
        off_t left = about->st_size - offset;
        held = left < (off_t)count ? (size_t)left : count;
    }
    uint64_t head[3] = {(uint64_t)offset, held, (uint64_t)about->st_size};
    char *record = malloc(sizeof head + held);
    if (!record) abort();
    memcpy(record, head, sizeof head);
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    int reader = held ? open(link, O_RDONLY | O_CLOEXEC) : -1;
    size_t got = 0;
    while (reader >= 0 && got < held) {
        ssize_t piece = pread(reader, record + sizeof head + got, held - got, offset + (off_t)got);
        if (piece <= 0) break;
        got += (size_t)piece;
    }
    if (reader >= 0) close(reader);
    if (got == held && real_write(undo, record, sizeof head + held) < 0) abort();
    free(record);
}

static off_t place(int fd, const struct stat *about) {
    int flags = fcntl(fd, F_GETFL);
    return (flags & O_APPEND) ? about->st_size : lseek(fd, 0, SEEK_CUR);
}

static size_t total(const struct iovec *parts, int count) {
    size_t sum = 0;
    for (int part = 0; part < count; part++) sum += parts[part].iov_len;
    return sum;
}

#define GUARDED(fd, offset, count, act)                                  \
    struct stat about;                                                   \
    int saved = errno;                                                   \
    if (!forgets(fd, &about)) { errno = saved; return act; }             \
    int undo = records(&about);                                          \
    if (undo < 0) abort();                                               \
    fstat(fd, &about);                                                   \
    keep(undo, fd, &about, offset, count);                               \
    errno = saved;                                                       \
    ssize_t done = act;                                                  \
    saved = errno;                                                       \
    close(undo);                                                         \
    errno = saved;                                                       \
    return done;

ssize_t write(int fd, const void *bytes, size_t count) {
    if (!real_write) begin();
    GUARDED(fd, place(fd, &about), count, real_write(fd, bytes, count))
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (!real_write) begin();
    GUARDED(fd, place(fd, &about), total(parts, count), real_writev(fd, parts, count))
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    if (!real_write) begin();
    GUARDED(fd, offset, count, real_pwrite(fd, bytes, count, offset))
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t offset) { return pwrite(fd, bytes, count, offset); }

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
    if (!real_write) begin();
    GUARDED(fd, offset, total(parts, count), real_pwritev(fd, parts, count, offset))
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t offset) {
    return pwritev(fd, parts, count, offset);
}

static int synced(int fd, int (*real)(int)) {
    struct stat about;
    int saved = errno;
    if (!forgets(fd, &about)) { errno = saved; return real(fd); }
    int undo = records(&about);
    if (undo < 0) abort();
    errno = saved;
    int done = real(fd);
    saved = errno;
    if (done == 0) real_ftruncate(undo, 0);
    close(undo);
    errno = saved;
    return done;
}

int fsync(int fd) {
    if (!real_write) begin();
    return synced(fd, real_fsync);
}

int fdatasync(int fd) {
    if (!real_write) begin();
    return synced(fd, real_fdatasync);
}

/* A file that is made anew has nothing to be taken back to. */
static void emptied(int fd) {
    struct stat about;
    int saved = errno;
    if (fd >= 0 && forgets(fd, &about) && about.st_size == 0) {
        int undo = records(&about);
        if (undo >= 0) {
            real_ftruncate(undo, 0);
            close(undo);
        }
    }
    errno = saved;
}

int ftruncate(int fd, off_t length) {
    if (!real_write) begin();
    int done = real_ftruncate(fd, length);
    if (done == 0 && length == 0) emptied(fd);
    return done;
}

int ftruncate64(int fd, off_t length) { return ftruncate(fd, length); }

static int opened(const char *name, int folder, const char *path, int flags, mode_t mode) {
    static int (*real_open)(const char *, int, ...);
    static int (*real_openat)(int, const char *, int, ...);
    if (!real_write) begin();
    if (!real_open) real_open = dlsym(RTLD_NEXT, "open");
    if (!real_openat) real_openat = dlsym(RTLD_NEXT, "openat");
    int fd = name[4] ? real_openat(folder, path, flags, mode) : real_open(path, flags, mode);
    if (flags & (O_CREAT | O_TRUNC)) emptied(fd);
    return fd;
}

#define MODE                                          \
    mode_t mode = 0;                                  \
    if (flags & (O_CREAT | O_TMPFILE)) {              \
        va_list rest;                                 \
        va_start(rest, flags);                        \
        mode = va_arg(rest, mode_t);                  \
        va_end(rest);                                 \
    }

int open(const char *path, int flags, ...) { MODE return opened("open", 0, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE return opened("open", 0, path, flags, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE return opened("openat", folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE return opened("openat", folder, path, flags, mode); }
