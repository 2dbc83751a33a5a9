/*
 * The option table: every key of the configuration, once.
 *
 * It drives loading, --set, reload, `tipctl check-config`, docs/CONFIG.md, the
 * sample file and the manual page. To add an option, add a field to struct
 * config and a row here, then run `make docs`.
 */
#ifndef TIPLINE_SYS_OPTIONS_H
#define TIPLINE_SYS_OPTIONS_H

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"

#define OPTION_KEY_MAX 96
#define OPTION_EXPECTS_MAX 160

enum option_type {
	OPTION_TEXT,     /* const char *: printable, up to max bytes */
	OPTION_PATH,     /* const char *: a file or directory, or empty */
	OPTION_URL,      /* const char *: http:// or https://, or empty */
	OPTION_DIGITS,   /* const char *: decimal digits */
	OPTION_LISTEN,   /* const char *: IP:PORT, [IPv6]:PORT, unix:/PATH, or empty */
	OPTION_PEER,     /* const char *: HOST:PORT, unix:/PATH, or empty */
	OPTION_NETS,     /* const char *: networks, joined by commas */
	OPTION_BOOL,     /* bool */
	OPTION_NUMBER,   /* unsigned, min..max */
	OPTION_COUNT,    /* uint64_t, min..max: whole fen */
	OPTION_BYTES,    /* uint64_t, min..max; "10 MiB" is understood */
	OPTION_CHOICE,   /* unsigned: index of the word, plus min */
	OPTION_FLAGS,    /* unsigned: a bit per word */
	OPTION_AREAS,    /* const char *: WORD=REGION, joined by commas */
	OPTION_HOURS,    /* const char *: HH:MM-HH:MM with a zone or without, or empty */
	OPTION_CLOCK,    /* const char *: HH:MM with a zone or without, or empty */
	OPTION_MIMES,    /* struct config_list of media types */
	OPTION_TYPES,
};

struct option_row {
	const char *key;       /* "limits.files"; a part "*" stands for a free name */
	enum option_type type;
	size_t at;             /* offset in struct config; with "*": in the struct of its section */
	const char *preset;    /* default, as one would write it after --set */
	uint64_t min, max;
	const char *unit;      /* of the number, or NULL */
	const char *words;     /* of CHOICE and FLAGS, separated by blanks */
	const char *help;      /* sentences for the operator */
	bool live;             /* takes effect on reload */
	bool secret;           /* never shown */
	bool secret_path;      /* of an address: what stands behind the host may be a key, and is not shown */
};

const struct option_row *options_table(size_t *n);

/* The row of a key ("sms.gateways.demo.driver" finds "sms.gateways.*.driver"), or NULL. */
const struct option_row *option_find(struct span key);

/* True when keys begin with this path and a dot. */
bool option_is_section(struct span path);

/* The free name within a key that matched a row with "*"; empty when the row has none. */
struct span option_free_name(const struct option_row *row, struct span key);

/* A free name is 1..32 of a-z, 0-9 and '-'. */
bool option_name_ok(struct span name);

/* The known key or section that looks most like `path`; false when none is near. */
bool option_nearest(struct span path, char nearest[OPTION_KEY_MAX]);

/*
 * Reads a value into its field. `base` is the struct that row->at counts in.
 * False: the value does not fit; option_expects() says what would.
 */
bool option_set(const struct option_row *row, void *base, struct span value, struct arena *arena);

/* "a number from 0 to 100 (files)" */
void option_expects(const struct option_row *row, char text[OPTION_EXPECTS_MAX]);

/* The field's value in the form option_set() reads. Secrets are shown too: the caller looks at row->secret. */
void option_show(const struct option_row *row, const void *base, struct buf *to);

/* True for rows whose value may be a YAML sequence. */
bool option_is_list(const struct option_row *row);

#endif
