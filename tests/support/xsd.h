/*
 * Whether an XML text is valid by a schema file.
 */
#ifndef TIPLINE_TESTS_XSD_H
#define TIPLINE_TESTS_XSD_H

#include "daemon/base/span.h"

#include <libxml/xmlschemas.h>

static inline void xsd_silent(void *to, xmlErrorPtr error)
{
	(void)to;
	(void)error;
}

static inline bool xsd_valid(struct span xml, const char *schema_file)
{
	xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(schema_file);
	xmlSchemaPtr schema = xmlSchemaParse(parser);
	xmlSchemaValidCtxtPtr context = schema != NULL ? xmlSchemaNewValidCtxt(schema) : NULL;
	xmlDocPtr doc = xmlReadMemory(xml.at, (int)xml.len, NULL, NULL, XML_PARSE_NONET);
	bool valid;

	if (context != NULL)
		xmlSchemaSetValidStructuredErrors(context, xsd_silent, NULL);
	valid = context != NULL && doc != NULL && xmlSchemaValidateDoc(context, doc) == 0;

	xmlFreeDoc(doc);
	if (context != NULL)
		xmlSchemaFreeValidCtxt(context);
	xmlSchemaFree(schema);
	xmlSchemaFreeParserCtxt(parser);
	return valid;
}

#endif
