/* What it costs to send these bytes and nothing else: the floor that the server is compared with.
 *
 * usage: sender CONNECTIONS SECONDS BYTES PACKETS_PER_S READER_CORE
 * Each connection gets its packets of one second one after the other, the connections spread over the
 * second, as deep listeners do. Prints microseconds of processor time per connection and second.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static double cpu_s(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
}

static void read_for_ever(struct sockaddr_in address, int connections, int core) {
    static char buffer[262144];
    static struct epoll_event events[512];
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(core, &cores);
    sched_setaffinity(0, sizeof cores, &cores);
    int poll_fd = epoll_create1(0);
    for (int i = 0; i < connections; i++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(fd, (struct sockaddr *)&address, sizeof address)) exit(1);
        fcntl(fd, F_SETFL, O_NONBLOCK);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event);
    }
    for (;;) {
        int ready = epoll_wait(poll_fd, events, 512, -1);
        for (int i = 0; i < ready; i++)
            if (recv(events[i].data.fd, buffer, sizeof buffer, 0) == 0) exit(0);
    }
}

int main(int argc, char **argv) {
    if (argc != 6) return 2;
    int connections = atoi(argv[1]), bytes = atoi(argv[3]), rate = atoi(argv[4]);
    double seconds = atof(argv[2]);
    struct sockaddr_in address = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}, {0}};
    socklen_t size = sizeof address;
    int listening = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listening, (struct sockaddr *)&address, size) || listen(listening, 4096)) return 1;
    getsockname(listening, (struct sockaddr *)&address, &size);
    pid_t reader = fork();
    if (reader == 0) read_for_ever(address, connections, atoi(argv[5]));
    int *sockets = calloc(connections, sizeof *sockets);
    for (int i = 0; i < connections; i++) sockets[i] = accept(listening, NULL, NULL);
    char *packet = calloc(1, bytes);
    double begun = now_s(), used = cpu_s();
    for (long turn = 0; turn < (long)(seconds * connections); turn++) {
        double wait_s = begun + (double)turn / connections - now_s();
        if (wait_s > 0.001) usleep(wait_s * 1e6);
        for (int i = 0; i < rate; i++)
            for (int sent = 0; sent < bytes;) {
                ssize_t took = send(sockets[turn % connections], packet + sent, bytes - sent, MSG_NOSIGNAL);
                if (took <= 0) return 1;
                sent += took;
            }
    }
    used = cpu_s() - used;
    printf("%.2f\n", used * 1e6 / (seconds * connections));
    kill(reader, SIGTERM);
    waitpid(reader, NULL, 0);
    return 0;
}
