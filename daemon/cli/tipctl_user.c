/*
 * tipctl user: accounts of staff, on the files of the state directory.
 *
 * Whoever may write there is the machine's operator; an order of an
 * administrator is one with their token (--with). Each change is told to the
 * audit trail first, where a store is there to take it.
 */
#include "daemon/base/wipe.h"
#include "daemon/cli/tipctl.h"
#include "daemon/cli/tipctl_key_opener.h"
#include "daemon/cli/tipctl_trail.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"
#include "daemon/sys/account_order.h"
#include "daemon/sys/account_told.h"

#include <stdio.h>

static const char usage[] =
	"usage: tipctl user add PERSON --name NAME [OPTIONS]\n"
	"       tipctl user list | show PERSON [--json] [OPTIONS]\n"
	"       tipctl user grant PERSON --role ROLE --region CODE [--from TIME] [--until TIME] [OPTIONS]\n"
	"       tipctl user revoke PERSON --role ROLE --region CODE [OPTIONS]\n"
	"       tipctl user suspend | restore | sign_out PERSON [OPTIONS]\n"
	"       tipctl user recover PERSON --with FILE [OPTIONS]\n"
	"       tipctl user cancel_recovery PERSON [OPTIONS]\n"
	"\n"
	"  PERSON          the account: 1 to 64 of letters, digits and ._-@; stands in the journal\n"
	"  --name NAME     who that is, for people\n"
	"  --role ROLE     officer, verifier, proposer, approver, finance, auditor, admin, cashier\n"
	"  --region CODE   six digits; the role holds for all below it; 000000 is the whole country\n"
	"  --from, --until TIME   2026-11-21 or 2026-11-21T18:06:27Z; without them now, and until it is revoked\n"
	"  --with FILE     holds the token of an administrator, who orders this and is named in the audit trail;\n"
	"                  a recovery needs two of them, one after the other, within 24 hours\n"
	"  --store ADDRESS whose audit trail is told; default: the store of the configuration\n"
	"  --json          one JSON object a line\n"
	"  --config FILE, --state DIR, --set KEY=VALUE   as everywhere\n"
	"\n"
	"sign_out ends the sessions that are open; cancel_recovery takes back a recovery whose second word is not there yet.\n"
	"add and recover print a setup code, once: the person chooses a password with it within 24 hours.\n"
	"A running daemon takes changes over by itself; a grant that ends or is revoked ends at once.\n";

struct wish {
	struct ctl_args args;
	struct account_order order;
	struct token orderer;      /* of --with */
	const char *with, *store;
	bool json;
};

/* --- reading ------------------------------------------------------------------------ */

static void print_grants(const struct account *person, int64_t now)
{
	for (size_t i = 0; i < person->ngrants; i++) {
		const struct account_grant *grant = &person->grants[i];
		char from[21] = "-", until[21] = "-";

		if (grant->from_ms != 0)
			clock_text(grant->from_ms, from);
		if (grant->until_ms != 0)
			clock_text(grant->until_ms, until);
		printf("  %-9s %s  from %s until %s%s\n", token_role_name((unsigned)__builtin_ctz(grant->role)), grant->region, from, until,
		       account_grant_holds(grant, now)   ? "" :
		       grant->asked_by[0] != '\0'     ? " (waits for a second administrator)" :
							" (does not hold now)");
	}
}

static void print_person(const struct account *person, int64_t now)
{
	char until[21];

	printf("%-20s  %-9s  %s\n", person->person, account_state_name(person->state), person->name);
	print_grants(person, now);
	if (person->setup_until_ms > now) {
		clock_text(person->setup_until_ms, until);
		printf("  a setup code is out until %s\n", until);
	}
	if (person->recovery_by[0] != '\0' && now < person->recovery_at_ms + ACCOUNT_RECOVERY_MS) {
		clock_text(person->recovery_at_ms + ACCOUNT_RECOVERY_MS, until);
		printf("  a recovery by %s waits for a second administrator until %s\n", person->recovery_by, until);
	}
}

static void print_json(const struct account *person, int64_t now)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);

	account_told_begin(person, now, &json);
	json_close(&json, '}');
	printf("%.*s\n", (int)text.len, text.at);
	buf_release(&text);
}

