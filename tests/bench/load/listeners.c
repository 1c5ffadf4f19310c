/* Thousands of listeners in one thread: each obeys wire.md §6 and keeps its books.
 *
 * usage: listeners PORT HOST_HEADER
 * stdin, line by line: "open POS HELLO REQUEST [REQUEST]" with the first frame and messages as hex, the
 * last of them sent when the stream is ready; "measure" begins the measured window; "stop" ends it, and
 * prints its books as JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 16384, KEPT = 96, LINE = 65536, RATE = 48000, STARTS_AT = 7200, PRE_ROLL = 0x20 };
static const double DEEPEST = 10.0 * RATE, FIRST = 0.2 * RATE, TICK_S = 0.005;
static const double PROBE_S = 5.0, PLAYED_S = 15.0;

struct listener {
    int fd;
    bool is_open, is_playing, is_closed;
    unsigned char request[KEPT]; /* what follows when the stream is ready, as a WebSocket frame */
    size_t request_bytes;
    /* the frame that is being read */
    unsigned char frame_head[10], kept[KEPT];
    size_t head_got, message_got, message_bytes;
    int opcode;
    uint64_t sid, start, have;
    double began, horizon, grown_at, told_at, probe_at, played_at;
    double srtt_us, rttvar_us;
    uint32_t underruns, probes;
};

static struct listener all[MOST];
static int count, poll_fd;
static const char *host_header;
static struct sockaddr_in server;
static bool is_measuring;
static double measured_from;
static struct { uint64_t underruns, gaps, packets, meters, bytes, frames; double low; } books;

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

/* Out */

static size_t frame(unsigned char *out, int opcode, const unsigned char *payload, size_t bytes) {
    static const unsigned char mask[4] = {0x1d, 0xa5, 0x3c, 0x72};
    size_t at = 0;
    out[at++] = 0x80 | opcode;
    if (bytes < 126) {
        out[at++] = 0x80 | bytes;
    } else {
        out[at++] = 0x80 | 126;
        out[at++] = bytes >> 8;
        out[at++] = bytes & 255;
    }
    memcpy(out + at, mask, 4);
    at += 4;
    for (size_t i = 0; i < bytes; i++) out[at + i] = payload[i] ^ mask[i & 3];
    return at + bytes;
}

static void send_all(struct listener *one, const void *data, size_t bytes) {
    /* small messages into an empty buffer: a peer that does not even take these is not served */
    if (send(one->fd, data, bytes, MSG_NOSIGNAL) != (ssize_t)bytes) one->is_closed = true;
}

static void send_frame(struct listener *one, int opcode, const unsigned char *payload, size_t bytes) {
    unsigned char out[KEPT * 2 + 16];
    send_all(one, out, frame(out, opcode, payload, bytes));
}

static size_t put_text(unsigned char *out, const char *text) {
    size_t bytes = strlen(text);
    out[0] = 0xa0 | bytes;
    memcpy(out + 1, text, bytes);
    return bytes + 1;
}

static size_t put_whole(unsigned char *out, const char *key, uint64_t value) {
    size_t at = put_text(out, key);
    out[at++] = 0xcf;
    for (int shift = 56; shift >= 0; shift -= 8) out[at++] = value >> shift;
    return at;
}

static size_t put_kind(unsigned char *out, int keys, const char *kind) {
    out[0] = 0x80 | keys;
    size_t at = 1 + put_text(out + 1, "t");
    return at + put_text(out + at, kind);
}

static uint64_t playhead(const struct listener *one, double now) {
    return one->start + (one->is_playing ? (uint64_t)((now - one->began) * RATE) : 0);
}

static void send_flow(struct listener *one, uint64_t play) {
    unsigned char out[KEPT * 2];
    size_t at = put_kind(out, 6, "flow");
    at += put_whole(out + at, "sid", one->sid);
    at += put_whole(out + at, "play", play);
    at += put_whole(out + at, "have", one->have > play ? one->have : play);
    at += put_whole(out + at, "limit", play + (uint64_t)one->horizon);
    at += put_whole(out + at, "underruns", one->underruns);
    send_frame(one, 2, out, at);
}

static void send_played(struct listener *one, uint64_t play) {
    unsigned char out[KEPT * 2];
    size_t at = put_kind(out, 5, "played");
    at += put_whole(out + at, "sid", one->sid);
    at += put_whole(out + at, "play", play);
    at += put_whole(out + at, "underruns", one->underruns);
    at += put_whole(out + at, "late", 0);
    send_frame(one, 2, out, at);
}

static void send_probe(struct listener *one, double now) {
    unsigned char out[KEPT * 2];
    size_t at = put_kind(out, one->srtt_us > 0 ? 5 : 3, "time");
    at += put_whole(out + at, "id", 1000 + one->probes++);
    at += put_whole(out + at, "c0", (uint64_t)(now * 1e6));
    if (one->srtt_us > 0) {
        at += put_whole(out + at, "srtt_us", (uint64_t)one->srtt_us);
        at += put_whole(out + at, "rttvar_us", (uint64_t)one->rttvar_us);
    }
    one->probe_at = now;
    send_frame(one, 2, out, at);
}

