/*
 * tipctl key rotate BUREAU, rotate --finish BUREAU, rewrap data-keys.
 */
#ifndef TIPLINE_CLI_KEY_ROTATE_H
#define TIPLINE_CLI_KEY_ROTATE_H

#include "daemon/cli/tipctl_key_giving.h"

/* Each returns the exit status of the command and says what it did, or why not. */
int key_rotate_bureau(const struct key_giving *giving, const char *bureau);
int key_rotate_finish_bureau(const struct key_giving *giving, const char *bureau);
int key_rewrap_data_keys(const struct key_giving *giving);

#endif
