/*
 * Scopes of tokens: which routes they reach; see tokens.h.
 */
#include "daemon/sys/tokens.h"

static bool scope_word_ok(struct span word)
{
	size_t name = word.len > 0 && word.at[word.len - 1] == '*' ? word.len - 1 : word.len;

	for (size_t i = 0; i < name; i++)
		if (!(word.at[i] >= 'a' && word.at[i] <= 'z') && !(word.at[i] >= '0' && word.at[i] <= '9') && word.at[i] != '_')
			return false;
	return word.len > 0;
}

bool token_scope_ok(struct span scope)
{
	struct span rest = scope, word;

	while (scope.len > 0 && span_cut(&rest, ' ', &word))
		if (!scope_word_ok(word))
			return false;
	return scope.len <= TOKEN_SCOPE_MAX;
}

static bool scope_word_allows(struct span word, struct span name)
{
	if (word.len > 0 && word.at[word.len - 1] == '*')
		return span_starts(name, span_from(word.at, word.len - 1));
	return span_eq(word, name);
}

bool token_scope_reaches(struct span scope, const char *route_name)
{
	struct span word;

	if (span_empty(scope))
		return true;
	while (span_cut(&scope, ' ', &word))
		if (scope_word_allows(word, span_of(route_name)))
			return true;
	return false;
}

bool token_scope_allows(const struct token *token, const char *route_name)
{
	return token_scope_reaches(span_of(token->scope), route_name);
}
