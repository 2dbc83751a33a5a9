/*
 * tipctl token: staff tokens, made, listed and revoked.
 */
#include "daemon/base/table.h"
#include "daemon/base/wipe.h"
#include "daemon/cli/tipctl_key_giving.h"
#include "daemon/cli/tipctl.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"
#include "daemon/sys/token_use.h"
#include "daemon/sys/tokens.h"

#include <stdio.h>

#define DAY_MS INT64_C(86400000)
#define DAYS_DEFAULT 90
#define UNUSED_DAYS 90
#define DAYS_MAX 3660

static const char usage[] =
	"usage: tipctl token add --person NAME --role ROLE[,ROLE...] --region CODE [--expires DAYS|never]\n"
	"                         [--scope NAME[,NAME...]] [--with FILE] [--config FILE | --state DIR]\n"
	"       tipctl token list [--config FILE | --state DIR]\n"
	"       tipctl token revoke ID [--config FILE | --state DIR]\n"
	"\n"
	"  --person NAME   who acts: 1 to 64 of letters, digits and ._-@; stands in the journal\n"
	"  --role ROLE     officer, verifier, proposer, approver, finance, auditor, admin, cashier\n"
	"  --region CODE   six digits; rights hold for all below it; 000000 is the whole country\n"
	"  --expires N     valid for N days (default 90); never: until revoked. --days N is the same, 0 for never\n"
	"  --scope NAME    the calls that it is for, by their names in the API description (operationId), or a beginning\n"
	"                  and *; without this all that the roles allow\n"
	"  --with FILE     holds your own token: what it opens of the region's keys is sealed to the new person; to add a token\n"
	"                  for a person who has a key already it must be one of theirs. In a demo: the officer's\n"
	"\n"
	"The token is printed once and kept nowhere. A running daemon takes changes over by itself. The list has id,\n"
	"region, expiry, day of last use, person, roles and scope; it marks tokens that were not used for 90 days.\n";

struct wish {
	struct token token;
	int64_t days;
	const char *with;   /* file with the token of who gives keys on */
	bool wrong;
};

static void wish_roles(struct wish *wish, const char *text)
{
	struct span rest = span_of(text), name;

	while (span_cut(&rest, ',', &name)) {
		unsigned bit = token_role_parse(name);

		if (bit == 0) {
			fprintf(stderr, "tipctl: unknown role %.*s\n", (int)name.len, name.at);
			wish->wrong = true;
		}
		wish->token.roles |= bit;
	}
}

static void wish_text(struct wish *wish, const char *option, char *to, size_t size, const char *text)
{
	if (snprintf(to, size, "%s", text) >= (int)size) {
		fprintf(stderr, "tipctl: %s is too long\n", option);
		wish->wrong = true;
	}
}

static void wish_days(struct wish *wish, const char *text)
{
	uint64_t days;

	if (!span_u64(span_of(text), &days) || days > DAYS_MAX) {
		fprintf(stderr, "tipctl: --days: a number from 0 to %d is expected\n", DAYS_MAX);
		wish->wrong = true;
		return;
	}
	wish->days = (int64_t)days;
}

static void wish_expires(struct wish *wish, const char *text)
{
	if (strcmp(text, "never") == 0)
		wish->days = 0;
	else
		wish_days(wish, text);
}

/* Commas to blanks. */
static void wish_scope(struct wish *wish, const char *text)
{
	wish_text(wish, "--scope", wish->token.scope, sizeof(wish->token.scope), text);
	for (char *at = wish->token.scope; *at != '\0'; at++)
		*at = *at == ',' ? ' ' : *at;
	if (wish->token.scope[0] == '\0' || !token_scope_ok(span_of(wish->token.scope))) {
		fputs("tipctl: --scope: names of a-z, 0-9 and _ are expected, perhaps with * at the end\n", stderr);
		wish->wrong = true;
	}
}

static bool take(struct wish *wish, int option)
{
	switch (option) {
	case 1:
		wish_text(wish, "--person", wish->token.person, sizeof(wish->token.person), optarg);
		return true;
	case 2:
		wish_roles(wish, optarg);
		return true;
	case 3:
		wish_text(wish, "--region", wish->token.region, sizeof(wish->token.region), optarg);
		return true;
	case 4:
		wish_days(wish, optarg);
		return true;
	case 5:
		wish->with = optarg;
		return true;
	case 6:
		wish_expires(wish, optarg);
		return true;
	case 7:
		wish_scope(wish, optarg);
		return true;
	default:
		return false;
	}
}

static int complain_and_fail(const struct complaint *why)
{
	fprintf(stderr, "tipctl: %s\n", why->text);
	return CTL_WRONG;
}