static void print_one(const struct wish *wish, const struct account *person)
{
	if (wish->json)
		print_json(person, clock_wall_ms());
	else
		print_person(person, clock_wall_ms());
}

static int list(const struct wish *wish, const char *state_dir)
{
	struct complaint why = { 0 };
	struct accounts *reg = accounts_load(state_dir, &why);

	if (reg == NULL)
		return ctl_refused(&why);
	for (size_t i = 0; i < accounts_count(reg); i++)
		print_one(wish, accounts_at(reg, i));
	accounts_free(reg);
	return CTL_WELL;
}

static int show(const struct wish *wish, const char *state_dir)
{
	struct complaint why = { 0 };
	struct accounts *reg = accounts_load(state_dir, &why);
	const struct account *person = reg != NULL ? accounts_find(reg, wish->order.person) : NULL;

	if (person != NULL)
		print_one(wish, person);
	else if (reg != NULL)
		complain(&why, 0, "there is no account %.*s; see: tipctl user list", (int)wish->order.person.len, wish->order.person.at);
	accounts_free(reg);
	return person != NULL ? CTL_WELL : ctl_refused(&why);
}

/* --- changing ------------------------------------------------------------------------ */

/* Who orders: the person of the token, who is administrator. */
static bool take_orderer(struct wish *wish, const char *state_dir, struct complaint *why)
{
	char text[TOKEN_TEXT_BYTES + 1] = "";
	struct token *token = &wish->orderer;
	bool well;

	if (wish->with == NULL)
		return true;
	well = ctl_token_read(state_dir, wish->with, text, why) && ctl_token_find(state_dir, span_of(text), token, why);
	wipe(text, sizeof(text));
	if (well && ((token->roles & TOKEN_ADMIN) == 0 || !token_scope_allows(token, "account_act")))
		well = complain(why, 0, "%s is no administrator by this token", token->person);
	wish->order.by = span_of(token->person);
	memcpy(wish->order.by_region, token->region, sizeof(wish->order.by_region));
	return well;
}

static bool is_allowed(const struct wish *wish, const char *state_dir, struct complaint *why)
{
	struct accounts *reg = accounts_load(state_dir, why);
	struct tokens *tokens = reg != NULL ? tokens_load(state_dir, why) : NULL;
	bool well = tokens != NULL && account_order_judge(&wish->order, reg, tokens, clock_wall_ms(), why) == ACCOUNT_ORDER_WELL;

	tokens_free(tokens);
	accounts_free(reg);
	return well;
}

/* Before anything is changed; without a store it is changed all the same, and that is said. */
static void tell_trail(const struct wish *wish)
{
	struct account_order_words words = { .call = "" };
	const struct trail_event event = account_order_event(&wish->order, &words);
	struct complaint why = { .text = "there is no store" };
	char address[PATH_MAX];

	if (!ctl_store_address(&wish->args, wish->store, address) || !ctl_trail_event(address, &event, &why))
		fprintf(stderr, "tipctl: this is not written to an audit trail: %s\n", why.text);
}

static void print_code(const struct wish *wish, const char code[ACCOUNT_SETUP_CODE_BYTES + 1])
{
	char shown[SETUP_CODE_SHOWN_BYTES];

	setup_code_shown(code, shown);
	printf("%s\n", shown);
	fprintf(stderr, "setup code of %.*s, good for 24 hours; it is shown this once\n", (int)wish->order.person.len,
		wish->order.person.at);
	if (wish->order.act == ACCOUNT_ACT_RECOVER)
		fputs("password, second factor and key pair are gone: who holds bureaus' keys gives them anew (tipctl key grant)\n", stderr);
	wipe(shown, sizeof(shown));
}

static int run(const struct wish *wish, const char *state_dir)
{
	char code[ACCOUNT_SETUP_CODE_BYTES + 1] = "";
	struct complaint why = { 0 };
	int status = CTL_WELL;

	switch (account_order_run(&wish->order, state_dir, clock_wall_ms(), code, &why)) {
	case ACCOUNT_DONE_REFUSED:
		status = ctl_refused(&why);
		break;
	case ACCOUNT_DONE_WELL:
		break;
	case ACCOUNT_DONE_CODE:
		print_code(wish, code);
		break;
	case ACCOUNT_DONE_WAITS:
		puts("waits for a second administrator, for 24 hours");
		break;
	}
	wipe(code, sizeof(code));
	return status;
}

