/*
 * tipctl key epochs: the peppers of the sender marks in a directory of keys.
 */
#ifndef TIPLINE_CLI_TIPCTL_EPOCHS_H
#define TIPLINE_CLI_TIPCTL_EPOCHS_H

/* Each pepper: its epoch's first day, the day on which it goes. 1: one is overdue, or the directory cannot be read. */
int key_epochs_list(const char *keys);

/* Those that are overdue go, and the one that follows from them is there before. */
int key_epochs_destroy(const char *keys);

#endif