static int add(const struct key_giving *giving, struct wish *wish)
{
	const char *state_dir = giving->state_dir;
	char text[TOKEN_TEXT_BYTES + 1];
	struct complaint why = { 0 };
	int64_t now = clock_wall_ms();

	if (wish->days > 0)
		wish->token.expires_ms = now + wish->days * DAY_MS;
	if (!files_make_dir(state_dir, &why) || !token_add(state_dir, &wish->token, now, text, &why))
		return complain_and_fail(&why);
	printf("%s\n", text);
	key_giving_new_token(giving, &wish->token, span_of(text));
	wipe(text, sizeof(text));
	fprintf(stderr, "token %s for %s; it is shown this once\n", wish->token.id, wish->token.person);
	return CTL_WELL;
}

/* What somebody who looks after tokens should look at. */
static const char *remark(const struct token *token, int64_t used_ms, int64_t now)
{
	int64_t since = used_ms > token->created_ms ? used_ms : token->created_ms;

	if (token->expires_ms != 0 && token->expires_ms <= now)
		return " (expired)";
	if (now - since >= UNUSED_DAYS * DAY_MS)
		return token->expires_ms == 0 ? " (unused for 90 days, no end)" : " (unused for 90 days)";
	return token->expires_ms == 0 ? " (no end)" : "";
}

static void print_token(const struct token *token, int64_t used_ms, int64_t now)
{
	char expires[21] = "never", used[21] = "-";
	const char *comma = "";

	if (token->expires_ms != 0)
		clock_text(token->expires_ms, expires);
	if (used_ms >= 0)
		clock_text(used_ms, used);
	printf("%s  %s  %-20s  %-10.10s  %s%s  ", token->id, token->region, expires, used, token->person, remark(token, used_ms, now));
	for (unsigned i = 0; i < TOKEN_ROLES; i++) {
		if ((token->roles >> i & 1) == 0)
			continue;
		printf("%s%s", comma, token_role_name(i));
		comma = ",";
	}
	if (token->scope[0] != '\0')
		printf("  [%s]", token->scope);
	putchar('\n');
}

static int list(const char *state_dir)
{
	struct complaint why = { 0 };
	struct tokens *tokens = tokens_load(state_dir, &why);
	struct token_use *use = tokens != NULL ? token_use_load(state_dir, &why) : NULL;
	bool well = use != NULL;

	for (size_t i = 0; well && i < tokens_count(tokens); i++) {
		const struct token *token = tokens_at(tokens, i);

		print_token(token, token_use_day_ms(use, span_of(token->id)), clock_wall_ms());
	}
	tokens_free(tokens);
	token_use_free(use);
	return well ? CTL_WELL : complain_and_fail(&why);
}

/* The row as it was, for what hangs at it besides. */
static bool find_row(const char *state_dir, const char *id, struct token *row)
{
	struct tokens *tokens = tokens_load(state_dir, NULL);
	bool found = false;

	for (size_t i = 0; tokens != NULL && i < tokens_count(tokens) && !found; i++) {
		*row = *tokens_at(tokens, i);
		found = strcmp(row->id, id) == 0;
	}
	tokens_free(tokens);
	return found;
}

static int revoke(const struct key_giving *giving, const char *id)
{
	struct complaint why = { 0 };
	struct token row;
	bool found = find_row(giving->state_dir, id, &row);

	if (!token_revoke(giving->state_dir, span_of(id), &why))
		return complain_and_fail(&why);
	if (found)
		key_giving_lost_token(giving, &row);
	return CTL_WELL;
}

/* `words` are the action and its arguments. */
static int act(const struct key_giving *giving, struct wish *wish, char **words, int nwords)
{
	if (nwords == 1 && strcmp(words[0], "add") == 0)
		return add(giving, wish);
	if (nwords == 1 && strcmp(words[0], "list") == 0)
		return list(giving->state_dir);
	if (nwords == 2 && strcmp(words[0], "revoke") == 0)
		return revoke(giving, words[1]);
	fputs(usage, stderr);
	return CTL_USAGE;
}

int tipctl_token(int argc, char **argv)
{
	static const struct option options[] = { CTL_OPTIONS,
						 { "person", required_argument, NULL, 1 },
						 { "role", required_argument, NULL, 2 },
						 { "region", required_argument, NULL, 3 },
						 { "days", required_argument, NULL, 4 },
						 { "with", required_argument, NULL, 5 },
						 { "expires", required_argument, NULL, 6 },
						 { "scope", required_argument, NULL, 7 },
						 { 0 } };
	struct wish wish = { .days = DAYS_DEFAULT };
	struct ctl_args args = { 0 };
	struct config config;
	int option, status;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (!take(&wish, option))
			ctl_option(&args, option);
	args.wrong = args.wrong || wish.wrong;
	if (ctl_usage(&args, usage, &status))
		return status;
	status = CTL_WRONG;
	if (ctl_load(&args, &config)) {
		const struct key_giving giving = { .state_dir = config.state_dir, .keys_dir = config_keys_dir(&config), .with = wish.with };

		status = act(&giving, &wish, argv + optind, argc - optind);
	}
	config_release(&config);
	return status;
}
