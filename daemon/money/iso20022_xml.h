/*
 * A walk over an ISO 20022 message, for the readers of this folder.
 *
 * Strict and poor on purpose: UTF-8 alone, no document type, no entities of
 * its own, no network, limited in size, depth and count; every element in the
 * message's namespace; text in leaves alone. A reader names the elements it
 * wants by their path, in a table; what it does not name is passed over.
 */
#ifndef TIPLINE_MONEY_ISO20022_XML_H
#define TIPLINE_MONEY_ISO20022_XML_H

#include "daemon/base/arena.h"
#include "daemon/base/complaint.h"

#define XML_BYTES_MAX (4 * 1024 * 1024)
#define XML_DEPTH_MAX 24
#define XML_ELEMENTS_MAX 200000
#define XML_TEXT_MAX 4096       /* bytes of one leaf */

/* A leaf or the end of an element. */
struct xml_at {
	const char *element;    /* its local name */
	size_t line;
	struct span text;       /* of a leaf, without blanks at the ends; empty for others. Gone after the call */
	struct span currency;   /* attribute Ccy, or empty */
	struct arena *arena;
	struct complaint *why;
};

/* Complains with line and element; always false. */
bool xml_refuse(const struct xml_at *at, const char *expected);

struct xml_rule {
	const char *path;       /* below the message's element: "Stmt/Ntry/Amt" */
	bool many;              /* may come more than once in the same parent */
	/* At the start of the element; may be NULL. False after xml_refuse(). */
	bool (*begin)(void *to, const struct xml_at *at);
	/* At its end, with its text; may be NULL. */
	bool (*take)(void *to, const struct xml_at *at);
};

struct xml_message {
	const char *name;             /* "BkToCstmrStmt" */
	const char *const *versions;  /* namespaces that are understood, NULL at the end */
	const char *group, *group_as; /* this element at depth 3 goes by that name in paths; NULL: by its own */
	const struct xml_rule *rules;
	size_t nrules;
	const struct xml_rule *more;  /* a second table */
	size_t nmore;
};

/* False: `why` names line and element. `to` is handed on to the rules. */
bool xml_walk(struct span text, const struct xml_message *message, void *to, struct arena *arena,
	      struct complaint *why);

#endif
