/* Simulated RTSP cameras for the browser tests: simulated_cameras ID ID … prints the port that they are on and runs until its standard
 * input ends. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tools/citysim/cameras.h"

int main(int argc, char **argv)
{
    struct citysim_cameras *cameras = NULL;
    struct fault fault = { "" };
    char byte;
    if (citysim_cameras_start(0, (const char *const *)argv + 1, (size_t)argc - 1, &cameras, &fault)) {
        fprintf(stderr, "simulated_cameras: %s\n", fault.text);
        return EXIT_FAILURE;
    }
    printf("%lld\n", (long long)citysim_cameras_port(cameras));
    fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    citysim_cameras_stop(cameras);
    return EXIT_SUCCESS;
}
