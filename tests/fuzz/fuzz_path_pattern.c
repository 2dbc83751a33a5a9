/*
 * Any path against every pattern of the route table: what a parameter takes
 * lies in the path, has no slash unless it takes the rest, and what the pattern
 * says around it is the path again. A tile's path is read in one way.
 */
#include "daemon/tlog/tile.h"
#include "handlers/endpoint.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Puts the parameters where they stood. */
static void check_taken(const char *pattern, struct span path, const struct span *param)
{
	struct span rest = span_of(pattern), want;
	const char *at = path.at;
	size_t n = 0;

	while (span_cut(&rest, '/', &want)) {
		struct span part = want;

		if (want.len > 0 && want.at[0] == '{') {
			part = param[n++];
			assert(part.len > 0 && part.at == at);
			assert(memchr(part.at, '/', part.len) == NULL || want.at[want.len - 2] == '.');
		}
		assert((size_t)(path.at + path.len - at) >= part.len && (part.len == 0 || memcmp(at, part.at, part.len) == 0));
		at += part.len;
		if (rest.at != NULL)
			assert(*at++ == '/');
	}
	assert(at == path.at + path.len);
}

static void check_tile(struct span path)
{
	char again[TILE_PATH_MAX];
	struct tile tile;

	if (tile_parse(path, &tile))
		assert(span_eq(tile_path(&tile, again), path));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span path = span_from(data, size);
	size_t n;
	const struct endpoint *table = routes(&n);

	if (size == 0 || data[0] != '/')
		return 0;
	for (size_t i = 0; i < n; i++) {
		struct span param[PATH_PARAMS_MAX];

		if (path_matches(table[i].path, path, param))
			check_taken(table[i].path, path, param);
	}
	check_tile(span_from_offset(path, 1));
	return 0;
}
