/*
 * Patterns of paths; see path_pattern.h.
 */
#include "handlers/path_pattern.h"

static bool is_param(struct span pattern)
{
	return pattern.len > 0 && pattern.at[0] == '{';
}

static bool takes_rest(struct span pattern)
{
	return is_param(pattern) && pattern.len > 5 && memcmp(pattern.at + pattern.len - 4, "...}", 4) == 0;
}

/* What is left of the path from here on: "a/b" of "/a/b". Empty segments are none. */
static bool take_rest(struct span path, struct span *param)
{
	struct span left = path;
	struct span segment;

	while (span_cut(&left, '/', &segment))
		if (segment.len == 0)
			return false;
	*param = path;
	return path.len > 0;
}

bool path_matches(const char *pattern, struct span path, struct span param[PATH_PARAMS_MAX])
{
	struct span rest = span_of(pattern);
	struct span want;
	struct span have;
	size_t n = 0;

	while (span_cut(&rest, '/', &want)) {
		if (is_param(want) && n == PATH_PARAMS_MAX)
			return false;
		if (takes_rest(want))
			return take_rest(path, &param[n]);
		if (!span_cut(&path, '/', &have))
			return false;
		if (!is_param(want) && !span_eq(want, have))
			return false;
		if (is_param(want) && have.len == 0)
			return false;
		if (is_param(want))
			param[n++] = have;
	}
	return path.at == NULL;
}
