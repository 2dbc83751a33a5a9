/*
 * The frontier of a log; see frontier.h.
 */
#include "daemon/tlog/frontier.h"

#include "daemon/tlog/line.h"

#include <assert.h>

static size_t bits_set(uint64_t number)
{
	size_t n = 0;

	for (; number > 0; number &= number - 1)
		n++;
	return n;
}

/* As in adding one to a number: each bit that carries joins two subtrees of one size. */
void frontier_append(struct frontier *frontier, const struct merkle_hash *leaf)
{
	struct merkle_hash hash = *leaf;

	assert(frontier->size < LOG_SIZE_MAX);
	for (uint64_t bits = frontier->size; bits % 2 == 1; bits /= 2)
		hash = merkle_node(&frontier->hashes[--frontier->n], &hash);
	frontier->hashes[frontier->n++] = hash;
	frontier->size++;
}

struct merkle_hash frontier_fold(const struct merkle_hash *hashes, size_t n)
{
	struct merkle_hash root = hashes[n - 1];

	for (size_t i = n - 1; i > 0; i--)
		root = merkle_node(&hashes[i - 1], &root);
	return root;
}

struct merkle_hash frontier_root(const struct frontier *frontier)
{
	struct merkle_tree empty = { .leaves = 0 };

	return frontier->n > 0 ? frontier_fold(frontier->hashes, frontier->n) : merkle_root(&empty);
}

void frontier_write(const struct frontier *frontier, struct buf *out)
{
	unsigned char size[8];

	line_put_u64(size, frontier->size);
	buf_add(out, size, sizeof(size));
	buf_add(out, frontier->hashes, frontier->n * MERKLE_HASH_BYTES);
}

bool frontier_read(struct span bytes, struct frontier *frontier)
{
	*frontier = (struct frontier){ .size = 0 };
	if (bytes.len < 8)
		return false;
	frontier->size = line_get_u64((const unsigned char *)bytes.at);
	if (frontier->size > LOG_SIZE_MAX)
		return false;
	frontier->n = bits_set(frontier->size);
	if (bytes.len != 8 + frontier->n * MERKLE_HASH_BYTES)
		return false;
	if (frontier->n > 0)
		memcpy(frontier->hashes, bytes.at + 8, bytes.len - 8);
	return true;
}