/* In */

static void take_audio(struct listener *one, double now) {
    uint64_t pos;
    uint16_t frames;
    memcpy(&pos, one->kept + 8, 8);
    memcpy(&frames, one->kept + 16, 2);
    if (one->kept[1] & PRE_ROLL) return;
    if (pos != one->have) books.gaps++;
    one->have = pos + frames;
    books.packets++;
    books.frames += frames;
    if (!one->is_playing && one->have - one->start >= STARTS_AT) {
        one->is_playing = true;
        one->began = one->grown_at = one->told_at = now;
        one->played_at = now;
    }
}

/* RFC 6298, from the answer to the newest probe */
static void take_time(struct listener *one, double now) {
    double round_trip_us = (now - one->probe_at) * 1e6;
    if (one->srtt_us == 0) {
        one->srtt_us = round_trip_us;
        one->rttvar_us = round_trip_us / 2;
    } else {
        double off = one->srtt_us > round_trip_us ? one->srtt_us - round_trip_us : round_trip_us - one->srtt_us;
        one->rttvar_us += (off - one->rttvar_us) / 4;
        one->srtt_us += (round_trip_us - one->srtt_us) / 8;
    }
}

static bool is_kind(const struct listener *one, const char *kind) {
    /* the first key is t; a map of more than fifteen keys has a head of three bytes */
    const unsigned char *text = one->kept + (one->kept[0] == 0xde ? 3 : 1);
    size_t bytes = strlen(kind);
    return text[0] == 0xa1 && text[1] == 't' && text[2] == (0xa0 | bytes) && !memcmp(text + 3, kind, bytes);
}

static void take_message(struct listener *one, double now) {
    size_t kept = one->message_bytes < KEPT ? one->message_bytes : KEPT;
    if (one->opcode == 9) {
        send_frame(one, 10, one->kept, kept);
    } else if (one->opcode == 8) {
        fprintf(stderr, "closed with %d\n", kept >= 2 ? one->kept[0] << 8 | one->kept[1] : 0);
        one->is_closed = true;
    } else if (one->opcode == 2 && one->kept[0] == 0x10) {
        take_audio(one, now);
    } else if (one->opcode == 2 && one->kept[0] == 0x20) {
        books.meters++;
    } else if (is_kind(one, "stream.ready")) {
        const unsigned char *found = memmem(one->kept, kept, "\xa3sid", 4);
        one->sid = found ? found[4] : 1;
        one->is_open = true;
        if (one->request_bytes) send_all(one, one->request, one->request_bytes);
        send_probe(one, now);
    } else if (is_kind(one, "time")) {
        take_time(one, now);
    } else if (is_kind(one, "error")) {
        fprintf(stderr, "refused: %.*s\n", (int)kept, one->kept);
    }
}

static size_t head_bytes(const struct listener *one) {
    if (one->head_got < 2) return 2;
    int length = one->frame_head[1] & 127;
    return length == 127 ? 10 : length == 126 ? 4 : 2;
}

static void begin_message(struct listener *one) {
    const unsigned char *head = one->frame_head;
    one->opcode = head[0] & 15;
    one->message_bytes = head[1] & 127;
    if (one->message_bytes == 126) one->message_bytes = head[2] << 8 | head[3];
    else if (one->message_bytes == 127)
        one->message_bytes = (size_t)head[6] << 24 | head[7] << 16 | head[8] << 8 | head[9];
    one->message_got = 0;
}

static void parse(struct listener *one, const unsigned char *data, size_t bytes, double now) {
    books.bytes += bytes;
    while (bytes) {
        size_t wanted = head_bytes(one);
        if (one->head_got < wanted) {
            one->frame_head[one->head_got++] = *data++;
            bytes--;
            if (one->head_got < head_bytes(one)) continue;
            begin_message(one);
        }
        size_t left = one->message_bytes - one->message_got, take = left < bytes ? left : bytes;
        if (one->message_got < KEPT) {
            size_t room = KEPT - one->message_got;
            memcpy(one->kept + one->message_got, data, take < room ? take : room);
        }
        one->message_got += take;
        data += take;
        bytes -= take;
        if (one->message_got == one->message_bytes) {
            take_message(one, now);
            one->head_got = 0;
        }
    }
}

static void receive(struct listener *one, double now) {
    static unsigned char buffer[262144];
    ssize_t got = recv(one->fd, buffer, sizeof buffer, 0);
    if (got > 0) parse(one, buffer, got, now);
    else if (got == 0 || errno != EAGAIN) one->is_closed = true;
}

/* Connecting */

static size_t from_hex(const char *text, unsigned char *out) {
    size_t bytes = 0;
    for (unsigned byte; sscanf(text + 2 * bytes, "%2x", &byte) == 1; bytes++) {
        out[bytes] = byte;
        if (text[2 * bytes + 2] <= ' ') return bytes + 1;
    }
    return bytes;
}

