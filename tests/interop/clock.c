/* The clock of pjsip's timers, to be preloaded: ahead of time by the seconds that stand in the file PJSIP_TEST_CLOCK names. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

struct when { long seconds, milliseconds; };

int pj_gettickcount(struct when *now)
{
    static const volatile int *ahead;
    struct timespec real;

    if (!ahead)
        ahead = mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, open(getenv("PJSIP_TEST_CLOCK"), O_RDONLY), 0);
    clock_gettime(CLOCK_MONOTONIC, &real);
    now->seconds = real.tv_sec + *ahead;
    now->milliseconds = real.tv_nsec / 1000000;
    return 0;
}
