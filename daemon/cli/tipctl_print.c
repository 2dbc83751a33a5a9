/*
 * The option table as a sample file, a page and a manual page.
 *
 * scripts/docs writes them into the repository and a test compares, so that
 * what people read is what the program does.
 */
#include "daemon/base/buf.h"
#include "daemon/cli/tipctl.h"
#include "daemon/sys/options.h"

#include <stdio.h>

/* "  # " and the text, broken before column 80. */
static void print_wrapped(const char *prefix, const char *text)
{
	struct span rest = span_of(text), word;
	size_t column = 0;

	while (span_cut(&rest, ' ', &word)) {
		if (column > 0 && column + 1 + word.len > 80) {
			putchar('\n');
			column = 0;
		}
		column += (size_t)printf("%s%.*s", column == 0 ? prefix : " ", (int)word.len, word.at);
	}
	putchar('\n');
}

static size_t depth_of(const char *key)
{
	size_t dots = 0;

	for (; *key != '\0'; key++)
		dots += *key == '.';
	return dots;
}

/* Values that YAML would read as something else, or not at all. */
static bool needs_quotes(const struct option_row *row)
{
	const char *value = row->preset;

	return value[0] == '\0' || row->type == OPTION_DIGITS || strchr(value, ':') != NULL || value[0] == '[';
}

static void print_value(const struct option_row *row)
{
	if (option_is_list(row))
		printf("[%s]\n", row->preset);
	else if (needs_quotes(row))
		printf("'%s'\n", row->preset);
	else
		printf("%s\n", row->preset);
}

/* What the star of a key stands for. */
static const char *name_meaning(const char *key)
{
	if (strncmp(key, "payout.rails.", 13) == 0)
		return "1 to 15 of a-z, 0-9 and '-'; what rewards and informants call the rail, and part of the path /hooks/NAME";
	return "1 to 32 of a-z, 0-9 and '-'; part of the path /sms/NAME";
}

/* Section lines between the key before and this one. */
static void print_sections(const char *before, const char *key)
{
	struct span rest = span_of(key), part, old = span_of(before), old_part;
	bool same = true;

	for (size_t depth = 0; depth < depth_of(key); depth++) {
		span_cut(&rest, '.', &part);
		same = span_cut(&old, '.', &old_part) && same && span_eq(part, old_part);
		if (same)
			continue;
		if (depth == 0)
			putchar('\n');
		/* A free name is a sample in a comment. */
		if (span_is(part, "*"))
			printf("    # NAME:   # %s\n", name_meaning(key));
		else
			printf("%*s%.*s:\n", (int)(depth * 2), "", (int)part.len, part.at);
	}
}

static void print_sample_row(const struct option_row *row)
{
	size_t depth = depth_of(row->key);
	const char *name = strrchr(row->key, '.');
	char expects[OPTION_EXPECTS_MAX], line[OPTION_EXPECTS_MAX + 80], prefix[16];
	bool free_name = strchr(row->key, '*') != NULL;

	snprintf(prefix, sizeof(prefix), free_name ? "    #   # " : "%*s# ", (int)(depth * 2), "");
	option_expects(row, expects);
	snprintf(line, sizeof(line), "Expected: %s.%s", expects, row->live ? "" : " Needs a restart.");
	print_wrapped(prefix, row->help);
	print_wrapped(prefix, line);
	printf(free_name ? "    #   " : "%*s", (int)(depth * 2), "");
	printf("%s: ", name != NULL ? name + 1 : row->key);
	print_value(row);
}

void ctl_print_sample(void)
{
	size_t n;
	const struct option_row *rows = options_table(&n);
	const char *before = NULL;

	puts("# Configuration of tiplined: every option with its default. Generated from the\n"
	     "# option table; see tipline.yaml(5). What is left out has its default.\n"
	     "#\n"
	     "# Check it with `tipctl check-config --config FILE`. Options without the remark\n"
	     "# \"Needs a restart\" take effect on reload (SIGHUP).\n");
	for (size_t i = 0; i < n; i++) {
		if (before != NULL && depth_of(rows[i].key) == 0)
			putchar('\n');
		print_sections(before != NULL ? before : "", rows[i].key);
		print_sample_row(&rows[i]);
		before = rows[i].key;
	}
}

/* --- docs/CONFIG.md --------------------------------------------------------- */