static void handshake(struct listener *one) {
    char text[1024], answer[1024];
    int bytes = snprintf(text, sizeof text,
        "GET /ws HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: soundwell.v1\r\n\r\n", host_header);
    if (connect(one->fd, (struct sockaddr *)&server, sizeof server)) fail("connect");
    send_all(one, text, bytes);
    /* up to the empty line, byte by byte, so that nothing behind it is taken */
    for (size_t at = 0; at < sizeof answer && recv(one->fd, answer + at, 1, 0) == 1; at++)
        if (at > 2 && !memcmp(answer + at - 3, "\r\n\r\n", 4)) return;
    fail("handshake");
}

static void open_listener(char *line) {
    static unsigned char message[LINE / 2], frames[LINE];
    struct listener *one = &all[count++];
    one->fd = socket(AF_INET, SOCK_STREAM, 0);
    one->horizon = FIRST;
    int yes = 1;
    setsockopt(one->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    handshake(one);
    size_t bytes = 0;
    one->start = one->have = strtoull(strtok(line, " "), NULL, 10);
    for (int i = 0; i < 2; i++) bytes += frame(frames + bytes, 2, message, from_hex(strtok(NULL, " "), message));
    send_all(one, frames, bytes);
    char *later = strtok(NULL, " ");
    if (later) one->request_bytes = frame(one->request, 2, message, from_hex(later, message));
    fcntl(one->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
    if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, one->fd, &event)) fail("epoll_ctl");
}

/* Time */

static void grow(struct listener *one, double now) {
    for (; one->horizon < DEEPEST && now - one->grown_at > TICK_S; one->grown_at += TICK_S)
        one->horizon *= 1.003471749; /* 2 to the power of TICK_S */
    if (one->horizon > DEEPEST) one->horizon = DEEPEST;
}

static void tick(struct listener *one, double now) {
    if (!one->is_open || one->is_closed || !one->is_playing) return;
    uint64_t play = playhead(one, now);
    if (play > one->have) {
        one->underruns++;
        if (is_measuring) books.underruns++;
        one->began = now - (double)(one->have - one->start) / RATE;
        play = one->have;
    }
    grow(one, now);
    double share = (one->have - play) / one->horizon;
    if (is_measuring && share < books.low) books.low = share;
    double every_s = one->horizon / RATE / 8;
    every_s = every_s < 0.025 ? 0.025 : every_s > 1.0 ? 1.0 : every_s;
    if (now - one->told_at >= every_s) {
        one->told_at = now;
        send_flow(one, play);
    }
    if (now - one->probe_at >= (one->probes < 3 ? 0.05 : PROBE_S)) send_probe(one, now);
    if (now - one->played_at >= PLAYED_S) {
        one->played_at = now;
        send_played(one, play);
    }
}

static void measure(double now) {
    memset(&books, 0, sizeof books);
    books.low = 1.0;
    is_measuring = true;
    measured_from = now;
}

static void tell(double now) {
    int playing = 0, closed = 0;
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    for (int i = 0; i < count; i++) {
        playing += all[i].is_playing && !all[i].is_closed;
        closed += all[i].is_closed;
    }
    printf("{\"listeners\": %d, \"playing\": %d, \"closed\": %d, \"seconds\": %.3f, \"underruns\": %lu, "
           "\"gaps\": %lu, \"low\": %.4f, \"packets\": %lu, \"meters\": %lu, \"bytes\": %lu, \"frames\": %lu}\n",
           count, playing, closed, now - measured_from, books.underruns, books.gaps, books.low,
           books.packets, books.meters, books.bytes, books.frames);
    fflush(stdout);
}

static void obey(char *line, double now) {
    if (!strncmp(line, "open ", 5)) open_listener(line + 5);
    else if (!strncmp(line, "measure", 7)) measure(now);
    else if (!strncmp(line, "stop", 4)) {
        tell(now);
        exit(0);
    }
}

int main(int argc, char **argv) {
    static char lines[LINE];
    static struct epoll_event events[512];
    size_t held = 0;
    double ticked_at = 0;
    if (argc != 3) return 2;
    server = (struct sockaddr_in){AF_INET, htons(atoi(argv[1])), {htonl(INADDR_LOOPBACK)}, {0}};
    host_header = argv[2];
    poll_fd = epoll_create1(0);
    struct epoll_event input = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, 0, &input);
    for (;;) {
        int ready = epoll_wait(poll_fd, events, 512, 2);
        double now = now_s();
        for (int i = 0; i < ready; i++) {
            if (events[i].data.ptr) {
                struct listener *one = events[i].data.ptr;
                receive(one, now);
                if (one->is_closed) epoll_ctl(poll_fd, EPOLL_CTL_DEL, one->fd, NULL);
                continue;
            }
            ssize_t got = read(0, lines + held, sizeof lines - held - 1);
            if (got <= 0) return 1;
            held += got;
            lines[held] = 0;
            for (char *end; (end = memchr(lines, '\n', held));) {
                *end = 0;
                obey(lines, now);
                held -= end + 1 - lines;
                memmove(lines, end + 1, held + 1);
            }
        }
        if (now - ticked_at < TICK_S) continue;
        ticked_at = now;
        for (int i = 0; i < count; i++) tick(&all[i], now);
    }
}
