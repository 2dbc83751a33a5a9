/*
 * Lists and names of the book; see book_state.h.
 */
#include "daemon/base/memory.h"
#include "daemon/money/book_state.h"

#include <assert.h>
#include <stdlib.h>

void *list_add(struct list *list, size_t each)
{
	if (list->n == list->size) {
		size_t size = list->size > 0 ? 2 * list->size : 16;
		void *at = memory_zeroes(size, each);

		if (list->n > 0)
			memcpy(at, list->at, list->n * each);
		free(list->at);
		list->at = at;
		list->size = size;
	}
	return (char *)list->at + each * list->n++;
}

void list_drop(struct list *list, size_t each, size_t index)
{
	char *at = list->at;

	assert(index < list->n);
	list->n--;
	memmove(at + each * index, at + each * (index + 1), each * (list->n - index));
	memset(at + each * list->n, 0, each);
}

void name_put(char *to, size_t size, struct span text)
{
	assert(text.len < size);
	memset(to, 0, size);
	if (text.len > 0)
		memcpy(to, text.at, text.len);
}