void ctl_print_markdown(void)
{
	size_t n;
	const struct option_row *rows = options_table(&n);
	char expects[OPTION_EXPECTS_MAX];

	puts("# Configuration\n\n"
	     "Generated from the option table by `scripts/docs`; change `daemon/sys/options.c`.\n\n"
	     "The daemon reads `/etc/tipline/tipline.yaml`, or the file named by `--config`. Each key can be set by\n"
	     "`--set KEY=VALUE` as well, which is stronger than the file; lists are written with commas there.\n"
	     "Unknown keys, keys given twice and values that do not fit are refused, all at once and with their place;\n"
	     "`tipctl check-config` does the same without starting anything. On SIGHUP the file is read again: keys\n"
	     "marked *reload* take effect at once, others are named in the log and wait for a restart.\n\n"
	     "| key | default | expected | |\n|---|---|---|---|");
	for (size_t i = 0; i < n; i++) {
		option_expects(&rows[i], expects);
		printf("| `%s` | %s%s%s | %s | %s |\n", rows[i].key, rows[i].preset[0] != '\0' ? "`" : "",
		       rows[i].preset[0] != '\0' ? rows[i].preset : "empty", rows[i].preset[0] != '\0' ? "`" : "",
		       expects, rows[i].live ? "reload" : "restart");
	}
	puts("\nA star is a name of your choice. In `sms.gateways.*` there is one section a gateway, reached at `/sms/NAME`.\n"
	     "In `sms.links.*` there is one section a link to a carrier; no gateway has its name.\n"
	     "In `payout.rails.*` there is one section a rail, named as rewards, informants (`money.rails`) and the journal\n"
	     "name it, at most 15 letters; its callbacks come to `/hooks/NAME`. As `--set` writes it:\n"
	     "`--set payout.rails.bank.driver=iso20022 --set payout.rails.bank.enabled=false`.");
	for (size_t i = 0; i < n; i++)
		printf("\n**`%s`**: %s\n", rows[i].key, rows[i].help);
}

/* --- tipline.yaml(5) ----------------------------------------------------------- */

/* Each sentence begins a line, as mdoc wants it, and no line is long. */
static void print_sentences(const char *text)
{
	struct span rest = span_of(text), word;
	size_t column = 0;

	while (span_cut(&rest, ' ', &word)) {
		bool ends = word.len > 0 && word.at[word.len - 1] == '.';

		if (column > 0 && column + 1 + word.len > 76) {
			putchar('\n');
			column = 0;
		}
		column += (size_t)printf("%s%.*s", column > 0 ? " " : "", (int)word.len, word.at);
		if (ends) {
			putchar('\n');
			column = 0;
		}
	}
	if (column > 0)
		putchar('\n');
}

static void print_man_row(const struct option_row *row)
{
	char expects[OPTION_EXPECTS_MAX];

	option_expects(row, expects);
	printf(".It Cm %s\n", row->key);
	print_sentences(row->help);
	printf("Expected:\n%s.\n", expects);
	if (row->preset[0] != '\0')
		printf("Default:\n.Ql %s .\n", row->preset);
	else
		puts("Default: empty.");
	puts(row->live ? "Takes effect on reload." : "Needs a restart.");
}

void ctl_print_man(void)
{
	size_t n;
	const struct option_row *rows = options_table(&n);

	puts(".\\\" Generated from the option table by scripts/docs.\n"
	     ".Dd $Mdocdate: November 21 2026 $\n.Dt TIPLINE.YAML 5\n.Os\n"
	     ".Sh NAME\n.Nm tipline.yaml\n.Nd configuration of tiplined\n"
	     ".Sh DESCRIPTION\n"
	     "The file is YAML: sections, keys and values, one document.\n"
	     "Anchors, aliases, tags, unknown keys and keys given twice are refused.\n"
	     "What is left out has its default.\n"
	     "Each key can be set on the command line as well, by\n.Fl Fl set Ar KEY Ns = Ns Ar VALUE ;\n"
	     "that is stronger than the file, and lists are written with commas there.\n"
	     ".Pp\nSizes take\n.Ql KiB ,\n.Ql MiB\nand\n.Ql GiB .\n"
	     "In\n.Cm sms.gateways.*\nthe star is a name of your choice: one section a gateway, reached at\n.Pa /sms/NAME .\n"
	     "In\n.Cm sms.links.*\nit is the name of a link to a carrier, which no gateway has.\n"
	     "In\n.Cm payout.rails.*\nit is the name of a rail, at most 15 letters, by which rewards, informants and the\n"
	     "journal know it; its callbacks come to\n.Pa /hooks/NAME .\n"
	     ".Sh OPTIONS\n.Bl -tag -width Ds");
	for (size_t i = 0; i < n; i++)
		print_man_row(&rows[i]);
	puts(".El\n"
	     ".Sh FILES\n.Bl -tag -width Ds\n.It Pa /etc/tipline/tipline.yaml\nread when no other file is named\n.El\n"
	     ".Sh EXAMPLES\n"
	     ".Bd -literal\n"
	     "state_dir: /var/lib/tipline\n"
	     "listen:\n"
	     "  public: '127.0.0.1:8080'\n"
	     "  trusted_proxies: [127.0.0.1/32]\n"
	     "sms:\n"
	     "  gateways:\n"
	     "    carrier:\n"
	     "      driver: kannel\n"
	     "      secret_file: carrier-secret\n"
	     "payout:\n"
	     "  rails:\n"
	     "    wallet:\n"
	     "      driver: http\n"
	     "      url: 'https://connector.example'\n"
	     "      method: wallet\n"
	     "      key_id: k1\n"
	     "      key_file: wallet-key\n"
	     ".Ed\n"
	     ".Sh SEE ALSO\n.Xr tipctl 1 ,\n.Xr tiplined 8");
}