static int change(struct wish *wish, const char *state_dir)
{
	struct complaint why = { 0 };

	if (!files_make_dir(state_dir, &why) || !take_orderer(wish, state_dir, &why) || !is_allowed(wish, state_dir, &why))
		return ctl_refused(&why);
	tell_trail(wish);
	return run(wish, state_dir);
}

/* --- arguments ------------------------------------------------------------------------- */

static void wish_region(struct wish *wish, const char *text)
{
	if (token_region_ok(span_of(text))) {
		memcpy(wish->order.grant.region, text, sizeof(wish->order.grant.region));
		return;
	}
	fputs("tipctl: --region: six digits like 150602, 150600, 150000 or 000000 are expected\n", stderr);
	wish->args.wrong = true;
}

static void wish_role(struct wish *wish, const char *text)
{
	wish->order.grant.role = token_role_parse(span_of(text));
	if (wish->order.grant.role != 0)
		return;
	fprintf(stderr, "tipctl: unknown role %s\n", text);
	wish->args.wrong = true;
}

/* A day is its first moment, in UTC. */
static void wish_time(struct wish *wish, const char *option, const char *text, int64_t *ms)
{
	char whole[21] = "";

	if (strlen(text) == 10)
		snprintf(whole, sizeof(whole), "%sT00:00:00Z", text);
	else
		snprintf(whole, sizeof(whole), "%s", text);
	if (strlen(text) <= 20 && clock_parse(span_of(whole), ms) && *ms > 0)
		return;
	fprintf(stderr, "tipctl: %s: a time like 2026-11-21 or 2026-11-21T18:06:27Z is expected\n", option);
	wish->args.wrong = true;
}

static void take(struct wish *wish, int option)
{
	switch (option) {
	case 1:
		wish->order.name = span_of(optarg);
		return;
	case 2:
		wish_role(wish, optarg);
		return;
	case 3:
		wish_region(wish, optarg);
		return;
	case 4:
		wish_time(wish, "--from", optarg, &wish->order.grant.from_ms);
		return;
	case 5:
		wish_time(wish, "--until", optarg, &wish->order.grant.until_ms);
		return;
	case 6:
		wish->with = optarg;
		return;
	case 7:
		wish->store = optarg;
		return;
	case 8:
		wish->json = true;
		return;
	default:
		ctl_option(&wish->args, option);
	}
}

/* What an action needs besides the person. */
static bool is_whole(const struct account_order *order)
{
	if (order->act == ACCOUNT_ACT_ADD)
		return order->name.len > 0;
	if (order->act == ACCOUNT_ACT_GRANT || order->act == ACCOUNT_ACT_REVOKE)
		return order->grant.role != 0 && order->grant.region[0] != '\0';
	return true;
}

static int act(struct wish *wish, const char *state_dir, char **words, int nwords)
{
	if (nwords == 2)
		wish->order.person = span_of(words[1]);
	if (nwords == 1 && strcmp(words[0], "list") == 0)
		return list(wish, state_dir);
	if (nwords == 2 && strcmp(words[0], "show") == 0)
		return show(wish, state_dir);
	if (nwords == 2 && account_order_act_find(span_of(words[0]), &wish->order.act) && is_whole(&wish->order))
		return change(wish, state_dir);
	fputs(usage, stderr);
	return CTL_USAGE;
}

int tipctl_user(int argc, char **argv)
{
	static const struct option options[] = { CTL_OPTIONS,
						 { "name", required_argument, NULL, 1 },
						 { "role", required_argument, NULL, 2 },
						 { "region", required_argument, NULL, 3 },
						 { "from", required_argument, NULL, 4 },
						 { "until", required_argument, NULL, 5 },
						 { "with", required_argument, NULL, 6 },
						 { "store", required_argument, NULL, 7 },
						 { "json", no_argument, NULL, 8 },
						 { 0 } };
	struct wish wish = { .json = false };
	struct config config;
	int option, status;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		take(&wish, option);
	if (ctl_usage(&wish.args, usage, &status))
		return status;
	status = CTL_WRONG;
	if (ctl_load(&wish.args, &config))
		status = act(&wish, config.state_dir, argv + optind, argc - optind);
	config_release(&config);
	return status;
}
