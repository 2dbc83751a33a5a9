/*
 * Two daemons at the same thing at once, round after round.
 */
#ifndef TIPLINE_TESTS_SIM_RACES_H
#define TIPLINE_TESTS_SIM_RACES_H

#include <stdbool.h>
#include <stdint.h>

/* So many rounds of every race; false: one of them had two winners, which is told. */
bool races_run(uint64_t rounds, uint64_t seed);

#endif
