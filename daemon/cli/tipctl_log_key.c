/*
 * tipctl log key: reads a key of a log or a witness and says whose it is, to be
 * compared with what was printed elsewhere.
 */
#include "daemon/cli/tipctl_log.h"

#include <stdio.h>
#include <sys/stat.h>

static const char usage[] =
	"usage: tipctl log key DIR | FILE | KEY\n"
	"\n"
	"Reads the key of a log or of a witness (NAME+ID+BASE64) from the files of a log, from a\n"
	"file or as it stands, checks its form, and prints it with what it is. Compare it with the\n"
	"one that was published elsewhere: on paper, by another body.\n";

static const char *kind_of(const struct note_key *key)
{
	return key->kind == NOTE_ED25519 ? "log" : "witness";
}

static int show(const char *argument)
{
	char path[PATH_MAX], text[NOTE_KEY_TEXT_MAX];
	struct complaint why = { .text = "" };
	struct note_key key;
	struct span whole;
	struct stat st;

	if (stat(argument, &st) == 0 && S_ISDIR(st.st_mode)) {
		snprintf(path, sizeof(path), "%s/key", argument);
		argument = path;
	}
	if (!log_key_read(argument, &key, &why)) {
		fprintf(stderr, "tipctl: %s\n", why.text);
		return CTL_WRONG;
	}
	whole = note_key_write(&key, text);
	printf("%.*s\n%s %.*s, key id %08x\n", (int)whole.len, whole.at, kind_of(&key), (int)key.name_len, key.name, key.id);
	return CTL_WELL;
}

int tipctl_log_key(int argc, char **argv)
{
	bool help = argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);

	if (help || argc != 2 || argv[1][0] == '-') {
		fputs(usage, help ? stdout : stderr);
		return help ? CTL_WELL : CTL_USAGE;
	}
	return show(argv[1]);
}
